"""Lines of text beside the mouse, drawn over all the rest."""

from __future__ import annotations

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from patcher.ui.colours import rgba
from patcher.ui.look import Look
from patcher.ui.placing import beside
from patcher.ui.view import Point

EDGE, AWAY, LEAD = 8, 18, 1.3
"""Round the lines and from the mouse, in pixels at a scale of 1; of a line, in heights of its
letters."""


def draw_card(
    look: Look, sheet: int, mouse: Point, lines: Sequence[tuple[str, str]], outline: str
) -> None:
    """Draws a card on a sheet.

    Args:
        lines: each with its colour.
        outline: the card's.
    """
    size, edge = look.text, look.px(EDGE)
    width = max(look.width(line, size) for line, _ in lines) + 2 * edge
    height = ((len(lines) - 1) * LEAD + 1.15) * size + 2 * edge
    x, y = beside(mouse, (width, height), look.px(AWAY))
    dpg.draw_rectangle(
        (x, y),
        (x + width, y + height),
        color=rgba(outline),
        fill=rgba(look.palette.panel, 245),
        rounding=look.px(5),
        parent=sheet,
    )
    for number, (line, colour) in enumerate(lines):
        at = (x + edge, y + edge + number * LEAD * size)
        dpg.draw_text(at, line, size=size, color=rgba(colour), parent=sheet)
