"""The sketch, heard: obedience, improvisation, sound, and the law of every host."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditioning import Conditioning
from engine.generators import Slot, open_host
from engine.generators.sketch import host as host_module
from engine.generators.sketch import space, synth
from engine.generators.sketch.anchors import ANCHORS, NEUTRAL, Manner, Palette, manner
from engine.generators.sketch.arrays import noise, turn
from engine.generators.sketch.host import SketchHost
from engine.generators.sketch.performer import SOUNDING, Life, Performer
from engine.signals import MASKED, NO_STYLE, SILENT, AudioArray, NotesArray, StyleArray
from engine.style.sketch import SketchEncoder
from tests import measure

ENCODER = SketchEncoder()
BEAT = 12
"""Frames of the sketch's own quarter note."""


def notes(rest: int = 0, **pitches: int) -> NotesArray:
    """Notes by `p60=2`; every other pitch is `rest`."""
    made = np.full(128, rest, np.int8)
    for pitch, state in pitches.items():
        made[int(pitch[1:])] = state
    return made


def held(*pitches: int, frames: int, tail: int = 0, rest: int = 0) -> list[NotesArray]:
    """Pitches struck in the first frame and held, then nothing for `tail` frames."""
    first, on, off = (np.full(128, rest, np.int8) for _ in range(3))
    first[list(pitches)], on[list(pitches)], off[list(pitches)] = 2, 1, 0
    return [first] + [on] * (frames - 1) + [off] * tail


def style(name: str) -> StyleArray:
    return NO_STYLE if name == "neutral" else ENCODER.text(name)


def play(
    host: SketchHost, slot: Slot, frames: Iterable[NotesArray], **conditioning: object
) -> AudioArray:
    conditioning = {"drums": 0} | conditioning
    return np.concatenate(
        [host.step({slot: Conditioning(notes=each, **conditioning)})[slot] for each in frames]
    )


def heard(frames: Iterable[NotesArray], seed: int = 1, **conditioning: object) -> AudioArray:
    """The sound of a fresh instance on NumPy."""
    host = SketchHost(ENCODER, "numpy")
    return play(host, host.add(seed), frames, **conditioning)


def dry(host: SketchHost) -> SketchHost:
    """Takes the room away, so that the notes' own ends are heard."""
    room = 3 * 32 + Manner._fields.index("room")
    host._palette._points[:, room] = 0.0
    return host


def started(
    frames: Iterable[NotesArray], name: str = "neutral", seed: int = 1, **conditioning: object
) -> list[tuple[int, int, bool]]:
    """The notes that began: frame, pitch, and whether they were the sketch's own."""
    player, palette = Performer.fresh(seed), Palette(ENCODER)
    sheet = synth.Sheet(np.zeros(synth.CONTROLS, np.float32))
    sheet.mixture[:] = palette.mixture(style(name))
    begun = []
    for frame, each in enumerate(frames):
        sheet.begin(frame, frame == 0)
        player.play(Conditioning(notes=each, **conditioning), manner(sheet.mixture), sheet)
        begun += [
            (frame, voice.pitch, voice.own)
            for voice in player.memory.voices
            if voice.life == Life.HELD and voice.since == frame
        ]
    return begun


@pytest.fixture(scope="module")
def notes_of_all() -> dict[str, dict[int, AudioArray]]:
    """0.8 s of three pitches with every anchor, one instance each."""
    host = SketchHost(ENCODER)
    names = [anchor.name for anchor in (*ANCHORS, NEUTRAL)]
    slots = {name: host.add(1) for name in names}
    sounds: dict[str, dict[int, AudioArray]] = {name: {} for name in names}
    for pitch in (36, 60, 96):
        for slot in slots.values():
            host.reset(slot, 1)
        made: dict[str, list[AudioArray]] = {name: [] for name in names}
        for each in held(pitch, frames=20):
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


def test_every_anchor_is_in_tune(notes_of_all: dict[str, dict[int, AudioArray]]) -> None:
    for name, sounds in notes_of_all.items():
        for pitch, sound in sounds.items():
            wanted = measure.hertz(pitch)
            found = measure.pitch(sound[4800:], 0.94 * wanted, 1.06 * wanted)
            assert abs(measure.cents(found, wanted)) < 5, (name, pitch)


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


def test_on_sounds_at_once_and_strikes_again_on_the_beat() -> None:
    chord = [notes(p60=3, p64=3, p67=3)] * 50
    begun = started(chord, temperature=0.0)
    assert begun == [(beat, p, False) for beat in (0, 12, 24, 36, 48) for p in (60, 64, 67)]


def test_on_strikes_off_the_beat_by_chance_but_on_the_grid() -> None:
    one, other = (started([notes(p60=3)] * 200, seed=seed) for seed in (1, 2))
    assert one != other
    assert all(frame % 6 == 0 for frame, _, _ in one + other)
    assert started([notes(p60=3)] * 200, seed=1) == one


def test_on_that_was_just_struck_is_not_struck_again_at_once() -> None:
    frames = [SILENT] * 11 + [notes(p60=3)] * 14
    assert [frame for frame, _, _ in started(frames, temperature=0.0)] == [11, 24]


def test_a_masked_note_ends_by_itself_on_the_grid() -> None:
    host = dry(SketchHost(ENCODER, "numpy"))
    only = notes(p60=-1)
    sound = play(
        host, host.add(1), [*held(60, frames=8), *[only] * 30], style=style("organ"), top_k=1
    )
    assert measure.level(sound[10 * 1920 : 11 * 1920]) > -40
    own = started([*held(60, frames=8), *[SILENT] * 10])
    assert own == [(0, 60, False)]


def test_left_alone_it_plays_quietly_in_c_major_pentatonic() -> None:
    begun = started([MASKED] * 300, temperature=0.8)
    assert len(begun) > 10
    assert begun[0][0] == 0
    assert {pitch % 12 for _, pitch, _ in begun[:8]} <= {0, 2, 4, 7, 9}
    assert all(own for _, _, own in begun)
    sound = heard([MASKED] * 100)
    assert -50 < measure.level(sound) < measure.level(heard(held(60, 64, 67, frames=100))) - 3


def test_what_it_adds_fits_what_is_held() -> None:
    triad = [notes(rest=-1, p60=1, p64=1, p67=1)] * 1500
    share = {}
    for temperature in (1.0, 2.5):
        added = [
            pitch
            for seed in range(4)
            for _, pitch, own in started(triad, seed=seed, temperature=temperature)
            if own
        ]
        assert len(added) > 100
        share[temperature] = np.mean([pitch % 12 in (0, 2, 4, 5, 7, 9, 11) for pitch in added])
    assert share[1.0] > 0.95
    assert 0.7 < share[2.5] < share[1.0]


def test_it_follows_the_key_that_was_played() -> None:
    chord = held(61, 65, 68, frames=50, rest=-1)
    begun = started([*chord, *[MASKED] * 200], temperature=0.5)
    later = {pitch % 12 for frame, pitch, own in begun if own and frame > 60}
    assert later
    assert later <= {1, 3, 5, 6, 8, 10, 0}


def test_it_never_adds_a_note_where_it_is_not_free() -> None:
    free = [0, 3, 5, 7, 10]
    scale = np.where(np.isin(np.arange(128) % 12, free), -1, 0).astype(np.int8)
    begun = started([scale] * 500, temperature=3.0, name="marimba")
    assert len(begun) > 30
    assert {pitch % 12 for _, pitch, _ in begun} <= set(free)
    assert not started([SILENT] * 100, temperature=3.0)
    outside = np.where(np.arange(128) < 30, -1, 0).astype(np.int8)
    assert not started([outside] * 100)


def test_an_own_note_falls_silent_where_it_becomes_off() -> None:
    host = dry(SketchHost(ENCODER, "numpy"))
    sound = play(host, host.add(1), [MASKED] * 5 + [SILENT] * 10, style=style("organ"))
    assert measure.level(sound[: 5 * 1920]) > -60
    assert not sound[5 * 1920 + 12_000 :].any()


def test_temperature_0_is_not_random() -> None:
    frames = [notes(rest=-1, p60=3, p67=1)] * 60
    np.testing.assert_array_equal(
        heard(frames, seed=1, temperature=0.0), heard(frames, seed=99, temperature=0.0)
    )
    assert any(own for _, _, own in started(frames, temperature=0.0))


def test_more_temperature_adds_more() -> None:
    triad = [notes(rest=-1, p60=1, p64=1, p67=1)] * 1000
    cool, hot = (
        sum(own for seed in range(4) for *_, own in started(triad, seed=seed, temperature=t))
        for t in (0.5, 2.5)
    )
    assert hot > 1.3 * cool


def test_top_k_1_leaves_no_choice_of_pitch() -> None:
    first = {started([MASKED], seed=seed, temperature=3.0, top_k=1)[0][1] for seed in range(10)}
    free = {started([MASKED], seed=seed, temperature=3.0)[0][1] for seed in range(10)}
    assert len(first) == 1
    assert len(free) > 2


def test_notes_guidance_keeps_it_back() -> None:
    triad = [notes(rest=-1, p60=1, p64=1, p67=1)] * 1000
    loose, strict = (
        sum(own for seed in range(4) for *_, own in started(triad, seed=seed, notes_guidance=g))
        for g in (-1.0, 7.0)
    )
    assert strict < 0.8 * loose


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


def test_stealing_is_not_heard_as_a_click() -> None:
    low = notes()
    low[36:60] = 2
    on = np.where(low == 2, 1, 0).astype(np.int8)
    steal = on.copy()
    steal[90:94] = 2
    sound = heard([low, *[on] * 10, steal, *[on] * 3], style=style("warm pad"))
    assert measure.click(sound[1920:], 1920) < -50
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


def test_drums_left_free_play_a_beat_only_if_the_style_has_one() -> None:
    beat = heard([SILENT] * 100, style=style("techno drums"), drums=-1, temperature=0.0)
    kicks = [measure.level(beat[at * 1920 : (at + 1) * 1920]) for at in range(0, 96, BEAT)]
    assert min(kicks) > -25
    assert measure.level(heard([SILENT] * 50, style=style("acoustic drums"), drums=-1)) > -40
    assert not heard([SILENT] * 50, drums=-1).any()


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


def test_style_guidance_pulls_from_neutral_to_the_style() -> None:
    palette = Palette(ENCODER)
    weight = [
        palette.weights(ENCODER.text("a distant organ"), guidance)[-1]
        for guidance in (-1.0, 0.0, 0.5, 1.6, 6.0)
    ]
    assert weight[0] == weight[1] == 1.0
    assert sorted(weight, reverse=True) == weight
    assert weight[-1] < 0.01


def test_a_style_sounds_like_the_anchor_it_names() -> None:
    palette = Palette(ENCODER)
    for at, anchor in enumerate(ANCHORS):
        weights = palette.weights(ENCODER.text(anchor.name))
        assert weights[at] > 0.85, anchor.name
        assert weights.sum() == pytest.approx(1.0, abs=1e-5)
    names = [anchor.name for anchor in ANCHORS]
    for text, name in {
        "Rhodes": "electric piano",
        "choire": "choir",
        "solo marimbas": "marimba",
        "upright jazz bass": "double bass",
    }.items():
        assert names[int(np.argmax(palette.weights(ENCODER.text(text))[:-1]))] == name


def test_without_a_style_that_it_knows_it_is_neutral() -> None:
    palette = Palette(ENCODER)
    assert palette.weights(NO_STYLE)[-1] == 1.0
    assert palette.weights(ENCODER.text("zzyzx qwrt"))[-1] > 0.9
    assert palette.weights(np.full(768, np.nan, np.float32))[-1] == 1.0


def test_reset_begins_anew_and_fades_what_was() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    chord = held(48, 52, 55, frames=20)
    before = play(host, slot, chord, style=style("warm pad"))
    after = [
        host.step({slot: Conditioning(notes=each, seed=7, reset=at == 0, drums=0)})[slot]
        for at, each in enumerate([MASKED] * 20)
    ]
    fresh = heard([MASKED] * 20, seed=7)
    np.testing.assert_array_equal(np.concatenate(after[1:]), fresh[1920:])
    fading = after[0] - fresh[:1920]
    assert measure.level(fading[:480]) > measure.level(fading[-480:]) + 12
    assert abs(float(fading[0, 0] - before[-1, 0])) < 0.05


def test_reset_by_the_host_is_as_new() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    play(host, slot, held(60, frames=5))
    host.reset(slot, 3)
    frames = [MASKED] * 20
    np.testing.assert_array_equal(play(host, slot, frames), heard(frames, seed=3))


@pytest.mark.parametrize("library", ["numpy", "jax"])
def test_a_restored_memory_plays_on_as_if_nothing_had_happened(library: str) -> None:
    host = SketchHost(ENCODER, library)
    slot, other = host.add(1), host.add(2)
    given = notes(rest=-1, p60=3, p55=1)
    play(host, slot, [given] * 30, style=style("techno drums"), drums=-1)
    memory = host.save(slot)
    expected = play(host, slot, [given] * 20, style=style("techno drums"), drums=-1)
    host.restore(other, memory)
    again = play(host, other, [given] * 20, style=style("techno drums"), drums=-1)
    np.testing.assert_array_equal(expected, again)
    assert len(memory) < 1_000_000


def test_an_instance_that_never_played_can_be_saved() -> None:
    host = SketchHost(ENCODER, "numpy")
    new, used = host.add(4), host.add(5)
    play(host, used, held(60, frames=5))
    host.restore(used, host.save(new))
    frames = [MASKED] * 10
    np.testing.assert_array_equal(play(host, used, frames), heard(frames, seed=4))


def test_what_is_no_memory_is_refused_and_changes_nothing() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    frames = held(60, frames=4)
    start = play(host, slot, frames[:2])
    memory = host.save(slot)
    for wrong in (b"", b"\xff\x00garbage", memory[:-1], memory.replace(b"sketch 1", b"sketch 9")):
        with pytest.raises(ValueError, match="no memory of"):
            host.restore(slot, wrong)
    rest = play(host, slot, frames[2:])
    np.testing.assert_array_equal(np.concatenate([start, rest]), heard(frames))


@pytest.fixture(scope="module")
def trio() -> list[dict[str, object]]:
    """Three instances' conditioning."""
    return [
        {"notes": notes(rest=-1, p60=3), "style": style("flute"), "drums": 0},
        {"notes": MASKED, "style": style("techno drums"), "drums": -1},
        {"notes": notes(p40=1, p47=1), "style": style("strings"), "drums": 1},
    ]


@pytest.mark.parametrize("library", ["numpy", "jax"])
def test_a_batch_is_as_its_instances_alone(library: str, trio: list[dict[str, object]]) -> None:
    together = SketchHost(ENCODER, library)
    slots = [together.add(seed) for seed in range(3)]
    alone = [SketchHost(ENCODER, library) for _ in range(3)]
    own = [host.add(seed) for seed, host in enumerate(alone)]
    for _ in range(25):
        batch = together.step(
            {slot: Conditioning(**each) for slot, each in zip(slots, trio, strict=True)}
        )
        for at, host in enumerate(alone):
            single = host.step({own[at]: Conditioning(**trio[at])})[own[at]]
            np.testing.assert_allclose(batch[slots[at]], single, atol=1e-5)


def test_numpy_and_jax_agree(trio: list[dict[str, object]]) -> None:
    sounds = []
    for library in ("numpy", "jax"):
        host = SketchHost(ENCODER, library)
        slots = [host.add(seed) for seed in range(3)]
        sounds.append(
            [
                np.stack(list(host.step(dict(zip(slots, each, strict=True))).values()))
                for each in [[Conditioning(**one) for one in trio]] * 50
            ]
        )
    np.testing.assert_allclose(sounds[0], sounds[1], atol=1e-4)
    assert sounds[0][0].dtype == np.float32
    assert sounds[0][0].shape == (3, 1920, 2)


def test_instances_come_and_go_without_disturbing_others() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    frames = [notes(rest=-1, p60=3)] * 40
    made = [play(host, slot, frames[:10])]
    second = host.add(2)
    made.append(play(host, slot, frames[10:15]))
    third = host.add(3)
    both = {each: Conditioning(notes=frames[0], drums=0) for each in (slot, second, third)}
    made.append(host.step(both)[slot])
    host.remove(second)
    made.append(play(host, slot, frames[16:20]))
    again = host.add(2)
    both = {each: Conditioning(notes=frames[0], drums=0) for each in (slot, again)}
    result = host.step(both)
    made.append(result[slot])
    made.append(play(host, slot, frames[21:]))
    np.testing.assert_allclose(np.concatenate(made), heard(frames), atol=1e-6)
    np.testing.assert_allclose(result[again], heard(frames[:1], seed=2), atol=1e-6)


def test_an_instance_that_is_not_stepped_waits() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot, other = host.add(1), host.add(2)
    frames = held(60, frames=10)
    start = play(host, slot, frames[:5])
    play(host, other, held(50, frames=7))
    assert host.step({}) == {}
    rest = play(host, slot, frames[5:])
    np.testing.assert_allclose(np.concatenate([start, rest]), heard(frames), atol=1e-6)


def test_frames_are_read_only() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    frame = host.step({slot: Conditioning()})[slot]
    with pytest.raises(ValueError, match="read-only"):
        frame[0] = 1.0


def test_capacity_grows_past_32_in_whole_batches() -> None:
    assert [host_module._capacity(n) for n in (1, 3, 16, 17, 32, 33, 65)] == [
        1, 4, 16, 32, 32, 64, 96,
    ]  # fmt: skip


def test_jax_is_imported_only_when_a_host_is_made() -> None:
    code = "import sys, engine.generators.sketch.host; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_library_is_jax_where_there_is_one_and_numpy_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = open_host("sketch", ENCODER)
    assert isinstance(host, SketchHost)
    assert (host.library, host.stand_in) == ("jax", True)
    monkeypatch.setattr(host_module.importlib.util, "find_spec", lambda name: None)
    assert SketchHost(ENCODER).library == "numpy"


def test_the_cache_folder_is_none_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert host_module._cache_folder() == tmp_path / "hocket" / "jax"
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(file))
    assert host_module._cache_folder() is None


@given(st.floats(-1000, 1000, width=32))
def test_turning_is_cosine_and_sine(cycles: float) -> None:
    cosine, sine = turn(np, np.array([cycles], np.float64))
    assert cosine[0] == pytest.approx(np.cos(2 * np.pi * cycles), abs=2e-6)
    assert sine[0] == pytest.approx(np.sin(2 * np.pi * cycles), abs=2e-6)


def test_noise_is_white_centred_and_seeded() -> None:
    seeds = np.array([1, 2], np.uint32)
    white = noise(np, seeds, np.zeros(2, np.uint32), 20_000)
    assert np.abs(white.mean(axis=1)).max() < 0.02
    assert white.var() == pytest.approx(1 / 3, rel=0.02)
    assert np.abs(np.corrcoef(white)[0, 1]) < 0.03
    assert np.abs(np.corrcoef(white[0, 1:], white[0, :-1])[0, 1]) < 0.03
    later = noise(np, seeds, np.full(2, 100, np.uint32), 50)
    np.testing.assert_array_equal(later, white[:, 100:150])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3839))
def test_the_room_is_the_same_wherever_in_a_frame_a_sound_falls(at: int) -> None:
    sound = np.zeros((1, 6 * 1920), np.float32)
    sound[0, at] = 1.0
    state, made = space.space_state(1), []
    for frame in range(6):
        state, wet = space.reverberate(
            np, sound[:, frame * 1920 : (frame + 1) * 1920], space.room(), state
        )
        made.append(wet[0])
    response = np.concatenate(made, axis=1)[:, at : at + 2 * 1920]
    np.testing.assert_allclose(response, _response(), atol=2e-6)


def _response() -> AudioArray:
    """The room's first 80 ms, heard from the start of a frame."""
    click = np.zeros((1, 1920), np.float32)
    click[0, 0] = 1.0
    state, first = space.reverberate(np, click, space.room(), space.space_state(1))
    _, second = space.reverberate(np, np.zeros_like(click), space.room(), state)
    return np.concatenate([first[0], second[0]], axis=1)


def test_the_room_answers_after_9_ms_and_differs_left_and_right() -> None:
    response = _response()
    assert np.abs(response[:, :380]).max() < 1e-4
    assert np.abs(response[:, 480:]).max() > 5e-3
    assert abs(np.corrcoef(response)[0, 1]) < 0.2


@given(st.floats(-100, 100))
def test_the_limiter_leaves_what_is_low_and_holds_what_is_high(sample: float) -> None:
    limited = float(space.limit(np, np.array([sample]))[0])
    assert abs(limited) <= 0.95
    assert limited * sample >= 0
    if abs(sample) <= 0.5:
        assert limited == pytest.approx(sample)
