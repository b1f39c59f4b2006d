"""Where values go: between two others, and after a MIDI controller."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import TOYS, patch

from engine import edits
from engine.graph import check
from engine.mappings import map_control, unmap
from engine.node import read
from engine.patch import MAX_MAPPINGS, MidiMapping, Patch, PatchError
from engine.registry import Registry
from engine.scaling import between, scaled
from engine.signals import Audio, Control, Range, Text


def everything(
    audio: Audio,
    gain: Annotated[Control, Range(-60, 12)] = 0.0,
    rate: Annotated[Control, Range(0.25, 4, log=True)] = 1.0,
    free: Control = 0.0,
    words: Text = "",
    steps: Annotated[int, Range(1, 16)] = 4,
    whole: int = 0,
    on: bool = False,
    wave: Literal["sine", "saw", "square"] = "sine",
    label: str = "",
) -> Audio:
    """Has a port of each kind."""
    return audio


KIND = read("test.everything", everything)
REGISTRY = Registry.of({**TOYS.types, KIND.name: KIND})
PATCH = patch({"x": KIND.name, "glow": "far.glow"})


def moved(port: str, level: int, low: float | None = None, high: float | None = None) -> object:
    known = KIND.value(port)
    assert known
    return scaled(known, MidiMapping(1, 74, "x", port, low, high), level)


def refusal(mapping: MidiMapping) -> str:
    with pytest.raises(PatchError) as caught:
        map_control(PATCH, REGISTRY, mapping)
    return str(caught.value)


@pytest.mark.parametrize(
    ("port", "level", "value"),
    [
        ("gain", 0, -60.0),
        ("gain", 127, 12.0),
        ("gain", 64, pytest.approx(-23.717, abs=1e-3)),
        ("rate", 0, 0.25),
        ("rate", 127, 4.0),
        ("steps", 0, 1),
        ("steps", 64, 9),
        ("steps", 127, 16),
        ("on", 63, False),
        ("on", 64, True),
        ("wave", 0, "sine"),
        ("wave", 42, "sine"),
        ("wave", 43, "saw"),
        ("wave", 86, "square"),
        ("wave", 127, "square"),
    ],
)
def test_a_controller_moves_a_value_from_end_to_end(port, level, value):
    assert moved(port, level) == value
    assert type(moved(port, level)) is type(moved(port, 0))


def test_a_logarithmic_range_goes_by_even_ratios():
    ratios = [moved("rate", level + 1) / moved("rate", level) for level in range(127)]
    assert ratios == pytest.approx([16 ** (1 / 127)] * 127)


def test_low_and_high_bound_a_mapping_and_low_may_be_above_high():
    assert moved("gain", 0, -12, 0) == -12.0
    assert moved("gain", 127, -12, 0) == 0.0
    assert [moved("gain", level, 6, -6) for level in (0, 127)] == [6.0, -6.0]
    assert moved("gain", 0, None, 0) == -60.0
    assert moved("free", 127, 0, 1_000) == 1_000.0


ports = st.sampled_from(["gain", "rate", "steps", "on", "wave"])


@given(ports, st.integers(0, 127))
def test_wherever_a_controller_stands_the_value_is_legal(port, level):
    assert edits.set_value(PATCH, REGISTRY, "x", port, moved(port, level))


@given(ports, st.integers(0, 127), st.integers(0, 127), st.floats(0, 1))
def test_between_two_legal_values_all_are_legal(port, start, goal, position):
    known = KIND.value(port)
    start, goal = moved(port, start), moved(port, goal)
    found = between(known, start, goal, position)
    assert edits.set_value(PATCH, REGISTRY, "x", port, found)
    assert between(known, start, goal, 0.0) == start
    assert between(known, start, goal, 1.0) == goal


def test_between_is_the_middle_by_the_range():
    middle = {
        port: between(KIND.value(port), start, goal, 0.5)
        for port, start, goal in (
            ("gain", -10.0, 10.0),
            ("rate", 0.25, 4.0),
            ("steps", 1, 4),
            ("on", False, True),
            ("words", "a", "b"),
        )
    }
    assert middle == {"gain": 0.0, "rate": 1.0, "steps": 2, "on": False, "words": "a"}


def test_a_mapping_takes_the_place_of_the_one_a_value_had():
    found = map_control(PATCH, REGISTRY, MidiMapping(1, 74, "x", "gain"))
    found = map_control(found, REGISTRY, MidiMapping(1, 74, "x", "rate"))
    found = map_control(found, REGISTRY, MidiMapping(2, 7, "x", "gain", -12, 0))
    assert found.mappings == (
        MidiMapping(1, 74, "x", "rate"),
        MidiMapping(2, 7, "x", "gain", -12, 0),
    )
    assert unmap(found, "x", "gain").mappings == (MidiMapping(1, 74, "x", "rate"),)
    with pytest.raises(PatchError, match=r"^x\.on: no MIDI controller moves it$"):
        unmap(found, "x", "on")


@pytest.mark.parametrize(
    ("port", "ends", "words"),
    [
        ("free", (), "x.free: has no range, so a mapping has to say both low and high"),
        ("whole", (0,), "x.whole: has no range, so a mapping has to say both low and high"),
        ("gain", (-90,), "x.gain: low: -90 is outside -60..12"),
        ("gain", (0, float("nan")), "x.gain: high: nan is not a finite number"),
        ("on", (0, 1), "x.on: takes no low and high, as it is no number"),
        ("audio", (), "x.audio: takes a cable (Audio), not a value"),
    ],
)
def test_a_mapping_is_refused_with_the_reason(port, ends, words):
    assert refusal(MidiMapping(1, 74, "x", port, *ends)) == words


@pytest.mark.parametrize("port", ["words", "label"])
def test_texts_are_not_mapped(port):
    legal = "numbers with a range, toggles and choices"
    words = f"x.{port}: cannot be moved by a MIDI controller; legal are {legal}"
    assert refusal(MidiMapping(1, 74, "x", port)) == words


def test_a_mapping_of_what_is_not_there_is_refused():
    assert refusal(MidiMapping(1, 74, "y", "gain")) == "there is no node 'y'"
    words = "glow: the node type 'far.glow' is not installed"
    assert refusal(MidiMapping(1, 74, "glow", "gain")) == words
    legal = "is none; legal are 0..119 of 1..16"
    words = f"x.gain: controller 120 of channel 1 {legal}"
    assert refusal(MidiMapping(1, 120, "x", "gain")) == words
    assert refusal(MidiMapping(0, 1, "x", "gain")).endswith(f"controller 1 of channel 0 {legal}")


def test_a_patch_is_full_at_1000_mappings():
    mappings = tuple(MidiMapping(1, 1, "x", f"p{number}") for number in range(MAX_MAPPINGS))
    full = Patch(nodes=PATCH.nodes, mappings=mappings)
    with pytest.raises(PatchError, match=r"^a patch has at most 1,000 MIDI mappings$"):
        map_control(full, REGISTRY, MidiMapping(1, 74, "x", "gain"))


def test_a_mapping_that_moves_nothing_is_said_and_hinders_nothing():
    mappings = (
        MidiMapping(1, 1, "gone", "gain"),
        MidiMapping(1, 1, "x", "gone"),
        MidiMapping(1, 1, "x", "gain", -90),
        MidiMapping(1, 1, "glow", "light"),
    )
    problems = check(Patch(nodes=PATCH.nodes, mappings=mappings), REGISTRY)
    assert all(each.warning for each in problems)
    nothing = "the MIDI mapping does nothing"
    assert [str(each) for each in problems if nothing in each.fault] == [
        f"gone.gain: {nothing}: there is no node 'gone'",
        f"x.gain: {nothing}: low: -90 is outside -60..12",
        f"x.gone: {nothing}: there is no such value",
    ]
