"""Menus of the right mouse button: what can be done with what it was clicked on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import dearpygui.dearpygui as dpg

from engine import edits
from engine.patch import COLOURS, Cable
from patcher.adding import Adding
from patcher.aim import OnComment, OnNode, Pin, Target
from patcher.changing import Changing
from patcher.editor import Editor
from patcher.keys import COMMAND
from patcher.popup import Popup
from patcher.view import Point

Entry: TypeAlias = tuple[str, Callable[[], object]] | str
"""A title and what it does; a title alone is that of an action of the table."""

ON_CANVAS = ("Paste", "Comment", "", "Select all", "Tidy", "Fit", "Find a node…")
ON_NODES = ("Cut", "Copy", "Duplicate", "", "Bypass", "Rename…", "Frame the selection", "Help")


class Menus:
    """One window, filled anew for each click."""

    def __init__(self, editor: Editor, adding: Adding, changing: Changing) -> None:
        self._editor = editor
        self._adding = adding
        self._changing = changing
        self._popup = Popup()

    def build(self) -> None:
        """Makes the window, hidden."""
        self._popup.build()

    def refresh(self) -> None:
        """Looks after the window while it is open."""
        if self._popup.shown:
            self._popup.refresh()

    def open(self, target: Target, at: Point) -> None:
        """Opens the menu of what is at a place of the screen."""
        dpg.delete_item(self._popup.item, children_only=True)
        if isinstance(target, Cable):
            self._fill(self._for_cable(target, at))
        elif isinstance(target, OnComment):
            self._fill(["Duplicate", ("Write…", lambda: self._changing.edit_comment(target.name))])
            self._fill_colours()
            self._fill(["", "Delete"])
        elif isinstance(target, OnNode | Pin):
            panel = ("Show on the perform panel", self._changing.show_on_panel)
            self._fill([*ON_NODES, panel, "", "Delete"])
        else:
            # Where it was clicked: by then the mouse is elsewhere, on the menu.
            self._fill([("Add a node…", lambda: self._adding.ask(at)), *ON_CANVAS])
        self._popup.open(at)

    def _for_cable(self, cable: Cable, at: Point) -> list[Entry]:
        def pull() -> None:
            self._editor.edit(
                f"Pull {cable.start} out of {cable.end}",
                lambda patch: edits.disconnect(patch, cable.start, cable.end),
            )

        return [
            ("Put a node into it…", lambda: self._adding.ask(at, cable=cable)),
            ("Delete", pull),
        ]

    def _fill(self, entries: Iterable[Entry]) -> None:
        actions = {each.title: each for each in self._editor.actions}
        for entry in entries:
            if not entry:
                dpg.add_separator(parent=self._popup.item)
            elif isinstance(entry, tuple):
                self._add(entry[0], entry[1])
            elif entry in actions:
                action = actions[entry]
                shortcut = action.keys[0].replace("Ctrl", COMMAND) if action.keys else ""
                self._add(entry, action.run, shortcut, action.possible())

    def _fill_colours(self) -> None:
        menu = dpg.add_menu(label="Colour", parent=self._popup.item)
        for colour in COLOURS:
            dpg.add_menu_item(
                label=colour.capitalize(),
                parent=menu,
                user_data=colour,
                callback=lambda _, __, chosen: self._changing.colour(chosen),
            )

    def _add(
        self, title: str, run: Callable[[], object], shortcut: str = "", possible: bool = True
    ) -> None:
        def chosen() -> None:
            self._popup.close()
            run()

        dpg.add_menu_item(
            label=title,
            shortcut=shortcut,
            enabled=possible,
            parent=self._popup.item,
            callback=lambda: chosen(),
        )
