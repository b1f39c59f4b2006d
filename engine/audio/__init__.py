"""Sound out and in: devices that may vanish and come back while the frame loop goes on.

The frame loop only ever calls `queued`, `write` and `read`. Opening, watching and closing are a
thread's own (`engine.audio.keeper`), which hands an open device over by one assignment. PortAudio
moves the sound between device and ring in C, so that a busy interpreter makes no gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from engine.audio.keeper import AudioStatus, Keeper
from engine.audio.streams import Input, Output
from engine.dsp import ramp
from engine.fade import fading
from engine.signals import FRAME_RATE, FRAME_SAMPLES, SAMPLE_RATE, SILENCE, AudioArray, frozen

__all__ = ["AudioStatus", "Microphone", "Speakers"]

PREFILL = 2 / FRAME_RATE
"""Seconds of silence that a device, or time without one, begins with: so the first frames, which
do much for once, are not late."""
DRAIN = 0.5
"""Seconds by which the last sound may be late at a device before it is closed all the same."""


class Clock:
    """Takes sound as fast as a device would, and lets nobody hear it."""

    def __init__(self, queued: float = 0.0) -> None:
        self._end = time.monotonic() + queued

    def queued(self) -> float:
        """Returns the seconds of sound not taken yet."""
        return max(0.0, self._end - time.monotonic())

    def write(self, audio: AudioArray) -> None:
        """Takes one frame."""
        self._end = max(self._end, time.monotonic()) + len(audio) / SAMPLE_RATE


class Speakers(Keeper[Output]):
    """Plays frames through a device; where there is none, time goes on and nobody hears them.

    Attributes:
        underruns: how often the device asked and nothing was ready.
        block: seconds of sound that the device takes at a time; 0 where there is none.
    """

    def __init__(
        self, device: str | None, *, block: int | None = None, on_event: Callable[[str], None]
    ) -> None:
        """Args:
        device: the name of a device or a part of it; None for the system's default.
        block: samples a callback asks for; None lets the host choose.
        on_event: told in words what happens to the device, from any thread.
        """
        super().__init__("audio out", device, on_event)
        self.underruns = 0
        self.block = 0.0
        self._asked = block
        self._out: Clock | Output = Clock()
        self._last: AudioArray = SILENCE
        self._fading_in = False
        # Held for microseconds: so that only one thread at a time writes into a ring.
        self._lock = threading.Lock()

    def start(self) -> None:
        """Opens the device, which may take a second, and watches it from then on."""
        if not self._open(self._device):
            self._out = Clock(PREFILL)
        self._thread.start()

    def queued(self) -> float:
        """Returns the seconds of sound written that the device has not taken yet."""
        with self._lock:
            return self._out.queued()

    def write(self, audio: AudioArray) -> None:
        """Takes one frame, float32[1920, 2], at once."""
        with self._lock:
            self._out.write(audio * ramp(0.0, 1.0) if self._fading_in else audio)
            self._fading_in = False
            self._last = audio

    def opened(self, device: str | None) -> Output:
        return Output(device, self._asked, self._out.queued() + PREFILL, self._count)

    def take(self, stream: Output) -> None:
        with self._lock:
            self._fading_in = True
            self._out = stream
            self.block = stream.block / stream.rate

    def lose(self, stream: Output) -> None:
        with self._lock:
            self._out = Clock(stream.queued())
            self.block = 0.0

    def leave(self, stream: Output) -> None:
        with self._lock:
            self._out = Clock(left := stream.queued())
            self.block = 0.0
            if left:
                stream.write(fading(self._last))
        end = time.monotonic() + left + DRAIN
        while stream.queued() and stream.alive() and time.monotonic() < end:
            time.sleep(0.005)
        # The device has taken the last block and needs its latency to sound it.
        time.sleep(min(stream.latency, DRAIN))

    def _count(self) -> None:
        self.underruns += 1


class Microphone(Keeper[Input]):
    """Hears a device, one frame for each frame that is played; silence where there is none."""

    def __init__(self, device: str | None = None, *, on_event: Callable[[str], None]) -> None:
        """Args:
        device: the name of a device or a part of it; None for the system's default.
        on_event: told in words what happens to the device, from any thread.
        """
        super().__init__("audio in", device, on_event)
        self.wanted = False
        self._in: Input | None = None
        self._last: AudioArray = SILENCE

    def start(self) -> None:
        """Has the device opened, on a thread of its own."""
        self._want(True)
        if not self._thread.ident:
            self._thread.start()

    def stop(self) -> None:
        """Has the device closed until the next start."""
        self._want(False)

    def read(self) -> AudioArray:
        """Returns the next frame, float32[1920, 2], at once; mono is heard on both sides."""
        source = self._in
        heard = source.read() if source else None
        if heard is None:
            # What stops in mid-sound is let fade, not cut.
            self._last, heard = SILENCE, fading(self._last)
        else:
            if self._last is SILENCE:
                heard = heard * ramp(0.0, 1.0)
            self._last = heard = frozen(heard)
        assert heard.shape == (FRAME_SAMPLES, 2)
        return heard

    def opened(self, device: str | None) -> Input:
        return Input(device)

    def take(self, stream: Input) -> None:
        self._in = stream

    def lose(self, stream: Input) -> None:
        self._in = None

    leave = lose

    def _want(self, wanted: bool) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self._changed.set()
