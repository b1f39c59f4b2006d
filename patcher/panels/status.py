"""The status line: what the mouse is over, else what was said last."""

from __future__ import annotations

import time
from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.panel import Region
from patcher.ui.colours import rgba

SECONDS = 8.0
"""How long a remark stays."""


class Status:
    """One line at the foot of the window."""

    region: ClassVar[Region] = "status"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._shown: tuple[str, str] | None = None
        self._text = 0

    def build(self, parent: int | str) -> None:
        self._text = int(dpg.add_text("", parent=parent))

    def refresh(self) -> None:
        shown = self._line()
        if shown != self._shown:
            self._shown = shown
            dpg.set_value(self._text, shown[0])
            dpg.configure_item(self._text, color=rgba(shown[1]))

    def _line(self) -> tuple[str, str]:
        editor, palette = self._editor, self._editor.look.palette
        if editor.hint:
            return editor.hint, palette.ink
        last = editor.remarks[-1] if editor.remarks else None
        if last and time.time() - last.when < SECONDS:
            return last.text, palette.bad if last.bad else palette.ink
        return "", palette.faint
