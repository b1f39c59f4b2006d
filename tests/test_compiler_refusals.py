"""What no plan is made of, and what becomes of a node that fails."""

from __future__ import annotations

import pytest
from toys import PLAIN, SERVICES, TOYS, compiled, flat, patch, wired

from engine.compiler import compile_patch
from engine.frame import Frame
from engine.node import read
from engine.patch import Cable, Node, Patch, PatchError
from engine.plan import NodeFailure
from engine.registry import Registry
from engine.signals import Audio, Control


def problems(found: Patch, registry: Registry = TOYS) -> list[str]:
    """Returns all that is wrong with a patch that does not compile."""
    with pytest.raises(PatchError) as caught:
        compile_patch(found, registry, SERVICES)
    assert list(caught.value.problems) == sorted(caught.value.problems)
    return [str(each) for each in caught.value.problems if not each.warning]


def test_everything_that_is_wrong_is_told_at_once_in_order():
    found = patch(
        {
            "b": "control.add",
            "a": "control.add",
            "m": "audio.mix",
            "out": "audio.output",
            "g": "x.y",
        },
        [
            "a.control > b.a",
            "b.control > a.a",
            "a.control > a.b",
            "a.control > out.audio",
            "b.control > out.audio",
            "b.nothing > m.level1",
            "b.control > m.nothing",
            "z.control > m.level2",
        ],
        {"a.b": "x", "a.c": 1, "m.audio1": 0, "m.level3": 2},
    )
    assert problems(found) == [
        "cannot patch a.control (Control) into out.audio (Audio)",
        "cannot patch a.control into a.b: a node cannot feed itself",
        "cannot patch b.control (Control) into out.audio (Audio)",
        "cannot patch b.control into m.nothing: audio.mix has no inlet 'nothing'; "
        "legal are: audio1…, level1…",
        "cannot patch b.nothing into m.level1: control.add has no outlet 'nothing'; "
        "legal are: control",
        "cannot patch z.control into m.level2: there is no node 'z'",
        "a: a cycle: a -> b -> a; a delay node (control.delay, notes.delay) may close it",
        "a.b: 'x' is not a number",
        "a.c: control.add has no such value; legal are: a, b",
        "m.audio1: takes a cable (Audio), not a value",
        "m.level3: 2 is outside 0..1",
        "out.audio: takes one cable, but has a.control, b.control",
    ]


@pytest.mark.parametrize(
    "name", ["x; import os", "x\n", "x)", "'", "X", "", "1", "é", "x" * 65, "__import__", "x y"]
)
def test_a_hostile_id_is_refused_before_any_source_is_written(name):
    hostile = Patch(
        nodes={name: Node("audio.tone"), "out": Node("audio.output")},
        cables=(Cable(name, "audio", "out", "audio"),),
    )
    legal = "legal are up to 64 of a-z, 0-9 and _, beginning with a letter"
    assert problems(hostile) == [f"nodes: {name[:64]!r} is no id; {legal}"]


@pytest.mark.parametrize("port", ["audio; import os", "audio\n", "__class__", "audio)"])
def test_a_hostile_port_is_refused_before_any_source_is_written(port):
    nodes = {"a": Node("audio.tone"), "out": Node("audio.output")}
    for cable in (Cable("a", port, "out", "audio"), Cable("a", "audio", "out", port)):
        (words,) = problems(Patch(nodes=nodes, cables=(cable,)))
        assert repr(port) in words
    (words,) = problems(Patch(nodes={**nodes, "b": Node("audio.tone", values={port: 1})}))
    assert words.endswith("audio.tone has no such value; legal are: level")


def test_a_hostile_title_or_type_stays_text():
    nodes = {"a": Node("x\nimport os"), "out": Node("audio.output")}
    plan = compiled(Patch(title='"""\nimport os', nodes=nodes))
    assert "import" not in plan.source


def test_a_node_that_raises_is_named():
    found = wired({"f": "control.fragile"}, [], {}, "f.control")
    plan = compiled(found)
    plan.condition(Frame())
    plan.set_value("f", "value", 0.75)
    words = r"^f \(control\.fragile\) failed: ZeroDivisionError: too much$"
    with pytest.raises(NodeFailure, match=words) as caught:
        plan.condition(Frame(1))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    plan.set_value("f", "value", 0.25)
    plan.condition(Frame(2))
    assert plan.latest("f", "control") == 0.25


def test_a_node_that_raises_while_mixing_or_after_is_named():
    class Late:
        """Fails late."""

        def __call__(self) -> Control:
            return 0.0

        def after(self, value: Control) -> None:
            raise RuntimeError("late")

    def bad(audio: Audio) -> Audio:
        """Fails."""
        return {}["key"]

    registry = Registry.of(
        {**TOYS.types, "test.late": read("test.late", Late), "test.bad": read("test.bad", bad)}
    )
    late = compile_patch(wired({"l": "test.late"}, [], {}, "l.control"), registry)
    late.condition(Frame())
    with pytest.raises(NodeFailure, match=r"^l \(test\.late\) failed: RuntimeError: late$"):
        late.mix(Frame(), {})
    nodes = {"m": "generator.model", "b": "test.bad", "out": "audio.output"}
    mixing = compile_patch(patch(nodes, ["m.audio > b.audio", "b.audio > out.audio"]), registry)
    mixing.condition(Frame())
    with pytest.raises(NodeFailure, match=r"^b \(test\.bad\) failed: KeyError: 'key'$"):
        mixing.mix(Frame(), {"m": flat(0.0)})


def test_sound_that_a_host_did_not_deliver_is_a_failure_of_the_plan():
    plan = compiled(PLAIN)
    plan.condition(Frame())
    with pytest.raises(NodeFailure, match=r"^the plan failed: KeyError: 'model1'$"):
        plan.mix(Frame(), {})
