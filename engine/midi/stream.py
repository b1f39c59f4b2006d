"""What arrives at one MIDI port, frame by frame: bounded, in time, and with every note ended."""

from __future__ import annotations

from typing import Any, Protocol

from mido.frozen import FrozenMessage

from engine.signals import FRAME_RATE, SAMPLE_RATE, Midi
from engine.song import CONTROL_CHANGE, NOTE_OFF, NOTE_ON
from engine.sounding import Sounding

FRAME_SECONDS = 1 / FRAME_RATE
LAST_INSTANT = FRAME_SECONDS - 1 / SAMPLE_RATE
"""The latest a message can be in its frame, in seconds from the frame's start."""

QUEUE = 16_384
"""Messages that rtmidi keeps until they are polled; a frame of 5,000 fits thrice."""
READ_LIMIT = 8_192
"""Messages read in a frame, at 1.3 µs each; what is left waits for the next."""
LIMIT = 512
"""Messages that a port passes in a frame: every key of a channel up and down, and as many again."""

SENSING_LIMIT = 0.33
"""Seconds of silence after which a port that sends Active Sensing is gone; MIDI 1.0 says 0.3."""
DRIFT = 1e-4
"""How fast the clock of a port may run away from ours: 100 ppm."""

CLOCK, ACTIVE_SENSING = 0xF8, 0xFE

# Data bytes after a status byte (MIDI 1.0, table 1); SysEx and undefined ones are not here.
LENGTHS = {
    0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2,
    0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0, 0xF8: 0, 0xFA: 0, 0xFB: 0, 0xFC: 0, 0xFE: 0, 0xFF: 0,
}  # fmt: skip

Arrival = tuple[float, bytes]
"""When a message arrived, in seconds of its port's clock, and its bytes."""


class Source(Protocol):
    """What messages are polled from: an `rtmidi.MidiIn`."""

    def get_message(self) -> tuple[list[int], float] | None:
        """Returns the bytes of the next message and the seconds since the one before, or None."""
        ...


def is_message(data: bytes) -> bool:
    """Says whether bytes are one whole message that is no SysEx."""
    if not data:
        return False
    status = data[0] & 0xF0 if data[0] < 0xF0 else data[0]
    return LENGTHS.get(status) == len(data) - 1 and all(each < 0x80 for each in data[1:])


def is_strike(data: bytes) -> bool:
    """Says whether a message switches a note on."""
    return data[0] & 0xF0 == NOTE_ON and data[2] > 0


def thin_out(arrivals: list[Arrival], limit: int = LIMIT) -> tuple[list[Arrival], int]:
    """Brings a flood down to what still says where every key and controller ended up.

    Of each key's strikes, each key's releases and each controller's values only the last stays,
    in the order in which they came. Notes that are struck beyond `limit` are left out; what ends a
    note never is.

    Returns:
        What stays, and how many strikes were left out.
    """
    if len(arrivals) <= limit:
        return arrivals, 0
    latest: dict[tuple[int, int], Arrival] = {}
    clocks = [each for each in arrivals if each[1][0] >= CLOCK][:limit]
    for arrival in arrivals:
        data = arrival[1]
        if data[0] >= CLOCK:
            continue
        status, kind = data[0], data[0] & 0xF0
        if kind == NOTE_ON and data[2] == 0:
            status ^= NOTE_ON ^ NOTE_OFF
        # Notes, touches (0xA_) and controllers have a number; of the others there is one a channel.
        key = (status, data[1] if kind <= CONTROL_CHANGE else -1)
        latest.pop(key, None)
        latest[key] = arrival
    strikes = [each for each in latest.values() if is_strike(each[1])]
    room = max(0, limit - (len(latest) - len(strikes)))
    dropped = {id(each) for each in strikes[room:]}
    kept = [each for each in latest.values() if id(each) not in dropped]
    return sorted(clocks + kept, key=lambda each: each[0]), len(dropped)


class PortClock:
    """Places what a port's clock says into our time.

    rtmidi says how long after the last message each came, so their distances are exact; when all
    of it was is only known to lie between two polls. Each poll narrows that down.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self._least, self._most = float("-inf"), float("inf")
        self._polled: float | None = None

    def count(self, delta: float) -> float:
        """Returns the port's time of a message that came `delta` seconds after the last."""
        self.time += max(0.0, delta)
        return self.time

    def offset(self, first: float, last: float, start: float, now: float) -> float:
        """Returns what to add to the port's time to get ours.

        Args:
            first, last: the port's time of the first and last message that a poll found.
            start, now: when the poll before and this one were.
        """
        if self._polled is not None:
            slack = DRIFT * (now - self._polled)
            self._least -= slack
            self._most += slack
        self._polled = now
        self._least = max(self._least, start - first)
        self._most = min(self._most, now - last)
        if self._least > self._most:  # a message was lost, or either clock jumped
            self._least, self._most = min(start - first, now - last), now - last
        return (self._least + self._most) / 2


class MidiStream:
    """One port's messages, polled once a frame; used by one thread.

    Attributes:
        name: the port's.
        source: what is polled.
        dropped: notes left out in the last poll because there were too many.
        silenced: whether the last poll let go of its notes as Active Sensing stopped.
    """

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self.source = source
        self.dropped = 0
        self.silenced = False
        self._clock = PortClock()
        self._sounding = Sounding()
        self._sensed = False
        self._heard = 0.0

    def poll(self, start: float, now: float) -> Midi:
        """Returns what arrived, each with its `time` in the frame.

        Args:
            start: when the last poll was, in seconds of a steady clock.
            now: when this one is.
        """
        self.dropped, self.silenced = 0, False
        arrivals = self._read(now)
        if not arrivals:
            if self._sensed and now - self._heard > SENSING_LIMIT:
                self._sensed = False
                self.silenced = bool(self._sounding)
                return self._sounding.release()
            return ()
        offset = self._clock.offset(arrivals[0][0], arrivals[-1][0], start, now) - start
        arrivals, self.dropped = thin_out(arrivals)
        messages = []
        for at, data in arrivals:
            if data[0] == ACTIVE_SENSING:
                continue
            time = min(max(at + offset, 0.0), LAST_INSTANT)
            message = FrozenMessage.from_bytes(data, time=time)
            self._sounding.passes(message)
            messages.append(message)
        return tuple(messages)

    def release(self) -> Midi:
        """Returns what ends every note and pedal that is held."""
        self._sensed = False
        return self._sounding.release()

    def _read(self, now: float) -> list[Arrival]:
        """Takes all that is there, up to the limit; what is no whole message is skipped."""
        arrivals = []
        get: Any = self.source.get_message
        count = 0
        while count < READ_LIMIT and (got := get()):
            count += 1
            at = self._clock.count(got[1])
            try:
                data = bytes(got[0])
            except ValueError:
                continue
            if not is_message(data):
                continue
            if data[0] == ACTIVE_SENSING:
                self._sensed = True
            arrivals.append((at, data))
        if count:
            self._heard = now
        return arrivals
