"""Random patches of realistic nodes, for benchmarks."""

from __future__ import annotations

import random
from dataclasses import replace

from engine import edits
from engine.nodetype import NodeType
from engine.patch import Cable, Node, Patch
from engine.registry import Registry

FAMILIES = {"control": 5, "notes": 2, "mask": 2, "style": 1}
"""How often a node of each family is drawn: most nodes of a patch are controls."""

LEFT_OUT = {"control.delay", "notes.delay", "style.audio", "style.listen", "style.surface"}
"""Delays and embedders are costed elsewhere; a surface needs places for its points."""


def conditioning_patch(registry: Registry, size: int, seed: int = 0) -> Patch:
    """Returns a legal patch of about `size` nodes, all of which reach a generator that is heard.

    Each node is fed by the latest nodes that nothing hears yet, as in a patch that was built by
    hand from left to right.
    """
    rng = random.Random(seed)
    kinds = [
        each
        for each in registry.types.values()
        if each.family in FAMILIES and each.name not in LEFT_OUT and not each.services
    ]
    weights = [
        FAMILIES[each.family] / sum(k.family == each.family for k in kinds) for each in kinds
    ]
    patch = edits.add(Patch(title=f"{size} nodes"), registry, "midi.input", "keys")
    patch = edits.add(patch, registry, "generator.model", "model")
    patch = edits.add(patch, registry, "audio.output", "out")
    patch = edits.connect(patch, registry, "model.audio", "out.audio")
    loose: dict[str, list[str]] = {"Midi": ["keys.midi"]}
    cables: list[tuple[str, str]] = []
    nodes = {}
    for number in range(size - 5):
        kind = rng.choices(kinds, weights)[0]
        name = f"n{number:04}"
        nodes[name] = kind
        for port, signal in _ports(kind, rng):
            if signal == "Midi":
                cables.append(("keys.midi", f"{name}.{port}"))
            elif loose.get(signal):
                cables.append((loose[signal].pop(), f"{name}.{port}"))
        for outlet in kind.outlets:
            loose.setdefault(outlet.signal.name, []).append(f"{name}.{outlet.name}")
    nodes["merge"], nodes["mix"] = registry.types["notes.merge"], registry.types["style.mix"]
    cables += [(start, f"merge.notes{i}") for i, start in enumerate(loose.get("Notes", [])[:60], 1)]
    cables += [(start, f"mix.style{i}") for i, start in enumerate(loose.get("Style", [])[:60], 1)]
    cables += [("merge.notes", "model.notes"), ("mix.style", "model.style")]
    knobs = loose.get("Control", [])
    cables += [
        (start, f"mix.weight{i}")
        for i, start in enumerate(knobs[-len(loose.get("Style", []) or [0]) :], 1)
    ]
    return _assemble(patch, nodes, cables)


def _ports(kind: NodeType, rng: random.Random) -> list[tuple[str, str]]:
    """Returns the inlets of a new node that are to be fed, with their signals."""
    ports = [(each.name, each.signal.name) for each in kind.inlets if each.signal.name != "Control"]
    knobs = [(each.name, "Control") for each in kind.inlets if each.signal.name == "Control"]
    if kind.group:
        members = [(f"{f.name}{n}", f.signal.name) for n in (1, 2) for f in kind.group.fields]
        ports += members
    return ports + rng.sample(knobs, min(len(knobs), 2))


def _assemble(patch: Patch, nodes: dict[str, NodeType], cables: list[tuple[str, str]]) -> Patch:
    """Adds nodes and cables at once; one edit each would check the whole patch 1,000 times."""
    placed = {name: Node(kind.name) for name, kind in nodes.items()}
    drawn = tuple(Cable.between(*ends) for ends in cables)
    return replace(patch, nodes={**patch.nodes, **placed}, cables=(*patch.cables, *drawn))
