"""Lists that open at the mouse, or below a field: of what may be chosen, or done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from patcher.ui.look import TEXT, Look
from patcher.ui.view import Point

WINDOW = "menu of a field"


@dataclass(frozen=True)
class Row:
    """A line of a menu.

    Attributes:
        run: what it does.
        chosen: whether it is what is set now.
        key: the letter that does it while the keyboard turns the value; empty for none.
    """

    title: str
    run: Callable[[], object]
    chosen: bool = False
    key: str = ""


def open_menu(look: Look, rows: Sequence[Row], at: Point) -> None:
    """Opens a menu at a place of the screen; the one before is closed."""
    if dpg.does_item_exist(WINDOW):
        dpg.delete_item(WINDOW)
    line, edge = look.px(TEXT + 10), look.px(8)
    width = max((look.width(each.title, look.px(TEXT)) for each in rows), default=0) + 4 * edge
    height = min(len(rows) * line + 2 * edge, dpg.get_viewport_client_height() - line)
    left = min(at[0], dpg.get_viewport_client_width() - width)
    top = min(at[1], dpg.get_viewport_client_height() - height)
    with dpg.window(
        tag=WINDOW,
        popup=True,
        no_move=True,
        pos=[int(left), int(top)],
        width=int(width),
        height=int(height),
        min_size=[1, 1],
    ):
        for each in rows:
            dpg.add_selectable(
                label=each.title,
                default_value=each.chosen,
                height=line - look.px(6),
                callback=lambda _, __, run: _take(run),
                user_data=each.run,
            )


def menu_shown() -> bool:
    """Says whether a menu is open."""
    return dpg.does_item_exist(WINDOW) and bool(dpg.is_item_shown(WINDOW))


def close_menu() -> bool:
    """Closes the menu that is open; says whether there was one."""
    shown = menu_shown()
    if shown:
        dpg.configure_item(WINDOW, show=False)
    return shown


def _take(run: Callable[[], object]) -> None:
    dpg.configure_item(WINDOW, show=False)
    run()
