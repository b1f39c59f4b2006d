"""From a patch to a plan: the source, and what it computes."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from toys import PLAIN, TOYS, compiled, controls, flat, patch, wired

from engine.compiler import compile_patch, modernise
from engine.frame import Frame
from engine.node import read
from engine.patch import Cable, MidiMapping, Node, PatchError
from engine.registry import Registry
from engine.signals import Control

FEEDBACK = patch(
    {
        "ear": "style.meter",
        "lead": "generator.model",
        "bass": "generator.model",
        "echo": "control.delay",
        "sum": "control.add",
        "amp": "audio.gain",
        "lost": "control.add",
        "mix1": "audio.mix",
        "out": "audio.output",
    },
    [
        "lead.audio > amp.audio",
        "amp.audio > ear.audio",
        "ear.style > lead.style",
        "ear.style > bass.style",
        "ear.control > sum.a",
        "echo.control > sum.b",
        "sum.control > echo.value",
        "sum.control > bass.temperature",
        "sum.control > lost.a",
        "amp.audio > mix1.audio1",
        "bass.audio > mix1.audio2",
        "sum.control > mix1.level2",
        "mix1.audio > out.audio",
    ],
    title="Feedback",
)

GROUPS = patch(
    {
        "warm": "style.prompt",
        "cold": "style.prompt",
        "blend": "style.blend",
        "low": "notes.pitch",
        "high": "notes.pitch",
        "all": "notes.merge",
        "model1": "generator.model",
        "out": "audio.output",
    },
    [
        "warm.style > blend.style2",
        "cold.style > blend.style12",
        "low.notes > all.notes7",
        "high.notes > all.notes3",
        "blend.style > model1.style",
        "all.notes > model1.notes",
        "model1.audio > out.audio",
    ],
    {"blend.weight5": 0.5, "blend.weight12": 0.25, "low.pitch": 36, "warm.text": "warm"},
)

NAMES = patch(
    {
        "def": "control.count",
        "frame": "control.clock",
        "v": "control.add",
        "s": "control.add",
        "run_x": "control.add",
        "x": "control.bend",
        "true": "control.add",
        "mix": "audio.mix",
        "audio": "audio.tone",
        "condition": "audio.output",
    },
    [
        "def.control > v.a",
        "frame.control > v.b",
        "v.control > s.a",
        "s.control > run_x.a",
        "run_x.control > x.value",
        "x.control > true.a",
        "true.control > audio.level",
        "audio.audio > mix.audio1",
        "mix.audio > condition.audio",
    ],
    title="Names",
)

PATCHES = {"plain": PLAIN, "feedback": FEEDBACK, "groups": GROUPS, "names": NAMES}
every_patch = pytest.mark.parametrize("name", PATCHES)


@every_patch
def test_the_plan_and_its_source_are_as_they_were(name, golden):
    plan = compiled(PATCHES[name])
    golden(name, f"{plan}\n\n{plan.source}")


@every_patch
def test_the_order_of_nodes_and_cables_does_not_matter(name):
    found = PATCHES[name]
    expected = compiled(found)
    for seed in range(10):
        shuffle = random.Random(seed)
        nodes, cables = list(found.nodes.items()), list(found.cables)
        shuffle.shuffle(nodes)
        shuffle.shuffle(cables)
        plan = compiled(replace(found, nodes=dict(nodes), cables=tuple(cables)))
        assert plan.source == expected.source
        assert str(plan) == str(expected)


def test_a_frame_goes_from_condition_through_the_generators_to_mix():
    plan = compiled(PLAIN)
    assert plan.generators == ("model1",)
    heard = plan.condition(Frame())
    assert list(heard) == ["model1"]
    assert heard["model1"].temperature == 0.7
    # The first count is 0.25: half of full scale becomes an eighth.
    assert plan.mix(Frame(), {"model1": flat(0.5)}) == pytest.approx(0.125)
    plan.condition(Frame(1))
    assert plan.mix(Frame(1), {"model1": flat(0.5)}) == pytest.approx(0.25)


def test_without_an_output_nothing_runs_and_silence_is_heard():
    plan = compiled(patch({"lfo": "control.count", "tone": "audio.tone"}))
    assert plan.unused == ("lfo", "tone")
    assert plan.condition(Frame()) == {}
    assert not plan.mix(Frame(), {}).any()
    assert [str(each) for each in plan.problems] == ["nothing is heard: there is no audio.output"]


def test_several_outputs_are_added():
    plan = compiled(
        patch(
            {"a": "audio.tone", "b": "audio.tone", "o1": "audio.output", "o2": "audio.output"},
            ["a.audio > o1.audio", "b.audio > o2.audio"],
            {"a.level": 0.25, "b.level": 0.5},
        )
    )
    plan.condition(Frame())
    assert (plan.mix(Frame(), {}) == 0.75).all()


def test_an_output_with_nothing_patched_into_it_is_silent():
    plan = compiled(patch({"out": "audio.output"}))
    plan.condition(Frame())
    assert not plan.mix(Frame(), {}).any()


def test_what_reaches_no_output_is_left_out_and_said():
    plan = compiled(FEEDBACK)
    assert plan.unused == ("lost",)
    assert "lost" not in plan.steps
    assert "lost" not in plan.source
    assert "left out, as they reach no output: lost" in str(plan)


def test_a_generator_that_is_not_heard_does_not_play():
    found = patch({"m1": "generator.model", "m2": "generator.model", "out": "audio.output"})
    plan = compiled(replace(found, cables=(Cable("m1", "audio", "out", "audio"),)))
    assert plan.generators == ("m1",)
    assert plan.unused == ("m2",)


def test_what_only_a_delay_hears_plays_where_the_delay_is_heard():
    found = wired(
        {"d": "control.delay", "n": "control.count"}, ["n.control > d.value"], {}, "d.control"
    )
    assert compiled(found).unused == ()
    assert controls(found, "d", 3) == [0.0, 1.0, 2.0]


def test_the_source_holds_no_value():
    odd = patch(
        {"t": "style.prompt", "p": "notes.pitch", "m": "generator.model", "out": "audio.output"},
        ["t.style > m.style", "p.notes > m.notes", "m.audio > out.audio"],
        {"t.text": "'; import os #", "p.pitch": 12.75, "m.seed": 424242},
    )
    source = compiled(odd).source
    assert "import" not in source
    assert "12.75" not in source
    assert "424242" not in source
    plain = replace(odd, nodes={name: replace(n, values={}) for name, n in odd.nodes.items()})
    assert compiled(plain).source == source


def test_turning_a_knob_is_heard_in_the_next_frame_and_recompiles_nothing():
    plan = compiled(PLAIN)
    source = plan.source
    assert plan.condition(Frame())["model1"].temperature == 0.7
    plan.set_value("model1", "temperature", 2)
    assert plan.value("model1", "temperature") == 2.0
    assert plan.condition(Frame(1))["model1"].temperature == 2.0
    assert plan.source is source


@pytest.mark.parametrize(
    ("name", "port", "value", "words"),
    [
        ("model1", "temperature", 9, "model1.temperature: 9 is outside 0..3"),
        ("model1", "seed", 1.5, "model1.seed: 1.5 is not a whole number"),
        ("model1", "style", 1, "model1.style: is no value that can be set while its node runs"),
        ("model1", "heat", 1, "model1.heat: is no value that can be set while its node runs"),
        ("amp", "gain", 1, "amp.gain: is no value that can be set while its node runs"),
        ("none", "gain", 1, "none.gain: is no value that can be set while its node runs"),
    ],
)
def test_a_knob_that_is_not_there_or_not_legal_is_refused(name, port, value, words):
    plan = compiled(PLAIN)
    with pytest.raises(PatchError) as caught:
        plan.set_value(name, port, value)
    assert str(caught.value) == words
    assert plan.condition(Frame())["model1"].temperature == 0.7


def test_what_an_outlet_last_carried_can_be_seen():
    plan = compiled(FEEDBACK)
    plan.condition(Frame())
    plan.mix(Frame(), {"lead": flat(0.5), "bass": flat(0.25)})
    assert (plan.latest("amp", "audio") == 0.5).all()
    assert plan.latest("ear", "control") == 0.0
    assert (plan.latest("bass", "audio") == 0.25).all()
    with pytest.raises(KeyError):
        plan.latest("lost", "control")
    with pytest.raises(KeyError):
        plan.value("lost", "a")


@pytest.mark.parametrize(
    ("value", "heard"),
    [(0.5, 0.5), (7.0, 1.0), (-7.0, -1.0), (float("inf"), 1.0), (float("nan"), -1.0)],
)
def test_a_cabled_control_is_brought_into_range(value, heard):
    def wild() -> Control:
        """Anything."""
        return value

    registry = Registry.of({**TOYS.types, "test.wild": read("test.wild", wild)})
    found = wired({"w": "test.wild", "b": "control.bend"}, ["w.control > b.value"], {}, "b.control")
    plan = compile_patch(found, registry)
    plan.condition(Frame())
    assert plan.latest("b", "control") == heard
    assert f"clip(w, {-1!r}, {1!r})" in plan.source


def test_a_group_gets_its_members_in_order_and_only_those_in_use():
    """Style 2 is four letters long with its default weight 1; 5 is empty; 12 has none."""
    plan = compiled(GROUPS)
    heard = plan.condition(Frame())["model1"]
    assert (heard.style == 4.0).all()
    assert np.flatnonzero(heard.notes == 1).tolist() == [36, 60]
    numbers = [[port for port, _ in member] for member in plan.steps["blend"].members]
    assert numbers == [["style2", "weight2"], ["style5", "weight5"], ["style12", "weight12"]]
    plan.set_value("cold", "text", "ab")
    plan.set_value("blend", "weight12", 0.5)
    assert (plan.condition(Frame(1))["model1"].style == 5.0).all()


def test_a_group_without_members_is_called_with_none():
    plan = compiled(
        patch(
            {"b": "style.blend", "n": "notes.merge", "m": "generator.model", "o": "audio.output"},
            ["b.style > m.style", "n.notes > m.notes", "m.audio > o.audio"],
        )
    )
    heard = plan.condition(Frame())["m"]
    assert not heard.style.any()
    assert (heard.notes == -1).all()


def test_any_legal_id_is_a_legal_variable():
    assert controls(NAMES, "x", 3) == [1.0, 1.0, 1.0]
    bent = replace(NAMES, nodes={**NAMES.nodes, "def": Node("control.count", values={"step": 0.1})})
    # 0.1, then 0.2 + 1 and 0.3 + 2, both brought down to 1.
    assert controls(bent, "x", 3) == pytest.approx([0.1, 1.0, 1.0])


@pytest.mark.parametrize("other", ["run_a", "member_a", "before_a", "a_", "run_a_"])
def test_an_id_that_the_source_uses_for_another_node_is_no_hindrance(other):
    """What runs `a` is called run_a in the source; here a node is called so, too."""
    nodes = {"a": "control.count", other: "control.count", "sum": "control.add"}
    cables = ["a.control > sum.a", f"{other}.control > sum.b"]
    found = wired(nodes, cables, {"a.step": 1.0, f"{other}.step": 10.0}, "sum.control")
    assert controls(found, "sum", 2) == [11.0, 22.0]


def test_services_are_handed_in_by_type():
    found = wired({"a": "control.ask"}, [], {"a.times": 3}, "a.control")
    assert controls(found, "a", 1) == [126.0]
    with pytest.raises(PatchError) as caught:
        compile_patch(found, TOYS)
    assert str(caught.value) == "a: asks for Library, which is not offered here"


def test_a_type_that_is_not_installed_is_inert_and_the_rest_plays():
    """Row 12 of the faults: its cables carry nothing, so the inlets have their values."""
    found = wired(
        {"glow": "far.glow", "sum": "control.add"},
        ["glow.light > sum.a", "sum.control > glow.dark", "glow.x > glow.x"],
        {"sum.a": 0.25, "glow.any": [1]},
        "sum.control",
    )
    assert controls(found, "sum", 1) == [0.25]
    plan = compiled(found)
    assert [str(each) for each in plan.problems] == [
        "glow: unknown node type 'far.glow': kept as it is, but it does not play"
    ]
    assert "warning: glow: unknown node type" in str(plan)


def test_a_former_name_of_a_type_and_of_its_ports_is_understood():
    def toy(amount: Control = 0.0) -> Control:
        """A toy."""
        return amount * 2

    toy_ = read("test.toy", toy, ("test.old",), {"size": "amount", "out": "control"})
    registry = Registry.of({**TOYS.types, "test.toy": toy_, "test.old": toy_})
    found = wired({"a": "test.old", "b": "test.old"}, ["a.out > b.size"], {"a.size": 1.5}, "b.out")
    plan = compile_patch(found, registry)
    plan.condition(Frame())
    assert plan.latest("b", "control") == 6.0


def test_a_former_name_of_a_port_is_understood_in_mappings_scenes_and_the_panel():
    def toy(amount: Control = 0.0) -> Control:
        """A toy."""
        return amount

    registry = Registry.of({"test.toy": read("test.toy", toy, (), {"size": "amount"})})
    found = replace(
        patch({"a": "test.toy", "glow": "far.glow"}),
        mappings=(MidiMapping(1, 74, "a", "size", 0, 1), MidiMapping(1, 1, "glow", "size", 0, 1)),
        scenes={"Verse": {"a.size": 1.0, "gone.size": 2.0}},
        panel=("a.size", "a", "glow.size"),
    )
    now = modernise(found, registry)
    assert [each.place for each in now.mappings] == ["glow.size", "a.amount"]
    assert now.scenes == {"Verse": {"a.amount": 1.0, "gone.size": 2.0}}
    assert now.panel == ("a.amount", "a", "glow.size")


def test_a_plan_without_a_title_is_untitled():
    assert str(compiled(GROUPS)).startswith("untitled: 8 nodes, 1 generators\ncondition\n")
