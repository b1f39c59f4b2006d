"""MIDI learn: the next controller that is moved is mapped to a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.mappings import map_control
from engine.patch import MAX_CONTROL, MidiMapping, Patch
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.scaling import is_number
from engine.song import CONTROL_CHANGE


def moved(heard: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Yields channel 1..16 and number of each controller among MIDI messages.

    Numbers from 120 up are orders to the instrument, such as all notes off.
    """
    for message in heard:
        if len(message) == 3 and message[0] & 0xF0 == CONTROL_CHANGE and message[1] <= MAX_CONTROL:
            yield (message[0] & 0x0F) + 1, message[1]


def ends(port: Inlet | Setting) -> tuple[float | None, float | None]:
    """Returns where a controller moves a value from and to: the range's ends, else 0 and 1."""
    return (0.0, 1.0) if is_number(port) and port.range is None else (None, None)


def learn(patch: Patch, registry: Registry, place: str, channel: int, control: int) -> Patch:
    """Has a controller move the value `place`, written `node.port`; raises PatchError.

    Where another moved it before, it goes from and to where that one did.
    """
    node, _, name = place.partition(".")
    before = next((each for each in patch.mappings if each.place == place), None)
    if before:
        mapping = replace(before, channel=channel, control=control)
    else:
        held = patch.nodes.get(node)
        declared = registry.find(held.type) if held else None
        known = declared.value(name) if declared else None
        low, high = ends(known) if known else (None, None)
        mapping = MidiMapping(channel, control, node, name, low, high)
    return map_control(patch, registry, mapping)
