"""A patch as a graph: what is wrong with it, which stage a node runs in, and in what order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import networkx as nx

from engine.bypass import Passage, bypassed, feeding
from engine.nodetype import NodeType
from engine.patch import Cable, Node, Patch, Problem, id_fault
from engine.registry import Registry
from engine.scaling import mapping_fault
from engine.signals import AUDIO


def check(patch: Patch, registry: Registry) -> list[Problem]:
    """Returns everything that is wrong with a patch, sorted by place; warnings included."""
    problems: list[Problem] = []
    types, _ = playing(patch, registry)
    ends = [name for name, each in types.items() if each.is_end]
    if not ends:
        problems.append(Problem("", "nothing is heard: there is no audio.output", warning=True))
    elif all(patch.nodes[name].bypass for name in ends):
        problems.append(Problem("", "nothing is heard: every output is bypassed", warning=True))
    for name, node in patch.nodes.items():
        if wrong := id_fault(name):
            problems.append(Problem("nodes", wrong))
        declared = registry.find(node.type)
        if declared is None:
            fault = f"unknown node type {node.type!r}: kept as it is, but it does not play"
            problems.append(Problem(name, fault, warning=True))
        else:
            problems += value_problems(name, node, declared)
    fed: defaultdict[tuple[str, str], list[Cable]] = defaultdict(list)
    for cable in patch.cables:
        fed[cable.target, cable.inlet].append(cable)
        if wrong := cable_fault(patch, cable, registry):
            problems.append(Problem("", wrong))
    for cables in fed.values():
        if len(cables) > 1:
            starts = ", ".join(each.start for each in cables)
            problems.append(Problem(cables[0].end, f"takes one cable, but has {starts}"))
    problems += _mapping_problems(patch, types)
    problems += (cycle_problem(patch, each) for each in cycles(patch, registry))
    return sorted(problems)


def _mapping_problems(patch: Patch, types: Mapping[str, NodeType]) -> Iterator[Problem]:
    """Yields a warning for each MIDI mapping that moves nothing."""
    for mapping in patch.mappings:
        if mapping.node not in patch.nodes:
            fault: str | None = f"there is no node {mapping.node!r}"
        elif declared := types.get(mapping.node):
            known = declared.value(mapping.port)
            fault = mapping_fault(known, mapping) if known else "there is no such value"
        else:
            continue  # its type is not installed, and said so already
        if fault:
            yield Problem(mapping.place, f"the MIDI mapping does nothing: {fault}", warning=True)


def value_problems(name: str, node: Node, declared: NodeType) -> Iterator[Problem]:
    for port, value in node.values.items():
        place = f"{name}.{port}"
        known = declared.value(port)
        inlet = declared.inlet(port)
        if known is None and inlet:
            yield Problem(place, f"takes a cable ({inlet.signal.name}), not a value")
        elif known is None:
            legal = ", ".join(declared.value_names()) or "none"
            yield Problem(place, f"{declared.name} has no such value; legal are: {legal}")
        else:
            try:
                known.check(value)
            except ValueError as fault:
                yield Problem(place, str(fault))


def cable_fault(patch: Patch, cable: Cable, registry: Registry) -> str | None:
    """Says why a cable cannot be, or returns None where it can.

    A cable at a node whose type is unknown is kept unchecked.
    """
    for end in (cable.source, cable.target):
        if end not in patch.nodes:
            return f"cannot patch {cable.start} into {cable.end}: there is no node {end!r}"
    source = registry.find(patch.nodes[cable.source].type)
    target = registry.find(patch.nodes[cable.target].type)
    outlet = source.outlet(cable.outlet) if source else None
    inlet = target.inlet(cable.inlet) if target else None
    if cable.source == cable.target and target and not (inlet and inlet.late):
        return f"cannot patch {cable.start} into {cable.end}: a node cannot feed itself"
    if source and not outlet:
        legal = ", ".join(each.name for each in source.outlets) or "none"
        return (
            f"cannot patch {cable.start} into {cable.end}: {source.name} has no outlet "
            f"{cable.outlet!r}; legal are: {legal}"
        )
    if target and not inlet:
        legal = ", ".join(target.inlet_names()) or "none"
        return (
            f"cannot patch {cable.start} into {cable.end}: {target.name} has no inlet "
            f"{cable.inlet!r}; legal are: {legal}"
        )
    if outlet and inlet and outlet.signal is not inlet.signal:
        return (
            f"cannot patch {cable.start} ({outlet.signal.name}) "
            f"into {cable.end} ({inlet.signal.name})"
        )
    return None


@dataclass(frozen=True)
class Stages:
    """Where each node of a patch runs.

    A frame is `condition`, then the generators' step, then `mix`. A node runs in `mix` where it
    works on generated sound, else in `condition`. Sound that flows back from `mix` into
    `condition` is the previous frame's, so all generators of a frame can step together.

    Attributes:
        condition, mix: node ids in the order they run; generators are in `condition`.
        delayed: the cables that carry the previous frame's sound.
        late: the cables into inlets that are read at the end of the frame.
        unused: nodes that reach no output, in order of their ids.
    """

    condition: tuple[str, ...]
    mix: tuple[str, ...]
    delayed: frozenset[Cable]
    late: frozenset[Cable]
    unused: tuple[str, ...]


def playing(patch: Patch, registry: Registry) -> tuple[dict[str, NodeType], list[Cable]]:
    """Returns the nodes whose types are known, and the cables between them."""
    types = {
        name: declared
        for name, node in patch.nodes.items()
        if (declared := registry.find(node.type))
    }
    cables = [each for each in patch.cables if each.source in types and each.target in types]
    return types, cables


def stages(patch: Patch, registry: Registry, whole: Patch | None = None) -> Stages:
    """Divides a legal patch into its stages and orders them; ties go by node id.

    What reaches an output in `whole`, the patch with its bypassed nodes, runs on where it feeds
    only a bypassed node: when that is put in again, held notes are held and an LFO has gone on.

    `leads` are the nodes a generator depends on in this frame: going back from the generators,
    sound that itself comes from a generator is not followed. `hears` are those that depend on a
    generator. What hears and does not lead runs in `mix`.
    """
    types, cables = playing(patch, registry)
    late = frozenset(each for each in cables if types[each.target].inlet(each.inlet).late)  # type: ignore[union-attr]
    ends = [name for name, each in types.items() if each.is_end]
    used = _used(whole or patch, registry) & types.keys()

    cables = [each for each in cables if each.source in used and each.target in used]
    late &= frozenset(cables)
    now = [each for each in cables if each not in late]
    generators = [name for name in used if types[name].role == "generator"]
    forward = nx.DiGraph([(each.source, each.target) for each in now])
    forward.add_nodes_from(used)
    hears = _reach(forward, generators)
    back = nx.DiGraph(
        (each.target, each.source)
        for each in now
        if not (each.source in hears and _carries_audio(each, types))
    )
    back.add_nodes_from(used)
    leads = _reach(back, generators)

    mix = {name for name in used if name in hears and name not in leads} | (used & set(ends))
    delayed = frozenset(
        each
        for each in now
        if each.target not in mix and (each.source in mix or each.source in generators)
    )
    same_frame = nx.DiGraph((each.source, each.target) for each in now if each not in delayed)
    same_frame.add_nodes_from(used)
    order = list(nx.lexicographical_topological_sort(same_frame))
    return Stages(
        condition=tuple(name for name in order if name not in mix),
        mix=tuple(name for name in order if name in mix),
        delayed=delayed,
        late=late,
        unused=tuple(sorted(set(types) - used)),
    )


def _used(patch: Patch, registry: Registry) -> set[str]:
    """Returns the nodes that reach an output or a sender."""
    types, cables = playing(patch, registry)
    back = nx.DiGraph((each.target, each.source) for each in cables)
    back.add_nodes_from(types)
    return _reach(back, [name for name, each in types.items() if each.is_end])


def _carries_audio(cable: Cable, types: dict[str, NodeType]) -> bool:
    outlet = types[cable.source].outlet(cable.outlet)
    return outlet is not None and outlet.signal is AUDIO


def _reach(graph: nx.DiGraph, starts: list[str]) -> set[str]:
    """Returns `starts` and all that can be reached from them."""
    found, pending = set(starts), list(starts)
    while pending:
        for name in graph[pending.pop()]:
            if name not in found:
                found.add(name)
                pending.append(name)
    return found


def cycles(patch: Patch, registry: Registry) -> list[list[str]]:
    """Returns the cycles that no one-frame delay breaks, one for each tangle of nodes.

    A loop through a generator's sound is none: that sound is the previous frame's. A bypassed
    node is gone through from the inlet to the outlets of each signal. Cables that cannot be, such
    as one from a node to itself, are not followed.
    """
    past, graph = _flow(patch, registry)
    found = []
    for tangle in nx.strongly_connected_components(graph):
        if len(tangle) > 1 and not all(name in past for name, _ in tangle):
            way = nx.find_cycle(graph.subgraph(sorted(tangle)), min(tangle))
            found.append([name for (name, _), _ in way])
    return sorted(found)


def closing(patch: Patch, registry: Registry, cables: Iterable[Cable]) -> set[Cable]:
    """Returns those of some legal cables that would each close a cycle in a patch."""
    types, _ = playing(patch, registry)
    past, graph = _flow(patch, registry)

    @cache
    def before(passage: Passage) -> set[Passage]:
        return {passage, *nx.ancestors(graph, passage)}

    @cache
    def after(passage: Passage) -> set[Passage]:
        return {passage, *nx.descendants(graph, passage)}

    found = set()
    for cable in cables:
        if not {cable.source, cable.target} <= types.keys():
            continue
        feeds = feeding(replace(patch, cables=(cable,)), past)
        edge = _edge(cable, types, past, feeds)
        if edge and all(each in graph for each in edge):
            tail, head = edge
            way = before(tail) & after(head)
            if not all(name in past for name, _ in way):
                found.add(cable)
    return found


def _flow(patch: Patch, registry: Registry) -> tuple[dict[str, NodeType], nx.DiGraph]:
    """Returns the bypassed nodes, and what depends on what within a frame."""
    types, cables = playing(patch, registry)
    past = bypassed(patch, registry)
    feeds = feeding(patch, past)
    edges = (_edge(each, types, past, feeds) for each in cables)
    return past, nx.DiGraph(each for each in edges if each)


def _edge(
    cable: Cable,
    types: Mapping[str, NodeType],
    past: Mapping[str, NodeType],
    feeds: Mapping[Passage, Cable | None],
) -> tuple[Passage, Passage] | None:
    """Returns what depends on what by a cable; None where it carries nothing in this frame."""
    inlet = types[cable.target].inlet(cable.inlet)
    outlet = types[cable.source].outlet(cable.outlet)
    if not inlet or not outlet or cable.source == cable.target:
        return None
    if cable.source in past:
        tail = (cable.source, outlet.signal.name)
    elif types[cable.source].role == "generator":
        return None
    else:
        tail = (cable.source, "")
    if cable.target not in past:
        return None if inlet.late else (tail, (cable.target, ""))
    passage = (cable.target, inlet.signal.name)
    return (tail, passage) if feeds.get(passage) == cable else None


def cycle_problem(patch: Patch, cycle: list[str]) -> Problem:
    way = " -> ".join([*cycle, cycle[0]])
    past = ", ".join(name for name in cycle if patch.nodes[name].bypass)
    bypass = f" while {past} is bypassed" if past else ""
    return Problem(
        cycle[0], f"a cycle{bypass}: {way}; a delay node (control.delay, notes.delay) may close it"
    )
