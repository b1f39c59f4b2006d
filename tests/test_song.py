"""MIDI files: what plays when, and what is said of a file that cannot be played."""

from __future__ import annotations

import io
import os
import struct
from contextlib import suppress
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.song import MAX_BYTES, Song, read_song

END = b"\x00\xff\x2f\x00"
ON, OFF = b"\x90\x3c\x64", b"\x80\x3c\x00"
QUARTER = b"\x60"
"""A delta time of 96 ticks."""


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack(">I", len(content)) + content


def file_of(*tracks: bytes, kind: int = 1, division: int = 96, count: int | None = None) -> bytes:
    header = struct.pack(">HHH", kind, len(tracks) if count is None else count, division)
    return chunk(b"MThd", header) + b"".join(chunk(b"MTrk", track) for track in tracks)


def tempo(microseconds: int) -> bytes:
    return b"\xff\x51\x03" + microseconds.to_bytes(3, "big")


@pytest.fixture
def song(tmp_path: Path):
    def read(*tracks: bytes, **header: int) -> Song:
        path = tmp_path / "song.mid"
        path.write_bytes(file_of(*tracks, **header))
        return read_song(path)

    return read


@pytest.fixture
def fault(tmp_path: Path):
    """What is said of a file with these bytes."""

    def read(data: bytes) -> str:
        path = tmp_path / "broken.mid"
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"broken\.mid") as caught:
            read_song(path)
        return str(caught.value)

    return read


def played(song: Song, **how: object) -> list[tuple[int, float, str]]:
    """Frame, seconds within it and name of every note or controller of the first 10 seconds."""
    return [
        (number, round(each.time, 9), f"{each.type} {getattr(each, 'note', '')}".strip())
        for number in range(250)
        for each in song.messages(number, **how)
    ]


def test_a_quarter_at_120_lies_in_frame_12_after_20_ms(song):
    assert played(song(b"\x00" + ON + QUARTER + OFF + END)) == [
        (0, 0.0, "note_on 60"),
        (12, 0.02, "note_off 60"),
    ]


def test_a_message_on_a_frame_border_belongs_to_the_frame_that_begins(song):
    # 25 ticks a second: one a frame.
    each = song(b"\x01" + ON + b"\x01" + OFF + END, division=0xE701)
    assert played(each) == [(1, 0.0, "note_on 60"), (2, 0.0, "note_off 60")]


def test_nothing_drifts_over_an_hour(song):
    # 90,000 frames of 40 ms at 120 bpm are 7,200 quarters of 96 ticks, 691,200 in all.
    delta = b"\xaa\x98\x00"
    each = song(delta + ON + b"\x01" + OFF + END)
    assert each.messages(89_999) == ()
    assert [late.time for late in each.messages(90_000)] == [0.0, 1 / 192]


def test_tracks_are_merged_by_time_and_by_track(song):
    first = b"\x00\x90\x3c\x64" + QUARTER + b"\x80\x3c\x00" + END
    second = b"\x00\x91\x40\x64" + b"\x30\x81\x40\x00" + END
    each = song(first, second)
    assert [(m, t) for m, _, t in played(each)] == [
        (0, "note_on 60"),
        (0, "note_on 64"),
        (6, "note_off 64"),
        (12, "note_off 60"),
    ]
    assert each.messages(0)[1].channel == 1


def test_frames_may_be_asked_in_any_order(song):
    each = song(b"\x00" + ON + QUARTER + OFF + END)
    assert [len(each.messages(number)) for number in (12, 0, 99, 12)] == [1, 1, 0, 1]


def test_a_tempo_in_one_track_moves_the_notes_of_another(song):
    # A quarter at 120, then 60 a minute: the second quarter ends at 1.5 s.
    conductor = QUARTER + tempo(1_000_000) + END
    each = song(conductor, b"\x00" + ON + b"\x81\x40" + OFF + END)
    assert played(each)[-1] == (37, 0.02, "note_off 60")
    assert each.seconds == 1.5


def test_the_transport_follows_the_tempo_and_the_meter(song):
    # 6/8 from the second quarter on; a bar of it has three quarters.
    conductor = QUARTER + tempo(1_000_000) + b"\x00\xff\x58\x04\x06\x03\x18\x08" + END
    each = song(conductor)
    before, after = each.transport(12), each.transport(13)
    assert (before.beat, before.tempo, before.bar) == (pytest.approx(0.96), 120.0, 4.0)
    # 0.52 s: the first quarter took 0.5, and 20 ms at 60 a minute are a 50th.
    assert (after.beat, after.tempo, after.bar) == (pytest.approx(1.02), 60.0, 3.0)
    assert each.transport(25 * 10).beat == pytest.approx(10.5)
    assert each.transport(25 * 10).playing


def test_of_several_tempos_at_one_time_the_last_counts(song):
    each = song(b"\x00" + tempo(1_000_000) + b"\x00" + tempo(250_000) + END)
    assert each.transport(0).tempo == 240.0


@pytest.mark.parametrize(
    "meta",
    [
        tempo(0),
        b"\xff\x51\x02\x01\x02",
        b"\xff\x58\x04\x00\x02\x18\x08",
        b"\xff\x58\x04\x04\x60\x18\x08",
        b"\xff\x58\x01\x03",
    ],
)
def test_a_tempo_or_meter_without_sense_changes_nothing(song, meta):
    assert song(b"\x00" + meta + END).transport(5)[1:] == (120.0, True, 4.0)


@pytest.mark.parametrize(
    ("division", "seconds"),
    [(0xE728, 0.096), (0xE828, 0.1), (0xE228, 0.08), (0xE328, 0.08008)],
    ids=["25", "24", "30", "30 drop"],
)
def test_ticks_may_follow_the_clock(song, division, seconds):
    # 96 ticks at 40 a frame are 2.4 frames, whatever the tempo.
    each = song(b"\x00" + tempo(250_000) + QUARTER + ON + b"\x00" + OFF + END, division=division)
    assert each.seconds == pytest.approx(seconds)
    assert each.transport(25).beat == 4.0


def test_running_status_goes_on_after_a_meta_event(song):
    track = b"\x00\x90\x3c\x64" + b"\x00\xff\x01\x02hi" + QUARTER + b"\x3c\x00" + END
    assert played(song(track)) == [(0, 0.0, "note_on 60"), (12, 0.02, "note_on 60")]


def test_system_exclusive_is_skipped_and_one_byte_messages_are_read(song):
    track = (
        b"\x00\xf0\x03\x7e\x7f\xf7" + b"\x00\xc2\x05" + b"\x00\xd2\x40" + b"\x00\xf7\x01\xf8" + END
    )
    program, pressure = song(track).messages(0)
    assert (program.type, program.channel, program.program) == ("program_change", 2, 5)
    assert (pressure.type, pressure.value) == ("aftertouch", 64)


def test_what_comes_after_the_end_of_a_track_is_not_played(song):
    assert played(song(b"\x00" + ON + b"\x00" + OFF + END + b"\x00" + ON)) == [
        (0, 0.0, "note_on 60"),
        (0, 0.0, "note_off 60"),
    ]


def test_chunks_of_other_programs_and_longer_headers_are_skipped(tmp_path):
    path = tmp_path / "song.mid"
    header = chunk(b"MThd", struct.pack(">HHHH", 0, 1, 96, 7))
    path.write_bytes(header + chunk(b"XFIH", b"abc") + chunk(b"MTrk", b"\x00" + ON + END) + b"junk")
    assert read_song(path).notes == 1


def test_what_is_still_on_at_the_end_ends_there(song):
    pedals = b"\x00\xb0\x40\x7f" + b"\x00\xb1\x42\x7f" + b"\x00\xb2\x40\x7f\x00\xb2\x40\x00"
    track = b"\x00" + ON + b"\x00\x91\x3e\x40" + b"\x00\x91\x3e\x00" + pedals + QUARTER + END[1:]
    off, sustain, sostenuto = song(track).messages(12)
    assert (off.type, off.channel, off.note, off.time) == ("note_off", 0, 60, 0.02)
    assert (sustain.channel, sustain.control, sustain.value) == (0, 64, 0)
    assert (sostenuto.channel, sostenuto.control, sostenuto.value) == (1, 66, 0)


def test_a_loop_closes_on_the_tick(song):
    # 24 ticks are 125 ms: the passes begin in frames 0, 3 (5 ms), 6 (10 ms), 9 (15 ms), 12, …
    each = song(b"\x00" + ON + b"\x18" + OFF + b"\x00\xff\x2f\x00")
    assert played(each, loop=True)[:7] == [
        (0, 0.0, "note_on 60"),
        (3, 0.005, "note_off 60"),
        (3, 0.005, "note_on 60"),
        (6, 0.01, "note_off 60"),
        (6, 0.01, "note_on 60"),
        (9, 0.015, "note_off 60"),
        (9, 0.015, "note_on 60"),
    ]


def test_a_loop_that_ends_on_a_frame_border_ends_before_it_begins(song):
    # 3 frames at 25 ticks a second.
    each = song(b"\x00" + ON + b"\x03" + OFF + END, division=0xE701)
    assert played(each, loop=True)[:5] == [
        (0, 0.0, "note_on 60"),
        (3, 0.0, "note_off 60"),
        (3, 0.0, "note_on 60"),
        (6, 0.0, "note_off 60"),
        (6, 0.0, "note_on 60"),
    ]


def test_a_song_shorter_than_a_frame_loops_once_a_frame(song):
    each = song(b"\x00" + ON + b"\x01" + OFF + END)
    assert [len(each.messages(number, loop=True)) for number in range(4)] == [2, 2, 2, 2]


def test_the_beginning_can_be_skipped_also_in_a_loop(song):
    # Two notes of 0.5 s; from 0.5 s on only the second is heard, again and again.
    second = b"\x90\x3e\x64" + QUARTER + b"\x80\x3e\x00"
    each = song(b"\x00" + ON + QUARTER + OFF + b"\x00" + second + END)
    assert [name for *_, name in played(each, start=0.6)] == ["note_off 62"]
    assert played(each, start=0.5, loop=True)[:5] == [
        (0, 0.0, "note_off 60"),
        (0, 0.0, "note_on 62"),
        (12, 0.02, "note_off 62"),
        (12, 0.02, "note_off 60"),
        (12, 0.02, "note_on 62"),
    ]
    assert played(each, start=1.0, loop=True) == []


def test_the_position_is_where_a_frame_begins(song):
    each = song(b"\x00" + ON + QUARTER + OFF + END)
    assert each.position(13) == 0.52
    assert each.position(13, loop=True) == pytest.approx(0.02)
    assert each.position(13, start=0.25, loop=True) == pytest.approx(0.27)


def test_an_empty_song_is_silent(song):
    each = song(END)
    assert (each.seconds, each.notes, each.tracks) == (0.0, 0, 0)
    assert played(each) == played(each, loop=True) == []


def test_the_summary_counts_what_sounds(song):
    notes = b"\x00" + ON + QUARTER + b"\x90\x3c\x00"
    each = song(b"\x00" + tempo(625_000) + END, notes + b"\x81\x20" + ON + b"\x00" + OFF + END)
    assert str(each) == "1 track, 2 notes, 0:02 min, 96 bpm"
    assert str(song(notes + END, notes + END)) == "2 tracks, 2 notes, 0:00 min, 120 bpm"
    assert str(song(notes + END)) == "1 track, 1 note, 0:00 min, 120 bpm"


WHOLE = file_of(b"\x00" + ON + QUARTER + OFF + END, b"\x00\xc1\x05" + END)


def test_a_file_cut_anywhere_is_refused(fault):
    for length in range(len(WHOLE)):
        fault(WHOLE[:length])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"RIFF____WAVEfmt ", "does not begin with MThd"),
        (WHOLE[:10], "ends within its header"),
        (chunk(b"MThd", b"\0\0\0\1") + bytes(8), "header has 4 bytes; legal are 6 or more"),
        (file_of(END, kind=2), "type 2, many songs in one; legal are types 0 and 1"),
        (file_of(END, kind=9), "type 9; legal are types 0 and 1"),
        (file_of(count=0), "0 tracks; legal are 1..1000"),
        (file_of(END, count=65_535), "65535 tracks"),
        (file_of(END, count=3), "ends after 1 of its 3 tracks"),
        (file_of(END, division=0), "0 ticks to a quarter note; legal are 1..32767"),
        (file_of(END, division=0xE700), "0 ticks to a frame and 25 frames a second"),
        (file_of(END, division=0xFF28), "40 ticks to a frame and 1 frames a second"),
        (WHOLE[:-2], "within track 2, 2 bytes too early"),
        (file_of(b"\x00\x90\x3c"), "track 1 ends within an event"),
        (file_of(b"\x00\xff\x01\x09hi"), "track 1 ends within an event"),
        (file_of(b"\x00\x3c\x64"), "track 1, byte 1: 0x3C comes before any status byte"),
        (file_of(b"\x00\x90\x3c\xff"), "track 1, byte 2: 0xFF where 0x00..0x7F is legal"),
        (file_of(b"\x00\xf4"), "track 1, byte 1: 0xF4 is no event of a MIDI file"),
        (file_of(b"\xff\xff\xff\xff\x00" + ON), "byte 0: a number of more than 4 bytes"),
        (file_of(b"\xff\xff\xff\x7f" + ON, division=1), "37,282 hours long; legal are up to 24"),
    ],
)
def test_a_broken_file_is_refused_with_its_name_and_the_reason(fault, data, words):
    assert words in fault(data)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.mid"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    path.chmod(0)
    with pytest.raises(ValueError, match=r"huge.mid' has 8,388,609 bytes; .* may have 8,388,608"):
        read_song(path)


def test_a_folder_and_a_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mid")
    with pytest.raises(OSError, match=r"pipe\.mid: is not a regular file"):
        read_song(tmp_path / "pipe.mid")
    with pytest.raises(IsADirectoryError):
        read_song(tmp_path)


def test_a_missing_file_is_told_from_a_broken_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_song(tmp_path / "none.mid")


@given(place=st.integers(0, len(WHOLE) - 1), junk=st.binary(min_size=1, max_size=12))
@settings(max_examples=200)
def test_junk_in_a_file_gives_a_song_or_a_plain_reason(tmp_path_factory, place, junk):
    path = tmp_path_factory.getbasetemp() / "junk.mid"
    path.write_bytes(WHOLE[:place] + junk + WHOLE[place + len(junk) :])
    with suppress(ValueError):
        assert 0.0 <= read_song(path).seconds <= 24 * 3600


EVENTS = st.one_of(
    st.builds(
        mido.Message,
        st.sampled_from(["note_on", "note_off"]),
        channel=st.integers(0, 15),
        note=st.integers(0, 127),
        velocity=st.integers(0, 127),
        time=st.integers(0, 300),
    ),
    st.builds(
        mido.MetaMessage,
        st.just("set_tempo"),
        tempo=st.integers(50_000, 2_000_000),
        time=st.integers(0, 300),
    ),
)


@given(
    tracks=st.lists(st.lists(EVENTS, max_size=12), min_size=1, max_size=3),
    division=st.sampled_from([24, 96, 480, 32_767]),
)
@settings(max_examples=60)
def test_the_times_are_those_that_mido_works_out(tmp_path_factory, tracks, division):
    midi = mido.MidiFile(ticks_per_beat=division)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    data = io.BytesIO()
    midi.save(file=data)
    path = tmp_path_factory.getbasetemp() / "mido.mid"
    path.write_bytes(data.getvalue())

    now, expected = 0.0, []
    for message in midi:
        now += message.time
        if not message.is_meta:
            expected.append((now, message.bytes()))
    read = read_song(path)
    assert read.seconds == pytest.approx(now)
    found = [
        (number / 25 + each.time, each.bytes())
        for number in range(int(read.seconds * 25) + 1)
        for each in read.messages(number)
    ][: len(expected)]
    assert [data for _, data in found] == [data for _, data in expected]
    assert [at for at, _ in found] == pytest.approx([at for at, _ in expected])
