"""Which ports of a node are shown, and which of them have a field."""

from __future__ import annotations

from collections.abc import Collection

from engine.nodetype import NodeType
from engine.patch import Node, Patch
from engine.ports import MAX_GROUP, Inlet, Setting


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
