"""From a patch to a plan: pure passes, the last of which writes Python.

    modernise  former names of types and ports become the present ones
    inline     patches used as nodes are replaced by their nodes
    check      everything that is wrong is found, and reported together
    order      each node gets its stage and place; what reaches no output is left out
    lay_out    results get slots, values get places in a table
    emit       the source of `condition` and `mix` is written

The source names its variables after the nodes. It holds no value of the patch: a knob's value is
read from the table, so turning it recompiles nothing.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import graph
from engine.assets import load_asset
from engine.node import NodeType, Service
from engine.patch import Cable, Node, Patch, PatchError, Problem
from engine.plan import SOURCE_NAME, Plan, Step
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.signals import CONTROL, MIDI, SILENCE, clip

RESERVED = {"frame", "v", "s", "audio", "clip", "condition", "mix", "SILENCE"}
INDENT = "    "


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
    order = graph.stages(patch, registry)
    layout, values, warnings = lay_out(patch, registry, order, folder)
    source, lines = emit(layout)
    return Plan(
        title=patch.title,
        steps=layout.steps,
        condition_order=order.condition,
        mix_order=order.mix,
        unused=order.unused,
        problems=(*problems, *warnings),
        source=source,
        code=compile(source, SOURCE_NAME, "exec"),
        lines=lines,
        names=_names(layout, services or {}),
        values=values,
        slots=[_neutral(step.type) for step in layout.steps.values()],
    )


def modernise(patch: Patch, registry: Registry) -> Patch:
    """Gives types and ports their present names, where they were renamed since."""
    types = {name: registry.find(node.type) for name, node in patch.nodes.items()}

    def port(name: str, former: str) -> str:
        declared = types.get(name)
        return declared.renamed.get(former, former) if declared else former

    nodes = {}
    for name, node in patch.nodes.items():
        declared = types[name]
        values = {port(name, key): value for key, value in node.values.items()}
        nodes[name] = replace(node, type=declared.name, values=values) if declared else node
    cables = tuple(
        replace(
            each, outlet=port(each.source, each.outlet), inlet=port(each.target, each.inlet)
        )
        for each in patch.cables
    )
    return replace(patch, nodes=nodes, cables=cables)


def inline(patch: Patch) -> Patch:
    """Replaces patches used as nodes by their nodes; format 1 has none, so all stays."""
    return patch


def check(patch: Patch, registry: Registry) -> list[Problem]:
    """Returns the warnings; raises PatchError with every problem where there is a worse one."""
    problems = graph.check(patch, registry)
    if any(not each.warning for each in problems):
        raise PatchError(problems)
    return problems


@dataclass(frozen=True)
class Layout:
    """Where everything of a plan lies.

    Attributes:
        steps: the nodes that run, in the order of the stages.
        variables: node id to the variable that holds its result in the source.
    """

    order: graph.Stages
    steps: Mapping[str, Step]
    nodes: Mapping[str, Node]
    cables: Mapping[tuple[str, str], Cable]
    variables: Mapping[str, str]

    def members(self, name: str) -> list[tuple[int, list[tuple[str, Inlet]]]]:
        """Returns a variadic node's members in use: number, and port and inlet of each field."""
        group = self.steps[name].type.group
        if group is None:
            return []
        fed = {port for node, port in self.cables if node == name}
        numbers = {
            member[1]
            for port in fed | set(self.nodes[name].values)
            if (member := group.member(port))
        }
        return [
            (number, [(f"{each.name}{number}", each) for each in group.fields])
            for number in sorted(numbers)
        ]


def lay_out(
    patch: Patch, registry: Registry, order: graph.Stages, folder: Path | None
) -> tuple[Layout, list[Any], list[Problem]]:
    """Returns the layout, the table of values, and a warning for each file that is not there."""
    running = (*order.condition, *order.mix)
    cables = {
        (each.target, each.inlet): each
        for each in patch.cables
        if each.target in running and each.source in running
    }
    variables = _variables(running)
    layout = Layout(order, {}, patch.nodes, cables, variables)
    steps: dict[str, Step] = {}
    table: list[Any] = []
    warnings: list[Problem] = []
    layout = replace(layout, steps=steps)
    for slot, name in enumerate(running):
        declared = registry.find(patch.nodes[name].type)
        assert declared is not None, f"{name} runs, so its type is known"
        sources = {port: each.start for (node, port), each in sorted(cables.items()) if node == name}
        steps[name] = Step(name, declared, f"run_{variables[name]}", slot, sources, {})
        places: dict[str, int] = {}
        for port, known in _valued(layout, name):
            if port not in sources:
                places[port] = len(table)
                value, warning = _value(patch.nodes[name], port, known, folder)
                table.append(value)
                warnings += [Problem(f"{name}.{port}", warning, True)] if warning else []
        steps[name] = replace(steps[name], values=places)
    return layout, table, warnings


def _variables(names: tuple[str, ...]) -> dict[str, str]:
    """Returns a Python name for every node: its id, with `_` added where that is taken."""
    taken = set(RESERVED)
    found = {}
    for name in sorted(names):
        variable = name
        while variable in taken or keyword.iskeyword(variable) or f"run_{variable}" in taken:
            variable += "_"
        taken |= {variable, f"run_{variable}"}
        found[name] = variable
    return found


def _valued(layout: Layout, name: str) -> Iterator[tuple[str, Inlet | Setting]]:
    declared = layout.steps[name].type
    for setting in declared.settings:
        yield setting.name, setting
    for inlet in declared.inlets:
        yield inlet.name, inlet
    for _, ports in layout.members(name):
        yield from ports


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


def emit(layout: Layout) -> tuple[str, dict[int, str]]:
    """Returns the source, and which node each of its lines belongs to."""
    writer = _Writer(layout)
    writer.condition()
    writer.mix()
    return "\n".join(writer.lines) + "\n", writer.nodes


class _Writer:
    """Writes the source line by line."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines: list[str] = []
        self.nodes: dict[int, str] = {}

    def condition(self) -> None:
        order = self.layout.order
        self._write(0, "def condition(frame, v, s):")
        for source in sorted({each.source for each in order.delayed}):
            step = self.layout.steps[source]
            comment = f"  # {source}: the previous frame's"
            self._write(1, f"{self._before(source)} = s[{step.slot}]{comment}")
        for name in order.condition:
            self._call(name)
        pairs = ", ".join(
            f'"{name}": {self.layout.variables[name]}'
            for name in order.condition
            if self.layout.steps[name].type.role == "generator"
        )
        self._write(1, f"return {{{pairs}}}")

    def mix(self) -> None:
        layout, order = self.layout, self.layout.order
        self._write(0, "")
        self._write(0, "")
        self._write(0, "def mix(frame, v, s, audio):")
        late = sorted({each.target for each in order.late})
        needed = {
            each.source
            for each in layout.cables.values()
            if each.target in order.mix or each in order.late
        }
        for name in order.condition:
            step, variable = layout.steps[name], layout.variables[name]
            if step.type.role == "generator":
                self._write(1, f'{variable} = s[{step.slot}] = audio["{name}"]')
            elif name in needed:
                self._write(1, f"{variable} = s[{step.slot}]")
        for name in order.mix:
            self._call(name)
        for name in (*order.condition, *order.mix):
            step = layout.steps[name]
            if any(inlet.late for inlet in step.type.inlets):
                arguments = self._arguments(name, late=True)
                self._write(1, f"{step.runner}.after({arguments})  # {step.type.name}", name)
        del late
        heard = [
            f"{layout.variables[name]}.audio"
            for name in order.mix
            if layout.steps[name].type.role == "output"
        ]
        self._write(1, f"return {' + '.join(heard) or 'SILENCE'}")

    def _call(self, name: str) -> None:
        step, variable = self.layout.steps[name], self.layout.variables[name]
        # A generator's slot holds its audio, which `mix` puts there.
        keep = "" if step.type.role == "generator" else f"s[{step.slot}] = "
        call = f"{step.runner}({self._arguments(name, late=False)})"
        self._write(1, f"{variable} = {keep}{call}  # {step.type.name}", name)

    def _arguments(self, name: str, late: bool) -> str:
        declared = self.layout.steps[name].type
        parts: list[str] = []
        if not late:
            for _, ports in self.layout.members(name):
                inside = ", ".join(self._argument(name, port, inlet) for port, inlet in ports)
                make = declared.group.make if declared.group else None
                parts.append(f"{self._member(name)}({inside})" if make else inside)
            parts += ["frame=frame"] if declared.wants_frame else []
            parts += [
                f"{service}={_service_name(kind)}" for service, kind in declared.services.items()
            ]
            parts += [
                f"{each.name}=v[{self.layout.steps[name].values[each.name]}]"
                for each in declared.settings
            ]
        parts += [
            f"{each.name}={self._argument(name, each.name, each)}"
            for each in declared.inlets
            if each.late == late
        ]
        return ", ".join(parts)

    def _member(self, name: str) -> str:
        return f"{self.layout.steps[name].runner}_member"

    def _argument(self, name: str, port: str, inlet: Inlet) -> str:
        cable = self.layout.cables.get((name, port))
        if cable is None:
            return f"v[{self.layout.steps[name].values[port]}]"
        source = self.layout.steps[cable.source]
        delayed = cable in self.layout.order.delayed
        variable = (
            self._before(cable.source) if delayed else self.layout.variables[cable.source]
        )
        if len(source.type.outlets) > 1:
            variable += f".{cable.outlet}"
        if inlet.signal is CONTROL and inlet.range:
            return f"clip({variable}, {inlet.range.low:g}, {inlet.range.high:g})"
        return variable

    def _before(self, name: str) -> str:
        return f"{self.layout.steps[name].runner}_before"

    def _write(self, depth: int, text: str, node: str | None = None) -> None:
        self.lines.append(INDENT * depth + text)
        if node:
            self.nodes[len(self.lines)] = node
