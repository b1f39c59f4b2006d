"""What every picture of a signal on a node is."""

from __future__ import annotations

from abc import ABC, abstractmethod

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from patcher.ui.colours import CLEAR, rgba
from patcher.ui.look import Look

LEAST_TEXT = 7.0
"""Letters below this height, in pixels, are left out."""


class Display(ABC):
    """A picture on a node: a meter, a wave, a trace.

    Attributes:
        ports: the outlets it shows, as `node.outlet`; the canvas has them watched.
        high: its height, in pixels at a zoom and a scale of 1.
    """

    def __init__(self, look: Look, ports: tuple[str, ...], high: float) -> None:
        self.look = look
        self.ports = frozenset(ports)
        self.high = high
        self.width, self.height, self.scale = 0.0, 0.0, 1.0
        self.drawing = 0
        self._stale = True

    def build(self, parent: int, width: float, scale: float) -> None:
        """Makes the items inside `parent`.

        Args:
            width: in pixels.
            scale: pixels on the screen for one at a zoom and a scale of 1.
        """
        self.drawing = dpg.add_drawlist(1, 1, parent=parent)
        self.resize(width, scale)

    def resize(self, width: float, scale: float) -> None:
        """Takes another size."""
        self.width, self.height, self.scale = width, self.high * scale, scale
        dpg.configure_item(self.drawing, width=int(width), height=int(self.height))
        dpg.delete_item(self.drawing, children_only=True)
        field = rgba(self.look.palette.field)
        self.rectangle((0, 0), (width, self.height), field, rounding=3 * scale)
        self._draw()
        self._stale = True

    def show(self, snapshot: Snapshot) -> None:
        """Takes in what a frame carried, and shows it where the node is on the screen."""
        self._stale |= self.take(snapshot)
        if self._stale and dpg.is_item_visible(self.drawing):
            self._stale = False
            self._show()

    @abstractmethod
    def take(self, snapshot: Snapshot) -> bool:
        """Takes in what a frame carried; says whether it changes the picture."""

    @abstractmethod
    def _draw(self) -> None:
        """Makes what the picture consists of, at a new size."""

    @abstractmethod
    def _show(self) -> None:
        """Brings the picture up to date."""

    def rectangle(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        fill: tuple[int, int, int, int],
        rounding: float = 0.0,
    ) -> int:
        """Draws a box without an outline."""
        return int(
            dpg.draw_rectangle(
                start, end, fill=fill, color=CLEAR, rounding=rounding, parent=self.drawing
            )
        )

    def line(
        self, start: tuple[float, float], end: tuple[float, float], colour: str, thick: float = 1.0
    ) -> int:
        """Draws a straight line."""
        return int(
            dpg.draw_line(start, end, color=rgba(colour), thickness=thick, parent=self.drawing)
        )

    def text(self, at: tuple[float, float], size: float, colour: str) -> int:
        """Draws a text that is empty yet; none shows where its letters would be too small."""
        shown = size * self.scale >= LEAST_TEXT
        return int(
            dpg.draw_text(
                at, "", size=size * self.scale, color=rgba(colour), show=shown, parent=self.drawing
            )
        )
