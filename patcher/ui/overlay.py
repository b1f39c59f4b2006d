"""What is drawn over the window while the mouse does something: a cable, a line, a box, words."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.card import draw_card
from patcher.ui.colours import rgba
from patcher.ui.curves import Rect, handles
from patcher.ui.look import Look
from patcher.ui.view import Point


class Overlay:
    """A sheet over the window, drawn on anew for each picture of a gesture."""

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
        palette = self._look.palette
        outline = palette.bad if bad else palette.outline
        draw_card(self._look, self._sheet, at, [(text, palette.ink)], outline)
