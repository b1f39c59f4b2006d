"""From a patch to a plan: pure passes, the last of which writes Python.

    modernise  former names of types and ports become the present ones
    inline     patches used as nodes are replaced by their nodes
    check      everything that is wrong is found, and reported together
    bypass     bypassed nodes are taken out, their cables led past them
    order      each node gets its stage and place; what reaches no output is left out
    lay_out    results get slots, values get places in a table
    emit       the source of `condition` and `mix` is written

The source names its variables after the nodes. It holds no value of the patch: a knob's value is
read from the table, so turning it recompiles nothing.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import graph, places
from engine.assets import load_asset
from engine.bypass import bypass
from engine.emit import emit
from engine.knobs import Knobs
from engine.nodetype import Service
from engine.patch import Cable, Node, Patch, PatchError, Problem
from engine.plan import SOURCE_NAME, Plan, Step
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.signals import SILENCE, clip

RESERVED = {"frame", "v", "s", "audio", "clip", "condition", "mix", "SILENCE"}


def compile_patch(
    patch: Patch,
    registry: Registry,
    services: Mapping[type[Service], Service] | None = None,
    folder: Path | None = None,
) -> Plan:
    """Compiles a patch.

    Args:
        services: what nodes may ask for, by type.
        folder: where the patch lies, and so the files it names.

    Raises:
        PatchError: the patch is not legal; all problems are in it.
    """
    patch = inline(modernise(patch, registry))
    problems = check(patch, registry)
    running = bypass(patch, registry)
    order = graph.stages(running, registry, patch)
    knobs = Knobs(patch, registry)
    steps, values, warnings = lay_out(running, registry, order, knobs, folder)
    source, lines = emit(order, steps)
    return Plan(
        patch=patch,
        folder=folder,
        steps=steps,
        condition_order=order.condition,
        mix_order=order.mix,
        delayed=order.delayed,
        unused=order.unused,
        problems=(*problems, *warnings),
        knobs=knobs,
        source=source,
        code=compile(source, SOURCE_NAME, "exec"),
        lines=lines,
        names=_names(steps, services or {}),
        values=values,
        slots=[step.type.neutral() for step in steps.values()],
    )


def modernise(patch: Patch, registry: Registry) -> Patch:
    """Gives types and ports their present names, where they were renamed since."""
    types = {name: registry.find(node.type) for name, node in patch.nodes.items()}
    changed = {
        name: declared
        for name, declared in types.items()
        if declared and (declared.renamed or declared.name != patch.nodes[name].type)
    }
    if not changed:
        return patch

    def port(name: str, former: str) -> str:
        declared = changed.get(name)
        return declared.renamed.get(former, former) if declared else former

    nodes = dict(patch.nodes)
    for name, declared in changed.items():
        node = nodes[name]
        values = {port(name, key): value for key, value in node.values.items()}
        nodes[name] = replace(node, type=declared.name, values=values)
    cables = tuple(
        replace(each, outlet=port(each.source, each.outlet), inlet=port(each.target, each.inlet))
        for each in patch.cables
    )
    patch = replace(patch, nodes=nodes, cables=cables)
    return places.replaced(patch, lambda name, former: (name, port(name, former)))


def inline(patch: Patch) -> Patch:
    """Replaces patches used as nodes by their nodes; format 1 has none, so all stays."""
    return patch


def check(patch: Patch, registry: Registry) -> list[Problem]:
    """Returns the warnings; raises PatchError with every problem where there is a worse one."""
    problems = graph.check(patch, registry)
    if any(not each.warning for each in problems):
        raise PatchError(problems)
    return problems


def lay_out(
    patch: Patch, registry: Registry, order: graph.Stages, knobs: Knobs, folder: Path | None
) -> tuple[dict[str, Step], list[Any], list[Problem]]:
    """Returns the steps in order, the table of values, and a warning for each missing file."""
    running = (*order.condition, *order.mix)
    cables: dict[str, dict[str, Cable]] = {name: {} for name in running}
    for each in patch.cables:
        if each.target in cables and each.source in cables:
            cables[each.target][each.inlet] = each
    variables = _variables(running)
    steps: dict[str, Step] = {}
    table: list[Any] = []
    warnings: list[Problem] = []
    for slot, name in enumerate(running):
        node = patch.nodes[name]
        declared = registry.types[node.type]
        used = {*cables[name], *node.values, *knobs.ports.get(name, ())}
        slots: dict[str, int] = {}
        for port, known in declared.ports(used):
            if port in cables[name]:
                continue
            slots[port] = len(table)
            value, warning = _value(node, port, known, folder)
            table.append(value)
            if warning:
                warnings.append(Problem(f"{name}.{port}", warning, warning=True))
        members = declared.members(used)
        steps[name] = Step(name, declared, variables[name], slot, cables[name], members, slots)
    return steps, table, warnings


def _variables(names: tuple[str, ...]) -> dict[str, str]:
    """Returns a Python name for every node: its id, with `_` added where that is taken."""
    taken = set(RESERVED)
    found = {}
    for name in sorted(names):
        variable = name
        while keyword.iskeyword(variable) or taken & _names_of(variable):
            variable += "_"
        taken |= _names_of(variable)
        found[name] = variable
    return found


def _names_of(variable: str) -> set[str]:
    return {variable, *(f"{kind}_{variable}" for kind in ("run", "before", "member"))}


def _value(
    node: Node, port: str, known: Inlet | Setting, folder: Path | None
) -> tuple[Any, str | None]:
    """Returns what the table holds for a port, and a warning where its file is not there."""
    if isinstance(known, Setting) and known.asset:
        name = node.values.get(port, "")
        if not name:
            return None, None
        try:
            return load_asset(known.asset, name, folder), None
        except ValueError as fault:
            return None, str(fault)
    if port not in node.values:
        default = known.default
        return (known.check(default) if isinstance(known, Setting) else default), None
    return known.check(node.values[port]), None


def _made(name: str, step: Step) -> Any:
    """Returns a node with its memory."""
    try:
        return step.type.make()
    except Exception as fault:  # of a package that is not ours
        words = f"({step.type.name}) cannot be made: {type(fault).__name__}: {fault}"
        raise PatchError.at(name, words) from fault


def _names(steps: Mapping[str, Step], services: Mapping[type[Service], Service]) -> dict[str, Any]:
    """Returns what the source refers to: a runner for each node, services, and little else."""
    names: dict[str, Any] = {"__builtins__": {}, "clip": clip, "SILENCE": SILENCE}
    for name, step in steps.items():
        names[step.runner] = _made(name, step) if step.type.has_memory else step.type.make
        if step.type.group and step.type.group.make:
            names[f"member_{step.variable}"] = step.type.group.make
        for kind in step.type.services.values():
            if kind not in services:
                raise PatchError.at(name, f"asks for {kind.__name__}, which is not offered here")
            names[kind.__name__] = services[kind]
    return names
