"""The sketch does what each pitch, the drums and the transport's beat say, and when."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditioning import Conditioning
from engine.generators.sketch import drummer, grid, synth
from engine.generators.sketch.anchors import ANCHORS, NEUTRAL
from engine.generators.sketch.chance import Chance
from engine.generators.sketch.host import SketchHost
from engine.generators.sketch.performer import Life, Performer
from engine.signals import MASKED, SILENT, AudioArray, NotesArray
from tests import measure
from tests.sketching import BEAT, ENCODER, dry, heard, notes, play, started, style

CHORD = (60, 64, 67)


def comb(sound: AudioArray, pitch: int, others: tuple[int, ...]) -> float:
    """Returns the level in dBFS on the first 8 harmonics of a pitch.

    Left out are those within 0.8 semitones of a harmonic of the other pitches.
    """
    taken = np.array([h * measure.hertz(other) for other in others for h in range(1, 65)])
    power = 0.0
    for harmonic in range(1, 9):
        frequency = harmonic * measure.hertz(pitch)
        if np.abs(12 * np.log2(taken / frequency)).min() > 0.8:
            power += 10 ** (measure.level_at(sound, frequency) / 10)
    return 10 * float(np.log10(power + 1e-30))


def on_beats(
    numbers: list[int], frames: list[NotesArray], **conditioning: object
) -> list[tuple[int, int, bool]]:
    """The notes that began, with the transport's beat: frame, pitch, whether its own."""
    player = Performer.fresh(1)
    sheet = synth.Sheet(np.zeros(synth.CONTROLS, np.float32))
    begun = []
    for frame, (beat, each) in enumerate(zip(numbers, frames, strict=True)):
        sheet.begin(frame, frame == 0)
        player.play(Conditioning(notes=each, beat=beat, **conditioning), NEUTRAL.manner, sheet)
        begun += [
            (frame, voice.pitch, voice.own)
            for voice in player.memory.voices
            if voice.life == Life.HELD and voice.since == frame
        ]
    return begun


def beats(tempo: float, frames: int, start: float = 0.0) -> list[int]:
    """The number that `control.beat` gives in each frame."""
    step = tempo / 60 / 25
    ends = (start + step * np.arange(1, frames + 1)).round(9)
    return [max(int(np.ceil(end)) - 1, 0) for end in ends]


def test_off_silences_a_pitch_within_a_chord_that_goes_on() -> None:
    """The room, which is no pitch's own, rings for 1.2 s more: from there it is measured."""
    on = notes(p60=1, p64=1, p67=1)
    more = [notes(p60=2, p64=2, p67=2, p62=2), *[notes(p60=1, p64=1, p67=1, p62=1)] * 29]
    for name in ("neutral", "organ", "bells"):
        sound = heard([*more, *[on] * 70], style=style(name))
        before = comb(sound[10 * 1920 : 30 * 1920], 62, CHORD)
        assert comb(sound[66 * 1920 :], 62, CHORD) < before - 60, name


@pytest.mark.parametrize("name", ["brass", "strings", "flute", "techno drums"])
def test_nothing_of_a_note_is_left_once_it_is_off_and_the_room_has_rung_out(name: str) -> None:
    """Where drive and breath spread the other notes over all pitches: against never having it."""
    on, both = notes(p60=1, p64=1, p67=1), notes(p60=1, p64=1, p67=1, p62=1)
    never = heard([notes(p60=2, p64=2, p67=2), *[on] * 90], style=style(name))
    once = heard([notes(p60=2, p64=2, p67=2, p62=2), *[both] * 29, *[on] * 61], style=style(name))
    difference = once - never
    assert measure.level(difference[66 * 1920 :]) < measure.level(difference[: 30 * 1920]) - 60


def test_every_anchor_is_exactly_silent_250_ms_after_off() -> None:
    host = dry(SketchHost(ENCODER))
    slots = {anchor.name: host.add(1) for anchor in ANCHORS}
    made: dict[str, list[AudioArray]] = {name: [] for name in slots}
    for each in [notes(p60=2), *[notes(p60=1)] * 6, *[SILENT] * 9]:
        frame = host.step(
            {
                slot: Conditioning(notes=each, style=style(name), drums=0)
                for name, slot in slots.items()
            }
        )
        for name, slot in slots.items():
            made[name].append(frame[slot])
    for name, frames in made.items():
        sound = np.concatenate(frames)
        assert measure.level(sound[6 * 1920 : 7 * 1920]) > -60, name
        assert not sound[7 * 1920 + 12_000 :].any(), name


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([-1, 0, 0, 1, 2, 3]), min_size=4, max_size=4),
        min_size=1,
        max_size=40,
    ),
    st.floats(0, 3),
)
def test_what_sounds_is_what_was_asked_for(states: list[list[int]], temperature: float) -> None:
    """An onset always begins, on never waits, off never sounds, sustain never strikes again."""
    player = Performer.fresh(1)
    sheet = synth.Sheet(np.zeros(synth.CONTROLS, np.float32))
    before = [0] * 4
    for frame, each in enumerate(states):
        made = np.zeros(128, np.int8)
        made[60:64] = each
        sheet.begin(frame, frame == 0)
        heard = Conditioning(notes=made, temperature=temperature)
        player.play(heard, NEUTRAL.manner, sheet)
        sounding = {v.pitch: v for v in player.memory.voices if v.life == Life.HELD}
        for pitch, state, last in zip(range(60, 64), each, before, strict=True):
            if state == 0:
                assert pitch not in sounding
            if state > 0:
                assert not sounding[pitch].own
            if state == 2 or (state == 3 and last == 0):
                assert sounding[pitch].since == frame
            if state == 1 and last > 0:
                assert sounding[pitch].since < frame
        assert set(sounding) <= set(range(60, 64))
        before = each


def test_a_pitch_that_it_was_playing_itself_is_struck_when_it_is_asked_for() -> None:
    own = started([MASKED] * 4, temperature=0.0)[0]
    pressed = np.where(np.arange(128) == own[1], 3, -1).astype(np.int8)
    begun = started([MASKED] * 4 + [pressed] * 2, temperature=0.0)
    assert begun == [own, (4, own[1], False)]


def test_sustain_takes_over_a_pitch_that_it_was_playing_itself() -> None:
    own = started([MASKED] * 4, temperature=0.0)[0]
    kept = np.where(np.arange(128) == own[1], 1, 0).astype(np.int8)
    assert started([MASKED] * 4 + [kept] * 40, temperature=0.0) == [own]


@pytest.mark.parametrize(
    ("tempo", "struck"),
    [
        (125.0, [0, 12, 24, 36, 48]),
        # 100 a minute is 15 frames a beat, 60 is 25.
        (100.0, [0, 15, 30, 45]),
        (60.0, [0, 25, 50]),
        # 12.5 frames a beat: each is struck in the frame in which it lies.
        (120.0, [0, 12, 25, 37, 50]),
    ],
)
def test_on_strikes_on_the_transports_beat(tempo: float, struck: list[int]) -> None:
    frames = [notes(p60=3)] * 52
    begun = on_beats(beats(tempo, 52), frames, temperature=0.0)
    assert [frame for frame, _, _ in begun] == struck


def test_it_strikes_nothing_again_and_adds_nothing_while_the_transport_stands() -> None:
    frames = [notes(rest=-1, p60=3)] * 120
    numbers = beats(100.0, 40)
    numbers += [numbers[-1]] * 80
    begun = on_beats(numbers, frames, temperature=3.0)
    assert len(begun) > 3
    assert all(frame < 46 for frame, _, _ in begun)


def test_its_own_notes_lie_on_the_transports_eighths() -> None:
    begun = on_beats(beats(75.0, 400), [MASKED] * 400, temperature=2.0)
    # 20 frames a beat; the first has the length of the sketch's own, 12 frames.
    assert len(begun) > 15
    assert {frame % 10 for frame, _, own in begun if own and frame >= 20} == {0}


def test_it_goes_back_to_its_own_grid_where_the_beat_is_gone() -> None:
    numbers = beats(100.0, 50) + [-1] * 50
    begun = on_beats(numbers, [notes(p60=3)] * 100, temperature=0.0)
    assert [frame for frame, _, _ in begun] == [0, 15, 30, 45, 60, 72, 84, 96]


def test_a_jump_of_the_transport_is_followed_at_once() -> None:
    numbers = beats(125.0, 30) + beats(125.0, 30, start=64.0)
    begun = on_beats(numbers, [notes(p60=3)] * 60, temperature=0.0)
    assert [frame for frame, _, _ in begun] == [0, 12, 24, 30, 42, 54]


def test_the_kit_plays_the_transports_beat() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    look = style("techno drums")
    sound = np.concatenate(
        [
            host.step({slot: Conditioning("sketch", 1, look, SILENT, beat=beat, temperature=0)})[
                slot
            ]
            for beat in beats(100.0, 61)
        ]
    )
    for at in (0, 15, 30, 45, 60):
        before = measure.level(sound[(at - 1) * 1920 : at * 1920]) if at else -90.0
        assert measure.level(sound[at * 1920 : at * 1920 + 960]) > max(before + 6, -26), at


@pytest.mark.parametrize("drums", [-1, 0, 1])
def test_a_restored_memory_keeps_its_place_in_the_music(drums: int) -> None:
    numbers = beats(100.0, 60)
    given = notes(rest=-1, p48=3)

    def step(host: SketchHost, slot: object, frames: range) -> AudioArray:
        heard = [
            Conditioning("sketch", 1, style("techno drums"), given, drums, beat=numbers[at])
            for at in frames
        ]
        return np.concatenate([host.step({slot: each})[slot] for each in heard])

    one, other = SketchHost(ENCODER, "numpy"), SketchHost(ENCODER, "numpy")
    first, second = one.add(1), other.add(2)
    step(one, first, range(37))
    other.restore(second, one.save(first))
    np.testing.assert_array_equal(
        step(one, first, range(37, 60)), step(other, second, range(37, 60))
    )


def test_drums_0_stops_a_beat_and_minus_1_takes_it_up() -> None:
    host = SketchHost(ENCODER, "numpy")
    slot = host.add(1)
    look = style("techno drums")
    playing = play(host, slot, [SILENT] * 24, style=look, drums=-1)
    stopped = play(host, slot, [SILENT] * 72, style=look, drums=0)
    again = play(host, slot, [SILENT] * 24, style=look, drums=-1)
    assert measure.level(playing) > -30
    # A hit rings for no more than 1 s, its room for 1.2 s.
    assert measure.level(stopped[60 * 1920 :]) < -80
    assert measure.level(again) > -30


@given(st.floats(30, 300))
def test_sixteenths_begin_close_to_where_they_lie(tempo: float) -> None:
    memory = grid.Memory()
    frames = 60 * 25 / tempo
    for clock, beat in enumerate(beats(tempo, 300)):
        place = grid.place(memory, clock, beat)
        # The first quarter note cannot know how long it is.
        if place.begins and beat > 0 and place.sixteenth > 7:
            # Of half-integer tempi the worst is 1.5 frames.
            assert abs(clock + 0.5 - place.sixteenth * frames / 4) < 2


@given(st.lists(st.integers(-1, 8), max_size=200))
def test_the_grid_never_goes_back_within_a_beat(numbers: list[int]) -> None:
    memory = grid.Memory()
    last = (-1, -1.0)
    for clock, beat in enumerate(numbers):
        place = grid.place(memory, clock, beat)
        if beat >= 0:
            assert beat * 4 <= place.position < beat * 4 + 4
            assert place.begins or last[0] == beat
            if last[0] == beat:
                assert place.position >= last[1]
        else:
            assert place.position == pytest.approx(clock / 3, abs=1e-6)
            assert place.begins == (clock % 3 == 0)
        last = (beat, place.position)


def hits(electric: float, temperature: float, bars: int, seed: int = 1) -> dict[str, set[int]]:
    """What the kit plays by itself: the sixteenths that each piece is struck on."""
    kit = NEUTRAL.manner._replace(kit=1.0, electric=electric)
    conditioning = Conditioning(temperature=temperature)
    chance, memory = Chance(seed), grid.Memory()
    struck: dict[str, set[int]] = {}
    for clock in range(bars * 48):
        place = grid.place(memory, clock, -1)
        for piece, level in drummer.hits(place, conditioning, kit, chance).items():
            assert clock % 3 == 0
            assert 0 < level <= 1
            struck.setdefault(piece, set()).add(place.sixteenth)
    return struck


@pytest.mark.parametrize(
    ("electric", "kick", "snare"),
    [(0.0, {0, 10}, {4, 12}), (0.45, {0, 2, 10, 11}, {4, 7, 9, 12}), (1.0, {0, 4, 8, 12}, {4, 12})],
)
def test_every_kit_has_its_bar(electric: float, kick: set[int], snare: set[int]) -> None:
    """At temperature 0 the same bar over and over, with a cymbal on every fourth."""
    made = hits(electric, 0.0, 12)
    assert {at % 16 for at in made["kick"]} == kick
    assert len(made["kick"]) == 12 * len(kick)
    assert {at % 16 for at in made["snare"]} == snare
    assert {at % 16 for at in made.get("clap", ())} == ({4, 12} if electric == 1.0 else set())
    assert made["cymbal"] == {64, 128}
    assert "low tom" not in made


def test_every_fourth_bar_may_end_in_a_fill() -> None:
    filled = 0
    for seed in range(10):
        made = hits(0.0, 1.0, 8, seed)
        toms = made.get("high tom", set()) | made.get("low tom", set())
        assert all(at // 16 % 4 == 3 and at % 16 >= 12 for at in toms)
        filled += len(toms)
    # 10 seeds, 2 fills of 4 sixteenths, each struck 35 times in 100: 28.
    assert 10 < filled < 50


def test_ghost_notes_come_with_the_temperature() -> None:
    plain = sum(map(len, hits(0.0, 0.0, 32).values()))
    assert sum(map(len, hits(0.0, 2.0, 32).values())) > 1.05 * plain


@given(st.integers(0, 2**64 - 1))
def test_chance_is_even(seed: int) -> None:
    chance = Chance(seed)
    drawn = np.array([chance.draw() for _ in range(500)])
    assert drawn.min() >= 0
    assert drawn.max() < 1
    # The mean of 500 lies within 0.013 √2 · 5 of a half but once in a million.
    assert abs(drawn.mean() - 0.5) < 0.08


def test_the_sketchs_own_beat_is_125_a_minute() -> None:
    assert BEAT == grid.QUARTER * grid.SIXTEENTH == 60 * 25 / 125
