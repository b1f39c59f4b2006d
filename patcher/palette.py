"""The list of node types: as a popup with a search at the mouse."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from engine.nodetype import NodeType
from patcher.editor import Editor

MOST = 12
"""Rows of the list that a search shows."""


class Palette:
    """Asks which node type to add."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._window = 0
        self._search = 0
        self._list = 0
        self._chosen: Callable[[NodeType], None] = lambda _: None
        self._fits: Callable[[NodeType], bool] = lambda _: True

    def build(self, parent: int | str) -> None:
        """Makes the popup, hidden."""
        self._window = dpg.add_window(
            show=False, popup=True, no_title_bar=True, width=360, height=380, no_move=True
        )
        self._search = dpg.add_input_text(
            parent=self._window, hint="Search", width=-1, on_enter=True
        )
        dpg.set_item_callback(self._search, lambda: self._take_first())
        self._list = dpg.add_child_window(parent=self._window)

    def open(
        self,
        at: tuple[float, float],
        chosen: Callable[[NodeType], None],
        fits: Callable[[NodeType], bool] = lambda _: True,
    ) -> None:
        """Opens the list at a place of the screen; offers only what fits."""
        self._chosen, self._fits = chosen, fits
        dpg.set_value(self._search, "")
        dpg.configure_item(self._window, show=True, pos=[int(at[0]), int(at[1])])
        dpg.focus_item(self._search)
        self._said = None

    def refresh(self) -> None:
        """Follows what is typed."""
        if not dpg.is_item_shown(self._window):
            return
        words = dpg.get_value(self._search)
        if words == self._said:
            return
        self._said = words
        dpg.delete_item(self._list, children_only=True)
        self._found = self._find(words)
        for each in self._found[:MOST]:
            dpg.add_selectable(
                label=f"{each.name}   {each.summary}",
                parent=self._list,
                callback=lambda _, __, chosen: self._take(chosen),
                user_data=each,
            )

    _said: str | None = None
    _found: list[NodeType]

    def _find(self, words: str) -> list[NodeType]:
        types = [each for each in self._editor.registry.types.values() if self._fits(each)]
        return [each for each in types if words.lower() in f"{each.name} {each.help}".lower()]

    def _take_first(self) -> None:
        if self._found:
            self._take(self._found[0])

    def _take(self, declared: NodeType) -> None:
        dpg.configure_item(self._window, show=False)
        self._chosen(declared)
