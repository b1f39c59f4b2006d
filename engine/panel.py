"""Edits of the perform panel: which nodes and values it shows, and in which order.

They are as those of `engine.edits`: pure, and refused in words by PatchError.
"""

from __future__ import annotations

from dataclasses import replace

from engine.edits import known_value
from engine.patch import MAX_PANEL, Patch, PatchError
from engine.registry import Registry


def show_on_panel(patch: Patch, registry: Registry, place: str) -> Patch:
    """Shows a node, or a value written `node.port`, at the end of the panel."""
    name, _, port = place.partition(".")
    if port:
        known_value(patch, registry, name, port)
    elif name not in patch.nodes:
        raise PatchError.at("", f"there is no node {name!r}")
    if place in patch.panel:
        raise PatchError.at(place, "is on the panel already")
    if len(patch.panel) >= MAX_PANEL:
        raise PatchError.at("", f"a panel shows at most {MAX_PANEL}")
    return replace(patch, panel=(*patch.panel, place))


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
