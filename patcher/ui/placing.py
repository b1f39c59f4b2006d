"""Where on the screen windows lie."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.view import Point


def on_screen(at: Point, size: Point) -> Point:
    """Returns where something of a size lies to be seen whole: at a place, or as near as can be."""
    right = dpg.get_viewport_client_width() - size[0]
    bottom = dpg.get_viewport_client_height() - size[1]
    return max(min(at[0], right), 0.0), max(min(at[1], bottom), 0.0)


def beside(mouse: Point, size: Point, away: float) -> Point:
    """Returns where something lies right below the mouse; on its other sides if there is no room.

    Args:
        away: how far from it, in pixels.
    """
    at = mouse[0] + away, mouse[1] + away
    x, y = on_screen(at, size)
    left = at[0] if x == at[0] else mouse[0] - away - size[0]
    top = at[1] if y == at[1] else mouse[1] - away - size[1]
    return on_screen((left, top), size)


def centre(window: int) -> None:
    """Puts a window into the middle of the screen."""
    width, height = dpg.get_item_rect_size(window)
    x = (dpg.get_viewport_client_width() - width) // 2
    y = (dpg.get_viewport_client_height() - height) // 2
    if dpg.get_item_pos(window) != [x, y]:
        dpg.set_item_pos(window, [max(x, 0), max(y, 0)])
