"""Buttons that say what they do, and are lit while it is so."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from patcher.ui.actions import Action
from patcher.ui.colours import blend, rgba
from patcher.ui.keys import named
from patcher.ui.look import Look

TIP_DELAY = 0.5
"""Seconds that the mouse rests on a button until it says what it does."""


def add_button(
    parent: int | str,
    label: str,
    run: Callable[[], object],
    tip: str,
    *,
    width: int = 0,
    height: int = 0,
) -> int:
    """Makes a button.

    Args:
        tip: what it does.
        width, height: in pixels; 0 for as much as the label needs.
    """
    item = dpg.add_button(
        parent=parent, label=label, width=width, height=height, callback=lambda: run()
    )
    add_tip(item, tip)
    return int(item)


def add_action(
    parent: int | str, label: str, action: Action, tip: str, *, width: int = 0, height: int = 0
) -> int:
    """Makes a button of an action of the table, which tells its keys; sizes as of others."""
    told = f"{tip} ({', '.join(action.keys)})" if action.keys else tip
    return add_button(parent, label, action.do, told, width=width, height=height)


def add_tip(item: int | str, text: str) -> None:
    """Has an item say what it is while the mouse rests on it."""
    with dpg.tooltip(item, delay=TIP_DELAY):
        dpg.add_text(named(text), wrap=360)


def light(look: Look, item: int, colour: str | None) -> None:
    """Lights a button in a colour; None for not at all."""
    if colour is None:
        dpg.bind_item_theme(item, 0)
        return
    hovered = blend(colour, look.palette.ink, 0.2)
    theme = look.theme(
        ("lit", colour),
        {
            dpg.mvThemeCol_Button: rgba(colour),
            dpg.mvThemeCol_ButtonHovered: rgba(hovered),
            dpg.mvThemeCol_ButtonActive: rgba(hovered),
            dpg.mvThemeCol_Text: rgba(look.palette.canvas),
        },
    )
    dpg.bind_item_theme(item, theme)
