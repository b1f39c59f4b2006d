"""The field of a number: dragged sideways, double-clicked to type."""

from __future__ import annotations

import math
from typing import Any

import dearpygui.dearpygui as dpg

from engine.signals import Range
from patcher.fields.field import Field

SWEEP = 250
"""Pixels that the mouse goes from one end of a range to the other."""


class NumberField(Field):
    """A number, with its unit and how far along its range it is."""

    def _build(self, parent: int) -> int:
        whole = self._whole
        add = dpg.add_drag_int if whole else dpg.add_drag_float
        options: dict[str, Any] = {} if whole else {"format": "%.6g"}
        item = add(parent=parent, default_value=self.place.port.default, **options)
        range_ = self.place.port.range
        if range_:
            low, high = self._scale(range_.low), self._scale(range_.high)
            if whole:
                low, high = int(low), int(high)
            dpg.configure_item(item, min_value=low, max_value=high, clamped=True)
        dpg.configure_item(item, speed=self.speed())
        dpg.set_item_callback(item, lambda _, value: self._dragged(value))
        return int(item)

    def speed(self, fine: bool = False) -> float:
        """Returns how much a pixel of dragging changes."""
        range_ = self.place.port.range
        span = self._scale(range_.high) - self._scale(range_.low) if range_ else 2.0
        whole = 1.0 if self._whole else 0.0
        return max(span / SWEEP, 0.05 * whole) * (0.1 if fine else 1.0)

    def words(self) -> str:
        range_ = self.place.port.range
        unit = f" {range_.unit}" if range_ and range_.unit else ""
        return f"{self.value:.4g}{unit}" if isinstance(self.value, float) else f"{self.value}{unit}"

    def part(self) -> float:
        range_ = self.place.port.range
        if range_ is None:
            return 0.0
        return part_of(range_, float(self.value))

    @property
    def _whole(self) -> bool:
        return getattr(self.place.port, "kind", float) is int

    def _scale(self, value: float) -> float:
        return value

    def _put(self, value: Any) -> None:
        dpg.set_value(self.input, value)

    def _dragged(self, value: float) -> None:
        self._turn(value if self._whole else round(value, 6))


def part_of(range_: Range, value: float) -> float:
    """Returns how far along a range a value is, 0..1; where it is logarithmic, by ratio."""
    if range_.high <= range_.low:
        return 0.0
    if range_.log and range_.low > 0 and value > 0:
        part = math.log(value / range_.low) / math.log(range_.high / range_.low)
    else:
        part = (value - range_.low) / (range_.high - range_.low)
    return min(max(part, 0.0), 1.0)
