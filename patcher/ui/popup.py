"""A window at the mouse, gone with a click elsewhere: what menus, lists and questions are in."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.view import Point


class Popup:
    """A window over all the rest, kept within the screen.

    Attributes:
        item: the window's, to put things in.
    """

    def __init__(self) -> None:
        self.item = 0
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

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return bool(dpg.is_item_shown(self.item))

    def open(self, at: Point) -> None:
        """Opens it at a place of the screen."""
        self._at = at
        dpg.configure_item(self.item, show=True, pos=[int(at[0]), int(at[1])])

    def close(self) -> None:
        """Closes it."""
        dpg.configure_item(self.item, show=False)

    def refresh(self) -> None:
        """Keeps it within the screen, and closes it at Esc; while it is open, each drawn frame."""
        if dpg.is_key_down(dpg.mvKey_Escape):
            self.close()
            return
        width, height = dpg.get_item_rect_size(self.item)
        x = min(self._at[0], dpg.get_viewport_client_width() - width)
        y = min(self._at[1], dpg.get_viewport_client_height() - height)
        if (x, y) != self._at:
            self._at = x, y
            dpg.set_item_pos(self.item, [int(x), int(y)])
