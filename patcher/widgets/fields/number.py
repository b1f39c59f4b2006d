"""The field of a number: dragged sideways, double-clicked to type."""

from __future__ import annotations

from patcher.editing.editor import Editor
from patcher.widgets.fields.field import Field, Place
from patcher.widgets.fields.scale import SWEEP, Scale

FINE = 0.1
"""How much slower a drag is with Shift."""


class NumberField(Field):
    """A number, with its unit and how far along its range it is.

    Attributes:
        scale: what is legal, and how it is read.
    """

    def __init__(self, editor: Editor, place: Place) -> None:
        super().__init__(editor, place)
        self.scale = Scale(place.port)
        self._start = 0.0
        self._way = 0.0

    def call(self, value: float, short: bool = False) -> str:
        return self.scale.words(value, short)

    def part(self) -> tuple[float, float]:
        """Returns from where to where it is filled; where there are negative values, from 0."""
        range_, here = self.scale.range, self.scale.part(self.value)
        nought = self.scale.part(0.0) if range_ and range_.low < 0 < range_.high else 0.0
        return min(here, nought), max(here, nought)

    def text(self) -> str:
        return f"{self.value:.7g}" if isinstance(self.value, float) else str(self.value)

    def read(self, text: str) -> float:
        return self.scale.read(text)

    def step(self, steps: int, fine: bool) -> None:
        self.turn(self.scale.stepped(self.value, steps, fine), released=False)

    def _grab(self) -> None:
        self.editor.document.seal()
        self._start, self._way = self.value, 0.0

    def _drag(self, dx: float, dy: float, fine: bool) -> None:
        self._way += self._along(dx, dy) / (SWEEP * self.look.scale) * (FINE if fine else 1.0)
        value = self.scale.moved(self._start, self._way, fine)
        if value != self.value:
            self.turn(value, released=False)

    def _along(self, dx: float, dy: float) -> float:
        """Returns how far a drag goes towards more, in pixels."""
        return dx

    def _drop(self) -> None:
        self.editor.document.seal()
