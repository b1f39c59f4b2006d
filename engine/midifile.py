"""The bytes of a standard MIDI file as events in ticks: RP-001, "Standard MIDI Files 1.0".

mido reads these files too, but takes 12 s over one of 8 MB and hours over a delta time of 8 MB,
and stops at chunks of other programs, which the standard says to skip.
"""

from __future__ import annotations

import struct
from array import array

MAX_TRACKS = 1_000
SMPTE_RATES = (24, 25, 29, 30)
"""Frames a second; 29 stands for 30 drop-frame, which is 30,000 / 1,001."""

META, SYSEX, SYSEX_MORE = 0xFF, 0xF0, 0xF7
END_OF_TRACK, TEMPO, TIME_SIGNATURE = 0x2F, 0x51, 0x58


class Division:
    """How long a tick is.

    Attributes:
        second: how many units a second has; a multiple of 25 million, so that a frame is whole.
        quarter: ticks in a quarter note, or 0 where ticks follow the clock and not the tempo.
        tick: units in a tick where ticks follow the clock; else microseconds of tempo are units.
    """

    __slots__ = ("quarter", "second", "tick")

    def __init__(self, code: int) -> None:
        """Reads the division of a header; raises ValueError for one that counts nothing."""
        self.quarter = self.tick = 0
        if code < 0x8000:
            if not code:
                raise ValueError("it has 0 ticks to a quarter note; legal are 1..32767")
            self.quarter = code
            # µs per quarter = units per tick, so that every tick lies on a whole unit.
            self.second = 1_000_000 * code
            return
        rate, ticks = 256 - (code >> 8), code & 0xFF
        if rate not in SMPTE_RATES or not ticks:
            raise ValueError(
                f"it has {ticks} ticks to a frame and {rate} frames a second; "
                f"legal are 1..255 ticks and 24, 25, 29 or 30 frames"
            )
        drop = rate == 29
        self.second = 1_000_000 * (30 if drop else rate) * ticks
        self.tick = 1_001_000 if drop else 1_000_000

    def units(self, tempo: int) -> int:
        """Returns the units in a tick at a tempo in microseconds per quarter note."""
        return self.tick or tempo


class Events:
    """What a file's tracks hold, track after track.

    Attributes:
        ticks: when each channel message comes, in ticks from the start.
        codes: its bytes: status · 65,536 + first · 256 + second.
        tempos: (tick, microseconds per quarter note), in the order of the file.
        meters: (tick, quarter notes in a bar), likewise.
        end: the tick at which the last track ends.
        tracks: how many tracks strike a note.
        division: how long a tick is.
    """

    def __init__(self, division: Division) -> None:
        self.division = division
        self.ticks = array("q")
        self.codes = array("I")
        self.tempos: list[tuple[int, int]] = []
        self.meters: list[tuple[int, float]] = []
        self.end = 0
        self.tracks = 0


def parse(data: bytes) -> Events:
    """Reads a whole file.

    Raises:
        ValueError: it is not a MIDI file of type 0 or 1, or is broken; the message has the place.
    """
    if data[:4] != b"MThd":
        raise ValueError("it does not begin with MThd, as a MIDI file does")
    if len(data) < 14:
        raise ValueError("it ends within its header")
    size, kind, count, code = struct.unpack(">IHHH", data[4:14])
    if size < 6:
        raise ValueError(f"its header has {size} bytes; legal are 6 or more")
    if kind == 2:
        raise ValueError("it is of type 2, many songs in one; legal are types 0 and 1")
    if kind > 2:
        raise ValueError(f"it is of type {kind}; legal are types 0 and 1")
    if not 1 <= count <= MAX_TRACKS:
        raise ValueError(f"it has {count} tracks; legal are 1..{MAX_TRACKS}")
    events = Events(Division(code))
    at = 8 + size
    for number in range(1, count + 1):
        at = _read_chunk(data, at, number, count, events)
    return events


def _read_chunk(data: bytes, at: int, number: int, count: int, events: Events) -> int:
    """Reads the next track, whichever chunks come before it, and returns where it ends."""
    while True:
        if at + 8 > len(data):
            raise ValueError(f"it ends after {number - 1} of its {count} tracks")
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        at += 8 + size
        if name == b"MTrk":
            break
    if at > len(data):
        raise ValueError(f"it ends within track {number}, {at - len(data)} bytes too early")
    try:
        _read_track(data[at - size : at], events)
    except IndexError:
        raise ValueError(f"track {number} ends within an event") from None
    except ValueError as fault:
        raise ValueError(f"track {number}, {fault}") from None
    return at


def _read_track(track: bytes, events: Events) -> None:
    """Reads one track; raises IndexError where it ends within an event."""
    at = tick = status = strikes = 0
    while at < len(track):
        delta, at = _read_number(track, at)
        tick += delta
        byte = track[at]
        if byte >= SYSEX:
            if byte not in (META, SYSEX, SYSEX_MORE):
                raise ValueError(f"byte {at}: 0x{byte:02X} is no event of a MIDI file")
            kind = track[at + 1] if byte == META else None
            length, start = _read_number(track, at + (2 if byte == META else 1))
            at = start + length
            if at > len(track):
                raise IndexError
            if kind == END_OF_TRACK:
                break
            if kind is not None:
                _read_meta(kind, track[start:at], tick, events)
            continue
        if byte >= 0x80:
            status = byte
            at += 1
        elif not status:
            raise ValueError(f"byte {at}: 0x{byte:02X} comes before any status byte")
        # Program change (0xC_) and channel pressure (0xD_) have one data byte, others two.
        length = 1 if 0xC0 <= status < 0xE0 else 2
        first, second = track[at], track[at + 1] if length == 2 else 0
        if (first | second) > 0x7F:
            raise ValueError(f"byte {at}: 0x{max(first, second):02X} where 0x00..0x7F is legal")
        at += length
        strikes += status >> 4 == 0x9 and second > 0
        events.ticks.append(tick)
        events.codes.append(status << 16 | first << 8 | second)
    events.end = max(events.end, tick)
    events.tracks += strikes > 0


def _read_meta(kind: int, content: bytes, tick: int, events: Events) -> None:
    """Takes in a tempo or a time signature; one that makes no sense (tempo 0) changes nothing."""
    if kind == TEMPO and len(content) == 3 and any(content):
        events.tempos.append((tick, int.from_bytes(content, "big")))
    elif kind == TIME_SIGNATURE and len(content) >= 2:
        beats, power = content[:2]
        # 64ths (2⁶) are the shortest beats in use.
        if beats and power <= 6:
            events.meters.append((tick, beats * 4 / 2**power))


def _read_number(track: bytes, at: int) -> tuple[int, int]:
    """Reads a variable-length number of up to 4 bytes; returns it and where it ends."""
    value = 0
    for place in range(at, at + 4):
        byte = track[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    raise ValueError(f"byte {at}: a number of more than 4 bytes")
