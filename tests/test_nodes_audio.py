"""Audio: levels in dB, exact silence, no clicks, and a ceiling that holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np
from measure import Sound, level, peak

from engine.dsp import RAMP
from engine.frame import Frame
from engine.node import Output
from engine.signals import (
    FRAME_SAMPLES,
    MASKED,
    ON,
    ONSET,
    PITCHES,
    SAMPLE_RATE,
    SILENCE,
    SILENT,
    SUSTAIN,
    AudioArray,
    decibels,
    frozen,
)
from nodes.audio import Gain, Gate, Input, Level, Mix, Mixed, Out, Pan
from nodes.limiter import DELAY, Limiter


def steady(left: float, right: float | None = None) -> AudioArray:
    """One frame of a constant value on each side: what a gain does can be read off."""
    sides = [left, left if right is None else right]
    return frozen(np.tile(np.array(sides, np.float32), (FRAME_SAMPLES, 1)))


def sine(count: int, hertz: float = 440.0, amplitude: float = 0.5) -> list[AudioArray]:
    """`count` frames of a sine that goes on from one to the next."""
    n = np.arange(count * FRAME_SAMPLES)
    wave = (amplitude * np.sin(2 * np.pi * hertz * n / SAMPLE_RATE)).astype(np.float32)
    return [frozen(each) for each in np.split(np.stack((wave, wave), axis=1), count)]


def joined(frames: Iterable[AudioArray]) -> Sound:
    sound = np.concatenate(list(frames))
    assert sound.dtype == np.float32
    return sound


def held(state: int) -> np.ndarray:
    notes = np.zeros(PITCHES, np.int8)
    notes[60] = state
    return frozen(notes)


def largest_step(sound: Sound) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


class TestGain:
    def test_levels(self) -> None:
        tone = sine(1)[0]
        for gain in (-59.0, -6.0, 6.0, 12.0):
            assert level(Gain()(tone, gain)) - level(tone) == pytest.approx(gain, abs=1e-4)

    def test_0_db_changes_nothing(self) -> None:
        tone = sine(1)[0]
        assert np.array_equal(Gain()(tone), tone)

    def test_minus_60_db_is_exact_silence(self) -> None:
        assert not Gain()(sine(1)[0], -60.0).any()

    def test_a_change_is_a_straight_line_over_one_frame(self) -> None:
        gain, ones = Gain(), steady(1.0)
        gain(ones, -60.0)
        up = gain(ones, 0.0)
        assert up[:, 0] == pytest.approx(np.arange(1, 1921) / 1920)
        assert np.array_equal(up[:, 0], up[:, 1])
        down = gain(ones, -60.0)
        assert down[:, 0] == pytest.approx(1 - np.arange(1, 1921) / 1920, abs=1e-7)
        assert down[-1, 0] == 0.0
        assert not gain(ones, -60.0).any()

    def test_the_first_frame_starts_at_its_value(self) -> None:
        assert np.array_equal(Gain()(steady(0.25), -60.0), SILENCE)

    def test_a_ramp_ends_where_the_next_frame_goes_on(self) -> None:
        assert RAMP[0, 0] == np.float32(1 / 1920)
        assert RAMP[-1].tolist() == [1.0, 1.0]


class TestNoClicks:
    """Parameters jump every frame; no step is larger than those of the sound and the ramp."""

    def test_of_gain_and_pan(self) -> None:
        self.check(Gain(), -60.0, 0.0, 1.0)
        self.check(Pan(), -1.0, 1.0, math.sqrt(2.0))

    def test_of_the_input_the_output_and_the_mix(self) -> None:
        ear, out, mix = Input(), Out(), Mix()
        self.check(lambda audio, gain: ear(Frame(audio=audio), gain), -60.0, 0.0, 1.0)
        self.check(lambda audio, level: out(audio, level).audio, -60.0, 0.0, 1.0)
        self.check(lambda audio, level: mix(Mixed(audio, level)), -60.0, 0.0, 1.0)

    def check(
        self,
        call: Callable[[AudioArray, float], AudioArray],
        low: float,
        high: float,
        loudest: float,
    ) -> None:
        tone = sine(20)
        jumps = [high if number % 2 else low for number in range(20)]
        sound = joined(call(each, value) for each, value in zip(tone, jumps, strict=True))
        # The tone's own step, made louder, and at most `loudest` / 1920 of its height a sample.
        allowed = loudest * (largest_step(joined(tone)) + 0.5 / FRAME_SAMPLES)
        assert largest_step(sound) <= allowed * 1.0001


class TestInput:
    def test_it_is_what_the_frame_hears(self) -> None:
        tone = sine(1)[0]
        assert np.array_equal(Input()(Frame(audio=tone)), tone)

    def test_gain(self) -> None:
        assert peak(Input()(Frame(audio=steady(0.5)), 6.0)) == pytest.approx(-0.0206, abs=1e-4)
        assert not Input()(Frame(audio=steady(0.5)), -60.0).any()

    @pytest.mark.parametrize(
        ("channels", "left", "right"),
        [("stereo", 0.25, 0.75), ("left", 0.25, 0.25), ("right", 0.75, 0.75), ("mono", 0.5, 0.5)],
    )
    def test_channels(self, channels: str, left: float, right: float) -> None:
        heard = Input()(Frame(audio=steady(0.25, 0.75)), channels=channels)  # type: ignore[arg-type]
        assert np.array_equal(heard, steady(left, right))


class TestPan:
    def test_the_middle_changes_nothing(self) -> None:
        tone = sine(1)[0]
        assert np.array_equal(Pan()(tone), tone)

    @pytest.mark.parametrize(("position", "near", "far"), [(-1.0, 0, 1), (1.0, 1, 0)])
    def test_an_end_is_3_db_louder_and_the_other_side_silent(
        self, position: float, near: int, far: int
    ) -> None:
        panned = Pan()(steady(0.5), position)
        assert not panned[:, far].any()
        assert panned[0, near] == pytest.approx(0.5 * math.sqrt(2.0))

    def test_half_way_right(self) -> None:
        # sin 22.5° / sin 45° and sin 67.5° / sin 45°.
        panned = Pan()(steady(1.0), 0.5)
        assert panned[0].tolist() == pytest.approx([0.541196, 1.306563], abs=1e-6)

    @pytest.mark.parametrize("position", [-1.0, -0.3, 0.0, 0.8, 1.0])
    def test_the_power_stays(self, position: float) -> None:
        assert level(Pan()(steady(0.5), position)) == pytest.approx(level(steady(0.5)), abs=1e-5)

    def test_a_change_is_a_straight_line_over_one_frame(self) -> None:
        pan = Pan()
        pan(steady(1.0), 0.0)
        moved = pan(steady(1.0), -1.0)
        assert moved[:, 1] == pytest.approx(1 - np.arange(1, 1921) / 1920, abs=1e-6)
        assert moved[-1].tolist() == pytest.approx([math.sqrt(2.0), 0.0])


class TestMix:
    def test_nothing_is_silence(self) -> None:
        assert np.array_equal(Mix()(), SILENCE)

    def test_sounds_are_added_at_their_levels(self) -> None:
        mixed = Mix()(Mixed(steady(0.5)), Mixed(steady(0.25, 0.0), -6.0), Mixed(steady(1.0), -60.0))
        half = 10 ** (-6 / 20)
        assert mixed[0].tolist() == pytest.approx([0.5 + 0.25 * half, 0.5])

    def test_all_at_minus_60_db_is_exact_silence(self) -> None:
        assert not Mix()(*[Mixed(steady(1.0), -60.0)] * 3).any()

    def test_each_level_has_a_ramp_of_its_own(self) -> None:
        mix = Mix()
        mix(Mixed(steady(1.0, 0.0)), Mixed(steady(0.0, 1.0)))
        mixed = mix(Mixed(steady(1.0, 0.0)), Mixed(steady(0.0, 1.0), -60.0))
        assert np.array_equal(mixed[:, 0], np.ones(1920, np.float32))
        assert mixed[959, 1] == pytest.approx(0.5)
        assert mixed[-1, 1] == 0.0

    def test_a_sound_patched_in_fades_in(self) -> None:
        mix = Mix()
        mix(Mixed(steady(0.0)))
        mixed = mix(Mixed(steady(0.0)), Mixed(steady(1.0)))
        assert mixed[0, 0] == pytest.approx(1 / 1920)
        assert mixed[-1, 0] == 1.0
        mix(Mixed(steady(0.0)))
        again = mix(Mixed(steady(0.0)), Mixed(steady(1.0)))
        assert np.array_equal(again, mixed)


class TestGate:
    def opening(self, frames: int, **times: float) -> Sound:
        gate = Gate()
        return joined(gate(steady(1.0), held(SUSTAIN), **times) for _ in range(frames))[:, 0]

    def closing(self, frames: int, **times: float) -> Sound:
        gate = Gate()
        for _ in range(8):
            gate(steady(1.0), held(ONSET))
        return joined(gate(steady(1.0), SILENT, **times) for _ in range(frames))[:, 0]

    def test_99_percent_open_after_1920_samples(self) -> None:
        gain = self.opening(2)
        assert gain[1919] == pytest.approx(0.99, abs=1e-6)
        assert gain[0] == pytest.approx(1 - 0.01 ** (1 / 1920), rel=1e-4)
        assert gain[1918] < 0.99 - 1e-5 < 0.99 + 1e-5 < gain[1920]

    def test_99_percent_closed_after_48000_samples(self) -> None:
        gain = self.closing(26)
        assert gain[47_999] == pytest.approx(0.01, abs=1e-7)
        assert gain[23_999] == pytest.approx(0.1, abs=1e-6)
        assert gain[47_998] > 0.01 > gain[48_000]

    def test_the_times_can_be_set(self) -> None:
        assert self.opening(1, attack=0.01)[479] == pytest.approx(0.99, abs=1e-6)
        assert self.closing(1, release=0.02)[959] == pytest.approx(0.01, abs=1e-6)
        assert self.opening(1, attack=0.0)[0] == pytest.approx(0.99)

    def test_the_envelope_has_no_steps(self) -> None:
        gate = Gate()
        notes = [held(ON), held(ON), SILENT, held(ON), SILENT, SILENT, SILENT, held(ON)]
        gain = joined(gate(steady(1.0), each) for each in notes)
        # Opening from closed is steepest: 1 − 0.01^(1/1920) of the way in a sample.
        assert largest_step(gain) <= 1 - 0.01 ** (1 / 1920) + 1e-6

    def test_closed_at_first_and_with_masked_notes(self) -> None:
        assert np.array_equal(Gate()(steady(1.0)), SILENCE)
        assert np.array_equal(Gate()(steady(1.0), MASKED), SILENCE)

    def test_wide_open_changes_nothing(self) -> None:
        gate, tone = Gate(), sine(1)[0]
        for _ in range(4):
            gate(tone, held(ON))
        assert np.array_equal(gate(tone, held(ON)), tone)

    def test_closed_for_long_is_exact_silence(self) -> None:
        # 120 dB are three times the 40 dB of a second.
        assert self.closing(76)[-1] == 0.0


class TestLevel:
    def test_a_full_sine_is_71_percent(self) -> None:
        follow = Level()
        assert follow(sine(1, 500.0, 1.0)[0]) == pytest.approx(math.sqrt(0.5), abs=1e-4)

    def test_silence_is_0(self) -> None:
        assert Level()(SILENCE) == 0.0

    def test_attack_and_release(self) -> None:
        follow = Level()
        rise = [follow(steady(0.5), attack=0.2, release=0.4) for _ in range(5)]
        assert rise[-1] == pytest.approx(0.5 * (1 - math.exp(-1)), abs=1e-6)
        fall = [follow(SILENCE, attack=0.2, release=0.4) for _ in range(10)]
        assert fall[-1] == pytest.approx(rise[-1] * math.exp(-1), abs=1e-6)

    def test_it_ends_at_1(self) -> None:
        assert Level()(steady(4.0)) == 1.0

    def test_a_broken_sound_is_forgotten(self) -> None:
        follow = Level()
        assert follow(steady(math.nan)) == 0.0
        assert follow(steady(0.5)) == pytest.approx(0.5)


class TestOutput:
    def test_it_is_heard_at_its_level(self) -> None:
        heard = Out()(steady(0.5), -6.0)
        assert isinstance(heard, Output)
        assert peak(heard.audio) == pytest.approx(-12.0206, abs=1e-4)
        assert not Out()(steady(0.5), -60.0).audio.any()


def limited(frames: Iterable[AudioArray], **values: float) -> Sound:
    limiter = Limiter()
    return joined(limiter(each, **values) for each in frames)


def by_the_sample(sound: Sound, ceiling: float, release: float) -> Sound:
    """The limiter's law, one sample at a time."""
    padded = np.concatenate((np.zeros((2 * DELAY, 2)), sound.astype(np.float64)))
    needed = [
        max(0.0, 1.0 - ceiling / peak) if peak else 0.0 for peak in np.abs(padded).max(axis=1)
    ]
    fall, reductions = math.exp(-1.0 / (SAMPLE_RATE * release)), [0.0] * DELAY
    for n in range(DELAY, len(padded)):
        reductions.append(max(max(needed[n - DELAY : n + 1]), fall * reductions[-1]))
    gain = [1.0 - sum(reductions[n - DELAY : n + 1]) / 128 for n in range(2 * DELAY, len(padded))]
    return padded[DELAY : DELAY + len(sound)] * np.array(gain)[:, None]


HOSTILE = st.one_of(
    st.floats(-4, 4, width=32),
    st.sampled_from([0.0, 1.0, -1.0, 1e-38, 1e3, -1e10, 3e38, math.inf, -math.inf, math.nan]),
)


class TestLimiter:
    def test_under_the_ceiling_it_only_delays(self) -> None:
        tone = sine(3, amplitude=0.89)  # −1 dB is 0.891
        sound = limited(tone)
        assert not sound[:DELAY].any()
        assert np.array_equal(sound[DELAY:], joined(tone)[:-DELAY])

    def test_a_loud_tone_comes_out_at_the_ceiling(self) -> None:
        sound = limited(sine(50, amplitude=4.0), ceiling=-3.0, release=1.0)
        settled = sound[48_000:]
        assert peak(settled) == pytest.approx(-3.0, abs=0.05)
        # A sine's RMS lies 3.01 dB under its peak: it is turned down, not squashed.
        assert level(settled) == pytest.approx(-6.01, abs=0.1)

    def test_it_does_not_distort_a_loud_tone(self) -> None:
        # 1,000 Hz over 48,000 samples: every harmonic is a bin of its own.
        sound = limited(sine(75, 1000.0, 4.0), release=1.0)[-48_000:, 0]
        spectrum = np.abs(np.fft.rfft(sound))
        rest = np.sqrt(np.square(np.delete(spectrum, range(995, 1006))).sum())
        assert 20 * math.log10(rest / spectrum[1000]) < -60.0

    @settings(max_examples=60, deadline=None)
    @given(
        st_np.arrays(np.float32, st.just((3 * FRAME_SAMPLES, 2)), elements=HOSTILE, fill=HOSTILE),
        st.floats(-24, 0),
        st.floats(0.01, 5),
    )
    def test_the_ceiling_holds(self, sound: Sound, ceiling: float, release: float) -> None:
        out = limited(np.split(sound, 3), ceiling=ceiling, release=release)
        assert np.isfinite(out).all()
        assert np.abs(out).max() <= decibels(ceiling)

    @pytest.mark.parametrize("ceiling", [-24.0, -1.0, 0.0])
    def test_the_ceiling_holds_for_noise_bursts_and_square_waves(self, ceiling: float) -> None:
        rng = np.random.default_rng(1)
        burst = rng.normal(0, 1, (10 * FRAME_SAMPLES, 2)) * rng.choice([0, 0.1, 30], (19_200, 1))
        square = np.where(np.arange(19_200) // 300 % 2, 5.0, -5.0)[:, None].repeat(2, axis=1)
        clicks = np.where(rng.random((19_200, 2)) < 0.001, 900.0, 0.01)
        sound = np.concatenate((burst, square, clicks)).astype(np.float32)
        out = limited(np.split(sound, 30), ceiling=ceiling, release=0.05)
        assert np.abs(out).max() <= decibels(ceiling)

    def test_frame_borders_are_nowhere(self) -> None:
        rng = np.random.default_rng(2)
        sound = rng.normal(0, 0.7, (4 * FRAME_SAMPLES, 2)).astype(np.float32)
        expected = by_the_sample(sound, decibels(-1.0), 0.02)
        assert limited(np.split(sound, 4), release=0.02) == pytest.approx(expected, abs=5e-6)

    def test_one_click_is_turned_down_smoothly_and_let_go(self) -> None:
        # A click of 8.9 (+19 dB) needs a tenth of the gain.
        sound = np.full((10 * FRAME_SAMPLES, 2), 0.1, np.float32)
        sound[5000, 0] = 10 * decibels(-1.0)
        gain = limited(np.split(sound, 10), release=0.1)[:, 1] / np.float32(0.1)
        assert gain[5000 + DELAY] == pytest.approx(0.1, abs=1e-4)
        # Down in a line over 128 samples, so that no step is above 0.9 / 128.
        assert np.abs(np.diff(gain[DELAY:])).max() <= 0.9 / 128 + 1e-5
        assert gain[4999] == 1.0
        # A time constant later 63 % of the 0.9 are gone; the hold and the mean take 64 to 127.
        assert 1 - gain[5000 + DELAY + 4800] == pytest.approx(0.9 * math.exp(-1), rel=0.02)

    def test_both_sides_are_turned_down_together(self) -> None:
        sound = np.tile(np.array([4.0, 1.0], np.float32), (3 * FRAME_SAMPLES, 1))
        out = limited(np.split(sound, 3))[-100:]
        assert out[:, 0] / out[:, 1] == pytest.approx(4.0, rel=1e-5)

    def test_at_rest_again_it_only_delays(self) -> None:
        quiet = sine(1, amplitude=0.1)[0]
        limiter = Limiter()
        limiter(steady(4.0), release=0.01)
        for _ in range(6):
            limiter(quiet, release=0.01)
        assert np.array_equal(limiter(quiet, release=0.01)[DELAY:], quiet[:-DELAY])

    def test_a_new_ceiling_comes_within_a_frame_and_without_a_step(self) -> None:
        limiter, tone = Limiter(), sine(6, 100.0, 2.0)
        ceilings = [0.0, 0.0, -12.0, -12.0, 0.0, 0.0]
        frames = [limiter(*each, 0.05) for each in zip(tone, ceilings, strict=True)]
        sound = joined(frames)
        assert np.abs(sound).max() <= 1.0
        assert np.abs(sound[3 * FRAME_SAMPLES + DELAY : 4 * FRAME_SAMPLES]).max() <= decibels(-12.0)
        assert largest_step(sound) <= largest_step(joined(tone))

    def test_what_is_not_a_number_is_silence_and_soon_forgotten(self) -> None:
        limiter, tone = Limiter(), sine(4, amplitude=0.5)
        out = joined([limiter(steady(math.nan)), *(limiter(each) for each in tone)])
        assert not out[: FRAME_SAMPLES + DELAY].any()
        assert np.array_equal(out[FRAME_SAMPLES + DELAY :], joined(tone)[:-DELAY])
