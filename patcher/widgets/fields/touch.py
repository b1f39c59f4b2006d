"""How widgets feel the hand: Dear PyGui's item events, told to the widget they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from patcher.ui import keys

if TYPE_CHECKING:
    from patcher.widgets.fields.widget import Widget

TOUCHED, TYPED = "touched", "typed"
"""The handlers that all widgets of a window share, made with its first."""


def feel(item: int, widget: Widget) -> None:
    """Has a widget told what the hand does to an item of its."""
    _share()
    dpg.set_item_user_data(item, widget)
    dpg.bind_item_handler_registry(item, TOUCHED)


def feel_typing(item: int, widget: Widget) -> None:
    """Has a widget told when a text that is typed into is left."""
    _share()
    dpg.set_item_user_data(item, widget)
    dpg.bind_item_handler_registry(item, TYPED)


def under_mouse() -> Widget | None:
    """Returns the widget that the mouse is over."""
    item = dpg.get_item_user_data(TOUCHED) if dpg.does_item_exist(TOUCHED) else None
    widget = _widget(item) if item else None
    return widget if widget and widget.hovered else None


def _share() -> None:
    if dpg.does_item_exist(TOUCHED):
        return
    with dpg.item_handler_registry(tag=TOUCHED):
        dpg.add_item_hover_handler(callback=lambda _, item: dpg.set_item_user_data(TOUCHED, item))
        dpg.add_item_activated_handler(callback=lambda _, item: _press(item))
        dpg.add_item_active_handler(callback=lambda _, item: _move(item))
        dpg.add_item_deactivated_handler(callback=lambda _, item: _let_go(item))
        dpg.add_item_clicked_handler(
            dpg.mvMouseButton_Right, callback=lambda _, event: _ask(event[1])
        )
        dpg.add_item_double_clicked_handler(callback=lambda _, event: _type(*event))
    with dpg.item_handler_registry(tag=TYPED):
        dpg.add_item_deactivated_handler(callback=lambda _, item: _typed(item))


def _widget(item: int) -> Widget | None:
    # An event may be about an item that has gone since.
    return dpg.get_item_user_data(item) if dpg.does_item_exist(item) else None


def _press(item: int) -> None:
    if widget := _widget(item):
        widget.press(dpg.get_mouse_pos(local=False))


def _move(item: int) -> None:
    if widget := _widget(item):
        widget.move(dpg.get_mouse_pos(local=False), fine=keys.held()[1])


def _let_go(item: int) -> None:
    if widget := _widget(item):
        widget.let_go()


def _ask(item: int) -> None:
    if widget := _widget(item):
        widget.ask()


def _type(button: int, item: int) -> None:
    widget = _widget(item)
    if widget and button == dpg.mvMouseButton_Left:
        widget.enter()


def _typed(item: int) -> None:
    if widget := _widget(item):
        widget.leave()
