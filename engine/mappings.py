"""Edits of MIDI mappings: which controller moves which value."""

from __future__ import annotations

from dataclasses import replace

from engine.edits import known_value
from engine.patch import MAX_CONTROL, MAX_MAPPINGS, MidiMapping, Patch, PatchError
from engine.registry import Registry
from engine.scaling import mapping_fault


def map_control(patch: Patch, registry: Registry, mapping: MidiMapping) -> Patch:
    """Has a MIDI controller move a value, in place of the one that moved it before."""
    if not (1 <= mapping.channel <= 16 and 0 <= mapping.control <= MAX_CONTROL):
        words = f"controller {mapping.control} of channel {mapping.channel} is none"
        raise PatchError.at(mapping.place, f"{words}; legal are 0..{MAX_CONTROL} of 1..16")
    known = known_value(patch, registry, mapping.node, mapping.port)
    if fault := mapping_fault(known, mapping):
        raise PatchError.at(mapping.place, fault)
    kept = tuple(each for each in patch.mappings if each.place != mapping.place)
    if len(kept) >= MAX_MAPPINGS:
        raise PatchError.at("", f"a patch has at most {MAX_MAPPINGS:,} MIDI mappings")
    return replace(patch, mappings=(*kept, mapping))


def unmap(patch: Patch, node: str, port: str) -> Patch:
    """Has no controller move a value any more."""
    kept = tuple(each for each in patch.mappings if (each.node, each.port) != (node, port))
    if len(kept) == len(patch.mappings):
        raise PatchError.at(f"{node}.{port}", "no MIDI controller moves it")
    return replace(patch, mappings=kept)
