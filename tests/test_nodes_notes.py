"""Notes nodes: what each pitch is in each frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido.frozen import FrozenMessage

from engine.frame import Frame, Transport
from engine.signals import MASKED, SILENT, all_notes
from nodes.notes import Delay, Latch, Split, Transpose, merge, strum
from nodes.notes_arpeggio import Arpeggio
from nodes.notes_held import Held

States = dict[int, int]


def on(note: int, channel: int = 0, velocity: int = 64) -> FrozenMessage:
    return FrozenMessage("note_on", note=note, channel=channel, velocity=velocity)


def off(note: int, channel: int = 0) -> FrozenMessage:
    return FrozenMessage("note_off", note=note, channel=channel)


def cc(control: int, value: int = 0, channel: int = 0) -> FrozenMessage:
    return FrozenMessage("control_change", control=control, value=value, channel=channel)


def notes(states: States | None = None, rest: int = 0) -> np.ndarray:
    array = all_notes(rest).copy()
    for pitch, state in (states or {}).items():
        array[pitch] = state
    array.flags.writeable = False
    return array


def told(array: np.ndarray, rest: int = 0) -> States:
    """The pitches that are not as the rest."""
    assert array.dtype == np.int8
    assert array.shape == (128,)
    return {int(pitch): int(array[pitch]) for pitch in np.flatnonzero(array != rest)}


def held(*frames: tuple[FrozenMessage, ...]) -> list[States]:
    node = Held()
    return [told(node(messages)) for messages in frames]


class TestHeld:
    def test_a_note_is_struck_then_sustained_then_off(self):
        found = held((on(60),), (), (), (off(60),), ())
        assert found == [{60: 2}, {60: 1}, {60: 1}, {}, {}]

    def test_a_note_within_one_frame_is_struck_once(self):
        assert held((on(60), off(60)), (), ()) == [{60: 2}, {}, {}]

    def test_a_note_let_go_of_in_the_next_frame_has_one_onset(self):
        assert held((on(60),), (off(60),)) == [{60: 2}, {}]

    def test_pressed_again_it_is_struck_again(self):
        assert held((on(60),), (), (on(60),), ()) == [{60: 2}, {60: 1}, {60: 2}, {60: 1}]
        assert held((on(60),), (off(60), on(60)), ()) == [{60: 2}, {60: 2}, {60: 1}]
        assert held((on(60), off(60)), (on(60), off(60)), ()) == [{60: 2}, {60: 2}, {}]

    def test_velocity_0_ends_a_note(self):
        assert held((on(60),), (on(60, velocity=0),)) == [{60: 2}, {}]

    def test_the_outermost_pitches_are_notes_too(self):
        assert held((on(0), on(127)), ()) == [{0: 2, 127: 2}, {0: 1, 127: 1}]

    def test_other_messages_change_nothing(self):
        others = (FrozenMessage("clock"), FrozenMessage("pitchwheel", pitch=9), cc(1, 127))
        assert held((on(60),), others, ()) == [{60: 2}, {60: 1}, {60: 1}]

    def test_the_sustain_pedal_keeps_what_is_let_go_of(self):
        found = held((on(60), cc(64, 64)), (off(60),), (on(62), off(62)), (), (cc(64, 63),))
        assert found == [{60: 2}, {60: 1}, {60: 1, 62: 2}, {60: 1, 62: 1}, {}]

    def test_the_sustain_pedal_leaves_fingers_alone(self):
        assert held((on(60), cc(64, 127)), (cc(64, 0),), (off(60),)) == [{60: 2}, {60: 1}, {}]

    def test_a_sustained_note_can_be_struck_again(self):
        found = held((cc(64, 127), on(60), off(60)), (on(60),), (cc(64, 0),), (off(60),))
        assert found == [{60: 2}, {60: 2}, {60: 1}, {}]

    def test_the_sostenuto_pedal_keeps_what_sounded_when_it_went_down(self):
        found = held((on(60),), (cc(66, 127), on(62)), (off(60), off(62)), (cc(66, 0),))
        assert found == [{60: 2}, {60: 1, 62: 2}, {60: 1}, {}]

    def test_the_sostenuto_pedal_catches_once(self):
        found = held((on(60), cc(66, 80)), (on(62), cc(66, 100)), (off(60), off(62)))
        assert found[-1] == {60: 1}

    def test_the_sostenuto_pedal_catches_what_the_sustain_pedal_holds(self):
        found = held((cc(64, 127), on(60), off(60)), (cc(66, 127),), (cc(64, 0),), (cc(66, 0),))
        assert found == [{60: 2}, {60: 1}, {60: 1}, {}]

    def test_channels_are_keyboards_of_their_own(self):
        found = held((on(60, 0), on(60, 1)), (off(60, 0),), (off(60, 1),))
        assert found == [{60: 2}, {60: 1}, {}]
        found = held((on(60, 0), on(62, 1), cc(64, 127, 1)), (off(60, 0), off(62, 1)))
        assert found == [{60: 2, 62: 2}, {62: 1}]

    @pytest.mark.parametrize("number", [123, 124, 127])
    def test_all_notes_off_lifts_the_keys_of_its_channel(self, number):
        assert held((on(60), on(62, 1)), (cc(number),)) == [{60: 2, 62: 2}, {62: 1}]

    def test_all_notes_off_respects_the_pedals(self):
        found = held((on(60), cc(64, 127)), (cc(123),), (cc(64, 0),))
        assert found == [{60: 2}, {60: 1}, {}]

    def test_all_sound_off_respects_nothing(self):
        down = (on(60), cc(66, 127), cc(64, 127), on(62), off(62), on(64))
        assert held(down, (cc(120),), (off(64), off(60))) == [{60: 2, 62: 2, 64: 2}, {}, {}]

    def test_reset_lifts_the_pedals(self):
        down = (on(60), cc(66, 127), off(60), cc(64, 127), on(62), off(62), on(64))
        assert held(down, (cc(121),)) == [{60: 2, 62: 2, 64: 2}, {64: 1}]

    def test_release_lets_go_of_keys_and_pedals(self):
        node = Held()
        node((on(60), cc(64, 127), on(62), off(62)))
        node.release()
        assert told(node(())) == {}
        assert told(node((on(64),))) == {64: 2}
        assert told(node((off(64),))) == {}


KEY = st.tuples(st.sampled_from(["on", "off"]), st.integers(58, 62), st.integers(0, 2))
PEDAL = st.tuples(st.sampled_from([64, 66, 120, 121, 123]), st.integers(0, 127), st.integers(0, 2))


def message(what: str | int, number: int, channel: int) -> FrozenMessage:
    if isinstance(what, int):
        return cc(what, number, channel)
    return on(number, channel) if what == "on" else off(number, channel)


STREAM = st.lists(
    st.lists(st.one_of(KEY, PEDAL).map(lambda each: message(*each)), max_size=5), max_size=12
)


@given(STREAM)
def test_every_note_on_is_struck_in_its_frame_and_nothing_else_is(stream):
    node = Held()
    for messages in stream:
        array = node(tuple(messages))
        assert set(told(array).values()) <= {1, 2}
        struck = {each.note for each in messages if each.type == "note_on"}
        assert {pitch for pitch, state in told(array).items() if state == 2} == struck


@given(STREAM)
def test_nothing_sounds_once_all_keys_and_pedals_are_up(stream):
    node = Held()
    for messages in stream:
        node(tuple(messages))
    keys_up = [off(pitch, channel) for pitch in range(58, 63) for channel in range(3)]
    pedals_up = [cc(pedal, 0, channel) for pedal in (64, 66) for channel in range(3)]
    assert told(node((*keys_up, *pedals_up))) == {}


@given(STREAM)
def test_a_key_that_is_down_sounds(stream):
    node, down = Held(), set()
    for messages in stream:
        for each in messages:
            if each.type == "note_on":
                down.add((each.channel, each.note))
            elif each.type == "note_off":
                down.discard((each.channel, each.note))
            elif each.control in (120, 123):
                down = {key for key in down if key[0] != each.channel}
        assert {pitch for _, pitch in down} <= told(node(tuple(messages))).keys()


def test_strum_leaves_the_striking_to_the_model():
    source = notes({60: 2, 62: 1, 64: 3, 66: -1})
    assert told(strum(source)) == {60: 3, 62: 3, 64: 3, 66: -1}


class TestTranspose:
    def test_notes_move_and_leave(self):
        source = notes({0: 1, 60: 2, 127: 3})
        assert told(Transpose()(source, 12.4)) == {12: 1, 72: 2}
        assert told(Transpose()(source, -12.4)) == {48: 2, 115: 3}
        assert Transpose()(source) is source

    def test_masks_move_and_go_on_at_the_edge(self):
        source = notes({60: 1}, rest=-1)
        assert told(Transpose()(source, 5.0), rest=-1) == {65: 1}
        assert told(Transpose()(source, -5.0), rest=-1) == {55: 1}

    def test_each_edge_goes_on_as_it_is(self):
        source = notes({0: -1, 127: 0})
        assert told(Transpose()(source, 2.0)) == {0: -1, 1: -1, 2: -1}
        assert told(Transpose()(source, -1.0)) == {}

    def test_a_new_interval_strikes_anew(self):
        node = Transpose()
        source = notes({60: 1, 62: 3, 64: -1})
        assert told(node(source, 0.0)) == {60: 1, 62: 3, 64: -1}
        assert told(node(source, 1.0)) == {61: 2, 63: 3, 65: -1}
        assert told(node(source, 1.3)) == {61: 1, 63: 3, 65: -1}
        assert told(node(source, 0.0)) == {60: 2, 62: 3, 64: -1}


class TestMerge:
    @pytest.mark.parametrize(
        ("first", "second", "wins"),
        [
            *[(2, other, 2) for other in (-1, 0, 1, 2, 3)],
            *[(3, other, 3) for other in (-1, 0, 1, 3)],
            *[(1, other, 1) for other in (-1, 0, 1)],
            (-1, 0, -1),
            (-1, -1, -1),
            (0, 0, 0),
        ],
    )
    def test_the_stronger_state_wins_in_either_order(self, first, second, wins):
        pair = all_notes(first), all_notes(second)
        assert set(merge(*pair)) == set(merge(*reversed(pair))) == {wins}

    def test_any_number_of_hands_play(self):
        hands = notes({60: 2}), notes({62: 1}), notes({60: 1, 64: 3})
        assert told(merge(*hands)) == {60: 2, 62: 1, 64: 3}
        assert merge(hands[0]) is hands[0]
        assert told(merge()) == {}


class TestSplit:
    def test_the_split_point_belongs_to_the_upper_part(self):
        low, high = Split()(notes({59: 2, 60: 1, 72: 3}))
        assert (told(low), told(high)) == ({59: 2}, {60: 1, 72: 3})

    def test_the_other_part_can_be_left_to_the_model(self):
        low, high = Split()(notes({59: 1, 60: 1}), 60.4, "masked")
        assert told(low) == {59: 1, **dict.fromkeys(range(60, 128), -1)}
        assert told(high) == {60: 1, **dict.fromkeys(range(60), -1)}

    def test_at_the_ends_one_part_has_it_all(self):
        source = notes({0: 1, 127: 1})
        assert told(Split()(source, 0.0).high) == {0: 1, 127: 1}
        low, high = Split()(source, 127.0)
        assert (told(low), told(high)) == ({0: 1}, {127: 1})

    def test_a_note_handed_over_is_struck_on_the_other_side(self):
        node = Split()
        source = notes({50: 1, 60: 1, 70: 1})
        node(source, 60.0)
        low, high = node(source, 65.0)
        assert (told(low), told(high)) == ({50: 1, 60: 2}, {70: 1})
        low, high = node(source, 65.0)
        assert (told(low), told(high)) == ({50: 1, 60: 1}, {70: 1})
        low, high = node(source, 55.0)
        assert (told(low), told(high)) == ({50: 1}, {60: 2, 70: 1})


class TestLatch:
    def plays(self, *frames: States, hold: float = 1.0) -> list[States]:
        node = Latch()
        return [told(node(notes(states), hold)) for states in frames]

    def test_a_chord_sounds_on_until_another_is_struck(self):
        found = self.plays({60: 2, 64: 2}, {60: 1}, {}, {}, {65: 2}, {65: 1}, {})
        both = {60: 1, 64: 1}
        assert found == [{60: 2, 64: 2}, both, both, both, {65: 2}, {65: 1}, {65: 1}]

    def test_notes_join_while_one_is_held(self):
        found = self.plays({60: 2, 64: 2}, {60: 1}, {60: 1, 67: 2}, {})
        assert found[2:] == [{60: 1, 64: 1, 67: 2}, {60: 1, 64: 1, 67: 1}]

    def test_chords_that_meet_in_a_frame_do_not_join(self):
        found = self.plays({60: 2, 64: 2}, {60: 1, 64: 1}, {60: 2, 65: 2}, {})
        assert found[2:] == [{60: 2, 65: 2}, {60: 1, 65: 1}]

    def test_off_it_passes_the_notes_and_forgets(self):
        node = Latch()
        node(notes({60: 2}), 1.0)
        assert told(node(SILENT, 1.0)) == {60: 1}
        assert told(node(notes({62: -1}), 0.4)) == {62: -1}
        assert told(node(SILENT, 1.0)) == {}

    def test_what_is_masked_and_not_kept_stays_masked(self):
        node = Latch()
        node(notes({60: 3}, rest=-1))
        assert told(node(MASKED), rest=-1) == {60: 1}


def test_delay_is_one_frame_late_and_begins_silent():
    node = Delay()
    assert told(node()) == {}
    node.after(notes({60: 2}))
    assert told(node()) == {60: 2}
    node.after()
    assert told(node()) == {}


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


@given(
    states=st.lists(st.integers(-1, 3), min_size=128, max_size=128),
    number=st.floats(-48, 48),
    point=st.floats(0, 127),
)
def test_whatever_comes_in_notes_come_out(states, number, point):
    source = np.array(states, np.int8)
    source.flags.writeable = False
    parts = Split()(source, point)
    results = [strum(source), Transpose()(source, number), merge(source, MASKED), Latch()(source)]
    for array in (*results, *parts, Arpeggio()(frame=Frame(), notes=source)):
        assert (array.dtype, array.shape) == (np.int8, (128,))
        assert -1 <= array.min() <= array.max() <= 3
    assert np.array_equal(merge(parts.low, parts.high), source)
