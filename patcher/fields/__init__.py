"""The widgets of values, one for each kind of value."""

from engine.ports import Inlet
from engine.signals import TEXT
from patcher.fields.choice import ChoiceField, SwitchField
from patcher.fields.field import ROW, TURNED, Field, Place, text_size
from patcher.fields.number import NumberField
from patcher.fields.text import TextField
from patcher.look import Look

__all__ = ["ROW", "TURNED", "Field", "Place", "make_field", "text_size"]


def make_field(look: Look, place: Place, turned: TURNED) -> Field:
    """Returns the field that suits a value."""
    port = place.port
    if isinstance(port, Inlet):
        if port.signal is TEXT:
            return TextField(look, place, turned)
        if port.range and port.range.unit == "off/on":
            return SwitchField(look, place, turned)
        return NumberField(look, place, turned)
    if port.choices:
        return ChoiceField(look, place, turned)
    if port.kind is bool:
        return SwitchField(look, place, turned)
    if port.kind in (int, float):
        return NumberField(look, place, turned)
    return TextField(look, place, turned)
