"""Panels that are made anew when their room has another size."""

from __future__ import annotations

from abc import ABC, abstractmethod

import dearpygui.dearpygui as dpg

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.ui.look import TEXT

STAGE_TEXT = 20
"""Height of letters while the patch is performed, in pixels at a scale of 1."""

EDGE = 8
"""Between the items and the edges of their region, in pixels at a scale of 1."""


class SizedPanel(ABC):
    """A part of the window whose items fill its region.

    Perform mode gives the regions more room, so that all is large enough for the stage.
    """

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self.editor = editor
        self.canvas = canvas
        self.look = editor.look
        self._parent: int | str = 0
        self._made: tuple[object, ...] = ()

    def build(self, parent: int | str) -> None:
        self._parent = parent
        self._made = ()

    def refresh(self) -> None:
        region = dpg.get_item_parent(self._parent)
        width, height = dpg.get_item_width(region), dpg.get_item_height(region)
        if not width or not height:
            return
        made = (width, height, self.canvas.locked, self._contents())
        if made != self._made:
            self._made = made
            dpg.delete_item(self._parent, children_only=True)
            dpg.bind_item_font(self._parent, self.look.font(self.text))
            edge = self.look.px(EDGE)
            dpg.set_item_pos(self._parent, [edge, edge])
            self._fill(self._parent, width - 2 * edge, height - 2 * edge)
        self._update()

    @property
    def text(self) -> float:
        """The height of letters, in pixels."""
        return (STAGE_TEXT if self.canvas.locked else TEXT) * self.look.scale

    def _contents(self) -> object:
        """Returns what else it is made from; another is another panel."""
        return None

    @abstractmethod
    def _fill(self, parent: int | str, width: int, height: int) -> None:
        """Makes the items in a room of some pixels."""

    @abstractmethod
    def _update(self) -> None:
        """Shows what has changed; once a drawn frame."""
