"""A MIDI file as a song that can be played from any frame."""

from __future__ import annotations

import math
import os
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from mido.frozen import FrozenMessage

from engine.frame import Transport
from engine.midifile import Division, Events, parse
from engine.regular import open_regular
from engine.signals import FRAME_RATE

MAX_BYTES = 8 * 1024 * 1024
MAX_HOURS = 24
"""Past this a song is taken for a broken file: one wrong delta time can mean a century."""

DEFAULT_TEMPO = 500_000
"""Microseconds per quarter note until a file says otherwise: 120 a minute."""

BEFORE_THE_END = 1 - 2**-20
"""The part of a frame at which what lies on its end is told."""

NOTE_OFF, NOTE_ON, CONTROL_CHANGE = 0x80, 0x90, 0xB0
"""Status bytes on channel 1."""
SUSTAIN_PEDAL, SOSTENUTO_PEDAL = 64, 66
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123

T = TypeVar("T")


@dataclass(frozen=True)
class _Change:
    """A tempo, and where it begins.

    Attributes:
        at: units since the start.
        beat: quarter notes since the start.
        tempo: microseconds per quarter note.
    """

    at: int
    beat: float
    tempo: int


@dataclass(frozen=True, eq=False, repr=False)
class Song:
    """A MIDI file, all its tracks merged; immutable.

    Places are whole numbers of a unit in which every tick and every frame of 40 ms is whole, so
    that nothing drifts and a loop closes exactly.

    Attributes:
        name: the file's name.
        tracks: how many tracks strike a note.
        notes: how many notes are struck.
        seconds: the length, up to the end of the last track.
    """

    name: str
    tracks: int
    notes: int
    seconds: float
    _second: int
    _end: int
    _places: array[int]
    _codes: array[int]
    _changes: tuple[_Change, ...]
    _meters: tuple[tuple[int, float], ...]
    _change_places: list[int] = field(init=False)
    _meter_places: list[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_change_places", [each.at for each in self._changes])
        object.__setattr__(self, "_meter_places", [at for at, _ in self._meters])

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        tracks = "1 track" if self.tracks == 1 else f"{self.tracks} tracks"
        notes = "1 note" if self.notes == 1 else f"{self.notes:,} notes"
        return f"{tracks}, {notes}, {minutes}:{seconds:02} min, {self.transport(0).tempo:.4g} bpm"

    @property
    def _frame(self) -> int:
        """Units in a frame."""
        return self._second // FRAME_RATE

    def messages(
        self, number: int, start: float = 0.0, loop: bool = False
    ) -> tuple[FrozenMessage, ...]:
        """Returns the channel messages of a frame in order, `time` in seconds from its start.

        Args:
            number: frames since the song began to play.
            start: seconds of the song that are skipped.
            loop: play it round and round from `start` to its end. A song shorter than a frame
                is played once a frame.
        """
        first, frame = self._place(start), self._frame
        if first and first >= self._end:
            return ()
        elapsed = number * frame
        if not loop:
            return self._between(first + elapsed, frame, 0)
        length = self._length(first)
        offset = elapsed % length
        # What lies on the end itself, above all the last notes' ends, comes before the first
        # message of the next pass. It belongs to the frame in which the next pass begins.
        closing = self._between(first + length, 1, 0) if elapsed and not offset else ()
        left = length - offset
        if left >= frame:
            return closing + self._between(first + offset, frame, 0)
        ending = self._between(first + offset, left + 1, 0)
        return closing + ending + self._between(first, frame - left, left)

    def follow(
        self, beat: float, beats: float, start: float = 0.0, loop: bool = False
    ) -> tuple[FrozenMessage, ...]:
        """Returns the channel messages of a frame that goes by another's beat, not by the tempo.

        Args:
            beat: quarter notes since the song began to play; before 0 nothing sounds.
            beats: how many of them the frame takes; where it takes none, nothing sounds.
            start, loop: as in `messages`.
        """
        first = self._place(start)
        if beats <= 0 or (first and first >= self._end):
            return ()
        origin = self._beat(first)
        since, until, passed, length = max(beat, 0.0), beat + beats, 0.0, math.inf
        found: list[FrozenMessage] = []
        if loop:
            length = max(self._beat(self._end) - origin, beats)
            passed = since // length * length
            if passed and self._at(origin + since - passed) == first:
                # As in `messages`: the end of a pass comes with the beginning of the next.
                found += self._within(self._end, self._end + 1, origin + beat - passed, beats)
        while since < until:
            low, left = self._at(origin + since - passed), until - passed
            high = self._end + 1 if left > length else self._at(origin + left)
            found += self._within(low, high, origin + beat - passed, beats)
            passed += length
            since = passed
        return tuple(found)

    def position(self, number: int, start: float = 0.0, loop: bool = False) -> float:
        """Returns which second of the song a frame begins at; arguments as in `messages`."""
        first = self._place(start)
        elapsed = number * self._frame
        place = first + (elapsed % self._length(first) if loop else elapsed)
        return place / self._second

    def transport(self, number: int) -> Transport:
        """Returns the beat, the tempo and the bar at the start of a frame.

        After the end the last tempo goes on.
        """
        place = number * self._frame
        tempo = self._change(place).tempo
        bar = self._meters[bisect_right(self._meter_places, place) - 1][1]
        return Transport(beat=self._beat(place), tempo=60_000_000 / tempo, bar=bar)

    def _change(self, place: int) -> _Change:
        return self._changes[bisect_right(self._change_places, place) - 1]

    def _beat(self, place: int) -> float:
        change = self._change(place)
        return change.beat + _beats(place - change.at, change.tempo, self._second)

    def _at(self, beat: float) -> int:
        """Returns the place nearest to a beat."""
        change = self._changes[bisect_right(self._changes, beat, key=lambda each: each.beat) - 1]
        return change.at + round((beat - change.beat) * change.tempo * self._second / 1_000_000)

    def _place(self, seconds: float) -> int:
        return round(seconds * self._second)

    def _length(self, first: int) -> int:
        """Returns the units of one pass of the loop from `first`; at least a frame."""
        return max(self._end - first, self._frame)

    def _found(self, low: int, high: int) -> range:
        """Returns the numbers of the messages that lie in low..high."""
        first = bisect_left(self._places, low)
        return range(first, bisect_left(self._places, high, first))

    def _within(self, low: int, high: int, beat: float, beats: float) -> Iterator[FrozenMessage]:
        """Yields what lies in low..high, in a frame that begins at a beat and takes some."""
        for each in self._found(low, high):
            part = (self._beat(self._places[each]) - beat) / beats
            time = min(max(part, 0.0), BEFORE_THE_END) / FRAME_RATE
            yield _message(self._codes[each]).copy(skip_checks=True, time=time)

    def _between(self, place: int, length: int, late: int) -> tuple[FrozenMessage, ...]:
        """Returns what lies in place..place + length, `late` units into the frame."""
        found = self._found(place, place + length)
        if not found:
            return ()
        origin = place - late
        return tuple(
            _message(self._codes[each]).copy(
                skip_checks=True, time=(self._places[each] - origin) / self._second
            )
            for each in found
        )


def read_song(path: Path) -> Song:
    """Reads a MIDI file of type 0 or 1. Notes still on at its end are ended there.

    Raises:
        ValueError: it is not such a file, is broken, or has more than 8 MB or 24 hours.
        OSError: it cannot be opened, or is not a regular file.
    """
    with open_regular(path) as file:
        data = file.read(MAX_BYTES + 1)
        size = os.fstat(file.fileno()).st_size
    if size > MAX_BYTES:
        raise ValueError(f"{path.name!r} has {size:,} bytes; a MIDI file may have {MAX_BYTES:,}")
    if not data:
        raise ValueError(f"{path.name!r} is empty; a MIDI file of type 0 or 1 is legal")
    try:
        return _make_song(path.name, parse(data))
    except ValueError as fault:
        raise ValueError(f"{path.name!r} cannot be read as a MIDI file: {fault}") from None


def _make_song(name: str, events: Events) -> Song:
    division = events.division
    tempos = _in_order([(0, DEFAULT_TEMPO), *events.tempos])
    starts = [tick for tick, _ in tempos]
    rates = [division.units(tempo) for _, tempo in tempos]
    bases = [0]
    for index in range(1, len(tempos)):
        bases.append(bases[-1] + (starts[index] - starts[index - 1]) * rates[index - 1])

    def place(tick: int) -> int:
        index = bisect_right(starts, tick) - 1
        return bases[index] + (tick - starts[index]) * rates[index]

    end = place(events.end)
    if end > MAX_HOURS * 3600 * division.second:
        hours = end // (3600 * division.second)
        raise ValueError(f"it is {hours:,} hours long; legal are up to {MAX_HOURS}")

    # 24 hours are less than 2⁵² units, so that all of this fits into int64.
    ticks = np.array(events.ticks, np.int64)
    order = np.argsort(ticks, kind="stable")
    ticks = ticks[order]
    segment = np.searchsorted(starts, ticks, side="right") - 1
    since = ticks - np.array(starts)[segment]
    places = np.array(bases)[segment] + since * np.array(rates)[segment]
    codes = np.array(events.codes, np.uint32)[order]
    closing = _releases(codes.tolist())
    statuses, velocities = codes >> 20, codes & 0x7F
    return Song(
        name=name,
        tracks=events.tracks,
        notes=int(np.count_nonzero((statuses == 0x9) & (velocities > 0))),
        seconds=end / division.second,
        _second=division.second,
        _end=end,
        _places=array("q", places.tolist() + [end] * len(closing)),
        _codes=array("I", codes.tolist() + closing),
        _changes=_changes(tempos, bases, division),
        _meters=tuple((place(tick), bar) for tick, bar in _in_order([(0, 4.0), *events.meters])),
    )


def _in_order(changes: list[tuple[int, T]]) -> list[tuple[int, T]]:
    """Sorts changes by tick; of several at one tick the last one counts."""
    return sorted(dict(sorted(changes, key=lambda each: each[0])).items())


def _changes(
    tempos: list[tuple[int, int]], bases: list[int], division: Division
) -> tuple[_Change, ...]:
    changes = [_Change(0, 0.0, tempos[0][1])]
    for (_, tempo), at in zip(tempos[1:], bases[1:], strict=True):
        last = changes[-1]
        beat = last.beat + _beats(at - last.at, last.tempo, division.second)
        changes.append(_Change(at, beat, tempo))
    return tuple(changes)


def _beats(units: int, tempo: int, second: int) -> float:
    """Returns the quarter notes in so many units."""
    return units * 1_000_000 / (tempo * second)


def _releases(codes: Iterable[int]) -> list[int]:
    """Returns the messages that end what is still on after `codes`: notes off, pedals up."""
    sounding: set[int] = set()
    for code in codes:
        status, first, second = code >> 16, code >> 8 & 0x7F, code & 0x7F
        kind, channel = status >> 4, status & 0xF
        if kind == 0x9 and second:
            sounding.add((NOTE_OFF | channel) << 16 | first << 8)
        elif kind in (0x8, 0x9):
            sounding.discard((NOTE_OFF | channel) << 16 | first << 8)
        elif kind == 0xB and first in (SUSTAIN_PEDAL, SOSTENUTO_PEDAL):
            pedal = status << 16 | first << 8
            (sounding.add if second >= 64 else sounding.discard)(pedal)
    return sorted(sounding)


@lru_cache(maxsize=8192)
def _message(code: int) -> FrozenMessage:
    """Returns the message of three bytes, at time 0."""
    status, first, second = code >> 16, code >> 8 & 0x7F, code & 0x7F
    data = [status, first] if 0xC0 <= status < 0xE0 else [status, first, second]
    return FrozenMessage.from_bytes(data)
