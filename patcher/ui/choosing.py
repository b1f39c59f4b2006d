"""A small window that asks to choose one of many: what is typed narrows the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import dearpygui.dearpygui as dpg

from patcher.ui.actions import Actions
from patcher.ui.colours import blend, rgba
from patcher.ui.listing import Listing
from patcher.ui.look import Look
from patcher.ui.popup import Popup
from patcher.ui.view import Point

MOST = 12
"""Rows that are seen; who wants another types more of it."""
WIDTH, ROOM = 460, 210
"""Of the window, and of a row's title in it."""


@dataclass(frozen=True)
class Choice:
    """Something to choose.

    Attributes:
        title, detail: what is read of it.
        value: what it stands for.
        words: what else it is found by.
    """

    title: str
    detail: str
    value: Any
    words: str = ""


def narrowed(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """Returns the choices in which every typed word is found, those whose title begins so first."""
    words = typed.lower().split()

    def fits(choice: Choice) -> bool:
        text = f"{choice.title} {choice.detail} {choice.words}".lower()
        return all(word in text for word in words)

    first = words[0] if words else ""
    return sorted(filter(fits, choices), key=lambda each: not each.title.lower().startswith(first))


class Choosing:
    """The list; up, down and Enter, or a click, take one."""

    def __init__(self, look: Look, actions: Actions) -> None:
        self._look = look
        self._listing = Listing(self._fill, self._take)
        self._popup = Popup(actions, self._listing.take)
        self._search = self._list = 0
        self._choices: Sequence[Choice] = ()
        self._found: list[Choice] = []
        self._taken: Callable[[Any], object] = lambda _: None
        self._due: tuple[int, Callable[[], object]] | None = None

    def build(self) -> None:
        """Makes the window, hidden."""
        self._popup.build()
        width = self._look.px(WIDTH)
        self._search = dpg.add_input_text(parent=self._popup.item, width=width)
        self._list = dpg.add_child_window(
            parent=self._popup.item, width=width, auto_resize_y=True, border=False
        )
        self._listing.build(self._search, self._list)
        palette = self._look.palette
        # Dear PyGui lowers texts by the padding of inputs, and selectables not.
        flat = self._look.theme(
            "rows",
            {
                dpg.mvThemeCol_Header: rgba(blend(palette.panel, palette.accent, 0.5)),
                dpg.mvThemeCol_HeaderHovered: rgba(palette.raised),
            },
            {
                dpg.mvStyleVar_FramePadding: (0, 0),
                dpg.mvStyleVar_ItemSpacing: (self._look.px(8), self._look.px(8)),
            },
        )
        dpg.bind_item_theme(self._list, flat)

    def ask(
        self,
        at: Point | None,
        hint: str,
        choices: Sequence[Choice],
        taken: Callable[[Any], object],
    ) -> None:
        """Opens the list.

        Args:
            at: where on the screen; None for the middle.
            hint: what is read while nothing is typed.
            taken: told the value chosen.
        """
        if at is None:
            width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
            at = ((width - self._look.px(WIDTH)) / 2, height / 5)
        self._choices, self._taken = choices, taken
        dpg.configure_item(self._search, hint=hint)
        self._popup.open(at)
        self._listing.begin()

    def offer(self, hint: str, offers: Iterable[tuple[str, str, Callable[[], object]]]) -> None:
        """Opens a list of what can be done, in the middle.

        Args:
            offers: of each, its title, what else is read of it, and what does it.
        """
        self.ask(None, hint, [Choice(*each) for each in offers], lambda run: run())

    def refresh(self) -> None:
        """Follows what is typed, and does what was chosen once the list has gone.

        What opens another window in the same picture would have that closed with it.
        """
        if self._due and dpg.get_frame_count() > self._due[0]:
            (_, run), self._due = self._due, None
            run()
        if self._popup.shown:
            self._popup.refresh()
            self._listing.refresh()

    def _fill(self, typed: str) -> list[int]:
        look, rows = self._look, []
        self._found = narrowed(self._choices, typed)[:MOST]
        for number, choice in enumerate(self._found):
            with dpg.group(horizontal=True, parent=self._list, xoffset=look.px(ROOM)):
                row = dpg.add_selectable(
                    label=choice.title,
                    width=look.px(WIDTH),
                    user_data=number,
                    callback=lambda _, __, taken: self._take(taken),
                )
                dpg.add_text(choice.detail, color=rgba(look.palette.faint))
            rows.append(int(row))
        if not rows:
            dpg.add_text("Nothing is called so", parent=self._list)
        return rows

    def _take(self, number: int) -> None:
        if number < len(self._found):
            self._popup.close()
            value = self._found[number].value
            self._due = dpg.get_frame_count(), lambda: self._taken(value)
