"""Masks: exact pitches, worked out by hand."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from engine.signals import MASK, MASKED, OFF, ON, ONSET, PITCHES, SILENT, SUSTAIN, NotesArray
from nodes.masks import (
    CHORDS,
    SCALES,
    ChordTones,
    ScaleName,
    all_masked,
    harmonise,
    pitch_range,
    scale_mask,
    solo,
    unmask_width,
)

ANY_NOTES = st_np.arrays(np.int8, PITCHES, elements=st.integers(-1, 3))
SPARSE_NOTES = st.dictionaries(st.integers(0, 127), st.integers(1, 3), max_size=6).map(
    lambda held: notes(held)
)
C4, E4, G4 = 60, 64, 67


def notes(held: dict[int, int], rest: int = OFF) -> NotesArray:
    array = np.full(PITCHES, rest, np.int8)
    for pitch, state in held.items():
        array[pitch] = state
    array.flags.writeable = False
    return array


def pitches(array: NotesArray, state: int) -> list[int]:
    assert array.dtype == np.int8
    assert array.shape == (PITCHES,)
    return np.flatnonzero(array == state).tolist()


def free_names(array: NotesArray) -> str:
    """The pitch classes that are free, from C up."""
    names = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
    return " ".join(names[each] for each in sorted({p % 12 for p in pitches(array, MASK)}))


class TestUnmaskWidth:
    def test_width_0_pins_only_the_held_note(self) -> None:
        out = unmask_width(notes({C4: ONSET}), 0.0)
        assert pitches(out, ONSET) == [60]
        assert pitches(out, MASK) == [p for p in range(128) if p != 60]

    def test_pitches_within_the_width_are_off(self) -> None:
        out = unmask_width(notes({C4: SUSTAIN, G4: ON}), 3.0)
        assert pitches(out, SUSTAIN) == [60]
        assert pitches(out, ON) == [67]
        assert pitches(out, OFF) == [57, 58, 59, 61, 62, 63, 64, 65, 66, 68, 69, 70]
        assert len(pitches(out, MASK)) == 128 - 14

    def test_a_held_note_within_the_width_of_another_sounds(self) -> None:
        out = unmask_width(notes({C4: SUSTAIN, 61: ONSET}), 5.0)
        assert (out[60], out[61]) == (SUSTAIN, ONSET)

    @pytest.mark.parametrize(("pitch", "off"), [(0, [1, 2]), (127, [125, 126])])
    def test_the_ends_of_the_keyboard_do_not_wrap(self, pitch: int, off: list[int]) -> None:
        assert pitches(unmask_width(notes({pitch: ON}), 2.0), OFF) == off

    def test_126_leaves_only_the_far_end_free(self) -> None:
        assert pitches(unmask_width(notes({0: ON}), 126.0), MASK) == [127]

    def test_127_silences_all_but_the_held_notes(self) -> None:
        out = unmask_width(notes({0: ONSET}, rest=MASK), 127.0)
        assert pitches(out, ONSET) == [0]
        assert len(pitches(out, OFF)) == 127

    @pytest.mark.parametrize("width", [0.0, 12.0, 126.0])
    def test_nothing_held_frees_everything(self, width: float) -> None:
        assert pitches(unmask_width(SILENT, width), MASK) == list(range(128))

    def test_nothing_held_at_127_is_silence(self) -> None:
        assert pitches(unmask_width(MASKED, 127.0), OFF) == list(range(128))

    def test_width_is_rounded(self) -> None:
        assert pitches(unmask_width(notes({C4: ON}), 1.4), OFF) == [59, 61]
        assert pitches(unmask_width(notes({C4: ON}), 126.6), OFF) == [
            p for p in range(128) if p != 60
        ]

    @settings(deadline=None)
    @given(ANY_NOTES, st.integers(0, 127))
    def test_upstreams_loop(self, array: NotesArray, width: int) -> None:
        held = [p for p in range(128) if array[p] > 0]
        expected = [OFF if width >= 127 else MASK] * 128
        for p in held if width < 127 else []:
            for near in range(max(0, p - width), min(127, p + width) + 1):
                expected[near] = OFF
        for p in held:
            expected[p] = int(array[p])
        assert unmask_width(array, float(width)).tolist() == expected


class TestSolo:
    @pytest.mark.parametrize("rest", [MASK, OFF])
    def test_only_the_given_notes_sound(self, rest: int) -> None:
        out = solo(notes({C4: ONSET, E4: SUSTAIN, G4: ON}, rest))
        assert out[[60, 64, 67]].tolist() == [ONSET, SUSTAIN, ON]
        assert len(pitches(out, OFF)) == 125


class TestHarmonise:
    def test_a_c_frees_the_tones_of_its_six_triads(self) -> None:
        out = harmonise(notes({C4: ONSET}))
        assert pitches(out, ONSET) == [60]
        # C, Eb, E, F, G, Ab, A from an octave under to an octave over C4.
        assert pitches(out, MASK) == [48, 51, 52, 53, 55, 56, 57, 63, 64, 65, 67, 68, 69, 72]
        assert len(pitches(out, OFF)) == 128 - 15

    def test_a_key_chooses_among_them(self) -> None:
        assert free_names(harmonise(notes({C4: ON}), scale="major")) == "C E F G A"
        assert free_names(harmonise(notes({C4: ON}), scale="major", root=8.0)) == "C Eb F G Ab"

    @pytest.mark.parametrize(
        ("tones", "free"),
        [
            ("octaves", "C"),
            ("fifths", "C F G"),
            ("thirds", "C Eb E Ab A"),
            ("triads", "C Eb E F G Ab A"),
            ("scale", "C Db D Eb E F Gb G Ab A Bb B"),
        ],
    )
    def test_tones_around_c(self, tones: ChordTones, free: str) -> None:
        assert free_names(harmonise(notes({C4: ON}), tones=tones)) == free

    @pytest.mark.parametrize(
        ("tones", "free"),
        [
            ("thirds", "C E A"),
            ("fifths", "C F G"),
            ("sevenths", "C D E F G A B"),
            ("scale", "C D E F G A B"),
        ],
    )
    def test_tones_around_c_in_c_major(self, tones: ChordTones, free: str) -> None:
        assert free_names(harmonise(notes({C4: ON}), tones=tones, scale="major")) == free

    @pytest.mark.parametrize(
        ("held", "tones", "free"),
        [
            # C major and A minor hold both; A flat augmented is no triad of the list.
            ((60, 64), "triads", "C E G A"),
            ((60, 64, 67), "triads", "C E G"),
            # C7, Cmaj7 and Am7 hold the C major triad.
            ((60, 64, 67), "sevenths", "C E G A Bb B"),
            # B D F: G7 and B half-diminished.
            ((59, 62, 65), "sevenths", "D F G A B"),
        ],
    )
    def test_every_held_note_narrows_the_choice(
        self, held: tuple[int, ...], tones: ChordTones, free: str
    ) -> None:
        assert free_names(harmonise(notes(dict.fromkeys(held, ON)), tones=tones)) == free

    def test_where_no_chord_fits_only_octaves_are_free(self) -> None:
        cluster = harmonise(notes({60: ON, 61: ON, 62: ON}))
        assert free_names(cluster) == "C Db D"
        passing = harmonise(notes({61: ON}), scale="major")
        assert pitches(passing, MASK) == [49, 73]
        assert pitches(harmonise(notes({61: ON}), tones="scale", scale="major"), MASK) == [49, 73]

    def test_the_melody_may_stay_on_top(self) -> None:
        out = harmonise(notes({72: ON}), below=9.0, above=0.0)
        assert pitches(out, MASK) == [63, 64, 65, 67, 68, 69]

    def test_the_reach_counts_from_any_held_note_and_is_rounded(self) -> None:
        out = harmonise(notes({36: ON, 84: ON}), below=0.4, above=4.6, tones="thirds")
        assert pitches(out, MASK) == [39, 40, 87, 88]

    def test_nothing_held_is_silence(self) -> None:
        assert pitches(harmonise(MASKED), OFF) == list(range(128))

    def test_a_chord_names_the_tones(self) -> None:
        chord = notes({36: SUSTAIN, 42: SUSTAIN})
        out = harmonise(notes({74: ONSET}), chord=chord, tones="octaves", scale="major")
        # C and F sharp within an octave of D5; the chord itself is not played.
        assert pitches(out, MASK) == [66, 72, 78, 84]
        assert pitches(out, ONSET) == [74]
        assert len(pitches(out, OFF)) == 123

    def test_a_chord_without_a_melody_is_silence(self) -> None:
        assert pitches(harmonise(SILENT, chord=notes({C4: ON})), OFF) == list(range(128))

    @settings(deadline=None)
    @given(ANY_NOTES, st.sampled_from(get_args(ChordTones)), st.sampled_from(sorted(SCALES)))
    def test_given_notes_always_stay(
        self, array: NotesArray, tones: ChordTones, scale: ScaleName
    ) -> None:
        out = harmonise(array, tones=tones, scale=scale)
        held = array > 0
        assert (out[held] == array[held]).all()
        assert (out[~held] <= OFF).all()

    @settings(deadline=None)
    @given(SPARSE_NOTES, st.integers(1, 11))
    def test_transposing_the_player_transposes_the_harmony(
        self, array: NotesArray, by: int
    ) -> None:
        low = notes({p: int(array[p]) for p in np.flatnonzero(array) if 12 <= p < 104})
        high = np.roll(low, by)
        freed = set(pitches(harmonise(low, scale="major"), MASK))
        moved = set(pitches(harmonise(high, scale="major", root=float(by)), MASK))
        assert moved == {p + by for p in freed}


class TestRange:
    def test_outside_is_off_and_inside_unchanged(self) -> None:
        source = notes({20: ON, 40: ONSET, 60: OFF, 80: SUSTAIN, 81: ON}, rest=MASK)
        out = pitch_range(source, 40.0, 80.0)
        assert out[40:81].tolist() == source[40:81].tolist()
        assert not out[:40].any()
        assert not out[81:].any()

    def test_the_whole_keyboard_by_default(self) -> None:
        assert pitch_range(MASKED).tolist() == MASKED.tolist()

    def test_one_pitch(self) -> None:
        assert pitches(pitch_range(MASKED, 60.0, 60.4), MASK) == [60]

    @pytest.mark.parametrize("low", [61.0, 62.0, 127.0])
    def test_crossed_ends_are_silence(self, low: float) -> None:
        assert not pitch_range(MASKED, low, 60.0).any()


class TestScale:
    def test_c_major_is_the_white_keys(self) -> None:
        out = scale_mask(SILENT)
        assert pitches(out, MASK) == [p for p in range(128) if p % 12 in (0, 2, 4, 5, 7, 9, 11)]
        assert pitches(out, OFF) == [p for p in range(128) if p % 12 in (1, 3, 6, 8, 10)]

    def test_the_root_moves_it(self) -> None:
        assert free_names(scale_mask(SILENT, root=2.0)) == "Db D E Gb G A B"
        assert free_names(scale_mask(SILENT, root=10.6, scale="minor pentatonic")) == "D E Gb A B"

    def test_given_notes_sound_inside_and_outside_the_scale(self) -> None:
        out = scale_mask(notes({60: ONSET, 61: SUSTAIN}))
        assert (out[60], out[61], out[62], out[63]) == (ONSET, SUSTAIN, MASK, OFF)

    def test_given_notes_outside_can_be_silenced(self) -> None:
        out = scale_mask(notes({60: ONSET, 61: SUSTAIN}), keep=False)
        assert (out[60], out[61], out[62], out[63]) == (ONSET, OFF, MASK, OFF)

    @pytest.mark.parametrize("name", sorted(SCALES))
    def test_each_scale_rises_from_its_root_within_an_octave(self, name: ScaleName) -> None:
        steps = SCALES[name]
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps))
        assert steps[-1] < 12

    def test_the_modes_are_rotations_of_major(self) -> None:
        modes: dict[ScaleName, float] = {
            "dorian": 2.0,
            "phrygian": 4.0,
            "lydian": 5.0,
            "mixolydian": 7.0,
            "natural minor": 9.0,
            "locrian": 11.0,
        }
        for name, root in modes.items():
            assert scale_mask(SILENT, root, name).tolist() == scale_mask(SILENT).tolist()

    def test_every_choice_has_its_notes(self) -> None:
        assert set(SCALES) == set(get_args(ScaleName))
        assert {*CHORDS, "scale"} == set(get_args(ChordTones))


class TestAll:
    def test_the_model_plays_freely(self) -> None:
        assert all_masked(notes({60: ONSET})).tolist() == [MASK] * 128

    def test_off_passes_the_notes(self) -> None:
        source = notes({60: ONSET})
        assert all_masked(source, on=0.49).tolist() == source.tolist()
        assert all_masked(source, on=0.5).tolist() == [MASK] * 128
