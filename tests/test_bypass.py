"""Bypassed nodes: what feeds each goes on to what it fed, and the others notice nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from toys import PLAIN, TOYS, compiled, controls, flat, patch, wired

from engine import edits
from engine.adoption import adopt
from engine.bypass import bypass
from engine.frame import Frame
from engine.graph import check
from engine.patch import Patch, PatchError
from tests.test_live import REGISTRY, Rig, keys_patch

CHAIN = patch(
    {
        "keys": "midi.keys",
        "thru": "midi.thru",
        "held": "notes.held",
        "low": "notes.pitch",
        "both": "notes.merge",
        "lfo": "control.count",
        "model1": "generator.model",
        "amp1": "audio.gain",
        "amp2": "audio.gain",
        "mix": "audio.mix",
        "out": "audio.output",
    },
    [
        "keys.midi > thru.midi",
        "thru.midi > held.midi",
        "low.notes > both.notes12",
        "held.notes > both.notes1",
        "both.notes > model1.notes",
        "model1.audio > amp1.audio",
        "lfo.control > amp1.gain",
        "amp1.audio > amp2.audio",
        "amp2.audio > mix.audio1",
        "mix.audio > out.audio",
    ],
    title="Bypassed",
)
LOOP = patch(
    {"a": "control.add", "b": "control.add", "d": "control.delay"},
    ["a.control > b.a", "b.control > d.value", "d.control > a.a"],
)


def without(found: Patch, *names: str) -> Patch:
    return edits.bypass(found, TOYS, names, True)


def cables(found: Patch) -> list[str]:
    return [str(each) for each in bypass(found, TOYS).cables]


def refusal(found: Patch, names: Iterable[str], on: bool = True) -> str:
    with pytest.raises(PatchError) as caught:
        edits.bypass(found, TOYS, names, on)
    return str(caught.value)


def test_the_plan_without_bypassed_nodes_is_as_it_was(golden):
    plan = compiled(without(CHAIN, "thru", "both", "amp1", "amp2"))
    golden("bypassed", f"{plan}\n\n{plan.source}")


def test_a_row_of_bypassed_nodes_is_led_past():
    assert "model1.audio -> mix.audio1" in cables(without(CHAIN, "amp1", "amp2"))
    assert "model1.audio -> out.audio" in cables(without(CHAIN, "amp1", "amp2", "mix"))


def test_of_numbered_inlets_the_first_goes_on_and_no_other_for_it():
    found = without(CHAIN, "both")
    assert "held.notes -> model1.notes" in cables(found)
    pulled = edits.disconnect(found, "held.notes", "both.notes1")
    assert not any(each.endswith("model1.notes") for each in cables(pulled))


def test_pulling_out_a_cable_or_removing_a_node_closes_no_cycle():
    """Were the second inlet to step in for the first, the merged notes would go round."""
    found = patch(
        {"low": "notes.pitch", "both": "notes.merge", "held": "notes.merge"},
        ["low.notes > both.notes1", "held.notes > both.notes2", "both.notes > held.notes1"],
    )
    found = without(found, "both")
    for opened in (
        edits.disconnect(found, "low.notes", "both.notes1"),
        edits.remove(found, "low"),
    ):
        assert not any("cycle" in str(each) for each in check(opened, TOYS))


def test_each_outlet_passes_on_its_own_signal():
    """A meter gives a Control and a Style and takes Audio: neither of its outlets has a feed."""
    found = patch(
        {"t": "audio.tone", "m": "style.meter", "b": "style.blend", "a": "control.add"},
        ["t.audio > m.audio", "m.style > b.style1", "m.control > a.a"],
    )
    assert cables(without(found, "m")) == []


def test_what_is_fed_by_a_bypassed_node_that_nothing_feeds_has_its_own_value():
    found = wired(
        {"lfo": "control.count", "sum": "control.add"},
        ["lfo.control > sum.a"],
        {"sum.a": 0.25, "lfo.step": 5.0},
        "sum.control",
    )
    assert controls(found, "sum", 1) == [5.0]
    assert controls(without(found, "lfo"), "sum", 1) == [0.25]


def test_a_bypassed_control_hands_on_what_it_is_given():
    found = wired(
        {"lfo": "control.count", "bend": "control.bend", "sum": "control.add"},
        ["lfo.control > bend.value", "bend.control > sum.a"],
        {"bend.scale": 10.0, "lfo.step": 0.5},
        "sum.control",
    )
    assert controls(found, "sum", 2) == [5.0, 10.0]
    assert controls(without(found, "bend"), "sum", 2) == [0.5, 1.0]


def test_a_bypassed_generator_is_silent_and_does_not_play():
    plan = compiled(without(PLAIN, "model1"))
    assert plan.generators == ()
    assert plan.condition(Frame()) == {}
    assert not plan.mix(Frame(), {}).any()


def test_a_bypassed_output_is_silent_and_said():
    found = without(PLAIN, "out")
    plan = compiled(found)
    assert list(plan.condition(Frame())) == ["model1"]
    assert not plan.mix(Frame(), {"model1": flat(0.5)}).any()
    assert [str(each) for each in plan.problems] == ["nothing is heard: every output is bypassed"]


def test_the_others_keep_their_memory_and_the_patch_its_nodes():
    found = wired(
        {"n": "control.count", "bend": "control.bend"},
        ["n.control > bend.value"],
        {"n.step": 0.25},
        "bend.control",
    )
    plan = compiled(found)
    plan.condition(Frame())
    later = compiled(without(found, "bend"))
    adopt(later, plan)
    later.condition(Frame(1))
    assert later.latest("n", "control") == 0.5
    assert "bend" not in later.steps
    assert later.patch.nodes["bend"].bypass


def test_what_feeds_only_a_bypassed_node_runs_on():
    found = wired(
        {"n": "control.count", "sum": "control.add"}, ["n.control > sum.b"], {}, "sum.control"
    )
    plan = compiled(without(found, "sum"))
    plan.condition(Frame())
    plan.condition(Frame(1))
    assert plan.latest("n", "control") == 2.0
    assert plan.unused == ()


def test_a_type_that_is_not_installed_stays_inert_when_bypassed():
    found = wired(
        {"lfo": "control.count", "glow": "far.glow", "sum": "control.add"},
        ["lfo.control > glow.dark", "glow.light > sum.a"],
        {"sum.a": 0.25},
        "sum.control",
    )
    assert controls(without(found, "glow"), "sum", 1) == [0.25]


def test_a_bypassed_delay_closes_no_cycle():
    words = (
        "a: a cycle while d is bypassed: a -> b -> d -> a; "
        "a delay node (control.delay, notes.delay) may close it"
    )
    assert refusal(LOOP, ["d"]) == words
    illegal = Patch(
        nodes={name: replace(each, bypass=name == "d") for name, each in LOOP.nodes.items()},
        cables=LOOP.cables,
    )
    assert words in [str(each) for each in check(illegal, TOYS)]


def test_a_cable_that_closes_a_cycle_past_a_bypassed_node_is_refused():
    opened = edits.disconnect(LOOP, "b.control", "d.value")
    with pytest.raises(PatchError, match="a cycle while d is bypassed: a -> b -> d -> a"):
        edits.connect(without(opened, "d"), TOYS, "b.control", "d.value")


def test_a_node_that_would_feed_itself_past_a_bypassed_one_is_a_cycle():
    found = patch(
        {"a": "control.add", "d": "control.delay"}, ["a.control > d.value", "d.control > a.a"]
    )
    assert refusal(found, ["d"]).startswith("a: a cycle while d is bypassed: a -> d -> a;")


def test_bypassed_nodes_that_only_feed_each_other_carry_nothing():
    found = patch(
        {"d": "control.delay", "e": "control.delay", "sum": "control.add"},
        ["d.control > e.value", "e.control > d.value", "e.control > sum.a"],
    )
    assert cables(without(found, "d", "e")) == []


def test_a_cycle_that_a_bypass_opened_is_refused_when_it_is_put_in_again():
    """Bypassed, the tone hands nothing on, as it takes a Control and gives Audio."""
    found = patch(
        {"a": "control.add", "m": "style.meter", "t": "audio.tone"},
        ["a.control > t.level", "t.audio > m.audio"],
    )
    closed = edits.connect(without(found, "t"), TOYS, "m.control", "a.a")
    words = refusal(closed, ["t"], on=False)
    assert words.startswith("a: a cycle: a -> t -> m -> a;")


def test_2000_bypassed_nodes_in_a_row_are_led_past():
    names = [f"n{number:04}" for number in range(1_997)]
    row = [f"{a}.control > {b}.a" for a, b in pairwise(names)]
    found = wired(dict.fromkeys(names, "control.add"), row, {}, f"{names[-1]}.control")
    assert cables(without(found, *names[1:])) == [
        "n0000.control -> tone.level",
        "tone.audio -> out.audio",
    ]


def test_putting_in_again_gives_the_patch_as_it_was():
    assert edits.bypass(without(CHAIN, "amp1", "thru"), TOYS, ["amp1", "thru"], False) == CHAIN
    assert refusal(CHAIN, ["none"]) == "there is no node 'none'"


def test_a_generator_bypassed_while_it_plays_falls_silent_and_comes_back():
    rig = Rig()
    found = keys_patch()
    rig.performance.open(found, None, None)
    rig.on(60)
    assert rig.frames(5).any()
    rig.performance.change(edits.bypass(found, REGISTRY, ["model1"], True), None, None)
    rig.frames(3)
    assert not rig.frames(2).any()
    rig.performance.change(found, None, None)
    assert rig.frames(5).any()
    assert rig.notes == [60]
