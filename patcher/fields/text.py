"""The fields of texts: words that are typed."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg

from patcher.fields.field import Field


class TextField(Field):
    """A text, such as a prompt; taken over at Enter, or when it is left."""

    def _build(self, parent: int) -> int:
        item = dpg.add_input_text(parent=parent, default_value=str(self.value), on_enter=True)
        dpg.set_item_callback(item, lambda _, text: self._turn(text, released=True))
        return int(item)

    def words(self) -> str:
        return str(self.value)

    def _put(self, value: Any) -> None:
        dpg.set_value(self.input, str(value))
