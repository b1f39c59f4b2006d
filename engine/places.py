"""What a patch says of its values by `node.port`: its MIDI mappings, scenes and panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.patch import Patch

Place = tuple[str, str]
"""A node's id and the name of its port, "" for the whole node."""


def replaced(patch: Patch, change: Callable[[str, str], Place | None]) -> Patch:
    """Returns a patch that speaks of other places; what `change` turns into None is left out."""
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
