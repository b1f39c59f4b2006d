"""The fields of what is chosen from a few: one of several words, or on and off."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg

from patcher.fields.field import Field


class ChoiceField(Field):
    """One of several words."""

    def _build(self, parent: int) -> int:
        choices = [str(each) for each in self.place.port.choices]  # type: ignore[union-attr]
        item = dpg.add_combo(choices, parent=parent, default_value=str(self.value))
        dpg.set_item_callback(item, lambda _, word: self._chosen(word))
        return int(item)

    def words(self) -> str:
        return str(self.value)

    def _put(self, value: Any) -> None:
        dpg.set_value(self.input, str(value))

    def _chosen(self, word: str) -> None:
        for each in self.place.port.choices:  # type: ignore[union-attr]
            if str(each) == word:
                self._turn(each, released=True)


class SwitchField(Field):
    """On or off."""

    def _build(self, parent: int) -> int:
        item = dpg.add_button(parent=parent, label="")
        dpg.set_item_callback(item, lambda: self._turn(not self.on, released=True))
        return int(item)

    @property
    def on(self) -> bool:
        """Whether it is on; a control is from 0.5 up."""
        return bool(self.value >= 0.5)

    def words(self) -> str:
        return "on" if self.on else "off"

    def part(self) -> float:
        return 1.0 if self.on else 0.0

    def _put(self, value: Any) -> None:
        pass
