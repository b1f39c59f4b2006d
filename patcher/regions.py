"""The regions of the window: where its parts lie, and how much room each has."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.canvas import Canvas
from patcher.panels.panel import Panel, Region
from patcher.state import Closable
from patcher.ui import menubar
from patcher.ui.look import Look

BAR, BANNER, STATUS, BOTTOM = 46, 44, 34, 120
"""Heights of the regions above and below the canvas, in pixels at a scale of 1."""
LEFT, RIGHT = 255, 340
"""Widths of those beside it."""
MOST_LEFT, MOST_RIGHT = 0.2, 0.26
"""How much of the window's width these may take."""
STAGE_BAR, STAGE_BOTTOM = 72, 200
"""Heights of those that are played on, while the patch is performed."""


class Regions:
    """The rooms about the canvas, each made for the first part that lies in it.

    Attributes:
        closed: those that are closed.
        area: the item that the canvas is made in.
    """

    def __init__(self, look: Look, canvas: Canvas, closed: frozenset[Closable]) -> None:
        self.closed = closed
        self.area = 0
        self._window = 0
        self._look = look
        self._canvas = canvas
        self._items: dict[Region, int] = {}
        self._state: tuple[object, ...] = ()

    def build(self) -> None:
        """Makes the window and the room of the canvas."""
        with dpg.window(no_scrollbar=True, no_scroll_with_mouse=True) as self._window:
            self.area = dpg.add_child_window(no_scrollbar=True, no_scroll_with_mouse=True)
        dpg.set_primary_window(self._window, True)
        dpg.bind_item_theme(
            self._window, self._look.theme("rooms", sizes={dpg.mvStyleVar_WindowPadding: (0, 0)})
        )

    def parent(self, panel: Panel) -> int:
        """Returns what a part is made in."""
        name = panel.region
        if name == "over":
            return self._window
        tabbed = name in ("left", "right")
        if name not in self._items:
            region = int(
                dpg.add_child_window(
                    parent=self._window, no_scrollbar=True, always_use_window_padding=True
                )
            )
            self._items[name] = region
            edge = self._look.px(8)
            dpg.bind_item_theme(
                region, self._look.theme("room", sizes={dpg.mvStyleVar_WindowPadding: (edge, edge)})
            )
            if tabbed:
                dpg.add_tab_bar(parent=region)
        region = self._items[name]
        if not tabbed:
            return int(dpg.add_group(parent=region, horizontal=name in ("bar", "banner")))
        bar = dpg.get_item_children(region, 1)[0]
        tab = dpg.add_tab(label=panel.title, parent=bar)
        return int(dpg.add_child_window(parent=tab, border=False))

    def refresh(self, banner: bool) -> None:
        """Gives each region its place; only where something about the window is different.

        Args:
            banner: whether there is something to tell above the canvas.
        """
        size = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        state = (size, self._canvas.locked, banner, self.closed)
        if state != self._state:
            self._state = state
            self._lay_out(*size, banner)

    def next_tab(self, name: Region) -> None:
        """Shows the next of the tabs of a region, after the last the first."""
        bar = dpg.get_item_children(self._items[name], 1)[0]
        tabs = dpg.get_item_children(bar, 1)
        dpg.set_value(bar, tabs[(tabs.index(dpg.get_value(bar)) + 1) % len(tabs)])

    def _lay_out(self, width: int, height: int, banner: bool) -> None:
        stage, items = self._canvas.locked, self._items
        open_: dict[Region, bool] = {name: name not in self.closed for name in items}
        open_ |= {"stage": stage, "banner": banner}
        if stage:
            open_ |= {"left": False, "right": False, "bottom": True}

        def room(name: Region, pixels: float) -> int:
            return self._look.px(pixels) if name in items and open_[name] else 0

        top = self._look.px(menubar.HEIGHT)
        bar = room("bar", STAGE_BAR if stage else BAR)
        notice = room("banner", BANNER)
        left = min(room("left", LEFT), round(MOST_LEFT * width))
        right = min(room("right", RIGHT), round(MOST_RIGHT * width))
        status, below = room("status", STATUS), room("bottom", STAGE_BOTTOM if stage else BOTTOM)
        head, foot = top + bar + notice, height - status - below
        places: dict[Region, tuple[int, int, int, int]] = {
            "bar": (0, top, width, bar),
            "banner": (0, top + bar, width, notice),
            "left": (0, head, left, foot - head),
            "right": (width - right, head, right, foot - head),
            "bottom": (0, foot, width, below),
            "status": (0, height - status, width, status),
            "stage": (0, head, width, foot - head),
        }
        for name, item in items.items():
            _put(item, *places[name], open_[name])
        _put(self.area, left, head, width - left - right, foot - head, not stage)


def _put(item: int, x: int, y: int, width: int, height: int, shown: bool) -> None:
    dpg.configure_item(item, pos=[x, y], width=width, height=max(height, 1), show=shown)
