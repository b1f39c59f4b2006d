"""Where in a frame a node runs, and what loops back: heard in numbers, frame by frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from toys import LISTENING, TOYS, compiled, controls, flat, patch, wired

from engine.conditioning import Conditioning
from engine.edits import connect
from engine.frame import Frame
from engine.graph import cycles, stages
from engine.patch import Patch, PatchError


def heard(found: Patch, frames: int, play: Callable[[str, Conditioning], float]) -> list[float]:
    """Returns the output's level frame by frame; `play` says how loud each generator is."""
    plan = compiled(found)
    levels = []
    for number in range(frames):
        asked = plan.condition(Frame(number))
        audio = {name: flat(play(name, each)) for name, each in asked.items()}
        levels.append(float(plan.mix(Frame(number), audio)[0, 0]))
    return levels


def test_a_generator_that_listens_to_itself_hears_the_frame_before():
    """Each frame it plays what it heard and 1 more, and half of that is heard again."""
    levels = heard(LISTENING, 4, lambda _, asked: float(asked.style[0]) + 1.0)
    assert levels == [0.5, 0.75, 0.875, 0.9375]
    order = stages(LISTENING, TOYS)
    assert (order.condition, order.mix) == (("ear", "gen"), ("amp", "out"))
    assert [str(each) for each in order.delayed] == ["amp.audio -> ear.audio"]
    assert cycles(LISTENING, TOYS) == []


def test_a_generator_that_listens_to_another_hears_the_frame_before():
    found = patch(
        {
            "a": "generator.model",
            "b": "generator.model",
            "ear": "style.meter",
            "out": "audio.output",
        },
        ["a.audio > ear.audio", "ear.style > b.style", "b.audio > out.audio"],
    )
    count = iter([0.1, 0.2, 0.3])
    levels = heard(found, 3, lambda n, asked: next(count) if n == "a" else float(asked.style[0]))
    assert levels == pytest.approx([0.0, 0.1, 0.2])


def test_a_side_chain_is_of_the_same_frame():
    """The drums' level turns the pad's gain; nothing here leads back to a generator."""
    found = patch(
        {
            "drums": "generator.model",
            "pad": "generator.model",
            "ear": "style.meter",
            "duck": "audio.gain",
            "out": "audio.output",
        },
        [
            "drums.audio > ear.audio",
            "ear.control > duck.gain",
            "pad.audio > duck.audio",
            "duck.audio > out.audio",
        ],
    )
    drums = iter([0.25, 0.75, 0.5])
    assert heard(found, 3, lambda n, _: next(drums) if n == "drums" else 1.0) == [0.25, 0.75, 0.5]
    order = stages(found, TOYS)
    assert order.delayed == frozenset()
    assert order.mix == ("ear", "duck", "out")


def test_sound_from_outside_reaches_a_generator_in_the_same_frame():
    found = patch(
        {
            "n": "control.clock",
            "mic": "audio.tone",
            "amp": "audio.gain",
            "ear": "style.meter",
            "gen": "generator.model",
            "out": "audio.output",
        },
        [
            "n.control > mic.level",
            "mic.audio > amp.audio",
            "amp.audio > ear.audio",
            "ear.style > gen.style",
            "gen.audio > out.audio",
        ],
    )
    assert heard(found, 3, lambda _, asked: float(asked.style[0])) == [0.0, 1.0, 2.0]
    assert stages(found, TOYS).delayed == frozenset()


def test_a_listener_that_leads_and_mixes_runs_once_and_hears_the_frame_before():
    """The meter sets the generator's temperature and the gain of the output."""
    found = patch(
        {
            "gen": "generator.model",
            "ear": "style.meter",
            "amp": "audio.gain",
            "out": "audio.output",
        },
        [
            "gen.audio > ear.audio",
            "ear.control > gen.temperature",
            "gen.audio > amp.audio",
            "ear.control > amp.gain",
            "amp.audio > out.audio",
        ],
    )
    # 1 is played, and nothing was heard; then 1 + 0.5 · 1 at gain 1, then 1 + 0.5 · 1.5.
    assert heard(found, 3, lambda _, asked: 1 + 0.5 * asked.temperature) == [0.0, 1.5, 1.75]
    order = stages(found, TOYS)
    assert (order.condition, order.mix) == (("ear", "gen"), ("amp", "out"))


def test_sound_that_passes_several_nodes_is_one_frame_late_not_several():
    found = patch(
        {
            "gen": "generator.model",
            "a1": "audio.gain",
            "a2": "audio.gain",
            "ear": "style.meter",
            "sum": "control.add",
            "out": "audio.output",
        },
        [
            "gen.audio > a1.audio",
            "a1.audio > a2.audio",
            "a2.audio > ear.audio",
            "ear.control > sum.a",
            "sum.control > gen.temperature",
            "gen.audio > out.audio",
        ],
        {"sum.b": 0.5},
    )
    assert heard(found, 3, lambda _, asked: asked.temperature) == [0.5, 1.0, 1.5]


def test_a_delay_takes_in_what_the_mix_made_of_this_frame():
    found = patch(
        {
            "gen": "generator.model",
            "ear": "style.meter",
            "echo": "control.delay",
            "out": "audio.output",
        },
        [
            "gen.audio > ear.audio",
            "ear.control > echo.value",
            "echo.control > gen.temperature",
            "gen.audio > out.audio",
        ],
    )
    levels = heard(found, 3, lambda _, asked: asked.temperature + 1)
    assert levels == [1.0, 2.0, 3.0]
    assert "ear" in stages(found, TOYS).mix


def test_a_delay_takes_in_what_was_set_on_it():
    found = wired({"d": "control.delay"}, [], {"d.value": 0.75}, "d.control")
    assert controls(found, "d", 3) == [0.0, 0.75, 0.75]


def test_a_delay_closes_a_loop_of_controls():
    found = wired(
        {"sum": "control.add", "echo": "control.delay"},
        ["sum.control > echo.value", "echo.control > sum.a"],
        {"sum.b": 1.0},
        "sum.control",
    )
    assert controls(found, "sum", 4) == [1.0, 2.0, 3.0, 4.0]
    assert [str(each) for each in stages(found, TOYS).late] == ["sum.control -> echo.value"]


def test_a_delay_that_nobody_hears_does_not_run():
    found = wired(
        {"n": "control.count", "d": "control.delay"}, ["n.control > d.value"], {}, "n.control"
    )
    order = stages(found, TOYS)
    assert order.unused == ("d",)
    assert order.late == frozenset()


def test_a_delay_may_feed_itself():
    found = wired({"d": "control.delay"}, ["d.control > d.value"], {}, "d.control")
    assert controls(found, "d", 2) == [0.0, 0.0]


HINT = "a delay node (control.delay, notes.delay) may close it"


@pytest.mark.parametrize(
    ("nodes", "cables", "words"),
    [
        (
            {"b": "control.add", "a": "control.add"},
            ["a.control > b.a", "b.control > a.a"],
            [f"a: a cycle: a -> b -> a; {HINT}"],
        ),
        (
            {"z": "control.add", "m": "control.add", "c": "control.add"},
            ["z.control > c.a", "c.control > m.a", "m.control > z.a"],
            [f"c: a cycle: c -> m -> z -> c; {HINT}"],
        ),
        (
            {"a": "control.add", "b": "control.add", "c": "control.add", "d": "control.add"},
            ["d.control > c.a", "c.control > d.a", "a.control > b.a", "b.control > a.a"],
            [f"a: a cycle: a -> b -> a; {HINT}", f"c: a cycle: c -> d -> c; {HINT}"],
        ),
        (
            {"amp": "audio.gain", "ear": "style.meter"},
            ["amp.audio > ear.audio", "ear.control > amp.gain"],
            [f"amp: a cycle: amp -> ear -> amp; {HINT}"],
        ),
        (
            {"x": "audio.mix", "y": "audio.gain"},
            ["x.audio > y.audio", "y.audio > x.audio3"],
            [f"x: a cycle: x -> y -> x; {HINT}"],
        ),
    ],
)
def test_any_other_loop_is_refused_by_name(nodes, cables, words):
    with pytest.raises(PatchError) as caught:
        compiled(patch({**nodes, "out": "audio.output"}, cables))
    assert [str(each) for each in caught.value.problems] == words


def test_a_loop_beside_a_delayed_one_is_refused_all_the_same():
    """The sound of the generator excuses only the loop it is part of."""
    found = connect(LISTENING, TOYS, "gen.audio", "ear.audio", instead=True)
    with pytest.raises(PatchError, match="a cycle: amp -> ear2 -> amp"):
        compiled(
            patch(
                {**{n: each.type for n, each in found.nodes.items()}, "ear2": "style.meter"},
                [
                    *(str(each).replace("->", ">") for each in found.cables),
                    "amp.audio > ear2.audio",
                    "ear2.control > amp.gain",
                ],
            )
        )
