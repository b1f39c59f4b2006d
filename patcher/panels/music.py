"""The tab in which the music is seen: notes and style of one generator."""

from __future__ import annotations

from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from engine.patch import Patch
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.notes_view import NotesView
from patcher.panels.panel import Region
from patcher.panels.styles_view import StylesView

WATCHER = "music"


class Music:
    """What one generator hears: the one that was chosen last, here or on the canvas.

    Attributes:
        notes: its piano roll.
    """

    region: ClassVar[Region] = "right"
    title: ClassVar[str] = "Music"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self.notes = NotesView(editor)
        self._styles = StylesView(editor)
        self._shown: Snapshot | None = None
        self._patch: Patch | None = None
        self._generator = ""
        self._offered: list[str] = []
        self._selected: list[str] = []

    def build(self, parent: int | str) -> None:
        self._page = dpg.add_group(parent=parent)
        self._none = dpg.add_text(
            "No generator plays. Add generator.model and patch its sound to audio.output.",
            parent=self._page,
            wrap=0,
        )
        self._some = dpg.add_group(parent=self._page, show=False)
        self._choice = dpg.add_combo(parent=self._some, width=-1)
        dpg.set_item_callback(self._choice, lambda _, name: self._choose(name))
        self.notes.build(self._some)
        self._styles.build(self._some)

    def refresh(self) -> None:
        if not dpg.is_item_visible(self._page):
            if self._patch is not None:
                self._patch = None
                self._editor.watch(WATCHER, set())
            return
        if self._generator:
            self.notes.refresh()
        seen = self._editor.history.snapshots
        snapshot = seen[-1] if seen else None
        if snapshot is not None and snapshot is not self._shown:
            self._shown = snapshot
            self._show(snapshot)

    def _show(self, snapshot: Snapshot) -> None:
        names = list(snapshot.generators)
        selected = [each for each in names if each in self._editor.selection.nodes]
        if selected != self._selected:
            self._selected = selected
            if len(selected) == 1:
                self._choose(selected[0])
        if self._generator not in names:
            self._choose(names[0] if names else "")
        if names != self._offered:
            self._offered = names
            dpg.configure_item(self._choice, items=names)
            dpg.configure_item(self._none, show=not names)
            dpg.configure_item(self._some, show=bool(names))
        if not self._generator:
            return
        if self._editor.patch is not self._patch:
            self._patch = self._editor.patch
            watched = self.notes.watched(self._generator) | self._styles.find(self._generator)
            self._editor.watch(WATCHER, watched)
        room = dpg.get_available_content_region(self._page)[0]
        self.notes.show(self._generator, room)
        self._styles.show(self._generator, snapshot, room)

    def _choose(self, name: str) -> None:
        self._generator, self._patch = name, None
        dpg.set_value(self._choice, name)
