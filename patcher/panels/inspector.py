"""The tab of what is selected: all there is to know of a node, or what is said of the patch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.patch import Patch, Problem
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.node_page import NodePage
from patcher.panels.panel import Region
from patcher.panels.patch_page import PatchPage
from patcher.shipped import help_patch
from patcher.ui.colours import rgba

BAR = 14
"""Room for the scroll bar, in pixels at a scale of 1."""


class Inspector:
    """Shows the node that is selected; where none or several are, the patch."""

    region: ClassVar[Region] = "right"
    title: ClassVar[str] = "Node"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas
        self._parent: int | str = 0
        self._heading = self._items = 0
        self._of_patch = PatchPage(editor)
        self._page: NodePage | PatchPage | None = None
        self._faults: list[Problem] | None = None
        self._made: tuple[object, ...] = ()
        self._patch: Patch | None = None

    def build(self, parent: int | str) -> None:
        self._parent = parent
        faint = rgba(self._editor.look.palette.faint)
        self._heading = int(dpg.add_text("The patch", parent=parent, color=faint))
        self._items = int(dpg.add_group(parent=parent))
        self._of_patch.listen()
        self._made = ()
        self._editor.actions.add("Help", self._open_help, "F1", menu="Help")

    def refresh(self) -> None:
        if not dpg.is_item_visible(self._heading):
            return
        editor = self._editor
        nodes, patch = editor.selection.nodes, editor.patch
        name = next(iter(nodes)) if len(nodes) == 1 else ""
        box = self._canvas.boxes.get(name)
        faults = self._canvas.faults.get(name, []) if name else list(editor.problems)
        width = dpg.get_item_rect_size(self._parent)[0] - editor.look.px(BAR)
        made = (name, box.shape if box else None, width)
        if made != self._made:
            self._made, self._patch = made, None
            dpg.delete_item(self._items, children_only=True)
            dpg.set_value(self._heading, patch.nodes[name].type if box else "The patch")
            self._page = NodePage(editor, name) if box else self._of_patch
            self._page.build(self._items, width)
            self._faults = None
        if self._page and faults != self._faults:
            self._faults = faults
            self._show_faults(self._page.faults, faults, width, named=not box)
        if patch is not self._patch and self._page:
            self._patch = patch
            self._page.show(patch)

    def _show_faults(
        self, group: int, faults: Sequence[Problem], width: float, named: bool
    ) -> None:
        """Writes what is wrong; where `named`, with the place it is wrong at."""
        palette = self._editor.look.palette
        dpg.delete_item(group, children_only=True)
        dpg.configure_item(group, show=bool(faults))
        for each in faults:
            colour = palette.warn if each.warning else palette.bad
            words = str(each) if named else each.fault
            dpg.add_text(words, parent=group, wrap=int(width), color=rgba(colour))

    def _open_help(self) -> None:
        """Opens the patch that shows what the type of the selected node does."""
        editor = self._editor
        types = sorted(editor.patch.nodes[name].type for name in editor.selection.nodes)
        if not types:
            editor.say("Select a node to see a patch that shows what it does, and press F1")
            return
        path = help_patch(types[0])
        if path:
            editor.filing.open(path)
        else:
            editor.say(f"There is no help patch for {types[0]}", bad=True)
