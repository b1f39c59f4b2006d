from __future__ import annotations

import numpy as np
import pytest

from engine.messages import Meter
from engine.registry import load_registry
from engine.signals import MASK, ON, ONSET, SUSTAIN
from patcher.editing.editor import Remark
from patcher.editing.pace import Pace
from patcher.panels.engine_bar import engine_words
from patcher.panels.log import remark_words
from patcher.panels.node_times import time_words
from patcher.panels.notes_view import cell_words
from patcher.widgets.activity import STEPS, Activity
from patcher.widgets.displays import displays_for
from patcher.widgets.displays.level import Level, in_decibels, part_of_meter, zigzag
from patcher.widgets.displays.strip import runs
from patcher.widgets.displays.trace import FRAMES, number_words, points
from tests.seeing import audio, midi, notes, snapshot, states, style

REGISTRY = load_registry()
LOUD = Meter(0.5, 0.25, 0.1)


class Look:
    """What a display asks for its colours and letters; nothing is drawn here."""


def shown_on(type_name):
    declared = REGISTRY.find(type_name)
    return [
        (type(each).__name__, sorted(each.ports)) for each in displays_for(Look(), "n", declared)
    ]


@pytest.mark.parametrize(
    ("type_name", "displays"),
    [
        ("audio.gain", [("Level", ["n.audio"])]),
        ("audio.output", [("Level", [])]),
        ("generator.model", [("Level", ["n.audio"])]),
        ("notes.split", [("Strip", ["n.high", "n.low"])]),
        ("control.lfo", [("Trace", ["n.control"])]),
        ("style.prompt", []),
        ("midi.input", []),
    ],
)
def test_nodes_show_their_sound_notes_and_controls(type_name, displays):
    assert shown_on(type_name) == displays


def test_a_node_whose_type_is_not_installed_shows_nothing():
    assert displays_for(Look(), "n", None) == []


@pytest.mark.parametrize(
    ("level", "part"), [(0.0, 0.0), (0.001, 0.0), (0.5, 0.9), (1.0, 1.0), (2.0, 1.0)]
)
def test_a_meter_reaches_from_minus_60_db_to_full_scale(level, part):
    assert part_of_meter(in_decibels(level)) == pytest.approx(part, abs=0.005)


def test_a_meter_rises_at_once_and_falls_slowly():
    level = Level(Look(), "out")
    level.take(snapshot(1, meters={"out": LOUD}))
    assert level.mean == pytest.approx(-20)
    for frame in range(25):
        level.take(snapshot(2 + frame))
    assert level.mean == pytest.approx(-44)


def test_the_highest_sample_stays_for_a_second():
    level = Level(Look(), "out")
    level.take(snapshot(1, meters={"out": LOUD}))
    for frame in range(24):
        level.take(snapshot(2 + frame))
    assert level.peak == 0.5
    level.take(snapshot(26))
    assert level.peak == 0


def test_what_was_beyond_full_scale_stays_marked():
    level = Level(Look(), "out")
    level.take(snapshot(1, meters={"out": Meter(1.0, 1.0, 0.7)}))
    assert not level.clipped
    level.take(snapshot(2, meters={"out": Meter(0.2, 1.01, 0.7)}))
    level.take(snapshot(3))
    assert level.clipped


def test_a_silent_meter_has_nothing_to_draw():
    level = Level(Look(), "out")
    assert not level.take(snapshot(1))
    assert level.take(snapshot(2, meters={"out": LOUD}))


def test_a_wave_fills_its_height_and_a_faint_one_does_not():
    wave = np.array([[-0.5, 0.5], [-0.25, 0.25]], "<f2")
    assert [y for _, y in zigzag(wave, 900, 10, 20)] == [30, 10, 25, 15]
    faint = zigzag(wave / 400, 900, 10, 20)
    assert max(abs(y - 20) for _, y in faint) == pytest.approx(2.5, rel=0.01)


def test_a_wave_that_is_no_number_is_drawn_as_silence():
    broken = np.full((4, 2), np.nan, "<f2")
    assert {y for _, y in zigzag(broken, 900, 10, 20)} == {20}


def test_a_trace_spans_its_height_and_ends_at_the_right():
    line = points([0.0, 10.0, 5.0], 0.0, 10.0, (2, 4, 198, 20))
    assert [y for _, y in line] == [14, 4, 24]
    assert [x for x, _ in line] == [200, 198, 196]


def test_a_small_trace_has_fewer_points_over_the_same_time():
    values = [float(n) for n in range(FRAMES)]
    line = points(values, 0.0, 99.0, (0, 0, 49.5, 20))
    assert len(line) == FRAMES / 4
    assert line[-1] == pytest.approx((49.5 * 3 / 99, 20 * 96 / 99))


def test_a_control_that_stands_still_is_a_line_in_the_middle():
    assert {y for _, y in points([3.0] * 9, 3.0, 3.0, (2, 4, 99, 20))} == {14}


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (1e-9, "0"), (0.12345, "0.123"), (-7.5, "-7.5"), (440.4, "440"), (1e6, "1000000")],
)
def test_values_are_told_in_few_figures(value, words):
    assert number_words(value) == words


def test_keys_are_drawn_one_by_one_and_masks_as_stretches():
    given = states(p0=MASK, p1=MASK, p60=SUSTAIN, p61=SUSTAIN, p64=ONSET, p67=ON, p127=MASK)
    assert runs(given) == [
        (MASK, 0, 2),
        (SUSTAIN, 60, 61),
        (SUSTAIN, 61, 62),
        (ONSET, 64, 65),
        (ON, 67, 68),
        (MASK, 127, 128),
    ]


def test_a_state_that_is_unknown_is_not_drawn():
    assert runs(states(p60=9)) == []


def level_of(*values):
    """The level of an outlet that carries some values in turn."""
    activity = Activity()
    levels = [
        activity.take(snapshot(frame, {"n.o": value}), ["n.o"])
        for frame, value in enumerate(values)
    ]
    return [each["n.o"] for each in levels]


def test_louder_sound_makes_a_cable_brighter():
    assert level_of(audio(1e-4))[0] < level_of(audio(0.03))[0] < level_of(audio(1.0))[0] == STEPS


def test_a_message_flashes_and_fades():
    levels = level_of(midi((0x90, 60, 9)), *[midi()] * 20)
    assert levels[0] == STEPS
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == 0


def test_struck_notes_are_brighter_than_held_ones_and_those_than_masks():
    struck, held, masked = (
        level_of(each)[0] for each in (notes(p60=ONSET), notes(p60=SUSTAIN), notes(MASK))
    )
    assert struck == STEPS > held > masked == 0


@pytest.mark.parametrize(("one", "other"), [(0.1, 0.2), ("a", "b"), (style([1.0]), style([2.0]))])
def test_a_value_shows_that_it_changes_not_what_it_is(one, other):
    first, second, third = level_of(one, one, other)
    assert first == second == 0 < third


def test_an_outlet_that_is_not_watched_has_no_level():
    assert Activity().take(snapshot(1), ["n.o"]) == {}


def test_the_pace_marks_the_frames_before_which_the_sound_broke():
    pace = Pace()
    for count in (5, 5, 6, 6):
        pace.take(snapshot(1, underruns=count, queued=0.05, cpu=0.5))
    assert [each.broke for each in pace.beats] == [False, False, True, False]
    assert pace.beats[-1].queue_ms == 50
    assert pace.beats[-1].cpu == 50


@pytest.mark.parametrize(
    ("state", "silent", "words"),
    [
        ("ready", 0.1, ""),
        ("ready", 9.0, "The engine does not answer"),
        ("starting the engine", 9.0, "Starting the engine…"),
        ("no engine", 0.0, "No engine"),
    ],
)
def test_the_bar_says_what_keeps_the_engine(state, silent, words):
    assert engine_words(state, silent) == words


def test_the_log_marks_what_went_wrong_by_a_word():
    assert remark_words(Remark("Saved", when=0.0)).endswith("  Saved")
    assert remark_words(Remark("No file", bad=True, when=0.0)).endswith("▲ Problem: No file")


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (3.2, "Takes 3 µs, under 0.1 %"),
        (400.0, "Takes 400 µs, 1.0 %"),
        (20_000.0, "Takes 20.0 ms, 50.0 %"),
    ],
)
def test_node_times_are_told_beside_the_frame(spent, words):
    assert time_words(spent) == words


def test_a_cell_of_the_roll_is_told_in_words():
    assert cell_words(60, 80, ONSET) == "C4, 3.2 s ago: struck"
    assert cell_words(61, 0, MASK) == "C#4, now: masked, left to the model"
