"""Notes nodes: what each pitch is in each frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido.frozen import FrozenMessage
from pitches import States, notes, told

from engine.frame import Frame
from engine.signals import MASKED, SILENT, all_notes
from nodes.notes import Delay, Latch, Split, Transpose, merge, strum
from nodes.notes_arpeggio import Arpeggio
from nodes.notes_held import Held


def on(note: int, channel: int = 0, velocity: int = 64) -> FrozenMessage:
    return FrozenMessage("note_on", note=note, channel=channel, velocity=velocity)


def off(note: int, channel: int = 0) -> FrozenMessage:
    return FrozenMessage("note_off", note=note, channel=channel)


def cc(control: int, value: int = 0, channel: int = 0) -> FrozenMessage:
    return FrozenMessage("control_change", control=control, value=value, channel=channel)


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
