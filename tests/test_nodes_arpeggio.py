"""The arpeggio: held notes one at a time, in time with the beat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pitches import States, notes, told

from engine.frame import Frame, Transport
from engine.signals import MASKED, SILENT
from nodes.notes_arpeggio import Arpeggio


def performance(chords, tempo: float = 125.0, count: int | None = None, **how) -> list[States]:
    """An arpeggio's frames; at 125 bpm a quarter note is 12 frames of 40 ms.

    Args:
        chords: the pitches held from a frame on, by that frame.
    """
    node, found, chord = Arpeggio(), [], SILENT
    for number in range(count or max(chords) + 13):
        if number in chords:
            chord = notes(dict.fromkeys(chords[number], 1))
        transport = Transport(beat=number * tempo / 1500, tempo=tempo)
        found.append(
            told(node(frame=Frame(number=number, transport=transport), notes=chord, **how))
        )
    return found


def onsets(found: list[States]) -> list[tuple[int, int]]:
    """Frame and pitch of every onset; at most one note sounds at a time."""
    assert all(len(states) <= 1 for states in found)
    return [(n, pitch) for n, states in enumerate(found) for pitch in states if states[pitch] == 2]


class TestArpeggio:
    def test_steps_fall_on_the_beat_and_last_as_long_as_the_gate(self):
        # Four steps a beat are 3 frames each; a gate of 0.5 is 1.5 frames.
        found = performance({0: [60, 64]})
        assert found[:7] == [{60: 2}, {60: 1}, {}, {64: 2}, {64: 1}, {}, {60: 2}]

    def test_a_step_between_two_frames_falls_into_the_one_that_holds_it(self):
        # At 120 bpm four steps a beat are 3.125 frames: 0, 3.125, 6.25, 9.375, 12.5, 15.625.
        found = performance({0: [60]}, tempo=120.0, count=17)
        assert [n for n, _ in onsets(found)] == [0, 3, 6, 9, 12, 15]

    @pytest.mark.parametrize(
        ("gate", "sounding"), [(0.0, {0}), (1 / 3, {0}), (2 / 3, {0, 1}), (1.0, {0, 1, 2})]
    )
    def test_the_gate_is_a_part_of_the_step_and_at_least_a_frame(self, gate, sounding):
        found = performance({0: [60]}, gate=gate)
        assert {n for n in range(3) if found[n]} == sounding

    @pytest.mark.parametrize(
        ("order", "octaves", "figure"),
        [
            ("up", 1.0, [60, 64, 67, 60]),
            ("down", 1.0, [67, 64, 60, 67]),
            ("up-down", 1.0, [60, 64, 67, 64, 60, 64]),
            ("up", 2.0, [60, 64, 67, 72, 76, 79, 60]),
            ("down", 2.4, [79, 76, 72, 67, 64, 60, 79]),
            ("played", 1.0, [60, 64, 67, 60]),
        ],
    )
    def test_the_figure_goes_through_the_chord(self, order, octaves, figure):
        found = performance({0: [67, 60, 64]}, count=60, order=order, octaves=octaves)
        assert [pitch for _, pitch in onsets(found)][: len(figure)] == figure

    @pytest.mark.parametrize("order", ["up", "up-down", "played", "random"])
    def test_one_note_is_repeated(self, order):
        found = performance({0: [60]}, order=order)
        assert onsets(found) == [(0, 60), (3, 60), (6, 60), (9, 60), (12, 60)]

    def test_keys_can_be_taken_in_the_order_in_which_they_were_pressed(self):
        chords = {0: [67], 1: [60, 67], 2: [60, 64, 67], 12: [64, 67], 13: [60, 64, 67]}
        found = performance(chords, count=31, order="played")
        # Steps fall on every third frame. 60 is lifted in frame 12 and comes back last.
        struck = [pitch for _, pitch in onsets(found)]
        assert struck == [67, 60, 64, 67, 67, 60, 67, 64, 60, 67, 64]

    def test_a_pitch_that_two_octaves_share_is_played_once(self):
        found = performance({0: [60, 72]}, count=30, octaves=2.0)
        assert [pitch for _, pitch in onsets(found)][:4] == [60, 72, 84, 60]

    def test_pitches_above_127_are_left_out(self):
        found = performance({0: [110, 120]}, octaves=2.0)
        assert [pitch for _, pitch in onsets(found)][:4] == [110, 120, 122, 110]

    def test_random_stays_within_the_chord_and_depends_on_the_seeds_alone(self):
        chord = {0: [60, 64, 67, 71]}
        drawn = onsets(performance(chord, count=120, order="random"))
        assert {pitch for _, pitch in drawn} == {60, 64, 67, 71}
        assert drawn == onsets(performance(chord, count=120, order="random"))
        assert drawn != onsets(performance(chord, count=120, order="random", seed=1))

    def test_a_chord_pressed_between_steps_waits_for_the_next(self):
        assert onsets(performance({4: [60]})) == [(6, 60), (9, 60), (12, 60), (15, 60)]

    def test_lifting_all_keys_ends_the_sound_and_the_figure(self):
        found = performance({0: [60, 64], 4: [], 6: [60, 64]})
        assert found[3:7] == [{64: 2}, {}, {}, {60: 2}]

    def test_a_chord_that_changes_goes_on_with_the_figure(self):
        found = performance({0: [60, 64], 1: [65, 69]})
        assert found[:4] == [{60: 2}, {60: 1}, {}, {69: 2}]

    def test_masked_and_off_pitches_are_no_chord(self):
        assert told(Arpeggio()(frame=Frame(), notes=MASKED)) == {}

    def test_a_transport_that_stands_still_is_silent(self):
        node, chord = Arpeggio(), notes({60: 1})
        assert told(node(frame=Frame(), notes=chord)) == {60: 2}
        still = Transport(beat=0.08, playing=False)
        assert told(node(frame=Frame(transport=still), notes=chord)) == {}
        assert told(node(frame=Frame(transport=Transport(beat=1.0)), notes=chord)) == {60: 2}

    def test_a_transport_that_goes_back_plays_on_from_there(self):
        node, chord = Arpeggio(), notes({60: 1})
        for beat, states in [(8.0, {60: 2}), (8.08, {60: 1}), (0.1, {}), (0.25, {60: 2})]:
            assert told(node(frame=Frame(transport=Transport(beat=beat)), notes=chord)) == states

    def test_a_faster_rate_takes_effect_at_once(self):
        # One step in four beats, then one a beat: at beat 2 the step of beat 1 is overdue.
        node, chord = Arpeggio(), notes({60: 1})
        found = []
        for number in range(48):
            transport = Transport(beat=number / 12, tempo=125.0)
            rate = 0.25 if number < 24 else 1.0
            array = node(frame=Frame(transport=transport), notes=chord, rate=rate, gate=0.0)
            found.append(told(array))
        assert [n for n, _ in onsets(found)] == [0, 24, 36]

    def test_at_most_one_step_is_played_a_frame(self):
        # At 300 bpm eight steps a beat are 1.6 a frame.
        found = performance({0: [60, 64]}, tempo=300.0, rate=8.0, count=8)
        assert [pitch for _, pitch in onsets(found)] == [60, 64] * 4

    @given(rates=st.lists(st.floats(0.25, 8.0), min_size=1, max_size=60))
    def test_no_gap_is_shorter_than_half_a_step_whatever_moves_the_rate(self, rates):
        node, chord, last = Arpeggio(), notes({60: 1}), None
        for number, rate in enumerate(rates):
            beat = 1000.0 + number / 12
            frame = Frame(number=number, transport=Transport(beat=beat, tempo=125.0))
            if 2 in node(frame=frame, notes=chord, rate=rate):
                # A step lies somewhere in its frame of 1/12 beat.
                assert last is None or beat + 1 / 12 - last >= 0.5 / rate - 1e-6
                last = beat
