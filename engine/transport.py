"""Where in the music a live performance is: by itself, by taps, or after a MIDI clock."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Literal, get_args

from mido.frozen import FrozenMessage

from engine.frame import Transport
from engine.signals import FRAME_RATE, Midi

FRAME_SECONDS = 1 / FRAME_RATE
SLOWEST, FASTEST = 20.0, 400.0
"""Legal tempos, in quarter notes a minute."""
LAST_BEAT = 1_000_000.0
"""The last beat that can be located: 5 days at 120."""

TICKS = 24
"""MIDI clocks in a quarter note (MIDI 1.0, system real time messages)."""
WINDOW = 4 * TICKS
"""Ticks a tempo is measured over: jitter of ±3 ms then moves it by 0.03 % (σ) at 120."""
FEWEST = 6
"""Ticks from which on a tempo is believed."""
TEMPO_CHANGED = 0.008
"""Seconds a tick may come off its time before the older ticks are forgotten."""
LOST = 0.5
"""Seconds without a tick after which a clock has stopped; the slowest ticks are 0.125 apart."""
PULL = 0.1
"""How much of the distance to the clock's position is made up for in a frame."""
OUT_OF_REACH = 0.25
"""Beats of distance from which on the position jumps."""

TAP_LIMIT = 2.0
"""Seconds after which a tap begins a new measurement."""
TAPS = 8

Source = Literal["internal", "midi"]
TRANSPORT_MESSAGES = frozenset({"clock", "start", "continue", "stop", "songpos"})


class MidiClock:
    """The tempo and position of a jittery clock: a straight line through its last ticks.

    Attributes:
        count: ticks so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._times: deque[float] = deque(maxlen=WINDOW)

    @property
    def last(self) -> float | None:
        """When the last tick came, in seconds; None before the first."""
        return self._times[-1] if self._times else None

    def tick(self, time: float) -> None:
        """Takes in a tick at `time` seconds, in order."""
        times = self._times
        if times and time - times[-1] > LOST:
            times.clear()
        self.count += 1
        line = self.line()
        if line and abs(line[0] + line[1] - time) > TEMPO_CHANGED:
            kept = list(times)[1 - FEWEST :]
            times.clear()
            times.extend(kept)
        times.append(time)

    def line(self) -> tuple[float, float] | None:
        """Returns where the last tick should have come, and the seconds between ticks.

        None while there are too few ticks.
        """
        size = len(self._times)
        if size < FEWEST:
            return None
        middle = (size - 1) / 2
        mean = sum(self._times) / size
        # Least squares; the squares of the distances from the middle sum up to n(n² − 1)/12.
        slope = sum((at - middle) * time for at, time in enumerate(self._times))
        slope /= size * (size * size - 1) / 12
        if slope <= 0.0:
            return None
        return mean + middle * slope, slope


class Conductor:
    """Tells every frame its tempo and position.

    Each frame begins at the beat where the last one ended, except where the music starts, stops or
    is located anew: whoever follows a MIDI clock hears its tempo bend by as much as is needed. In
    the frame in which a clock starts the music, the beat lies up to a frame's length before 0.

    `advance` belongs to one thread; everything else may be called from any, and holds from the
    next frame on.

    Args:
        tempo: quarter notes a minute, 20..400.
        playing: whether beats advance from the first frame on.
    """

    def __init__(self, tempo: float = 120.0, *, playing: bool = True) -> None:
        self._tempo = _legal_tempo(tempo)
        self._playing = playing
        self._source: Source = "internal"
        self._beat = 0.0
        self._number = 0
        self._orders: deque[Callable[[], None]] = deque()
        self._taps: deque[float] = deque(maxlen=TAPS)
        self._clock = MidiClock()
        self._leader = ""
        # The tick that beat 0 fell on; None while the music is in no step with the clock.
        self._origin: float | None = None
        # The beat that the next tick is to be, after a start or continue.
        self._awaited: float | None = None
        self._starting = False

    @property
    def source(self) -> Source:
        """What sets the tempo."""
        return self._source

    def set_tempo(self, tempo: float) -> None:
        """Sets quarter notes a minute, 20..400; raises ValueError for others."""
        self._orders.append(partial(self._set_tempo, _legal_tempo(tempo)))

    def play(self) -> None:
        """Lets the beat advance from where it is."""
        self._orders.append(partial(self._set_playing, True))

    def stop(self) -> None:
        """Holds the beat where it is."""
        self._orders.append(partial(self._set_playing, False))

    def locate(self, beat: float) -> None:
        """Goes to a beat, 0..1,000,000; raises ValueError for others."""
        if not 0.0 <= beat <= LAST_BEAT:
            raise ValueError(f"the beat {beat:g} is outside 0..{LAST_BEAT:g}")
        self._orders.append(partial(self._locate, float(beat)))

    def follow(self, source: Source) -> None:
        """Takes tempo, start and stop from a MIDI clock ("midi"), or from none ("internal").

        While no clock comes, the last tempo goes on. Raises ValueError for other sources.
        """
        if source not in get_args(Source):
            raise ValueError(f"{source!r} is no source of tempo; legal are internal and midi")
        self._orders.append(partial(self._follow, source))

    def tap(self, now: float) -> float | None:
        """Sets the tempo to that of the last taps; to be called from one thread.

        Args:
            now: when it was tapped, in seconds of any steady clock.

        Returns:
            The tempo, within 20..400; None for a first tap, or one 2 s after the last.
        """
        taps = self._taps
        if taps and not 0.0 < now - taps[-1] <= TAP_LIMIT:
            taps.clear()
        taps.append(now)
        if len(taps) < 2:
            return None
        # The median forgives a tap that slipped.
        apart = statistics.median(b - a for a, b in pairwise(taps))
        tempo = min(max(60.0 / apart, SLOWEST), FASTEST)
        self.set_tempo(tempo)
        return tempo

    def advance(self, midi: Mapping[str, Midi]) -> Transport:
        """Returns the position at the start of a frame; to be called once a frame.

        Args:
            midi: what arrived for this frame, by port; read where a MIDI clock is followed.
        """
        while self._orders:
            self._orders.popleft()()
        now = self._number * FRAME_SECONDS
        self._number += 1
        tempo = self._tempo
        if self._source == "midi":
            self._hear(midi, now)
            tempo = self._keep_step(now)
        transport = Transport(self._beat, tempo, self._playing)
        self._beat += transport.beats_per_frame
        return transport

    def _set_tempo(self, tempo: float) -> None:
        self._tempo = tempo

    def _set_playing(self, playing: bool) -> None:
        self._playing = playing
        self._origin = self._awaited = None

    def _locate(self, beat: float) -> None:
        self._beat = beat
        self._origin = None

    def _follow(self, source: Source) -> None:
        if source != self._source:
            self._source = source
            self._lead("")

    def _lead(self, port: str) -> None:
        """Follows another port from now on, or, without a name, the next that is heard."""
        self._leader = port
        self._clock = MidiClock()
        self._origin = self._awaited = None

    def _hear(self, midi: Mapping[str, Midi], now: float) -> None:
        """Takes in clock, start and stop of the port that leads: the first that sends any."""
        for port in sorted(midi):
            messages = [each for each in midi[port] if each.type in TRANSPORT_MESSAGES]
            if not messages:
                continue
            if port != self._leader:
                if self._ticking(now):
                    continue
                self._lead(port)
            for message in messages:
                self._obey(message, now + message.time)

    def _obey(self, message: FrozenMessage, time: float) -> None:
        kind = message.type
        if kind == "clock":
            self._clock.tick(time)
            if self._awaited is not None:
                self._origin = self._clock.count - self._awaited * TICKS
                self._awaited = None
                self._playing = self._starting = True
        elif kind == "start":
            self._awaited = 0.0
        elif kind == "continue":
            self._awaited = self._beat
        elif kind == "stop":
            if self._playing and self._origin is not None:
                # It goes on with the tick after the last one heard.
                self._beat = (self._clock.count + 1 - self._origin) / TICKS
            self._set_playing(False)
        elif self._playing:  # a song position, in sixteenths
            self._awaited = message.pos / 4
        else:
            self._beat = message.pos / 4

    def _ticking(self, now: float) -> bool:
        last = self._clock.last
        return last is not None and now - last <= LOST

    def _keep_step(self, now: float) -> float:
        """Measures the tempo; returns that of this frame, bent towards the clock's position."""
        if not self._ticking(now):
            self._origin = None
            return self._tempo
        line = self._clock.line()
        if line:
            self._tempo = min(max(60.0 / (TICKS * line[1]), SLOWEST), FASTEST)
        if not self._playing:
            return self._tempo
        last, period = line or (self._clock.last or now, 60.0 / (TICKS * self._tempo))
        tick = self._clock.count + (now - last) / period
        if self._origin is None:
            self._origin = float(round(tick - self._beat * TICKS))
        ahead = (tick - self._origin) / TICKS - self._beat
        if self._starting or abs(ahead) > OUT_OF_REACH:
            self._beat += ahead
            self._starting = False
            return self._tempo
        return max(0.0, self._tempo + PULL * ahead * 60.0 * FRAME_RATE)


def _legal_tempo(tempo: float) -> float:
    if not SLOWEST <= tempo <= FASTEST:
        raise ValueError(
            f"the tempo {tempo:g} is outside {SLOWEST:g}..{FASTEST:g} quarter notes a minute"
        )
    return float(tempo)
