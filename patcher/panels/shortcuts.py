"""The list of all keys, and of what the mouse does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.panels.patching import focus
from patcher.panels.sheet import Sheet
from patcher.ui.actions import Action
from patcher.ui.colours import rgba
from patcher.ui.keys import named
from patcher.ui.look import HEADING

COLUMN, KEYS = 340, 152
"""Least width of a column, and of the keys in it, in pixels at a scale of 1."""
STEP = 60
"""What an arrow scrolls."""
OTHER = "More"
"""Heads the actions that are in no menu."""
VALUES = "While keys set a value (Enter)"
"""Heads what keys do then."""
MOUSE = {
    "Double-click": "Add a node, or one into a cable",
    "Drag a port": "Patch a cable, or add a node",
    "Drag a cable": "Pull it out, or patch it elsewhere",
    "Drag the canvas": "Select what a box touches",
    "Right-drag": "Move what is seen",
    "Ctrl+right-drag": "Cut cables",
    "Wheel": "Zoom",
    "Right-click": "All that can be done with it",
    "Drag a value": "Turn it; with Shift finely",
    "Double-click a value": "Type it",
    "Right-click a value": "Back to its default",
}
"""What the table of actions does not know."""

Group = tuple[str, list[tuple[str, str]]]
"""A heading, and keys with what they do."""


class Shortcuts(Sheet):
    """Keys by the menus that their actions are in."""

    title: ClassVar[str] = "Shortcuts"
    WIDTH: ClassVar[int] = 1160
    HEIGHT: ClassVar[int] = 720

    def build(self, parent: int | str) -> None:
        super().build(parent)
        self.editor.actions.add("Shortcuts", self.open, "Shift+/", menu="Help")

    def _fill(self, parent: int) -> None:
        groups = [*grouped(list(self.editor.actions)), (VALUES, list(focus.KEYS.items()))]
        count = max(self.width // self.look.px(COLUMN), 1)
        columns = balanced(groups, count)
        room = (self.width - self.look.px(60)) // count
        with dpg.group(parent=parent, horizontal=True):
            for column in columns:
                with dpg.child_window(width=room, auto_resize_y=True):
                    for heading, rows in column:
                        self._add_group(heading, rows, room)

    def _take(self, keys: str) -> bool:
        if self.shown and keys in ("Up", "Down"):
            way = self.look.px(STEP) * (1 if keys == "Down" else -1)
            dpg.set_y_scroll(self._window, max(dpg.get_y_scroll(self._window) + way, 0))
            return True
        return super()._take(keys)

    def _add_group(self, heading: str, rows: list[tuple[str, str]], room: int) -> None:
        look = self.look
        look.enlarge(dpg.add_text(heading), HEADING)
        near = look.theme("near", sizes={dpg.mvStyleVar_ItemSpacing: (look.px(8), 0)})
        with dpg.group() as group:
            dpg.bind_item_theme(group, near)
            for keys, title in rows:
                with dpg.group(horizontal=True, xoffset=look.px(KEYS)):
                    dpg.add_text(keys, color=rgba(look.palette.faint))
                    dpg.add_text(look.fitted(title, look.text, room - look.px(KEYS + 12)))
        dpg.add_spacer(height=look.px(8))


def grouped(actions: list[Action], mouse: Mapping[str, str] = MOUSE) -> list[Group]:
    """Returns the keys of actions by their menus, and what the mouse does last."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in actions:
        if each.keys:
            keys = named(", ".join(each.keys)).replace("Shift+/", "?")
            found.setdefault(each.menu or OTHER, []).append((keys, each.title.rstrip("…")))
    ranged = {heading: merged(rows) for heading, rows in found.items()}
    other = ranged.pop(OTHER, None)
    groups = list(ranged.items()) + ([(OTHER, other)] if other else [])
    hands = [(named(keys), title) for keys, title in mouse.items()]
    return [*groups, ("Mouse", hands)]


def merged(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Returns rows in which a run of numbers, such as `Recall scene 1` to `9`, is one."""
    found: list[tuple[str, str]] = []
    for keys, title in rows:
        stem, digit = title[:-1], title[-1]
        last = found[-1] if found else ("", "")
        if digit.isdigit() and digit != "1" and last[1].startswith(stem):
            first = last[1].removeprefix(stem).partition("–")[0]
            found[-1] = f"{last[0].partition('–')[0]}–{keys[-1]}", f"{stem}{first}–{digit}"
        else:
            found.append((keys, title))
    return found


def balanced(groups: list[Group], count: int) -> list[list[Group]]:
    """Returns the groups in so many columns of about the same height, in their order."""
    heights = [len(rows) + 2 for _, rows in groups]
    room = sum(heights) / count
    columns: list[list[Group]] = [[] for _ in range(count)]
    above = 0.0
    for group, height in zip(groups, heights, strict=True):
        columns[min(int((above + height / 2) / room), count - 1)].append(group)
        above += height
    return columns
