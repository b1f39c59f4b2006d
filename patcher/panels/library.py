"""The tab of all node types, to be dragged onto the canvas."""

from __future__ import annotations

from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.nodetype import NodeType
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.explaining import spoken
from patcher.editing.searching import main_signal, search
from patcher.panels.panel import Region
from patcher.panels.patching.adding import add_node, spot
from patcher.ui.buttons import add_tip
from patcher.ui.colours import rgba

GRIP = (20, 12)
"""Where on a node that is dropped the mouse is: on its title, in pixels at a scale of 1."""


class Library:
    """Node types by family; what is typed narrows them."""

    region: ClassVar[Region] = "left"
    title: ClassVar[str] = "Nodes"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas
        self._search = self._list = 0
        self._typed: str | None = None
        self._found: list[NodeType] = []
        self._grabbed: NodeType | None = None

    def build(self, parent: int | str) -> None:
        self._typed = None
        self._search = dpg.add_input_text(
            parent=parent, hint="Filter", width=-1, on_enter=True, callback=self._enter
        )
        add_tip(self._search, "Enter adds the first that is found. Drag a node onto the canvas")
        self._list = int(dpg.add_child_window(parent=parent, border=False))
        with dpg.item_handler_registry() as self._clicks:
            dpg.add_item_activated_handler(callback=lambda _, row: self._grab(row))
            dpg.add_item_double_clicked_handler(callback=lambda _, event: self._double(event[1]))

    def refresh(self) -> None:
        if self._grabbed and not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._drop(self._grabbed)
            self._grabbed = None
        if not dpg.is_item_visible(self._search):
            return
        typed = dpg.get_value(self._search)
        if typed != self._typed:
            self._typed = typed
            self._fill()

    def _fill(self) -> None:
        """Lists what is found; by family while nothing is typed."""
        types = self._editor.registry.types.values()
        self._found = search(types, self._typed or "")
        dpg.delete_item(self._list, children_only=True)
        if not self._found:
            dpg.add_text("Nothing is called so", parent=self._list)
        branches: dict[str, int | str] = {}
        for declared in self._found:
            parent: int | str = self._list
            if not self._typed:
                if declared.family not in branches:
                    branches[declared.family] = dpg.add_tree_node(
                        label=declared.family, parent=self._list, default_open=True
                    )
                parent = branches[declared.family]
            self._add_row(declared, parent)

    def _add_row(self, declared: NodeType, parent: int | str) -> None:
        look, signal = self._editor.look, main_signal(declared)
        colour = rgba(look.colour(signal.name if signal else ""))
        name = declared.name if self._typed else declared.name.rpartition(".")[2]
        with dpg.group(parent=parent, horizontal=True):
            dpg.add_text("●", color=colour)
            row = dpg.add_selectable(label=name, user_data=declared)
        dpg.bind_item_handler_registry(row, self._clicks)
        dpg.set_item_callback(row, lambda sender: dpg.set_value(sender, False))
        with dpg.drag_payload(parent=row):
            dpg.add_text(declared.name)
        add_tip(row, spoken(declared.summary))

    def _enter(self) -> None:
        if self._typed and self._found:
            self._add(self._found[0])

    def _double(self, row: int) -> None:
        declared = dpg.get_item_user_data(row)
        if declared:
            self._add(declared)

    def _add(self, declared: NodeType) -> None:
        add_node(self._editor, self._canvas, declared, spot(self._canvas))

    def _grab(self, row: int) -> None:
        self._grabbed = dpg.get_item_user_data(row)

    def _drop(self, declared: NodeType) -> None:
        """Adds what was dragged, if the mouse is over the canvas by now.

        Dear PyGui tells a child window of no drop.
        """
        px, (x, y) = self._editor.look.px, dpg.get_mouse_pos(local=False)
        (left, top), (right, bottom) = self._canvas.area()
        if left <= x < right and top <= y < bottom:
            at = (x - px(GRIP[0]), y - px(GRIP[1]))
            add_node(self._editor, self._canvas, declared, at)
