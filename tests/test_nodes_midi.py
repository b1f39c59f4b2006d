"""MIDI nodes: which messages come out, and that nothing that began is left hanging."""

from __future__ import annotations

import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido.frozen import FrozenMessage

from engine.frame import Frame
from engine.signals import MidiPort
from engine.song import Song, read_song
from nodes.midi import Controller, File, Filter, Input


def on(note: int, channel: int = 1, velocity: int = 64, time: float = 0.0) -> FrozenMessage:
    return FrozenMessage("note_on", note=note, channel=channel - 1, velocity=velocity, time=time)


def off(note: int, channel: int = 1, time: float = 0.0) -> FrozenMessage:
    return FrozenMessage("note_off", note=note, channel=channel - 1, time=time)


def cc(control: int, value: int, channel: int = 1) -> FrozenMessage:
    return FrozenMessage("control_change", control=control, value=value, channel=channel - 1)


CLOCK = FrozenMessage("clock")


def told(messages: tuple[FrozenMessage, ...]) -> list[str]:
    """Messages in short: +60 and −60 begin and end a note, 64=0 is a controller."""
    words = []
    for each in messages:
        if each.type == "control_change":
            words.append(f"{each.control}={each.value}")
        elif each.type in ("note_on", "note_off"):
            ends = each.type == "note_off" or each.velocity == 0
            words.append(f"{'-' if ends else '+'}{each.note}")
        else:
            words.append(each.type)
    return words


class TestInput:
    def hears(self, frames, **settings):
        node = Input()
        return [told(node(frame=Frame(midi=midi), **settings)) for midi in frames]

    def test_it_hears_one_port_by_name(self):
        frames = [{"a": (on(60),), "b": (on(62),)}, {"b": (off(62),)}, {}]
        assert self.hears(frames, port=MidiPort("b")) == [["+62"], ["-62"], []]

    def test_without_a_port_it_hears_all_by_time_and_name(self):
        frame = {"b": (on(1), on(4, time=0.02)), "a": (on(2), on(3, time=0.01))}
        assert self.hears([frame, {"z": (off(1),)}, {}]) == [["+2", "+1", "+3", "+4"], ["-1"], []]

    def test_it_hears_one_channel(self):
        frame = {"a": (on(60, channel=1), on(62, channel=16), CLOCK, cc(1, 5, channel=16))}
        assert self.hears([frame], channel=16) == [["+62", "1=5"]]
        assert self.hears([frame]) == [["+60", "+62", "clock", "1=5"]]

    def test_another_port_or_channel_lets_go_of_what_is_held(self):
        node = Input()
        keys = {"a": (on(60), on(62), cc(64, 127), cc(66, 64)), "b": ()}
        assert told(node(Frame(midi=keys), MidiPort("a"))) == ["+60", "+62", "64=127", "66=64"]
        assert told(node(Frame(midi={"a": (off(62),)}), MidiPort("a"))) == ["-62"]
        moved = node(Frame(midi={"b": (on(50),)}), MidiPort("b"))
        assert told(moved) == ["-60", "64=0", "66=0", "+50"]
        assert told(node(Frame(), MidiPort("b"), 2)) == ["-50"]
        assert node(Frame(), MidiPort("b"), 2) == ()


def song_of(tmp_path, *events: tuple[int, FrozenMessage], end: int) -> Song:
    """A song of messages at frames; a tick is a frame of 40 ms."""
    midi = mido.MidiFile(ticks_per_beat=1, tracks=[mido.MidiTrack()])
    midi.tracks[0].append(mido.MetaMessage("set_tempo", tempo=40_000))
    now = 0
    for at, message in events:
        midi.tracks[0].append(mido.Message.from_bytes(message.bytes(), time=at - now))
        now = at
    midi.tracks[0].append(mido.MetaMessage("end_of_track", time=end - now))
    data = io.BytesIO()
    midi.save(file=data)
    path = tmp_path / "song.mid"
    path.write_bytes(data.getvalue())
    return read_song(path)


class TestFile:
    def plays(self, song, frames, node=None, **settings):
        node = node or File()
        return [told(node(frame=Frame(number=n), file=song, **settings)) for n in frames]

    def test_it_plays_from_the_first_frame_to_the_end(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (2, off(60)), (2, cc(7, 9)), end=3)
        assert self.plays(song, range(6)) == [["+60"], [], ["-60", "7=9"], [], [], []]

    def test_a_loop_ends_hanging_notes_before_it_begins_again(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (1, cc(64, 127)), end=3)
        assert self.plays(song, range(7), loop=True) == [
            ["+60"],
            ["64=127"],
            [],
            ["-60", "64=0", "+60"],
            ["64=127"],
            [],
            ["-60", "64=0", "+60"],
        ]

    def test_it_can_start_later(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (2, off(60)), (3, on(62)), (4, off(62)), end=5)
        assert self.plays(song, range(4), start=0.04) == [[], [], ["+62"], ["-62"]]

    def test_it_transposes_what_has_a_pitch_and_leaves_out_what_has_none_left(self, tmp_path):
        touch = FrozenMessage("polytouch", note=60, value=5)
        lost = FrozenMessage("polytouch", note=127, value=5)
        events = [(0, on(60)), (0, on(127)), (1, touch), (1, lost), (2, off(127)), (2, off(60))]
        song = song_of(tmp_path, *events, end=3)
        node = File()
        assert self.plays(song, [0], node, transpose=12.4) == [["+72"]]
        (moved,) = node(frame=Frame(number=1), file=song, transpose=12.0)
        assert (moved.type, moved.note, moved.value) == ("polytouch", 72, 5)
        assert self.plays(song, [2], node, transpose=12.0) == [["-72"]]

    def test_a_note_ends_at_the_pitch_at_which_it_began(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (1, on(60, velocity=0)), end=2)
        node = File()
        assert self.plays(song, [0], node, transpose=7.0) == [["+67"]]
        assert self.plays(song, [1], node, transpose=-5.0) == [["-67"]]

    def test_struck_again_at_another_pitch_the_first_one_ends(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (1, on(60)), (2, off(60)), end=3)
        node = File()
        assert self.plays(song, [0], node) == [["+60"]]
        assert self.plays(song, [1, 2], node, transpose=2.0) == [["-60", "+62"], ["-62"]]

    def test_two_keys_at_one_pitch_sound_until_both_are_up(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (1, on(62)), (2, off(60)), (3, off(62)), end=4)
        node = File()
        assert self.plays(song, [0], node, transpose=2.0) == [["+62"]]
        assert self.plays(song, [1, 2, 3], node) == [["+62"], [], ["-62"]]

    def test_a_jump_lets_go_of_what_sounds(self, tmp_path):
        events = [(0, on(60)), (0, cc(64, 127)), (5, on(62)), (6, off(62)), (9, off(60))]
        song = song_of(tmp_path, *events, end=10)
        for jump in ({"number": 5}, {"number": 1, "start": 0.2}):
            node = File()
            assert self.plays(song, [0], node) == [["+60", "64=127"]]
            number, way = jump["number"], {"start": jump.get("start", 0.0)}
            found = self.plays(song, [number], node, **way)[0]
            assert found[:2] == ["-60", "64=0"]

    def test_another_file_or_none_lets_go_of_what_sounds(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), end=10)
        other = song_of(tmp_path, (1, on(64)), end=10)
        node = File()
        assert self.plays(song, [0], node) == [["+60"]]
        assert self.plays(other, [1], node) == [["-60", "+64"]]
        assert self.plays(None, [2, 3], node) == [["-64"], []]

    def test_switching_the_loop_on_does_not_cut_the_first_pass(self, tmp_path):
        song = song_of(tmp_path, (0, on(60)), (2, off(60)), end=3)
        node = File()
        assert self.plays(song, [0], node) == [["+60"]]
        assert self.plays(song, [1, 2, 3], node, loop=True) == [[], ["-60"], ["+60"]]
        assert self.plays(song, [4], node, loop=False) == [["-60"]]

    def test_what_ends_before_it_began_is_left_out(self, tmp_path):
        touch = FrozenMessage("polytouch", note=61, value=5)
        song = song_of(tmp_path, (0, off(60)), (0, touch), (1, on(60)), (2, off(60)), end=3)
        assert self.plays(song, range(3)) == [[], ["+60"], ["-60"]]


class TestFilter:
    def test_pitch_and_velocity_are_limited_ends_included(self):
        keys = (on(59), on(60), on(72), on(73), on(65, velocity=9), on(66, velocity=101))
        found = Filter()(keys, low=59.6, high=72.4, softest=10.0, loudest=100.0)
        assert told(found) == ["+60", "+72"]

    def test_a_note_that_passed_can_end_whatever_is_set(self):
        node = Filter()
        assert told(node((on(60), on(30), cc(64, 127)), low=40.0)) == ["+60", "64=127"]
        ending = (off(30), on(60, velocity=0), cc(64, 0))
        assert told(node(ending, channel=5, low=100.0)) == ["-60", "64=0"]

    def test_channels_are_chosen_or_skipped(self):
        keys = (on(60), on(61, channel=2), on(35, channel=10), cc(1, 3, channel=10), CLOCK)
        assert told(Filter()(keys, channel=2)) == ["+61"]
        assert told(Filter()(keys, skip=10)) == ["+60", "+61", "clock"]
        assert told(Filter()(keys, channel=10, skip=10)) == []

    def test_letting_go_always_passes(self):
        panic = (cc(120, 0), cc(121, 0), cc(123, 0), cc(7, 0))
        assert told(Filter()(panic, channel=2)) == ["120=0", "121=0", "123=0"]

    def test_touch_passes_with_its_note(self):
        touch = FrozenMessage("polytouch", note=60, value=1)
        node = Filter()
        assert node((touch,)) == ()
        assert told(node((on(60), touch))) == ["+60", "polytouch"]

    def test_a_pedal_that_is_used_as_a_control_passes_at_any_value(self):
        assert told(Filter()((cc(64, 10),))) == ["64=10"]
        assert told(Filter()((cc(64, 10),), channel=2)) == []

    def test_low_above_high_lets_nothing_begin(self):
        assert Filter()((on(60),), low=70.0, high=50.0) == ()

    def test_release_ends_what_passed_once(self):
        node = Filter()
        node((on(60), on(20)), low=40.0)
        node.release()
        assert told(node(())) == ["-60"]
        assert told(node((on(62),))) == ["+62"]

    @given(
        stream=st.lists(
            st.tuples(st.booleans(), st.integers(0, 7), st.integers(0, 127), st.integers(0, 127))
        )
    )
    def test_what_passes_ends_exactly_once(self, stream):
        node, sounding = Filter(), set()
        for begins, note, low, softest in stream:
            message = on(note) if begins else off(note)
            for each in node((message,), low=low / 16, softest=max(1.0, softest)):
                if each.type == "note_on":
                    sounding.add(each.note)
                else:
                    sounding.remove(each.note)
        for note in list(sounding):
            sounding.difference_update(each.note for each in node((off(note),), low=127.0))
        assert not sounding


class TestController:
    def test_it_keeps_the_last_value_of_its_controller(self):
        node = Controller()
        assert node((), initial=0.25) == 0.25
        assert node((cc(1, 0), cc(1, 127), cc(2, 5)), initial=0.25) == 1.0
        assert node((on(1), cc(2, 5)), initial=0.25) == 1.0
        assert node((cc(1, 0),), initial=0.25) == 0.0

    def test_it_hears_one_channel(self):
        node = Controller()
        assert node((cc(7, 127, channel=2),), number=7, channel=3) == 0.0
        assert node((cc(7, 127, channel=3),), number=7, channel=3) == 1.0

    def test_set_to_another_controller_it_starts_anew(self):
        node = Controller()
        assert node((cc(1, 127),), initial=0.5) == 1.0
        assert node((), number=2, initial=0.5) == 0.5

    def test_the_middle_is_64_of_127(self):
        assert Controller()((cc(1, 64),)) == pytest.approx(0.5039, abs=1e-4)
