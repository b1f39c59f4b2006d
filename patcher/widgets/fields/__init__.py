"""The widgets of values, one for each kind of value."""

from engine.ports import Inlet
from engine.signals import TEXT, MidiPort
from patcher.editing.editor import Editor
from patcher.widgets.fields.asset import AssetField
from patcher.widgets.fields.choice import ChoiceField, SwitchField
from patcher.widgets.fields.field import ROW, Field, Place, text_size
from patcher.widgets.fields.model import ModelField, names_model
from patcher.widgets.fields.number import NumberField
from patcher.widgets.fields.pad import Pad, has_pad, on_pad
from patcher.widgets.fields.port import PortField
from patcher.widgets.fields.text import PromptField, TextField
from patcher.widgets.fields.touch import under_mouse

__all__ = [
    "ROW",
    "Field",
    "Pad",
    "Place",
    "has_pad",
    "make_field",
    "on_pad",
    "text_size",
    "under_mouse",
]


def make_field(editor: Editor, place: Place) -> Field:
    """Returns the field that suits a value."""
    port = place.port
    if isinstance(port, Inlet):
        if port.signal is TEXT:
            return PromptField(editor, place)
        if port.range and port.range.unit == "off/on":
            return SwitchField(editor, place)
        return NumberField(editor, place)
    if port.choices:
        return ChoiceField(editor, place)
    if port.kind is bool:
        return SwitchField(editor, place)
    if port.kind in (int, float):
        return NumberField(editor, place)
    if port.asset:
        return AssetField(editor, place)
    if port.kind is MidiPort:
        return PortField(editor, place)
    if names_model(editor, place):
        return ModelField(editor, place)
    return TextField(editor, place)
