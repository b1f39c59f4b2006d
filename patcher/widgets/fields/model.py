"""The field of the model that a generator plays: one of those that are installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.generators import MODELS
from patcher.editing.editor import Editor
from patcher.widgets.fields.choice import ChoiceField
from patcher.widgets.fields.field import Place


def names_model(editor: Editor, place: Place) -> bool:
    """Whether a value is the name of the model that a generator plays."""
    node = editor.patch.nodes.get(place.node)
    declared = editor.registry.find(node.type) if node else None
    return place.name == "model" and declared is not None and declared.role == "generator"


class ModelField(ChoiceField):
    """A model; one that is not installed is kept, and marked."""

    @property
    def choices(self) -> Sequence[str]:
        return MODELS if self.value in MODELS else (*MODELS, self.value)

    def call(self, value: Any, short: bool = False) -> str:
        return str(value) if short or value in MODELS else f"{value} (missing)"

    def _ink(self) -> str:
        return super()._ink() if self.value in MODELS else self.look.palette.bad
