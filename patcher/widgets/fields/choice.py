"""The fields of what is chosen from a few: one of several words, or on and off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dearpygui.dearpygui as dpg

from patcher.ui.colours import rgba
from patcher.ui.menu import Row
from patcher.widgets.fields.field import Field


class ChoiceField(Field):
    """One of several words; a click lists them."""

    @property
    def choices(self) -> Sequence[Any]:
        """What may be chosen."""
        return self.place.port.choices  # type: ignore[union-attr]

    def call(self, value: Any, short: bool = False) -> str:
        return str(value)

    def enter(self) -> None:
        self._click()

    def step(self, steps: int, fine: bool) -> None:
        choices = self.choices
        present = choices.index(self.value) if self.value in choices else 0
        self.turn(choices[min(max(present + steps, 0), len(choices) - 1)])

    def _click(self) -> None:
        if not self._refuse_feed():
            self.list()

    def list(self) -> None:
        """Opens the list of what may be chosen, below it."""
        self._open(
            [Row(self.call(each), self._chooses(each), each == self.value) for each in self.choices]
        )

    def _chooses(self, value: Any) -> Callable[[], None]:
        return lambda: self.turn(value)

    def _open(self, rows: Sequence[Row]) -> None:
        left, top = dpg.get_item_rect_min(self.input)
        self.editor.popups.menu.open(rows, (left, top + self._size[1]))

    def _draw_value(self) -> float:
        width, height, size = self._size
        if self._waits:
            return super()._draw_value()
        # The arrow says that there is a list.
        right, middle = width - size / 2, height / 2
        half = 0.28 * size
        corners = ((right - 2 * half, middle - half / 2), (right, middle - half / 2))
        self._wedge(*corners, (right - half, middle + half * 0.75))
        return self._draw_words(right - 2 * half - size / 3)


class SwitchField(Field):
    """On or off; a click turns it over."""

    @property
    def on(self) -> bool:
        """Whether it is on; a control is from 0.5 up."""
        return bool(self.value >= 0.5)

    def call(self, value: Any, short: bool = False) -> str:
        return "on" if value >= 0.5 else "off"

    def enter(self) -> None:
        self._click()

    def step(self, steps: int, fine: bool) -> None:
        if self.on != (steps > 0):
            self._click()

    def _click(self) -> None:
        over = not self.on
        self.turn(over if isinstance(self.place.port.default, bool) else float(over))

    def _draw_value(self) -> float:
        """Draws a switch; its knob is at the right where it is on."""
        if self._waits:
            return super()._draw_value()
        width, height, size = self._size
        palette = self.look.palette
        long, thick = 1.9 * size, size
        left, top = width - size / 2 - long, (height - thick) / 2
        ground = palette.warn if self.driven else palette.accent
        ground = ground if self.on else palette.raised
        self._box((left, top), (left + long, top + thick), rgba(ground), rounding=thick / 2)
        knob = left + (long - thick / 2 if self.on else thick / 2)
        self._dot((knob, height / 2), 0.4 * thick, rgba(palette.ink if self.on else palette.faint))
        return left
