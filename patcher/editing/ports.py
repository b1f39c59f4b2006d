"""The ports of nodes: what cables carry there, which are shown, and which have a field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.nodetype import NodeType
from engine.patch import Cable, Node, Patch
from engine.ports import MAX_GROUP, Inlet, Setting
from engine.registry import Registry
from engine.signals import SignalType


@dataclass(frozen=True)
class Pin:
    """A port at which a cable may begin or end: kind is `inlet` or `outlet`."""

    kind: str
    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


def ends(cable: Cable) -> tuple[Pin, Pin]:
    """Returns the ports that a cable connects."""
    start = Pin("outlet", cable.source, cable.outlet)
    return start, Pin("inlet", cable.target, cable.inlet)


def signal_of(patch: Patch, registry: Registry, pin: Pin) -> SignalType | None:
    """Returns what a cable at a port carries; None where the node type is not installed."""
    node = patch.nodes.get(pin.node)
    declared = registry.find(node.type) if node else None
    if declared is None:
        return None
    port = declared.outlet(pin.port) if pin.kind == "outlet" else declared.inlet(pin.port)
    return port.signal if port else None


def carried(patch: Patch, registry: Registry, cable: Cable) -> SignalType | None:
    """Returns what a cable carries; None where the type of its node is not installed."""
    return signal_of(patch, registry, ends(cable)[0])


def used(patch: Patch, name: str) -> set[str]:
    """Returns the ports of a node that are fed or set."""
    fed = {each.inlet for each in patch.cables if each.target == name}
    return fed | set(patch.nodes[name].values)


def inlets(declared: NodeType, used: Collection[str]) -> dict[str, Inlet]:
    """Returns inlets by name; of a group, the sets of which one is used and the next."""
    found = {each.name: each for each in declared.inlets}
    if group := declared.group:
        taken = {members[0][0] for members in declared.members(used)}
        firsts = (group.port(group.fields[0], number) for number in range(1, MAX_GROUP + 1))
        free = [each for each in firsts if each not in taken][:1]
        for members in declared.members({*used, *free}):
            found.update(members)
    return found


def turnable(declared: NodeType, used: Collection[str]) -> dict[str, Inlet | Setting]:
    """Returns what has a field, by name.

    The next set of a group has none: its first value would make another set next, and with that
    another box, in the middle of a drag.
    """
    return {
        name: port
        for name, port in declared.ports(used)
        if isinstance(port, Setting) or port.signal.valued
    }


def undeclared(node: Node, declared: NodeType) -> list[str]:
    """Returns the values of a node that its type no longer knows."""
    return sorted(name for name in node.values if declared.value(name) is None)
