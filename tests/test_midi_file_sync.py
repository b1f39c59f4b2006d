"""A MIDI file that follows the transport: in its beat, standing, located, round and round."""

from __future__ import annotations

import io
from collections import Counter

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido.frozen import FrozenMessage

from engine.frame import NO_MIDI, Frame, Transport
from engine.song import Song, read_song
from engine.transport import Conductor
from nodes.midi import File

TICKS = 96


@pytest.fixture(scope="module")
def song(tmp_path_factory) -> Song:
    """Four quarters, C to F, legato, at 60 a minute and from the third on at 240."""
    midi = mido.MidiFile(ticks_per_beat=TICKS, tracks=[mido.MidiTrack()])
    (track,) = midi.tracks
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))
    for beat, note in enumerate((60, 62, 64, 65)):
        if beat == 2:
            track.append(mido.MetaMessage("set_tempo", tempo=250_000))
        track.append(mido.Message("note_on", note=note, velocity=64))
        track.append(mido.Message("note_off", note=note, time=TICKS))
    data = io.BytesIO()
    midi.save(file=data)
    path = tmp_path_factory.mktemp("song") / "song.mid"
    path.write_bytes(data.getvalue())
    return read_song(path)


def played(
    node: File, song: Song, conductor: Conductor, frames: int, first: int = 0, **how: object
) -> list[tuple[int, float, str]]:
    """Frame, seconds within it, and +60 or −60 for each note that begins or ends."""
    found = []
    for number in range(first, first + frames):
        frame = Frame(number=number, transport=conductor.advance(NO_MIDI))
        for each in node(frame=frame, file=song, sync=True, **how):
            sign = "+" if each.type == "note_on" and each.velocity else "-"
            found.append((number, round(each.time, 6), f"{sign}{each.note}"))
    return found


def test_it_goes_at_the_transports_tempo_whatever_its_own(song):
    # At 150 a quarter takes 10 frames.
    assert played(File(), song, Conductor(150.0), 50) == [
        (0, 0.0, "+60"),
        (10, 0.0, "-60"),
        (10, 0.0, "+62"),
        (20, 0.0, "-62"),
        (20, 0.0, "+64"),
        (30, 0.0, "-64"),
        (30, 0.0, "+65"),
        (40, 0.0, "-65"),
    ]


def test_what_lies_within_a_frame_keeps_its_time(song):
    # At 120 a quarter takes 12.5 frames.
    assert played(File(), song, Conductor(120.0), 14)[1:] == [
        (12, 0.02, "-60"),
        (12, 0.02, "+62"),
    ]


def test_where_the_transport_stands_all_is_let_go_and_goes_on_from_there(song):
    node, conductor = File(), Conductor(150.0)
    assert played(node, song, conductor, 5) == [(0, 0.0, "+60")]
    conductor.stop()
    assert played(node, song, conductor, 20, 5) == [(5, 0.0, "-60")]
    conductor.play()
    assert played(node, song, conductor, 6, 25)[:2] == [(30, 0.0, "+62")]


def test_it_jumps_with_the_transport_and_leaves_nothing_hanging(song):
    node, conductor = File(), Conductor(150.0)
    played(node, song, conductor, 15)
    conductor.locate(3.0)
    assert played(node, song, conductor, 11, 15) == [
        (15, 0.0, "-62"),
        (15, 0.0, "+65"),
        (25, 0.0, "-65"),
    ]


def test_what_is_skipped_at_its_beginning_lies_before_beat_0(song):
    assert played(File(), song, Conductor(150.0), 15, start=1.0)[:3] == [
        (0, 0.0, "+62"),
        (10, 0.0, "-62"),
        (10, 0.0, "+64"),
    ]
    assert played(File(), song, Conductor(150.0), 15, start=100.0) == []


def test_before_beat_0_nothing_sounds(song):
    node = File()
    frame = Frame(transport=Transport(beat=-0.05, tempo=150.0))
    (began,) = node(frame=frame, file=song, sync=True, loop=True)
    assert (began.note, round(began.time, 6)) == (60, 0.02)


@given(
    tempos=st.lists(st.floats(20.0, 400.0), min_size=1, max_size=4),
    start=st.sampled_from([0.0, 1.0, 1.3]),
)
def test_round_and_round_at_any_tempo_no_note_is_lost_or_struck_twice(song, tempos, start):
    node, conductor = File(), Conductor(tempos[0])
    sounding: Counter[int] = Counter()
    struck: list[int] = []
    number = 0
    for tempo in tempos:
        conductor.set_tempo(tempo)
        for _ in range(60):
            frame = Frame(number=number, transport=conductor.advance(NO_MIDI))
            number += 1
            times = []
            for each in node(frame=frame, file=song, sync=True, loop=True, start=start):
                times.append(each.time)
                follow(each, sounding, struck)
            assert times == sorted(times)
            assert all(0.0 <= each < 0.04 for each in times)
            assert max(sounding.values(), default=0) <= 1
    turn = [60, 62, 64, 65] if not start else [62, 64, 65] if start == 1.0 else [64, 65]
    assert struck == [turn[each % len(turn)] for each in range(len(struck))]


def follow(message: FrozenMessage, sounding: Counter[int], struck: list[int]) -> None:
    """Takes a message in."""
    on = message.type == "note_on" and message.velocity > 0
    sounding[message.note] += 1 if on else -sounding[message.note]
    if on:
        struck.append(message.note)
