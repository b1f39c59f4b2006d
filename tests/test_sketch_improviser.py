"""What the sketch adds where it is free to."""

from __future__ import annotations

import numpy as np

from engine.generators.sketch.host import SketchHost
from engine.signals import MASKED, SILENT
from tests import measure
from tests.sketching import BEAT, ENCODER, dry, heard, held, notes, play, started, style


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


def test_drums_left_free_play_a_beat_only_if_the_style_has_one() -> None:
    beat = heard([SILENT] * 100, style=style("techno drums"), drums=-1, temperature=0.0)
    kicks = [measure.level(beat[at * 1920 : (at + 1) * 1920]) for at in range(0, 96, BEAT)]
    assert min(kicks) > -25
    assert measure.level(heard([SILENT] * 50, style=style("acoustic drums"), drums=-1)) > -40
    assert not heard([SILENT] * 50, drums=-1).any()
