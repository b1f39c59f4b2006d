"""The field of where a MIDI controller moves a value from, or to."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from engine.mappings import map_control
from engine.patch import MidiMapping
from patcher.editing.editor import Editor
from patcher.widgets.fields.field import Place, Port
from patcher.widgets.fields.number import NumberField

LABELS = {"low": "at 0", "high": "at 127"}
"""What an end of a mapping is called: the value with the controller there."""


class EndField(NumberField):
    """The value that a controller gives at 0 or at 127; reset, it is that of the range.

    Args:
        end: which of the two.
        port: what declares the value that the controller moves.
    """

    def __init__(
        self, editor: Editor, mapping: MidiMapping, end: Literal["low", "high"], port: Port
    ) -> None:
        super().__init__(editor, Place(mapping.node, LABELS[end], port))
        self._end = end
        self._mapping = mapping
        self.follow_mapping(mapping)

    def follow_mapping(self, mapping: MidiMapping) -> None:
        """Shows another version of the mapping."""
        self._mapping = mapping
        value = getattr(mapping, self._end)
        range_ = self.place.port.range
        self.show(value if value is not None else getattr(range_, self._end) if range_ else 0.0)

    def turn(self, value: float | None, released: bool = True) -> None:
        path = self._mapping.place
        mapping = (
            replace(self._mapping, low=value)
            if self._end == "low"
            else replace(self._mapping, high=value)
        )
        self.editor.edit(
            f"Set where {path} is {self.place.label}",
            lambda patch: map_control(patch, self.editor.registry, mapping),
            merge=f"{self._end} of {path}",
        )
        if released:
            self.editor.document.seal()

    def ask(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.turn(None)
