"""What fits where: a node into a cable, and node types between two signals."""

from __future__ import annotations

from collections.abc import Iterator

from engine.edits import connect, disconnect, installed
from engine.graph import cable_fault
from engine.nodetype import NodeType
from engine.patch import Cable, Patch, PatchError
from engine.ports import MAX_GROUP, Inlet
from engine.registry import Registry
from engine.signals import CONTROL, SignalType


def insert(patch: Patch, registry: Registry, name: str, cable: Cable) -> Patch:
    """Puts a node into a cable: what the cable carried goes through the node.

    It takes the node's first free inlet and its first outlet for the signal.
    """
    declared = installed(patch, registry, name)
    patch = disconnect(patch, cable.start, cable.end)
    if fault := cable_fault(patch, cable, registry):
        raise PatchError.at("", fault)
    source = installed(patch, registry, cable.source)
    signal = next(each.signal for each in source.outlets if each.name == cable.outlet)
    inlet = free_inlet(patch, declared, name, signal)
    outlet = next((each for each in declared.outlets if each.signal is signal), None)
    if inlet is None or outlet is None:
        lacks = "free inlet" if inlet is None else "outlet"
        raise PatchError.at(name, f"has no {lacks} for {signal.name}")
    patch = connect(patch, registry, cable.start, f"{name}.{inlet}")
    return connect(patch, registry, f"{name}.{outlet.name}", cable.end)


def free_inlet(patch: Patch, declared: NodeType, name: str, signal: SignalType) -> str | None:
    """Returns the first inlet for a signal that no cable feeds, numbered ones last."""
    inlets = (each for each in _inlets(declared) if each[1].signal is signal)
    return next((port for port, _ in inlets if patch.cable_into(name, port) is None), None)


def bridges(registry: Registry, start: SignalType, end: SignalType) -> list[NodeType]:
    """Returns the node types that make one signal of another by themselves, the plainest first.

    Those that take Notes, Style, Audio or Midi as well as giving it change it rather than make
    it, and are left out. A Control makes nothing else, as it turns the knobs of others.
    """
    if start is CONTROL:
        return []
    found = []
    for declared in registry.types.values():
        taken = [inlet.signal for _, inlet in _inlets(declared)]
        makes = any(each.signal is end for each in declared.outlets)
        if makes and start in taken and (end.valued or end not in taken):
            found.append(declared)
    return sorted(found, key=lambda each: len(each.inlets))


def _inlets(declared: NodeType) -> Iterator[tuple[str, Inlet]]:
    """Yields every inlet with its name, the numbered ones last."""
    for inlet in declared.inlets:
        yield inlet.name, inlet
    if declared.group:
        for number in range(1, MAX_GROUP + 1):
            for inlet in declared.group.fields:
                yield declared.group.port(inlet, number), inlet
