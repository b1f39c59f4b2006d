"""The sketch, heard: in tune, in time, silent where it must be, without clicks."""

from __future__ import annotations

import numpy as np
import pytest

from engine.conditioning import Conditioning
from engine.generators.sketch import synth
from engine.generators.sketch.anchors import ANCHORS, NEUTRAL
from engine.generators.sketch.host import SketchHost
from engine.generators.sketch.performer import SOUNDING, Life, Performer
from engine.signals import MASKED, SILENT, AudioArray, NotesArray
from tests import measure
from tests.sketching import ENCODER, dry, heard, held, notes, play, started, style


@pytest.fixture(scope="module")
def notes_of_all() -> dict[str, dict[int, AudioArray]]:
    """0.6 s of six pitches from end to end with every anchor, one instance each."""
    host = SketchHost(ENCODER)
    names = [anchor.name for anchor in (*ANCHORS, NEUTRAL)]
    slots = {name: host.add(1) for name in names}
    sounds: dict[str, dict[int, AudioArray]] = {name: {} for name in names}
    for pitch in (36, 47, 60, 73, 86, 96):
        for slot in slots.values():
            host.reset(slot, 1)
        made: dict[str, list[AudioArray]] = {name: [] for name in names}
        for each in held(pitch, frames=15):
            heard_by = {
                slot: Conditioning(notes=each, style=style(name), drums=0)
                for name, slot in slots.items()
            }
            frame = host.step(heard_by)
            for name, slot in slots.items():
                made[name].append(frame[slot])
        for name in names:
            sounds[name][pitch] = np.concatenate(made[name])
    return sounds


def tuning(sound: AudioArray, wanted: float) -> float:
    """Returns how far a tone lies above a frequency on average, in cents.

    Vibrato spreads a tone into side lines 5.3 Hz apart, of which none need lie in the middle, so
    this is the mean of the power within 3 % of the frequency, or 8 Hz, twice the window's width.
    """
    samples = measure.mono(sound)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 48_000)
    near = np.abs(hertz - wanted) < max(0.03 * wanted, 8.0)
    return measure.cents(float((hertz * power)[near].sum() / power[near].sum()), wanted)


def test_tuning_is_told_to_a_cent_with_and_without_vibrato() -> None:
    t = np.arange(24_000) / 48_000
    for wanted in (65.4, 1174.7):
        for off in (-10.0, 3.0):
            cycles = wanted * 2 ** (off / 1200) * t
            for depth in (0.0, 7.5 * wanted / 1174.7):
                bent = cycles - depth / (2 * np.pi * 5.3) * np.cos(2 * np.pi * 5.3 * t)
                assert abs(tuning(np.sin(2 * np.pi * bent), wanted) - off) < 1.0


def test_every_anchor_is_in_tune(notes_of_all: dict[str, dict[int, AudioArray]]) -> None:
    for name, sounds in notes_of_all.items():
        for pitch, sound in sounds.items():
            assert abs(tuning(sound[4800:], measure.hertz(pitch))) < 5, (name, pitch)


def test_every_anchor_begins_within_5_ms(notes_of_all: dict[str, dict[int, AudioArray]]) -> None:
    for name, sounds in notes_of_all.items():
        for pitch, sound in sounds.items():
            assert 0 <= measure.onset(sound) < 240, (name, pitch)


def test_every_anchor_is_about_as_loud(notes_of_all: dict[str, dict[int, AudioArray]]) -> None:
    for name, sounds in notes_of_all.items():
        assert -36 < measure.level(sounds[60]) < -16, name
        assert measure.peak(sounds[36]) < -0.4, name


def test_no_anchor_clicks_at_frame_borders(
    notes_of_all: dict[str, dict[int, AudioArray]],
) -> None:
    for name, sounds in notes_of_all.items():
        for pitch, sound in sounds.items():
            assert measure.click(sound, 1920) < -90, (name, pitch)


def test_an_onset_begins_in_its_own_frame() -> None:
    sound = heard([SILENT] * 3 + held(60, frames=3))
    assert not sound[: 3 * 1920].any()
    assert 3 * 1920 <= measure.onset(sound) < 3 * 1920 + 240


def test_sustain_without_an_onset_starts_softly_and_once() -> None:
    soft = heard([notes(p60=1)] * 5)
    hard = heard(held(60, frames=5))
    assert 0 <= measure.onset(soft) < 240
    assert measure.level(soft) < measure.level(hard) - 3
    assert len(started([notes(p60=1)] * 40)) == 1


def test_off_is_exact_silence_within_250_ms() -> None:
    for name in ("warm pad", "bells", "strings"):
        host = dry(SketchHost(ENCODER, "numpy"))
        sound = play(host, host.add(1), held(60, frames=10, tail=10), style=style(name))
        assert measure.level(sound[9 * 1920 : 10 * 1920]) > -50, name
        assert not sound[10 * 1920 + 12_000 :].any(), name


def test_the_room_rings_on_for_little_more_than_a_second() -> None:
    sound = heard(held(60, frames=10, tail=60))
    playing = measure.level(sound[5 * 1920 : 10 * 1920])
    assert measure.level(sound[20 * 1920 : 25 * 1920]) < playing - 20
    assert measure.level(sound[40 * 1920 : 45 * 1920]) < playing - 60
    assert not sound[55 * 1920 :].any()


def test_nothing_sounds_where_pitches_are_off() -> None:
    # From when the room has answered in full.
    sound = heard(held(60, 64, 67, frames=80))[36 * 1920 :]
    played = measure.level_at(sound, measure.hertz(60))
    for pitch in (58, 59, 61, 62, 63, 65, 66, 68, 69, 70):
        assert measure.level_at(sound, measure.hertz(pitch)) < played - 60, pitch


def test_striking_again_is_heard_and_does_not_click() -> None:
    struck = notes(p60=2)
    again = [struck, *[notes(p60=1)] * 9] * 3
    sound = heard(again, style=style("marimba"))
    for at in (10, 20):
        before = measure.level(sound[(at - 1) * 1920 : at * 1920])
        assert measure.level(sound[at * 1920 : (at + 1) * 1920]) > before + 6
    assert [frame for frame, _, _ in started(again)] == [0, 10, 20]
    assert measure.click(heard(again, style=style("warm pad")), 1920) < -50


def test_more_notes_than_voices_steals_the_oldest_and_its_own_first() -> None:
    player = Performer.fresh(1)
    sheet = synth.Sheet(np.zeros(synth.CONTROLS, np.float32))

    def sounding(each: NotesArray) -> set[int]:
        sheet.begin(player.memory.clock, False)
        player.play(Conditioning(notes=each, drums=0), NEUTRAL.manner, sheet)
        return {voice.pitch for voice in player.memory.voices if voice.life == Life.HELD}

    assert sounding(MASKED)
    first = notes(rest=-1)
    first[40 : 40 + SOUNDING] = 2
    assert sounding(first) == set(range(40, 64))
    second = np.where(first == 2, 1, 0).astype(np.int8)
    second[80:84] = 2
    assert sounding(second) == set(range(44, 64)) | {80, 81, 82, 83}
    # What was stolen does not come back by being sustained.
    second[80:84] = 1
    assert sounding(second) == set(range(44, 64)) | {80, 81, 82, 83}


def test_notes_that_find_no_voice_begin_in_the_next_frame() -> None:
    low, high = notes(), notes()
    low[36:60], high[70:94] = 2, 2
    both = high.copy()
    both[70:94] = 1
    begun = started([low, high, both])
    assert sorted(pitch for frame, pitch, _ in begun if frame == 1) == list(range(70, 78))
    assert sorted(pitch for frame, pitch, _ in begun if frame == 2) == list(range(78, 94))
    assert [frame for frame, pitch, _ in started([low, high, SILENT]) if frame == 2] == []


@pytest.mark.parametrize("name", ["organ", "warm pad", "sub bass"])
def test_stealing_is_not_heard_as_a_click(name: str) -> None:
    low = notes()
    low[36:60] = 2
    on = np.where(low == 2, 1, 0).astype(np.int8)
    steal = on.copy()
    steal[90:94] = 2
    sound = heard([low, *[on] * 10, steal, *[on] * 3], style=style(name))
    assert measure.click(sound[1920:], 1920) < -90
    assert measure.peak(sound) < -0.4


def test_the_loudest_chord_stays_below_full_scale_without_dc() -> None:
    everything = np.full(128, 2, np.int8)
    sound = heard([everything, *[np.ones(128, np.int8)] * 40], style=style("brass"), drums=1)
    assert measure.peak(sound) < -0.4
    driven = heard(held(48, frames=60), style=style("brass"))[10 * 1920 :]
    window = np.hanning(len(driven))[:, None]
    assert np.abs((driven * window).sum(axis=0) / window.sum()).max() < 1e-4


def test_styles_move_without_clicks_or_jumps() -> None:
    path = [style(anchor.name) for anchor in ANCHORS[:16]]
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    made = []
    for frame, each in enumerate(held(60, 64, 67, frames=50)):
        at = frame / 50 * (len(path) - 1)
        low = int(at)
        blend = path[low] + np.float32(at - low) * (path[low + 1] - path[low])
        step = {slot: Conditioning(notes=each, style=blend, drums=0)}
        made.append(host.step(step)[slot])
    assert measure.click(np.concatenate(made)[1920:], 1920) < -70


def test_drums_0_is_none_even_where_the_style_is_a_kit() -> None:
    assert not heard([SILENT] * 30, style=style("techno drums"), drums=0).any()


@pytest.mark.parametrize("at", [5, 12, 24])
def test_drums_1_is_a_hit_in_that_frame(at: int) -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    sound = np.concatenate(
        [
            host.step({slot: Conditioning(notes=SILENT, drums=int(frame == at))})[slot]
            for frame in range(30)
        ]
    )
    assert not sound[: at * 1920].any()
    assert at * 1920 <= measure.onset(sound) < at * 1920 + 240
    assert -30 < measure.peak(sound) < -0.4


def test_a_roll_of_hits_does_not_click() -> None:
    sound = heard([SILENT] * 30, drums=1, style=style("techno drums"))
    assert measure.peak(sound) < -0.4
    kick_tail = sound[10 * 1920 :]
    assert measure.level(kick_tail) > -40


def test_equal_seeds_are_equal_and_others_differ() -> None:
    frames = [notes(rest=-1, p48=3)] * 60
    one = heard(frames, seed=5, style=style("flute"))
    np.testing.assert_array_equal(one, heard(frames, seed=5, style=style("flute")))
    assert np.abs(one - heard(frames, seed=6, style=style("flute"))).max() > 0.01
