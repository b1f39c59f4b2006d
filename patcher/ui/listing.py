"""A line that is typed into, and rows that it narrows, one of which is marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import dearpygui.dearpygui as dpg


class Listing:
    """Rows that are filled anew where another text is typed; the arrows mark one of them.

    Args:
        fill: makes the rows of what is typed and returns their selectables.
        take: does what a row stands for, by its number.
        mark: is told the number of the row that is marked now; there may be none.
    """

    def __init__(
        self,
        fill: Callable[[str], Iterable[int]],
        take: Callable[[int], object],
        mark: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._fill = fill
        self._take = take
        self._told = mark
        self._search = self._list = 0
        self._rows: list[int] = []
        self._typed: str | None = None
        self._at = 0

    def build(self, search: int, rows: int) -> None:
        """Takes the item that is typed into, and the child window that the rows are in."""
        self._search, self._list = search, rows

    def begin(self) -> None:
        """Begins with nothing typed."""
        self.renew()
        dpg.set_value(self._search, "")
        dpg.focus_item(self._search)

    def renew(self) -> None:
        """Has the rows filled anew, though the same is typed."""
        self._typed = None

    def refresh(self) -> None:
        """Follows what is typed; once a drawn frame."""
        typed = dpg.get_value(self._search)
        if typed != self._typed:
            self._typed = typed
            dpg.delete_item(self._list, children_only=True)
            dpg.set_y_scroll(self._list, 0)
            self._rows = list(self._fill(typed))
            self.mark(0)

    def take(self, keys: str) -> bool:
        """Does what keys stand for; says whether they stand for anything."""
        if keys == "Enter":
            self.refresh()  # it may have come with the last letters
            self._take(self._at)
        elif keys in ("Up", "Down") and self._rows:
            self.mark((self._at + (1 if keys == "Down" else -1)) % len(self._rows))
            self._reveal(self._rows[self._at])
        return keys in ("Enter", "Up", "Down")

    def mark(self, number: int) -> None:
        """Marks a row, by its number."""
        self._at = number
        for each, row in enumerate(self._rows):
            dpg.set_value(row, each == number)
        self._told(number)

    def _reveal(self, row: int) -> None:
        """Scrolls so that a row is seen."""
        top, room = dpg.get_y_scroll(self._list), dpg.get_item_rect_size(self._list)[1]
        start, height = dpg.get_item_pos(row)[1], dpg.get_item_rect_size(row)[1]
        dpg.set_y_scroll(self._list, min(max(top, start + height - room), start))
