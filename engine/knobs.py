"""The values of a patch that MIDI controllers move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.patch import MidiMapping, Patch
from engine.places import Place
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.scaling import mapping_fault, scaled
from engine.signals import Midi


class Knob(NamedTuple):
    """A value that a controller moves, and what declares it."""

    place: Place
    known: Inlet | Setting
    mapping: MidiMapping


class Knobs:
    """The MIDI mappings of a patch that move something.

    Attributes:
        ports: the names of the values that they move, by node.
    """

    def __init__(self, patch: Patch, registry: Registry) -> None:
        self._knobs: defaultdict[tuple[int, int], list[Knob]] = defaultdict(list)
        self.ports: defaultdict[str, set[str]] = defaultdict(set)
        for each in patch.mappings:
            node = patch.nodes.get(each.node)
            declared = registry.find(node.type) if node else None
            known = declared.value(each.port) if declared else None
            if known and not mapping_fault(known, each):
                knob = Knob((each.node, each.port), known, each)
                self._knobs[each.channel, each.control].append(knob)
                self.ports[each.node].add(each.port)

    def __bool__(self) -> bool:
        return bool(self._knobs)

    def turned(self, midi: Mapping[str, Midi]) -> dict[Place, Any]:
        """Returns the values that the messages of a frame leave, as a patch holds them."""
        turned = {}
        for messages in midi.values():
            for message in messages:
                if message.type == "control_change":
                    turned[message.channel + 1, message.control] = message.value
        return {
            knob.place: scaled(knob.known, knob.mapping, turned[control])
            for control in self._knobs.keys() & turned.keys()
            for knob in self._knobs[control]
        }
