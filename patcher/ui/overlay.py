"""What is drawn over the window while the mouse does something: a cable, a line, a box, words."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.colours import rgba
from patcher.ui.curves import Rect, handles
from patcher.ui.look import Look
from patcher.ui.view import Point

BESIDE = (18.0, 14.0)
"""Where words stand from the mouse, in pixels at a scale of 1."""


class Overlay:
    """A sheet over the window, drawn on anew for each frame of a gesture."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._sheet = int(dpg.add_viewport_drawlist(front=True))

    def clear(self) -> None:
        """Wipes it."""
        dpg.delete_item(self._sheet, children_only=True)

    def cable(self, start: Point, end: Point, colour: str, thickness: float) -> None:
        """Draws a cable from an outlet's place to an inlet's."""
        dpg.draw_bezier_cubic(
            *handles(start, end), color=rgba(colour), thickness=thickness, parent=self._sheet
        )

    def ring(self, centre: Point, colour: str) -> None:
        """Draws a ring about a port."""
        radius, thickness = self._look.px(9), self._look.px(2)
        dpg.draw_circle(centre, radius, color=rgba(colour), thickness=thickness, parent=self._sheet)

    def line(self, start: Point, end: Point, colour: str) -> None:
        """Draws a straight line."""
        dpg.draw_line(
            start, end, color=rgba(colour), thickness=self._look.px(2), parent=self._sheet
        )

    def box(self, rect: Rect, colour: str) -> None:
        """Draws a box through which is seen what lies under it."""
        dpg.draw_rectangle(
            *rect, color=rgba(colour), fill=rgba(colour, 36), rounding=2, parent=self._sheet
        )

    def words(self, at: Point, text: str, bad: bool = False) -> None:
        """Writes a line beside the mouse, within the window."""
        look, palette = self._look, self._look.palette
        size, edge = look.text, look.px(6)
        width, height = look.width(text, size) + 2 * edge, size + 2 * edge
        right, bottom = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        x = max(min(at[0] + look.px(BESIDE[0]), right - width - edge), edge)
        y = min(at[1] + look.px(BESIDE[1]), bottom - height - edge)
        dpg.draw_rectangle(
            (x, y),
            (x + width, y + height),
            color=rgba(palette.bad if bad else palette.outline),
            fill=rgba(palette.panel, 240),
            rounding=look.px(4),
            parent=self._sheet,
        )
        dpg.draw_text(
            (x + edge, y + edge), text, color=rgba(palette.ink), size=size, parent=self._sheet
        )
