"""The keyboard: which keys are down, in the words of the table of actions."""

from __future__ import annotations

import sys
from collections.abc import Callable

import dearpygui.dearpygui as dpg

NAMES = {
    **{getattr(dpg, f"mvKey_{letter}"): letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{getattr(dpg, f"mvKey_{digit}"): digit for digit in "0123456789"},
    **{getattr(dpg, f"mvKey_F{number}"): f"F{number}" for number in range(1, 13)},
    dpg.mvKey_Escape: "Esc",
    dpg.mvKey_Home: "Home",
    dpg.mvKey_Tab: "Tab",
    dpg.mvKey_Spacebar: "Space",
    dpg.mvKey_Delete: "Delete",
    dpg.mvKey_Back: "Backspace",
    dpg.mvKey_Return: "Enter",
    dpg.mvKey_Left: "Left",
    dpg.mvKey_Right: "Right",
    dpg.mvKey_Up: "Up",
    dpg.mvKey_Down: "Down",
    dpg.mvKey_Minus: "-",
    dpg.mvKey_Comma: ",",
    dpg.mvKey_Period: ".",
    dpg.mvKey_Slash: "/",
    # Dear PyGui's own names for these two have numbers that no key has.
    dpg.mvKey_Slash + 1: ";",
    dpg.mvKey_Slash + 2: "=",
}
CODES = {name: code for code, name in NAMES.items()}

COMMAND = "Cmd" if sys.platform == "darwin" else "Ctrl"
"""What the key is called that `Ctrl` stands for in the table of actions."""


def named(keys: str) -> str:
    """Returns keys as this system calls them, wherever they stand in a text."""
    return keys.replace("Ctrl", COMMAND)


def held() -> tuple[bool, bool, bool]:
    """Returns whether Ctrl (on macOS Cmd), Shift and Alt are down."""
    ctrl = (dpg.mvKey_LControl, dpg.mvKey_RControl)
    if sys.platform == "darwin":
        ctrl = (dpg.mvKey_LWin, dpg.mvKey_RWin)
    return tuple(  # type: ignore[return-value]
        any(dpg.is_key_down(key) for key in keys)
        for keys in (
            ctrl,
            (dpg.mvKey_LShift, dpg.mvKey_RShift),
            (dpg.mvKey_LAlt, dpg.mvKey_RAlt),
        )
    )


def is_down(name: str) -> bool:
    """Returns whether a key is down, by its name alone."""
    return bool(dpg.is_key_down(CODES[name]))


def typing() -> bool:
    """Returns whether a text or a number is typed just now, wherever in the window."""
    item = dpg.get_focused_item()
    return bool(item) and dpg.does_item_exist(item) and _typed_into(item)


def _typed_into(item: int) -> bool:
    kind = dpg.get_item_type(item).removeprefix("mvAppItemType::mv")
    if kind == "Group":  # has the focus in place of what is in it
        return any(map(_typed_into, dpg.get_item_children(item, 1)))
    return kind.startswith(("Input", "Drag", "Slider")) and bool(dpg.is_item_active(item))


def listen(pressed: Callable[[str], None]) -> None:
    """Has each key that goes down told, as `Ctrl+Shift+Z`; a held key repeats."""

    def down(_: int, key: int) -> None:
        name = NAMES.get(key)
        if name:
            parts = zip(("Ctrl", "Shift", "Alt"), held(), strict=True)
            pressed("+".join([word for word, on in parts if on] + [name]))

    with dpg.handler_registry():
        dpg.add_key_press_handler(callback=down)
