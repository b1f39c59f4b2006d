"""What differs between two versions of a patch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.patch import Node, Patch


def changed_places(before: Patch, after: Patch) -> list[tuple[str, str]] | None:
    """Returns the values, as node and port, that differ; None where more than values does.

    Where nodes lie counts for nothing.
    """
    if after.cables != before.cables or after.nodes.keys() != before.nodes.keys():
        return None
    places = []
    for name, node in after.nodes.items():
        old = before.nodes[name]
        if node is old:
            continue
        if bare(node) != bare(old):
            return None
        places += [(name, port) for port in differing(old.values, node.values)]
    return places


def bare(node: Node) -> Node:
    """Returns a node without what can change and nothing is compiled: its values, its looks."""
    return replace(node, values={}, at=(0.0, 0.0), folded=False)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yields the ports whose values differ, in their type too, or are in one of both only."""
    nothing = object()
    for port in before.keys() | after.keys():
        old, new = before.get(port, nothing), after.get(port, nothing)
        if type(old) is not type(new) or old != new:
            yield port
