"""Controls: exact values, worked out by hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp import approach, noise
from engine.frame import Frame, Transport
from nodes.controls import (
    Comparison,
    Delay,
    Hold,
    Lag,
    Operation,
    arithmetic,
    compare,
    knob,
    map_range,
    switch,
)
from nodes.modulators import Beat, Lfo, Random, Shape, beat

NUMBERS = st.floats(-1e6, 1e6)


def frames(count: int, tempo: float = 120.0, seed: int = 0, start: float = 0.0) -> Iterator[Frame]:
    """Frames as a running transport gives them, its beat summed frame by frame."""
    position = start
    for number in range(count):
        transport = Transport(beat=position, tempo=tempo)
        yield Frame(number, seed, transport=transport)
        position += transport.beats_per_frame


def at(position: float, playing: bool = True, tempo: float = 120.0) -> Frame:
    return Frame(transport=Transport(position, tempo, playing))


class TestKnob:
    @pytest.mark.parametrize(("value", "control"), [(0.0, 0.1), (0.5, 0.4), (1.0, 0.7)])
    def test_it_goes_from_low_to_high(self, value: float, control: float) -> None:
        assert knob(value, 0.1, 0.7) == pytest.approx(control)

    def test_both_ends_are_exact(self) -> None:
        assert (knob(0.0, 0.1, 0.7), knob(1.0, 0.1, 0.7)) == (0.1, 0.7)

    def test_it_may_work_backwards(self) -> None:
        assert knob(0.25, 8.0, 0.0) == 6.0


class TestMap:
    def test_a_controller_becomes_a_pitch(self) -> None:
        assert map_range(0.25, low=36.0, high=84.0) == 48.0

    def test_any_range_to_any_range(self) -> None:
        assert map_range(64.0, 0.0, 128.0, -1.0, 1.0) == 0.0

    def test_exchanged_ends_work_backwards(self) -> None:
        assert map_range(0.25, 1.0, 0.0, 0.0, 8.0) == 6.0
        assert map_range(0.25, 0.0, 1.0, 8.0, 0.0) == 6.0

    def test_clipping(self) -> None:
        assert map_range(2.0, high=10.0) == 10.0
        assert map_range(-1.0, high=10.0) == 0.0
        assert map_range(2.0, high=10.0, clip=False) == 20.0
        assert map_range(-1.0, high=10.0, curve=9.0, clip=False) == -10.0

    def test_the_curve_makes_equal_ratios(self) -> None:
        # 1..100 with c = ln 100: half-way is the geometric mean.
        assert map_range(0.5, low=1.0, high=100.0, curve=math.log(100.0)) == pytest.approx(10.0)

    def test_a_curve_below_0_starts_quickly(self) -> None:
        # c = −ln 9: (1 − 1/3) / (1 − 1/9) = 3/4.
        assert map_range(0.5, curve=-math.log(9.0)) == pytest.approx(0.75)

    def test_an_empty_range_is_a_step(self) -> None:
        steps = [map_range(each, 0.5, 0.5, 3.0, 4.0) for each in (0.49, 0.5, 0.51)]
        assert steps == [3.0, 4.0, 4.0]

    @settings(deadline=None)
    @given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.floats(-10, 10))
    def test_it_stays_between_the_ends(
        self, control: float, a: float, b: float, low: float, high: float, curve: float
    ) -> None:
        out = map_range(control, a, b, low, high, curve)
        slack = 1e-9 * (abs(low) + abs(high))
        assert min(low, high) - slack <= out <= max(low, high) + slack


class TestMath:
    @pytest.mark.parametrize(
        ("operation", "result"),
        [
            ("add", 9.0),
            ("subtract", 5.0),
            ("multiply", 14.0),
            ("divide", 3.5),
            ("minimum", 2.0),
            ("maximum", 7.0),
            ("average", 4.5),
            ("modulo", 1.0),
        ],
    )
    def test_seven_and_two(self, operation: Operation, result: float) -> None:
        assert arithmetic(7.0, 2.0, operation) == result

    @pytest.mark.parametrize("operation", ["divide", "modulo"])
    def test_by_zero_is_zero(self, operation: Operation) -> None:
        assert arithmetic(7.0, 0.0, operation) == 0.0

    def test_too_large_for_a_number_is_zero(self) -> None:
        assert arithmetic(1e300, 1e300, "multiply") == 0.0
        assert arithmetic(1.0, 5e-324, "divide") == 0.0

    def test_the_rest_has_the_sign_of_the_step(self) -> None:
        assert arithmetic(-1.0, 12.0, "modulo") == 11.0


class TestCompare:
    @pytest.mark.parametrize(
        ("test", "results"),
        [
            ("above", [0, 0, 1]),
            ("at least", [0, 1, 1]),
            ("below", [1, 0, 0]),
            ("at most", [1, 1, 0]),
            ("equal", [0, 1, 0]),
        ],
    )
    def test_under_at_and_over(self, test: Comparison, results: list[float]) -> None:
        assert [compare(a, 2.0, test) for a in (1.0, 2.0, 3.0)] == results


class TestSwitch:
    def test_it_chooses(self) -> None:
        chosen = [switch(each, off=3.0, on=7.0) for each in (0.0, 0.49, 0.5, 1.0)]
        assert chosen == [3.0, 3.0, 7.0, 7.0]


class TestLag:
    def test_it_starts_at_its_first_input(self) -> None:
        assert Lag()(5.0, 10.0) == 5.0

    def test_63_percent_after_its_time(self) -> None:
        lag = Lag()
        lag(0.0, 0.4)
        values = [lag(1.0, 0.4) for _ in range(30)]
        assert values[9] == pytest.approx(1.0 - math.exp(-1.0))  # 10 frames are 0.4 s
        assert values[29] == pytest.approx(1.0 - math.exp(-3.0))
        assert values == sorted(values)

    def test_no_time_is_at_once(self) -> None:
        lag = Lag()
        lag(0.0, 0.0)
        assert lag(0.7, 0.0) == 0.7

    @pytest.mark.parametrize("broken", [math.inf, math.nan])
    def test_a_broken_input_is_forgotten(self, broken: float) -> None:
        lag = Lag()
        lag(1.0, 0.1)
        assert lag(broken, 0.1) == 1.0
        assert lag(1.0, 0.1) == 1.0

    def test_approach_over_many_frames_is_exact(self) -> None:
        assert (1.0 - approach(2.0)) ** 50 == pytest.approx(math.exp(-1.0))


class TestDelay:
    def test_one_frame_later(self) -> None:
        delay, heard = Delay(), []
        for value in (3.0, 1.0, 4.0):
            heard.append(delay())
            delay.after(value)
        assert heard == [0.0, 3.0, 1.0]


class TestHold:
    def test_it_samples_when_the_trigger_turns_on(self) -> None:
        hold = Hold()
        triggers = [0.0, 0.0, 1.0, 1.0, 0.0, 1.0]
        held = [hold(float(number), on) for number, on in enumerate(triggers)]
        assert held == [0.0, 0.0, 2.0, 2.0, 2.0, 5.0]


class TestLfo:
    @pytest.mark.parametrize(
        ("shape", "quarters"),
        [
            ("sine", [0.0, 0.5, 1.0, 0.5, 0.0]),
            ("triangle", [0.0, 0.5, 1.0, 0.5, 0.0]),
            ("square", [1.0, 1.0, 0.0, 0.0, 1.0]),
            ("saw up", [0.0, 0.25, 0.5, 0.75, 0.0]),
            ("saw down", [1.0, 0.75, 0.5, 0.25, 1.0]),
        ],
    )
    def test_the_shapes_at_each_quarter_turn(self, shape: Shape, quarters: list[float]) -> None:
        lfo = Lfo()
        free = [lfo(Frame(), rate=6.25, shape=shape) for _ in range(5)]
        assert free == pytest.approx(quarters)
        synced = [Lfo()(at(float(n)), beats=4.0, shape=shape, sync=True) for n in range(5)]
        assert synced == pytest.approx(quarters)

    def test_low_high_and_phase(self) -> None:
        lfo = Lfo()
        assert lfo(Frame(), low=-2.0, high=6.0, phase=0.5) == pytest.approx(6.0)
        assert Lfo()(Frame(), low=-2.0, high=6.0, phase=1.0) == pytest.approx(-2.0)

    def test_a_hertz_is_25_frames(self) -> None:
        lfo = Lfo()
        course = [lfo(Frame(), rate=1.0, shape="saw up") for _ in range(2501)]
        tops = [n for n, (a, b) in enumerate(itertools.pairwise(course), 1) if b < a]
        assert tops == list(range(25, 2501, 25))

    def test_changing_the_rate_does_not_jump(self) -> None:
        lfo, rates = Lfo(), [0.1, 12.5, 0.001, 3.0] * 25
        course = [lfo(Frame(), rate=rate, shape="triangle") for rate in rates]
        # A triangle moves twice its way in a turn: 2 · rate / 25 a frame.
        for (a, b), rate in zip(itertools.pairwise(course), rates, strict=False):
            assert abs(b - a) <= 2.0 * rate / 25.0 + 1e-9

    def test_synced_it_depends_on_the_beat_alone(self) -> None:
        used = Lfo()
        for frame in frames(40):
            used(frame, sync=True, beats=3.0)
        assert used(at(7.3), sync=True) == Lfo()(at(7.3), sync=True)

    def test_set_free_it_goes_on_from_where_it_was(self) -> None:
        lfo = Lfo()
        lfo(at(3.0), beats=4.0, shape="saw up", sync=True)
        assert lfo(at(9.0), beats=4.0, shape="saw up") == 0.75

    @pytest.mark.parametrize("beats", [0.25, 0.5, 1.0])
    def test_a_rounded_beat_starts_a_turn(self, beats: float) -> None:
        almost = math.nextafter(4.0, 0.0)
        assert Lfo()(at(almost), beats=beats, shape="saw up", sync=True) == 0.0

    def test_random_holds_a_value_for_a_turn(self) -> None:
        lfo = Lfo()
        course = [lfo(Frame(seed=3), rate=5.0, shape="random") for _ in range(50)]
        turns = [course[n : n + 5] for n in range(0, 50, 5)]
        assert all(len(set(turn)) == 1 for turn in turns)
        assert len(set(course)) == 10

    def test_random_follows_both_seeds(self) -> None:
        def first(performance: int, own: int) -> float:
            return Lfo()(Frame(seed=performance), shape="random", seed=own)

        assert first(1, 2) == first(1, 2)
        assert len({first(1, 2), first(1, 3), first(2, 2), first(2, 1)}) == 4


class TestRandom:
    def run(self, count: int, seed: int = 0, **values: float | bool | int) -> list[float]:
        random = Random()
        return [random(frame, **values) for frame in frames(count, seed=seed)]  # type: ignore[arg-type]

    def test_a_new_value_at_the_rate(self) -> None:
        course = self.run(100, rate=2.5)
        changes = [n for n, (a, b) in enumerate(itertools.pairwise(course), 1) if a != b]
        assert changes == list(range(10, 100, 10))

    def test_a_new_value_on_the_beat(self) -> None:
        # At 120 a frame is 0.08 beats: beat 2 starts with frame 25, beat 1 within frame 12.
        course = self.run(50, sync=True, beats=1.0)
        changes = [n for n, (a, b) in enumerate(itertools.pairwise(course), 1) if a != b]
        assert changes == [13, 25, 38]

    def test_it_is_the_same_again_and_other_with_another_seed(self) -> None:
        assert self.run(50, seed=1) == self.run(50, seed=1)
        assert self.run(50, seed=1) != self.run(50, seed=2)

    def test_the_nodes_seed_counts(self) -> None:
        frame = Frame(seed=1)
        assert Random()(frame, seed=0) != Random()(frame, seed=1)

    def test_values_fill_the_range(self) -> None:
        course = self.run(2000, rate=12.5, low=-2.0, high=6.0)
        assert -2.0 <= min(course) < -1.8
        assert 5.8 < max(course) <= 6.0
        assert sum(course) / 2000 == pytest.approx(2.0, abs=0.3)

    def test_smooth_glides_through_the_same_values(self) -> None:
        steps, glide = self.run(101, rate=2.5), self.run(101, rate=2.5, smooth=True)
        assert glide[::10] == steps[::10]
        assert glide[5] == pytest.approx((steps[0] + steps[10]) / 2)
        # Smoothstep is at most 1.5 times as steep as a straight line.
        for n in range(100):
            way = abs(steps[n // 10 * 10 + 10] - steps[n])
            assert abs(glide[n + 1] - glide[n]) <= 0.15 * way + 1e-9

    def test_noise_is_even(self) -> None:
        values = [noise(7, index) for index in range(4000)]
        for tenth in range(10):
            share = sum(tenth / 10 <= each < (tenth + 1) / 10 for each in values) / 4000
            assert share == pytest.approx(0.1, abs=0.02)

    def test_noise_depends_on_the_order_of_its_keys(self) -> None:
        assert noise(1, 2) != noise(2, 1)


class TestBeat:
    def test_pulses_fall_in_the_frame_of_each_beat(self) -> None:
        # 0.08 beats a frame: beat 1 lies in frame 12 (0.96..1.04), beat 2 starts frame 25.
        pulses = [n for n, frame in enumerate(frames(60)) if beat(frame).pulse]
        assert pulses == [0, 12, 25, 37, 50]

    def test_the_number_steps_with_the_pulse(self) -> None:
        numbers = [beat(frame).number for frame in frames(60)]
        assert numbers == [0.0] * 12 + [1.0] * 13 + [2.0] * 12 + [3.0] * 13 + [4.0] * 10

    def test_the_phase_is_that_of_the_frames_start(self) -> None:
        assert beat(at(2.25)).phase == 0.25
        assert beat(at(3.0), beats=4.0).phase == 0.75

    def test_a_standing_transport_gives_no_pulse(self) -> None:
        assert beat(at(0.0, playing=False)) == Beat(0.0, 0.0, 0.0)
        assert beat(at(2.5, playing=False)) == Beat(0.5, 0.0, 2.0)

    @pytest.mark.parametrize("position", [math.nextafter(4.0, 0.0), math.nextafter(4.0, 9.0)])
    def test_a_rounded_beat_is_the_beat(self, position: float) -> None:
        assert beat(at(position)) == Beat(pytest.approx(0.0, abs=1e-12), 1.0, 4.0)
        before = at(position - 0.08)
        assert beat(before).pulse == 0.0

    @settings(deadline=None)
    @given(st.floats(20, 300), st.sampled_from([0.25, 1 / 3, 0.5, 1.0, 4.0]))
    def test_no_pulse_is_lost_or_doubled(self, tempo: float, beats: float) -> None:
        course = list(frames(200, tempo))
        last = course[-1].transport
        end = last.beat + last.beats_per_frame
        pulses = sum(beat(frame, beats).pulse for frame in course)
        assert abs(pulses - end / beats) <= 1.0
        numbers = [beat(frame, beats).number for frame in course]
        assert all(b - a in (0.0, 1.0) for a, b in itertools.pairwise(numbers))
