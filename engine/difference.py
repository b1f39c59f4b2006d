"""What differs between two versions of a patch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.patch import Node, Patch
from engine.places import Place


def difference(before: Patch, after: Patch) -> tuple[list[Place], bool]:
    """Returns the values that differ, of nodes that kept their type, and whether they alone do.

    Nodes, cables and MIDI mappings are compared: what is compiled. Where things lie, and what is
    said of them, counts for nothing.
    """
    alike = (
        after.cables == before.cables
        and after.mappings == before.mappings
        and after.nodes.keys() == before.nodes.keys()
    )
    places: list[Place] = []
    for name, node in after.nodes.items():
        old = before.nodes.get(name)
        if old is None or node is old:
            continue
        alike = alike and _kind(node) == _kind(old)
        if node.type == old.type:
            places += ((name, port) for port in _differing(old.values, node.values))
    return places, alike


def _kind(node: Node) -> tuple[str, bool, Mapping[str, Any]]:
    """Returns what of a node is neither a value nor how it looks."""
    return node.type, node.bypass, node.extra


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yields the ports whose values differ, in their type too, or are in one of both only."""
    nothing = object()
    for port in before.keys() | after.keys():
        old, new = before.get(port, nothing), after.get(port, nothing)
        if type(old) is not type(new) or old != new:
            yield port
