"""What is wrong with an instance is noticed, and what is well is not called wrong."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditioning import Conditioning
from engine.generators.sketch.host import SketchHost
from engine.health import Health
from engine.signals import FRAME_RATE, FRAME_SAMPLES, SILENCE, SILENT, AudioArray, NotesArray
from tests.sketching import ENCODER, notes, style

FREE = Conditioning()
NOTHING = Conditioning(notes=SILENT, drums=0)
STRUCK = Conditioning(notes=notes(p60=2, p64=2), drums=0)
HELD = Conditioning(notes=notes(p60=1, p64=1), drums=0)
HELD_BESIDE_FREE = Conditioning(notes=notes(rest=-1, p60=1, p64=1))
SILENT_10 = "has been silent for 10 s though it is asked to play"
SILENT_30 = "has been silent for 30 s though it is free to play"
REPEATED = "has repeated itself for 12 s"
HARDLY_CHANGED = "has hardly changed for 20 s though its notes have"


def seconds(count: float) -> int:
    return round(count * FRAME_RATE)


def told(
    sound: Iterable[AudioArray],
    heard: Conditioning | Iterable[Conditioning],
    health: Health | None = None,
) -> dict[int, str]:
    """What is told of a sound, by the frame in which it is."""
    health = health or Health()
    each = cycle([heard]) if isinstance(heard, Conditioning) else heard
    said = (health.hear(*frame) for frame in zip(sound, each, strict=False))
    return {frame: text for frame, text in enumerate(said) if text}


def frames(sound: np.ndarray) -> list[AudioArray]:
    """A sound of both sides alike, cut into frames."""
    both = np.repeat(sound.astype(np.float32)[:, None], 2, axis=1)
    return list(both.reshape(-1, FRAME_SAMPLES, 2))


def music(count: int, seed: int = 1) -> list[AudioArray]:
    """Struck noise: something new seven frames after the last, 14 dB down until then."""
    random = np.random.default_rng(seed)
    size = 0.2 * 0.8 ** (np.arange(count) % 7)
    return [(each * random.standard_normal((FRAME_SAMPLES, 2))).astype(np.float32) for each in size]


def tone(count: int, hertz: float, level: float = 0.1) -> list[AudioArray]:
    return frames(level * np.sin(2 * np.pi * hertz / 48_000 * np.arange(count * FRAME_SAMPLES)))


def hiss(count: int, level: float = 0.1) -> list[AudioArray]:
    random = np.random.default_rng(3)
    shape = np.exp(-np.arange(64) / 12)
    return frames(
        level * np.convolve(random.standard_normal(count * FRAME_SAMPLES), shape, mode="same")
    )


def again(loop: Sequence[AudioArray], count: int, noise: float = 0.0) -> list[AudioArray]:
    """A loop until `count` frames are full, with new noise `noise` dB under it each time."""
    random = np.random.default_rng(2)
    level = 10 ** (noise / 20) * float(np.sqrt(np.mean(np.square(loop)))) if noise else 0.0
    return [
        each + np.float32(level) * random.standard_normal(each.shape, np.float32)
        for each in islice(cycle(loop), count)
    ]


def by_turns(every: int, count: int, *pitches: NotesArray) -> list[Conditioning]:
    """Notes one after the other, `every` frames each, again and again."""
    return [
        Conditioning(notes=pitches[frame // every % len(pitches)], drums=0)
        for frame in range(count)
    ]


def test_music_is_well() -> None:
    for heard in (FREE, HELD, HELD_BESIDE_FREE, NOTHING):
        assert told(music(seconds(40)), heard) == {}


def test_silence_after_music_is_told_after_30_s_where_the_model_is_free() -> None:
    for heard in (FREE, HELD_BESIDE_FREE):
        sound = [*music(50), *[SILENCE] * seconds(60)]
        assert told(sound, heard) == {50 + seconds(30) - 1: SILENT_30}


def test_a_note_struck_in_silence_must_sound_within_10_s() -> None:
    sound = [*music(50), *[SILENCE] * seconds(60)]
    heard = [*[NOTHING] * 1000, STRUCK, *[HELD] * 999]
    assert told(sound, heard) == {1000 + seconds(10) - 1: SILENT_10}


def test_a_note_that_has_died_away_may_be_held_for_ever() -> None:
    sound = [*music(50), *[SILENCE] * seconds(60)]
    assert told(sound, [STRUCK, *[HELD] * 2000]) == {}


def test_drums_that_are_asked_for_must_sound_and_those_left_to_the_model_need_not() -> None:
    sound = [SILENCE] * seconds(60)
    assert told(sound, NOTHING._replace(drums=1)) == {seconds(10) - 1: SILENT_10}
    assert told(sound, NOTHING._replace(drums=-1)) == {}


def test_what_is_asked_to_be_silent_may_be() -> None:
    assert told([SILENCE] * seconds(60), NOTHING) == {}


def test_a_short_rest_counts_only_where_something_is_asked() -> None:
    sound = [SILENCE] * seconds(60)
    heard = [STRUCK if frame % 25 < 5 else NOTHING for frame in range(len(sound))]
    first = next(iter(told(sound, heard)))
    assert first == seconds(50) - 21  # a fifth of the time is 10 s


def test_below_70_db_is_silence_and_above_is_none() -> None:
    sound = music(seconds(40))  # up to −14 dBFS
    faint = [each * np.float32(10 ** (-58 / 20)) for each in sound]
    assert list(told(faint, FREE).values()) == [SILENT_30]
    soft = [each * np.float32(10 ** (-54 / 20)) for each in sound]
    assert told(soft, FREE) == {}


@pytest.mark.parametrize("heard", [FREE, HELD, HELD_BESIDE_FREE])
def test_one_frame_again_and_again_is_told_after_12_s(heard: Conditioning) -> None:
    for temperature in (1.1, 0.0):
        loop = music(1)
        said = told(again(loop, seconds(40)), heard._replace(temperature=temperature))
        assert said == {seconds(12): REPEATED}


def test_dc_is_told() -> None:
    dc = np.full((FRAME_SAMPLES, 2), 0.25, np.float32)
    assert told([dc] * seconds(40), FREE) == {seconds(12): REPEATED}


@pytest.mark.parametrize("noise", [0.0, -60.0])
@pytest.mark.parametrize("heard", [FREE, HELD_BESIDE_FREE])
def test_a_loop_is_told_once_it_has_repeated_itself_for_12_s(
    heard: Conditioning, noise: float
) -> None:
    for period in (10, 25, 100):
        sound = [*music(60, seed=5), *again(music(period), seconds(40), noise)]
        ((frame, text),) = told(sound, heard).items()
        assert text == REPEATED
        # Under held notes it counts from where the level has moved.
        assert 0 <= frame - (60 + period + seconds(12) - 1) <= 7 * (heard is not FREE), period


def test_a_frozen_buffer_is_told_though_it_is_no_whole_frames_long() -> None:
    buffer = np.concatenate(music(2))[:2048, 0]
    assert told(frames(np.tile(buffer, 1000)[: 1000 * FRAME_SAMPLES]), FREE) != {}


def test_a_loop_that_is_played_less_exactly_is_music() -> None:
    assert told(again(music(50), seconds(60), noise=-30.0), FREE) == {}


def test_with_little_chance_a_model_may_repeat_itself() -> None:
    for heard in (FREE._replace(temperature=0.7), FREE._replace(top_k=1)):
        assert told(again(music(12), seconds(60)), heard) == {}


def test_the_rest_of_a_codec_may_be_the_same_in_every_frame() -> None:
    rest = [each * np.float32(0.01) for each in music(1)]
    assert told(again(rest, seconds(60)), NOTHING) == {}


def test_a_held_tone_may_repeat_itself_exactly() -> None:
    chord = [sum(each) for each in zip(tone(5, 440.0), tone(5, 220.0), tone(5, 880.0), strict=True)]
    for heard in (HELD, HELD_BESIDE_FREE):
        assert told(again(chord, seconds(60)), heard) == {}


def test_a_tone_that_other_notes_do_not_move_is_told() -> None:
    change = seconds(20)
    heard = [*[HELD] * change, *[Conditioning(notes=notes(p62=1), drums=0)] * seconds(20)]
    assert told(again(tone(5, 440.0), seconds(40)), heard) == {change + seconds(12) - 1: REPEATED}


def test_what_notes_repeat_the_sound_may_repeat() -> None:
    count, loop = seconds(60), music(24)
    arpeggio = by_turns(6, count, notes(p57=1), notes(p69=1), notes(p81=1), notes(p69=1))
    assert told(again(loop, count), arpeggio) == {}
    other = by_turns(6, count, notes(p57=1), notes(p69=1), notes(p81=1))
    assert list(told(again(loop, count), other).values()) == [REPEATED]


def test_what_dies_away_before_the_next_note_may_be_played_again_and_again() -> None:
    count, first, second = seconds(60), music(1), music(1, seed=2)
    loop = [*first, *[SILENCE] * 24, *second, *[SILENCE] * 24]
    heard = [NOTHING] * 100 + by_turns(25, count, notes(p60=1), notes(p62=1))
    assert told([SILENCE] * 100 + again(loop, count), heard) == {}


def drone(heard: Iterable[Conditioning], sound: Sequence[AudioArray]) -> list[str]:
    return list(told(sound, heard).values())


def test_a_drone_that_other_notes_do_not_move_is_told() -> None:
    count = seconds(40)
    chords = by_turns(75, count, notes(p48=1, p60=1), notes(p53=1, p65=1))
    for sound in (hiss(count), tone(count, 261.63)):
        assert drone(chords, sound) == [HARDLY_CHANGED]


def test_a_drone_is_well_where_nothing_speaks_against_it() -> None:
    count = seconds(40)
    sound = hiss(count)
    chords = by_turns(75, count, notes(p48=1, p60=1), notes(p53=1, p65=1))
    trill = by_turns(4, count, notes(p60=1), notes(p72=1))
    unguided = [each._replace(notes_guidance=0.0) for each in chords]
    for heard in (trill, unguided, [HELD] * count, [FREE] * count):
        assert drone(heard, sound) == []
    beat = [each * np.float32(1 if frame % 12 else 2) for frame, each in enumerate(sound)]
    assert drone(chords, beat) == []


@pytest.mark.parametrize("every", [52, 75, 150])
def test_the_lowest_bass_that_follows_its_notes_is_no_drone(every: int) -> None:
    count = seconds(60)
    bass = by_turns(every, count, notes(p36=1), notes(p39=1))
    hertz = np.repeat([65.41 if each.notes[36] else 77.78 for each in bass], FRAME_SAMPLES)
    sound = frames(0.2 * np.sin(2 * np.pi * np.cumsum(hertz) / 48_000))
    assert drone(bass, sound) == []


def test_one_voice_that_moves_in_a_chord_is_not_asked_to_be_heard() -> None:
    count = seconds(40)
    chords = by_turns(75, count, notes(p36=1, p60=1), notes(p43=1, p60=1))
    assert drone(chords, hiss(count)) == []


def test_a_fault_is_told_once_and_again_after_all_was_well() -> None:
    stuck = again(music(1), seconds(60))
    assert len(told([*stuck, *music(50), *stuck], FREE)) == 2


def test_its_memory_does_not_grow() -> None:
    health, sound = Health(), music(300)
    tracemalloc.start()
    told(sound, FREE, health)
    before, _ = tracemalloc.get_traced_memory()
    told(sound, FREE, health)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 2000


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 60)), max_size=30))
@settings(max_examples=20, deadline=None)
def test_nothing_is_told_within_10_s(parts: list[tuple[int, int, int]]) -> None:
    sounds = ([SILENCE], music(1), music(10), tone(5, 440.0))
    conditionings = (FREE, STRUCK, HELD_BESIDE_FREE, NOTHING)
    sound = [each for at, _, count in parts for each in again(sounds[at], count)]
    heard = [conditionings[at] for _, at, count in parts for _ in range(count)]
    assert told(sound[: seconds(10) - 1], heard) == {}


def held(*pitches: int, state: int = 1, rest: int = 0) -> Callable[[int], NotesArray]:
    first, on = notes(rest=rest), notes(rest=rest)
    first[list(pitches)], on[list(pitches)] = (2 if state == 1 else state), state
    return lambda frame: on if frame else first


def turns(every: int, *chords: tuple[int, ...], rest: int = 0) -> Callable[[int], NotesArray]:
    return lambda frame: held(*chords[frame // every % len(chords)], rest=rest)(frame % every)


PLAYED: dict[str, tuple[Callable[[int], NotesArray], dict[str, float]]] = {
    "sub bass": (turns(6, (57,), (69,), (81,), (69,)), {"drums": 0}),
    "organ": (held(48, 55, 60, 64), {"drums": 0}),
    "marimba": (held(48, 55, 60, 64), {}),
    "grand piano": (held(57, 69, state=3), {"temperature": 0.0}),
    "strings": (turns(75, (48, 60, 64), (45, 60, 64), rest=-1), {}),
    "techno drums": (held(rest=-1), {"temperature": 0.05}),
    "acoustic drums": (held(), {"drums": 1}),
    "music box": (held(rest=-1), {}),
}


def test_the_sketch_is_well_whatever_it_plays() -> None:
    host = SketchHost(ENCODER)
    slots = {name: host.add(1) for name in PLAYED}
    healths = {name: Health() for name in PLAYED}
    said: list[tuple[str, int, str]] = []
    for frame in range(seconds(20)):
        heard = {
            slots[name]: Conditioning(notes=played(frame), style=style(name), **more)  # type: ignore[arg-type]
            for name, (played, more) in PLAYED.items()
        }
        sounds = host.step(heard)
        for name, slot in slots.items():
            if text := healths[name].hear(sounds[slot], heard[slot]):
                said.append((name, frame, text))
    assert said == []
