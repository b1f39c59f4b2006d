"""What the sketch adds where it is free to."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from engine.generators.sketch.host import SketchHost
from engine.signals import MASKED, SILENT, AudioArray, NotesArray
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


def test_off_the_strong_beats_a_chord_is_struck_in_part() -> None:
    chord = [notes(p60=3, p64=3, p67=3)] * 1200
    struck: dict[int, int] = {}
    for frame, _, _ in started(chord, temperature=1.0):
        struck[frame] = struck.get(frame, 0) + 1
    assert {struck[frame] for frame in struck if frame % 24 == 0} == {3}
    assert {struck[frame] for frame in struck if frame % 24} == {1, 2, 3}


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_pads_are_struck_again_at_bars_only(temperature: float) -> None:
    begun = started([notes(p60=3)] * 480, name="warm pad", temperature=temperature)
    assert len(begun) > 3
    assert all(frame % 48 == 0 for frame, _, _ in begun)


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


TRIAD = notes(rest=-1, p60=1, p64=1, p67=1)
RELATED = (0, 4, 7, 9, 11)
"""C major, and the two triads that share two notes with it: A minor and E minor."""


def added(frames: list[NotesArray], seeds: int = 4, **conditioning: object) -> list[int]:
    """The pitches that several seeds add of their own."""
    return [
        pitch
        for seed in range(seeds)
        for _, pitch, own in started(frames, seed=seed, **conditioning)
        if own
    ]


def share(pitches: list[int], classes: Iterable[int]) -> float:
    return float(np.mean([pitch % 12 in classes for pitch in pitches]))


@pytest.mark.parametrize("name", ["neutral", "warm pad", "flute", "synth bass"])
def test_what_it_adds_fits_what_is_held(name: str) -> None:
    """85 % at temperature 1 in C major or a plainly related chord; fewer at 2.5."""
    warm = added([TRIAD] * 750, name=name, temperature=1.0)
    hot = added([TRIAD] * 750, name=name, temperature=2.5)
    assert len(warm) > 100
    assert share(warm, RELATED) > 0.85
    assert share(warm, (0, 2, *RELATED, 5)) > 0.95
    assert share(hot, RELATED) < share(warm, RELATED) - 0.05


def test_with_a_scale_mask_all_that_it_adds_is_in_the_scale() -> None:
    hijaz = (0, 1, 4, 5, 7, 8, 10)
    scale = np.where(np.isin(np.arange(128) % 12, hijaz), -1, 0).astype(np.int8)
    scale[[60, 64, 67]] = 1
    for temperature in (0.0, 1.0, 3.0):
        pitches = added([scale] * 400, seeds=3, temperature=temperature)
        assert len(pitches) > 20
        assert share(pitches, hijaz) == 1.0


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


def test_top_k_limits_how_many_pitches_it_chooses_among() -> None:
    for top_k in (2, 5):
        first = {
            started([MASKED], seed=seed, temperature=3.0, top_k=top_k)[0][1] for seed in range(40)
        }
        assert len(first) == top_k


def test_notes_guidance_keeps_it_close_to_the_given_notes() -> None:
    frames = [TRIAD] * 1000
    loose, strict = (added(frames, notes_guidance=guidance) for guidance in (-1.0, 7.0))
    assert len(strict) < 0.8 * len(loose)
    assert share(strict, (0, 4, 7)) > share(loose, (0, 4, 7)) + 0.1
    high = [notes(rest=-1, p84=1, p88=1, p91=1)] * 500
    far, near = (added(high, notes_guidance=guidance) for guidance in (0.0, 7.0))
    assert abs(np.mean(near) - 88) < abs(np.mean(far) - 88) - 5


def test_temperature_is_daring() -> None:
    leaps = {}
    for temperature in (0.3, 1.0, 2.5):
        pitches = added([MASKED] * 1000, seeds=1, temperature=temperature)
        leaps[temperature] = np.abs(np.diff(pitches)).mean()
    assert leaps[0.3] < leaps[1.0] < leaps[2.5]


def test_the_style_suggests_register_and_density() -> None:
    low, high = (added([MASKED] * 750, name=name) for name in ("double bass", "music box"))
    assert max(low) < 60 < np.mean(high)
    begun = started([MASKED] * 750, name="warm pad")
    slow = {frame for frame, *_ in begun}
    quick = {frame for frame, *_ in started([MASKED] * 750, name="marimba")}
    assert len(quick) > 1.2 * len(slow)
    # A pad's bars begin with chords, a marimba plays one note at a time.
    assert len(begun) > 1.2 * len(slow)


def test_it_plays_in_phrases_that_rest_and_come_back() -> None:
    for seed in range(4):
        begun = started([MASKED] * 1500, seed=seed, temperature=0.8)
        line = {frame // 6: pitch for frame, pitch, _ in begun}
        later = [eighth for eighth in line if eighth >= 48]
        # The same part of the form is one phrase ago or three: 16 eighths or 48.
        again = np.mean([line[e] in (line.get(e - 16), line.get(e - 48)) for e in later])
        assert again > 0.4
        rests = [b - a for a, b in zip(sorted(line), sorted(line)[1:], strict=False) if b - a >= 3]
        assert len(rests) >= 1500 / 96 / 2


def test_it_makes_room_for_somebody_who_plays_fast() -> None:
    fast = [notes(rest=-1, p60=2), notes(rest=-1), notes(rest=-1, p62=2), notes(rest=-1)] * 200
    slow = [notes(rest=-1, p60=1)] * 800
    assert len(added(fast)) < 0.6 * len(added(slow))


def test_a_key_stays_after_the_notes_have_gone() -> None:
    chord = held(61, 65, 68, frames=50, rest=-1)
    begun = started([*chord, *[MASKED] * 1500], temperature=0.5)
    last = {pitch % 12 for frame, pitch, own in begun if own and frame > 1200}
    assert len(last) > 2
    assert last <= {1, 3, 5, 6, 8, 10, 0}


def test_minor_is_told_from_major() -> None:
    scale = [57, 59, 60, 62, 64, 65, 68, 69, 64, 60, 57]
    frames = [notes(rest=-1, **{f"p{pitch}": 2}) for pitch in scale for _ in range(6)]
    begun = started([*frames, *[MASKED] * 600], temperature=0.0)
    classes = [pitch % 12 for frame, pitch, own in begun if own and frame > len(frames)]
    assert {9, 0, 4} & set(classes)
    assert set(classes) <= {9, 11, 0, 2, 4, 5, 7}


def test_sketches_left_alone_agree_on_the_harmony() -> None:
    """I vi, I vi, IV V, I vi: whatever the style and its register."""
    form = [(0, 4, 7), (9, 0, 4)] * 2 + [(5, 9, 0), (7, 2, 5)] + [(0, 4, 7), (9, 0, 4)]
    for name in ("double bass", "neutral", "music box", "warm pad"):
        begun = started([MASKED] * 384, name=name, temperature=0.0)
        assert len(begun) >= 12
        assert np.mean([pitch % 12 in form[frame // 48] for frame, pitch, _ in begun]) > 0.9


def test_drums_left_free_play_a_beat_only_if_the_style_has_one() -> None:
    beat = heard([SILENT] * 100, style=style("techno drums"), drums=-1, temperature=0.0)
    kicks = [measure.level(beat[at * 1920 : (at + 1) * 1920]) for at in range(0, 96, BEAT)]
    assert min(kicks) > -25
    assert measure.level(heard([SILENT] * 50, style=style("acoustic drums"), drums=-1)) > -40
    assert not heard([SILENT] * 50, drums=-1).any()


def test_drums_guidance_is_how_closely_a_free_kit_follows_the_style() -> None:
    def kit(guidance: float, name: str = "techno drums", drums: int = -1) -> AudioArray:
        look, frames = style(name), [SILENT] * 50
        return heard(frames, style=look, drums=drums, drums_guidance=guidance, temperature=0.0)

    assert not kit(-1.0).any()
    assert not kit(0.0).any()
    soft, usual, most = (measure.level(kit(guidance)) for guidance in (1.0, 4.0, 7.0))
    assert soft < usual - 6
    assert most == pytest.approx(usual, abs=0.5)
    # What is asked for is obeyed however little the kit follows the style.
    assert not kit(7.0, drums=0).any()
    np.testing.assert_array_equal(kit(-1.0, drums=1), kit(7.0, drums=1))


def test_much_drums_guidance_lets_a_style_with_few_drums_in_it_play_them() -> None:
    few = 0.6 * style("strings") + 0.4 * style("acoustic drums")
    little, usual, most = (
        heard([SILENT] * 50, style=few, drums_guidance=guidance, drums=-1)
        for guidance in (1.0, 4.0, 7.0)
    )
    assert not little.any()
    assert -36 < measure.level(usual) < measure.level(most) - 3
