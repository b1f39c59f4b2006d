"""A window at the mouse, gone with a click elsewhere: what menus, lists and questions are in."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.actions import Actions, Take
from patcher.ui.placing import on_screen
from patcher.ui.view import Point


class Popup:
    """A window over all the rest, kept within the screen; Esc closes it.

    Args:
        actions: asks it first what keys do.
        take: is asked about keys other than Esc while it is open.

    Attributes:
        item: the window's, to put things in.
        given_up: whether Esc closed it last.
    """

    def __init__(self, actions: Actions, take: Take = lambda _: False) -> None:
        self.item = 0
        self.given_up = False
        self._actions = actions
        self._take_other = take
        self._at: Point = (0.0, 0.0)

    def build(self) -> None:
        """Makes the window, hidden."""
        self.item = dpg.add_window(
            show=False,
            popup=True,
            no_title_bar=True,
            no_move=True,
            autosize=True,
            min_size=(1, 1),
        )
        self._actions.ask_first(self._take, typing=True)

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return bool(dpg.is_item_shown(self.item))

    def open(self, at: Point) -> None:
        """Opens it at a place of the screen."""
        self._at, self.given_up = at, False
        screen = [dpg.get_viewport_client_width(), dpg.get_viewport_client_height()]
        dpg.configure_item(self.item, show=True, max_size=screen)
        self._put()

    def close(self) -> None:
        """Closes it."""
        dpg.configure_item(self.item, show=False)

    def refresh(self) -> None:
        """Keeps it within the screen; once a drawn frame."""
        if self.shown:
            self._put()

    def _put(self) -> None:
        # Its size is that of the picture before: Dear PyGui tells it no earlier.
        place = [int(each) for each in on_screen(self._at, dpg.get_item_rect_size(self.item))]
        if dpg.get_item_pos(self.item) != place:
            dpg.set_item_pos(self.item, place)

    def _take(self, keys: str) -> bool:
        if not self.shown:
            return False
        if keys != "Esc":
            return self._take_other(keys)
        self.given_up = True
        self.close()
        return True
