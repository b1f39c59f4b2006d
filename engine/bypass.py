"""Bypassed nodes: each is taken out, and what feeds it goes on to what it fed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from engine.nodetype import NodeType
from engine.patch import Cable, Patch
from engine.registry import Registry

Passage = tuple[str, str]
"""The id of a bypassed node, and the name of a signal that goes through it."""


def bypass(patch: Patch, registry: Registry) -> Patch:
    """Takes the bypassed nodes out of a patch and leads their cables past them.

    Each outlet passes on what feeds the node's first inlet of the same signal. Where that is
    nothing, what it fed gets no cable: were the next inlet to step in, pulling out a cable could
    close a cycle. A node whose type is not installed stays as it is.
    """
    types = bypassed(patch, registry)
    if not types:
        return patch
    feeds = feeding(patch, types)
    cables = []
    for cable in patch.cables:
        if cable.target not in types and (origin := _origin(cable, types, feeds)):
            cables.append(replace(cable, source=origin.source, outlet=origin.outlet))
    nodes = {name: node for name, node in patch.nodes.items() if name not in types}
    return replace(patch, nodes=nodes, cables=tuple(cables))


def bypassed(patch: Patch, registry: Registry) -> dict[str, NodeType]:
    """Returns the bypassed nodes whose types are installed."""
    return {
        name: declared
        for name, node in patch.nodes.items()
        if node.bypass and (declared := registry.find(node.type))
    }


def feeding(patch: Patch, types: Mapping[str, NodeType]) -> dict[Passage, Cable | None]:
    """Returns the cable from which bypassed nodes of these types pass each signal on."""
    inside: defaultdict[str, dict[str, Cable]] = defaultdict(dict)
    for cable in patch.cables:
        if cable.target in types:
            inside[cable.target][cable.inlet] = cable
    return {
        (name, signal): cables[port]
        for name, cables in inside.items()
        for signal, port in _first_inlets(types[name]).items()
        if port in cables
    }


def _first_inlets(declared: NodeType) -> dict[str, str]:
    """Returns the first inlet of each signal."""
    inlets = [(each.name, each) for each in declared.inlets]
    if group := declared.group:
        inlets += [(group.port(each, 1), each) for each in group.fields]
    found: dict[str, str] = {}
    for port, inlet in inlets:
        found.setdefault(inlet.signal.name, port)
    return found


def _origin(
    cable: Cable, types: Mapping[str, NodeType], feeds: dict[Passage, Cable | None]
) -> Cable | None:
    """Returns the cable that carries what `cable` does into the first bypassed node on its way.

    What was found is put into `feeds`, so that a long row of nodes is gone along once.
    """
    trail: list[Passage] = []
    found: Cable | None = cable
    while found and found.source in types:
        outlet = types[found.source].outlet(found.outlet)
        passage = (found.source, outlet.signal.name) if outlet else None
        if passage is None or passage in trail:
            found = None
        else:
            trail.append(passage)
            found = feeds.get(passage)
    feeds.update(dict.fromkeys(trail, found))
    return found
