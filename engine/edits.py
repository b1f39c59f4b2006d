"""Edits: pure functions from a patch to a new one, that refuse what is not legal and say why.

Every edit raises PatchError where it cannot be made, and then there is no new patch. Here are
those of nodes, cables and values; `engine.comments`, `copying`, `fitting`, `mappings`, `panel`
and `scenes` have the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine import graph, places
from engine.nodetype import NodeType
from engine.patch import (
    MAX_CABLES,
    MAX_ID,
    MAX_NODES,
    Cable,
    Node,
    Patch,
    PatchError,
    id_fault,
    text_fault,
)
from engine.ports import Inlet, Setting
from engine.registry import Registry


def add(
    patch: Patch,
    registry: Registry,
    type_: str,
    name: str | None = None,
    at: tuple[float, float] = (0.0, 0.0),
    values: Mapping[str, Any] | None = None,
) -> Patch:
    """Places a node of an installed type; `name` defaults to `fresh_name`."""
    declared = registry.find(type_)
    if declared is None:
        near = ", ".join(registry.near(type_))
        hint = f"; did you mean {near}?" if near else "; `hocket nodes` lists all"
        raise PatchError.at(name or "", f"unknown node type {type_!r}{hint}")
    name = name or fresh_name(patch, type_)
    if fault := id_fault(name):
        raise PatchError.at("", fault)
    if name in patch.nodes:
        raise PatchError.at(name, "there is a node of this name already")
    if len(patch.nodes) >= MAX_NODES:
        raise PatchError.at("", f"a patch has at most {MAX_NODES:,} nodes")
    patch = _with_node(patch, name, Node(declared.name, point(name, at)))
    for port, value in (values or {}).items():
        patch = set_value(patch, registry, name, port, value)
    return patch


def fresh_name(patch: Patch, type_: str) -> str:
    """Returns the first free of `lfo1`, `lfo2`, … for a node of the type `control.lfo`."""
    return first_free(type_.rpartition(".")[2], patch.nodes)


def first_free(stem: str, taken: Container[str]) -> str:
    """Returns the first of `stem1`, `stem2`, … that is not taken; digits at its end are not its."""
    stem = stem.rstrip("0123456789")[: MAX_ID - 5] or "node"
    return next(name for number in itertools.count(1) if (name := f"{stem}{number}") not in taken)


def remove(patch: Patch, *names: str) -> Patch:
    """Takes nodes away, the cables at them, and what mappings, scenes and panel say of them."""
    for name in names:
        find_node(patch, name)
    kept = {name: node for name, node in patch.nodes.items() if name not in names}
    cables = (each for each in patch.cables if each.source in kept and each.target in kept)
    patch = replace(patch, nodes=kept, cables=tuple(cables))
    return places.replaced(patch, lambda node, port: (node, port) if node not in names else None)


def connect(
    patch: Patch, registry: Registry, start: str, end: str, *, instead: bool = False
) -> Patch:
    """Patches a cable from the outlet `start` to the inlet `end`, both written `node.port`.

    Args:
        instead: take the place of a cable that already feeds the inlet, rather than refuse.
    """
    cable = _cable(start, end)
    if fault := graph.cable_fault(patch, cable, registry):
        raise PatchError.at("", fault)
    present = patch.cable_into(cable.target, cable.inlet)
    if present and not instead:
        raise PatchError.at(end, f"is fed by {present.start} already; an inlet takes one cable")
    kept = tuple(each for each in patch.cables if each != present)
    if len(kept) >= MAX_CABLES:
        raise PatchError.at("", f"a patch has at most {MAX_CABLES:,} cables")
    patched = replace(patch, cables=(*kept, cable))
    _refuse_cycles(patched, registry, cable.source, cable.target)
    return patched


def bypass(patch: Patch, registry: Registry, names: Iterable[str], on: bool) -> Patch:
    """Takes nodes out, so that what feeds each goes on to what it fed, or puts them in again."""
    names = tuple(names)
    nodes = {name: replace(find_node(patch, name), bypass=on) for name in names}
    patch = replace(patch, nodes={**patch.nodes, **nodes})
    _refuse_cycles(patch, registry, *names)
    return patch


def fold(patch: Patch, names: Iterable[str], on: bool) -> Patch:
    """Has nodes show only what is patched or set, or all they have."""
    folded = {name: replace(find_node(patch, name), folded=on) for name in names}
    return replace(patch, nodes={**patch.nodes, **folded})


def disconnect(patch: Patch, start: str, end: str) -> Patch:
    """Pulls a cable out."""
    cable = _cable(start, end)
    if cable not in patch.cables:
        raise PatchError.at("", f"there is no cable {cable}")
    return replace(patch, cables=tuple(each for each in patch.cables if each != cable))


def set_value(patch: Patch, registry: Registry, name: str, port: str, value: Any) -> Patch:
    """Sets a value on a node whose type is installed; an inlet keeps it while a cable feeds it."""
    node, declared = find_node(patch, name), installed(patch, registry, name)
    changed = replace(node, values={**node.values, port: value})
    faults = [
        each
        for each in graph.value_problems(name, changed, declared)
        if each.place == f"{name}.{port}"
    ]
    if faults:
        raise PatchError(faults)
    return _with_node(patch, name, changed)


def installed(patch: Patch, registry: Registry, name: str) -> NodeType:
    """Returns the type of a node; refused where it is not installed."""
    node = find_node(patch, name)
    declared = registry.find(node.type)
    if declared is None:
        raise PatchError.at(name, f"the node type {node.type!r} is not installed")
    return declared


def known_value(patch: Patch, registry: Registry, name: str, port: str) -> Inlet | Setting:
    """Returns what declares a value of a node; refused where there is none."""
    declared = installed(patch, registry, name)
    if known := declared.value(port):
        return known
    raise PatchError(graph.value_problems(name, Node(declared.name, values={port: 0}), declared))


def clear_value(patch: Patch, name: str, port: str) -> Patch:
    """Takes a value away, so that the default holds again."""
    node = find_node(patch, name)
    if port not in node.values:
        raise PatchError.at(f"{name}.{port}", "has no value of its own")
    values = {key: value for key, value in node.values.items() if key != port}
    return _with_node(patch, name, replace(node, values=values))


def move(patch: Patch, positions: Mapping[str, tuple[float, float]]) -> Patch:
    """Puts nodes at new positions on the canvas."""
    nodes = dict(patch.nodes)
    for name, at in positions.items():
        nodes[name] = replace(find_node(patch, name), at=point(name, at))
    return replace(patch, nodes=nodes)


def rename(patch: Patch, old: str, new: str) -> Patch:
    """Gives a node another id; its cables follow, and what else the patch says of it."""
    node = find_node(patch, old)
    if fault := id_fault(new):
        raise PatchError.at(old, fault)
    if new in patch.nodes:
        raise PatchError.at(new, "there is a node of this name already")
    nodes = {name: each for name, each in patch.nodes.items() if name != old}
    cables = (
        replace(
            each,
            source=new if each.source == old else each.source,
            target=new if each.target == old else each.target,
        )
        for each in patch.cables
    )
    patch = replace(patch, nodes={**nodes, new: node}, cables=tuple(cables))
    return places.replaced(patch, lambda node, port: (new if node == old else node, port))


def describe(
    patch: Patch,
    *,
    title: str | None = None,
    author: str | None = None,
    license: str | None = None,
    description: str | None = None,
    tags: Iterable[str] | None = None,
) -> Patch:
    """Sets what is said about the patch; what is not named stays."""
    words = {"title": title, "author": author, "license": license, "description": description}
    changed: dict[str, Any] = {key: word for key, word in words.items() if word is not None}
    if tags is not None:
        changed["tags"] = tuple(tags)
    for key, said in changed.items():
        for each in said if key == "tags" else (said,):
            if fault := text_fault(each):
                raise PatchError.at(key, fault)
    return replace(patch, **changed)


def point(name: str, at: tuple[float, float]) -> tuple[float, float]:
    """Returns a place on the canvas; refused, in the name of what is to lie there, if too far."""
    x, y = at
    if not (abs(x) < 1e6 and abs(y) < 1e6):
        raise PatchError.at(name, f"the place {at!r} is outside ±1,000,000 pixels")
    return float(x), float(y)


def find_node(patch: Patch, name: str) -> Node:
    """Returns a node; refused where there is none of this name."""
    if name not in patch.nodes:
        raise PatchError.at("", f"there is no node {name!r}")
    return patch.nodes[name]


def _refuse_cycles(patch: Patch, registry: Registry, *names: str) -> None:
    """Refuses a patch with a cycle through one of these nodes."""
    for cycle in graph.cycles(patch, registry):
        if not {*names}.isdisjoint(cycle):
            raise PatchError([graph.cycle_problem(patch, cycle)])


def _with_node(patch: Patch, name: str, node: Node) -> Patch:
    return replace(patch, nodes={**patch.nodes, name: node})


def _cable(start: str, end: str) -> Cable:
    try:
        return Cable.between(start, end)
    except ValueError as fault:
        raise PatchError.at("", str(fault)) from None
