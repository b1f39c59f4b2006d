"""What moves values besides the hand: cables, MIDI controllers, scenes on their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.bypass import bypass
from engine.messages import Snapshot
from engine.patch import Patch
from engine.registry import Registry

ByNode: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Something of each of some values, by their nodes and their ports."""


def words(channel: int, control: int) -> str:
    """Returns what a MIDI controller is called."""
    return f"CC {control} on channel {channel}"


@dataclass(frozen=True)
class Feeds:
    """What moves the values of a patch.

    Attributes:
        outlets: whose cable feeds a value, as `node.outlet`. Bypassed nodes are passed over.
        controls: the MIDI controller that moves a value, in words.
    """

    outlets: ByNode
    controls: ByNode

    @classmethod
    def of(cls, patch: Patch, registry: Registry) -> Feeds:
        """Returns what moves the values of a patch."""
        outlets: defaultdict[str, dict[str, str]] = defaultdict(dict)
        controls: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for cable in bypass(patch, registry).cables:
            node = patch.nodes.get(cable.target)
            declared = registry.find(node.type) if node else None
            if declared and declared.value(cable.inlet):
                outlets[cable.target][cable.inlet] = cable.start
        for each in patch.mappings:
            controls[each.node][each.port] = words(each.channel, each.control)
        return cls(dict(outlets), dict(controls))

    def movers(self, node: str, port: str) -> tuple[str, str]:
        """Returns the outlet and the controller that move a value; empty for none."""
        outlets, controls = (each.get(node, {}) for each in (self.outlets, self.controls))
        return outlets.get(port, ""), controls.get(port, "")

    def watched(self) -> set[str]:
        """Returns the outlets that feed values."""
        return {outlet for ports in self.outlets.values() for outlet in ports.values()}

    def moving(self, snapshot: Snapshot) -> ByNode:
        """Returns where the values are that something moves just now."""
        found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for place, value in snapshot.moving.items():
            node, _, port = place.partition(".")
            found[node][port] = value
        for node, ports in self.outlets.items():
            for port, outlet in ports.items():
                brought = snapshot.seen.get(outlet)
                if isinstance(brought, float | str):
                    found[node][port] = brought
        return dict(found)
