"""Edits of the perform panel: which nodes and values it shows, and in which order.

They are as those of `engine.edits`: pure, and refused in words by PatchError.
"""

from __future__ import annotations

from dataclasses import replace

from engine.edits import find_node, known_value
from engine.patch import MAX_PANEL, Patch, PatchError, id_fault, split_place
from engine.places import Place
from engine.registry import Registry


def show_on_panel(patch: Patch, registry: Registry, place: str) -> Patch:
    """Shows a node, or a value written `node.port`, at the end of the panel."""
    if id_fault(place) is None:
        find_node(patch, place)
    else:
        known_value(patch, registry, *_value_place(place))
    if place in patch.panel:
        raise PatchError.at(place, "is on the panel already")
    if len(patch.panel) >= MAX_PANEL:
        raise PatchError.at("", f"a panel shows at most {MAX_PANEL}")
    return replace(patch, panel=(*patch.panel, place))


def _value_place(place: str) -> Place:
    try:
        return split_place(place)
    except ValueError as fault:
        raise PatchError.at("", str(fault)) from None


def take_off_panel(patch: Patch, place: str) -> Patch:
    """Shows a node or a value on the panel no more."""
    if place not in patch.panel:
        raise PatchError.at(place, "is not on the panel")
    return replace(patch, panel=tuple(each for each in patch.panel if each != place))


def reorder(patch: Patch, place: str, position: int) -> Patch:
    """Moves what the panel shows to a position among the others; 0 is the first."""
    others = list(take_off_panel(patch, place).panel)
    others.insert(max(position, 0), place)
    return replace(patch, panel=tuple(others))
