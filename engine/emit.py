"""The last pass of the compiler: straight-line Python that calls the nodes of a patch in order."""

from __future__ import annotations

from collections.abc import Mapping

from engine.graph import Stages
from engine.plan import Step
from engine.ports import Inlet
from engine.signals import CONTROL

INDENT = "    "


def emit(order: Stages, steps: Mapping[str, Step]) -> tuple[str, dict[int, str]]:
    """Returns the source of `condition` and `mix`, and which node each of its lines belongs to.

    In the source `v` is the table of values and `s` the slots of results. A result is kept in
    its slot as well as in a variable, so that `mix`, the next frame and whoever watches can
    read it.
    """
    writer = _Writer(order, steps)
    writer.condition()
    writer.mix()
    return "\n".join(writer.lines) + "\n", writer.nodes


class _Writer:
    """Writes the source line by line."""

    def __init__(self, order: Stages, steps: Mapping[str, Step]) -> None:
        self.order = order
        self.steps = steps
        self.lines: list[str] = []
        self.nodes: dict[int, str] = {}

    def condition(self) -> None:
        self._write(0, "def condition(frame, v, s):")
        for name in sorted({each.source for each in self.order.delayed}):
            step = self.steps[name]
            self._write(1, f"before_{step.variable} = s[{step.slot}]  # {name}, a frame ago")
        for name in self.order.condition:
            self._call(self.steps[name])
        pairs = ", ".join(f'"{step.name}": {step.variable}' for step in self._of("generator"))
        self._write(1, f"return {{{pairs}}}")

    def mix(self) -> None:
        self._write(0, "")
        self._write(0, "")
        self._write(0, "def mix(frame, v, s, audio):")
        late = [step for step in self.steps.values() if any(i.late for i in step.type.inlets)]
        needed = {
            cable.source
            for step in (*map(self.steps.__getitem__, self.order.mix), *late)
            for cable in step.cables.values()
        }
        for name in self.order.condition:
            step = self.steps[name]
            if step.type.role == "generator":
                self._write(1, f'{step.variable} = s[{step.slot}] = audio["{name}"]')
            elif name in needed:
                self._write(1, f"{step.variable} = s[{step.slot}]")
        for name in self.order.mix:
            self._call(self.steps[name])
        for step in late:
            arguments = ", ".join(self._inlets(step, late=True))
            self._write(1, f"{step.runner}.after({arguments})  # {step.type.name}", step)
        heard = " + ".join(f"{step.variable}.audio" for step in self._of("output"))
        self._write(1, f"return {heard or 'SILENCE'}")

    def _of(self, role: str) -> list[Step]:
        return [step for step in self.steps.values() if step.type.role == role]

    def _call(self, step: Step) -> None:
        # A generator's slot holds its audio, which `mix` puts there.
        keep = "" if step.type.role == "generator" else f"s[{step.slot}] = "
        arguments = ", ".join(
            [*self._group(step), *self._handed(step), *self._inlets(step, late=False)]
        )
        call = f"{step.runner}({arguments})"
        self._write(1, f"{step.variable} = {keep}{call}  # {step.type.name}", step)

    def _group(self, step: Step) -> list[str]:
        bundled = step.type.group is not None and step.type.group.make is not None
        members = []
        for member in step.members:
            inside = ", ".join(self._argument(step, port, inlet) for port, inlet in member)
            members.append(f"member_{step.variable}({inside})" if bundled else inside)
        return members

    def _handed(self, step: Step) -> list[str]:
        frame = ["frame=frame"] if step.type.wants_frame else []
        services = [f"{name}={kind.__name__}" for name, kind in step.type.services.items()]
        settings = [f"{each.name}=v[{step.values[each.name]}]" for each in step.type.settings]
        return [*frame, *services, *settings]

    def _inlets(self, step: Step, late: bool) -> list[str]:
        return [
            f"{each.name}={self._argument(step, each.name, each)}"
            for each in step.type.inlets
            if each.late == late
        ]

    def _argument(self, step: Step, port: str, inlet: Inlet) -> str:
        cable = step.cables.get(port)
        if cable is None:
            return f"v[{step.values[port]}]"
        source = self.steps[cable.source]
        text = source.variable
        if cable in self.order.delayed:
            text = f"before_{text}"
        if source.type.bundle:
            text += f".{cable.outlet}"
        if inlet.signal is CONTROL and inlet.range:
            return f"clip({text}, {inlet.range.low!r}, {inlet.range.high!r})"
        return text

    def _write(self, depth: int, text: str, step: Step | None = None) -> None:
        self.lines.append(INDENT * depth + text)
        if step:
            self.nodes[len(self.lines)] = step.name
