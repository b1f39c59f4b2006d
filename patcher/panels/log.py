"""The log: what is wrong just now, and what was said."""

from __future__ import annotations

import time
from itertools import islice
from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.canvas import Canvas
from patcher.editing.editor import MOST_REMARKS, Editor, Remark
from patcher.panels.panel import Region
from patcher.ui.colours import rgba

BAD = "▲ Problem: "
"""Marks what went wrong by a sign and a word, not by its colour alone."""
WRAP = 300


class Log:
    """What was said since the window opened, the latest at the top."""

    region: ClassVar[Region] = "right"
    title: ClassVar[str] = "Log"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._said: Remark | None = None
        self._items: list[int] = []
        self._faults: tuple[str, ...] = ()

    def build(self, parent: int | str) -> None:
        self._page = dpg.add_group(parent=parent)
        dpg.add_button(label="Copy all", parent=self._page, callback=self._copy)
        self._now = dpg.add_group(parent=self._page)
        self._list = dpg.add_group(parent=self._page)
        self._editor.actions.add("Copy the log", self._copy, menu="View")

    def refresh(self) -> None:
        if not dpg.is_item_visible(self._page):
            return
        faults = self._present()
        if faults != self._faults:
            self._faults = faults
            self._show_faults()
        remarks = self._editor.remarks
        if remarks and remarks[-1] is not self._said:
            self._add()

    def _present(self) -> tuple[str, ...]:
        snapshot = self._editor.snapshot
        faults = snapshot.faults if snapshot else {}
        found = [f"{name}: {words}" for name, words in faults.items()]
        return (*(str(each) for each in self._editor.problems), *found)

    def _show_faults(self) -> None:
        dpg.delete_item(self._now, children_only=True)
        if not self._faults:
            return
        palette = self._editor.look.palette
        dpg.add_text("Just now", parent=self._now, color=rgba(palette.faint))
        for words in self._faults:
            self._write(BAD + words, palette.bad, self._now)
        dpg.add_separator(parent=self._now)

    def _add(self) -> None:
        """Adds what was said since the last time above the rest."""
        remarks = self._editor.remarks
        new = 0
        for each in reversed(remarks):
            if each is self._said:
                break
            new += 1
        palette = self._editor.look.palette
        for each in islice(remarks, len(remarks) - new, None):
            colour = palette.bad if each.bad else palette.ink
            before = self._items[-1] if self._items else 0
            self._items.append(self._write(remark_words(each), colour, self._list, before))
        self._said = remarks[-1]
        for item in self._items[:-MOST_REMARKS]:
            dpg.delete_item(item)
        del self._items[:-MOST_REMARKS]

    def _write(self, words: str, colour: str, parent: int, before: int = 0) -> int:
        wrap = self._editor.look.px(WRAP)
        return int(dpg.add_text(words, parent=parent, before=before, wrap=wrap, color=rgba(colour)))

    def _copy(self) -> None:
        lines = [
            *(BAD + each for each in self._present()),
            *map(remark_words, self._editor.remarks),
        ]
        dpg.set_clipboard_text("\n".join(lines))
        self._editor.say("The log is on the clipboard")


def remark_words(remark: Remark) -> str:
    """Returns a remark with the time of day."""
    when = time.strftime("%H:%M:%S", time.localtime(remark.when))
    return f"{when}  {BAD if remark.bad else ''}{remark.text}"
