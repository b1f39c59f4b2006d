"""Places, written `node.port`: the values there, and what else a patch says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.patch import Patch

Place = tuple[str, str]
"""A node's id and the name of its port, "" for the whole node."""


def with_values(patch: Patch, values: Mapping[Place, Any]) -> Patch:
    """Returns a patch that has other values at some places, unchecked."""
    nodes = dict(patch.nodes)
    for (name, port), value in values.items():
        nodes[name] = replace(nodes[name], values={**nodes[name].values, port: value})
    return replace(patch, nodes=nodes)


def replaced(patch: Patch, change: Callable[[str, str], Place | None]) -> Patch:
    """Returns a patch whose mappings, scenes and panel speak of other places.

    What `change` turns into None is left out.
    """
    mappings = {}
    for mapping in patch.mappings:
        if place := change(mapping.node, mapping.port):
            mappings[place] = replace(mapping, node=place[0], port=place[1])

    def text(former: str) -> str | None:
        node, _, port = former.partition(".")
        new = change(node, port)
        return ".".join(filter(None, new)) if new else None

    scenes = {
        name: {now: value for former, value in values.items() if (now := text(former))}
        for name, values in patch.scenes.items()
    }
    panel = dict.fromkeys(now for former in patch.panel if (now := text(former)))
    return replace(patch, mappings=tuple(mappings.values()), scenes=scenes, panel=tuple(panel))
