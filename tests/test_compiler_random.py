"""Random patches: the compiled plan against a naive evaluator that knows nothing of stages."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import given, settings
from random_patches import patches
from toys import SERVICES, TOYS, Count, flat

from engine import edits
from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.nodetype import NodeType
from engine.patch import Cable, Patch
from engine.signals import AUDIO, CONTROL, AudioArray

FRAMES = 10
KINDS = [
    *("control.add", "control.bend", "control.clock", "control.count", "control.delay"),
    *("style.blend", "style.prompt", "notes.merge", "notes.pitch", "audio.mix", "audio.output"),
    *("audio.tone", "audio.gain", "audio.gain", "audio.gain"),
    # What makes loops, and so is drawn often.
    *("generator.model", "style.meter") * 4,
]
BEGUN = edits.add(Patch(), TOYS, "audio.output", "out")


def played(name: str, asked: Conditioning, number: int) -> AudioArray:
    """What a generator makes of its conditioning, in either evaluation."""
    level = 0.125 * asked.temperature + 0.25 * float(asked.style[0])
    return flat(level + 0.01 * float(asked.notes.max()) + 0.001 * number + 0.01 * len(name))


class Naive:
    """Works a patch out by recursion from each outlet, frame after frame."""

    def __init__(self, patch: Patch) -> None:
        types = {name: TOYS.types[node.type] for name, node in patch.nodes.items()}
        heard = {name for name, each in types.items() if each.role == "output"}
        for _ in types:
            heard |= {cable.source for cable in patch.cables if cable.target in heard}
        self.patch = edits.remove(patch, *(set(types) - heard))
        self.types: dict[str, NodeType] = {name: types[name] for name in heard}
        self.known: dict[tuple[str, int], Any] = {}

    def is_late(self, cable: Cable) -> bool:
        return self.types[cable.target].inlet(cable.inlet).late

    def carries_audio(self, cable: Cable) -> bool:
        return self.types[cable.source].outlet(cable.outlet).signal is AUDIO

    @cached_property
    def hearing(self) -> set[str]:
        """The generators, and all that depends on one within a frame."""
        found = {name for name, each in self.types.items() if each.role == "generator"}
        for _ in self.types:
            for cable in self.patch.cables:
                if cable.source in found and not self.is_late(cable):
                    found.add(cable.target)
        return found

    @cached_property
    def leading(self) -> set[str]:
        """The generators, and all they depend on but the sound of generators."""
        found = {name for name, each in self.types.items() if each.role == "generator"}
        for _ in self.types:
            for cable in self.patch.cables:
                sound = cable.source in self.hearing and self.carries_audio(cable)
                if cable.target in found and not sound and not self.is_late(cable):
                    found.add(cable.source)
        return found

    def inlet(self, name: str, port: str, number: int) -> Any:
        """What an inlet receives in a frame."""
        inlet = self.types[name].inlet(port)
        cable = self.patch.cable_into(name, port)
        if cable is None:
            return self.patch.nodes[name].values.get(port, inlet.default)
        sound = cable.source in self.hearing and self.carries_audio(cable)
        value = self.outlet(cable, number - (sound and name in self.leading))
        if inlet.signal is CONTROL and inlet.range:
            return min(max(value, inlet.range.low), inlet.range.high)
        return value

    def outlet(self, cable: Cable, number: int) -> Any:
        made = self.node(cable.source, number)
        return getattr(made, cable.outlet) if self.types[cable.source].bundle else made

    def node(self, name: str, number: int) -> Any:
        """What a node makes in a frame."""
        if number < 0:
            return self.types[name].neutral()
        if (name, number) not in self.known:
            self.known[name, number] = self.work_out(name, number)
        return self.known[name, number]

    def work_out(self, name: str, number: int) -> Any:
        declared, values = self.types[name], self.patch.nodes[name].values
        if declared.name == "control.delay":
            return self.inlet(name, "value", number - 1) if number else 0.0
        if declared.make is Count:
            before = self.node(name, number - 1)
            return before + self.inlet(name, "step", number)
        named = {each.name: self.inlet(name, each.name, number) for each in declared.inlets}
        named |= {each.name: values.get(each.name, each.default) for each in declared.settings}
        if declared.wants_frame:
            named["frame"] = Frame(number)
        make = declared.make() if declared.has_memory else declared.make
        made = make(*self.members(name, number), **named)
        return played(name, made, number) if declared.role == "generator" else made

    def members(self, name: str, number: int) -> list[Any]:
        group = self.types[name].group
        found = []
        for place in range(1, 65) if group else ():
            ports = [f"{each.name}{place}" for each in group.fields]
            node = self.patch.nodes[name]
            if any(port in node.values or self.patch.cable_into(name, port) for port in ports):
                received = [self.inlet(name, port, number) for port in ports]
                found.append(group.make(*received) if group.make else received[0])
        return found


@settings(max_examples=150)
@given(patches(TOYS, KINDS, BEGUN))
def test_a_plan_computes_what_its_patch_says(patch):
    plan = compile_patch(patch, TOYS, SERVICES)
    naive = Naive(patch)
    for number in range(FRAMES):
        asked = plan.condition(Frame(number))
        audio = {name: played(name, each, number) for name, each in asked.items()}
        heard = plan.mix(Frame(number), audio)
        assert set(plan.steps) == set(naive.types)
        for name, step in plan.steps.items():
            expected = naive.node(name, number)
            if step.type.role == "output":
                continue
            for outlet in step.type.outlets:
                made = getattr(expected, outlet.name) if step.type.bundle else expected
                np.testing.assert_array_equal(plan.latest(name, outlet.name), made)
        outputs = [name for name, each in naive.types.items() if each.role == "output"]
        total = sum((naive.node(name, number).audio for name in outputs), flat(0.0))
        np.testing.assert_allclose(heard, total, rtol=1e-6)
