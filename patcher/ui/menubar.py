"""The menus at the top of the window: the table of actions, by the menus that they are in."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.actions import Action, Actions
from patcher.ui.keys import named
from patcher.ui.look import TEXT

HEIGHT = TEXT + 8
"""In pixels at a scale of 1."""


class MenuBar:
    """A line for each action that is in a menu."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._changing: dict[int, Action] = {}

    def build(self) -> None:
        """Makes the menus, when all actions have been added."""
        with dpg.viewport_menu_bar() as bar:
            for title, actions in self._actions.menus().items():
                if not actions:
                    continue
                with dpg.menu(label=title, parent=bar):
                    for each in actions:
                        item = dpg.add_menu_item(
                            label=each.words,
                            shortcut=named(each.keys[0]) if each.keys else "",
                            user_data=each,
                            callback=lambda _, __, chosen: chosen.do(),
                        )
                        if each.about:
                            self._changing[int(item)] = each

    def refresh(self) -> None:
        """Says what would be done now, where an action tells; once a drawn frame."""
        for item, action in self._changing.items():
            if dpg.get_item_label(item) != action.words:
                dpg.set_item_label(item, action.words)
