"""The field of the model that a generator plays: one of those that are installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.generators import MODELS
from engine.generators.mrt2 import installed
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
        here = (*MODELS, *installed.models())
        return here if self.value in here else (*here, self.value)

    def call(self, value: Any, short: bool = False) -> str:
        return str(value) if short or _is_here(value) else f"{value} (missing)"

    def _ink(self) -> str:
        return super()._ink() if _is_here(self.value) else self.look.palette.bad


def _is_here(model: str) -> bool:
    """Whether a model can be played, at whatever precision stands behind its @."""
    return model in MODELS or model.partition("@")[0] in installed.models()
