"""What the keyboard goes through in a window: Tab goes on, Enter or Space does as a click does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import dearpygui.dearpygui as dpg

from patcher.ui.colours import rgba
from patcher.ui.look import Look

Stop: TypeAlias = tuple[int, Callable[[], object]]
"""A group of items, and what Enter does there."""


class Stops:
    """Groups of items in a row, of which one at most is marked."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._stops: Sequence[Stop] = ()
        self._at: int | None = None

    def put(self, stops: Sequence[Stop]) -> None:
        """Takes another row; the mark stays at its place in it."""
        at = self._at
        self.end()
        self._stops = stops
        if at is not None and stops:
            self._mark(min(at, len(stops) - 1))

    def take(self, keys: str) -> bool:
        """Does what keys stand for here; says whether they stand for anything."""
        if keys in ("Tab", "Shift+Tab") and self._stops:
            first, step = (0, 1) if keys == "Tab" else (-1, -1)
            self._mark(first if self._at is None else self._at + step)
        elif keys in ("Enter", "Space") and self._at is not None:
            self._stops[self._at][1]()
        else:
            return False
        return True

    def end(self) -> None:
        """Marks nothing."""
        if self._at is not None and dpg.does_item_exist(self._stops[self._at][0]):
            dpg.bind_item_theme(self._stops[self._at][0], 0)
        self._at = None

    def _mark(self, at: int) -> None:
        """Marks a stop; beyond the last is the first."""
        self.end()
        self._at = at % len(self._stops)
        theme = self._look.theme(
            "stop",
            {dpg.mvThemeCol_Border: rgba(self._look.palette.accent)},
            {dpg.mvStyleVar_FrameBorderSize: (2,)},
        )
        dpg.bind_item_theme(self._stops[self._at][0], theme)
