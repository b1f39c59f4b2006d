"""Sound out: a device that may vanish and come back, and a clock to go on by meanwhile.

The frame loop only ever calls `queued` and `write`. Opening, watching and closing are a thread's
own, `Speakers._keep`; it hands an open device over by one assignment. PortAudio pulls the sound
out of a ring in C, so that a busy interpreter makes no gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from engine import portaudio
from engine.dsp import ramp
from engine.fade import fading
from engine.portaudio import NoDeviceError
from engine.signals import FRAME_RATE, SAMPLE_RATE, SILENCE, AudioArray
from engine.streams import Output

LOOK = 0.05
"""Seconds between two looks at whether the device still takes sound."""
RETRY = 1.0
"""Seconds between two tries to open a device."""
PATIENCE = 3
"""Tries for a device that was named before the default one is taken instead."""
PREFILL = 2 / FRAME_RATE
"""Seconds of silence that a device begins with, so that the first frames are not late."""
DRAIN = 0.5
"""Seconds that the last sound gets to reach a device before it is closed."""


class AudioStatus(NamedTuple):
    """What is known of one direction of audio.

    Attributes:
        name: the device in use or waited for; empty where none ever was.
        rate: samples a second.
        block: samples a callback asks for.
        latency: seconds that the device itself needs.
        alive: whether a device is at work; False while a clock stands in for it.
        underruns: how often the device asked and nothing was ready.
    """

    name: str = ""
    rate: float = SAMPLE_RATE
    block: int = 0
    latency: float = 0.0
    alive: bool = False
    underruns: int = 0


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


class Speakers:
    """Plays frames through a device, through none where there is none.

    Attributes:
        underruns: how often the device asked and nothing was ready.
    """

    def __init__(
        self, device: str | None, *, block: int | None = None, on_event: Callable[[str], None]
    ) -> None:
        """Args:
        device: the name of a device or a part of it; None for the system's default.
        block: samples a callback asks for; None lets the host choose.
        on_event: told in words what happens to the device, from any thread.
        """
        self.underruns = 0
        self._device = device
        self._block = block
        self._say = on_event
        self._out: Clock | Output = Clock()
        self._last: AudioArray = SILENCE
        self._fading_in = False
        self._status = AudioStatus(device or "")
        self._changed = threading.Event()
        self._closed = threading.Event()
        # Held for microseconds: so that only one thread at a time writes into a ring.
        self._lock = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, name="speakers", daemon=True)

    def start(self) -> None:
        """Opens the device, which may take a second, and watches it from then on."""
        if not self._open(self._device):
            self._say("audio out: no device; the music goes on unheard until there is one")
        self._keeper.start()

    def queued(self) -> float:
        """Returns the seconds of sound written that the device has not taken yet."""
        return self._out.queued()

    def write(self, audio: AudioArray) -> None:
        """Takes one frame, float32[1920, 2], at once."""
        with self._lock:
            out = self._out
            self._last = audio
            out.write(audio * ramp(0.0, 1.0) if self._fading_in else audio)
            self._fading_in = False

    def choose(self, device: str | None) -> None:
        """Goes over to another device, by name; None for the system's default."""
        self._device = device
        self._changed.set()

    def status(self) -> AudioStatus:
        """Returns what is known of the device."""
        return self._status._replace(underruns=self.underruns)

    def close(self) -> None:
        """Lets the sound fade out and closes the device. What is written after it is not heard."""
        self._closed.set()
        self._changed.set()
        if self._keeper.ident:
            self._keeper.join()

    def _count(self) -> None:
        self.underruns += 1

    def _keep(self) -> None:
        """Watches the device until the end, and looks for one while there is none."""
        tries = 0
        while not self._closed.is_set():
            out = self._out
            changed = self._changed.wait(LOOK if isinstance(out, Output) else RETRY)
            self._changed.clear()
            if self._closed.is_set():
                break
            if isinstance(out, Output):
                if changed:
                    self._leave(out)
                elif not out.alive():
                    self._lose(out)
                else:
                    continue
                tries = 0
            portaudio.restart_if_idle()
            # A device that was named gets its chances before the default one.
            if self._open(self._device) or (tries >= PATIENCE and self._open(None)):
                self._say(f"audio out: {self._status.name} plays")
            tries += 1
        if isinstance(self._out, Output):
            self._leave(self._out)

    def _open(self, device: str | None) -> bool:
        """Takes a device if it can be opened, and says whether it could."""
        try:
            out = Output(device, self._block, self._out.queued() + PREFILL, self._count)
        except NoDeviceError as error:
            self._status = AudioStatus(device or self._status.name)
            if not self._keeper.ident or self._changed.is_set():
                self._say(f"audio out: {error}")
            return False
        self._status = AudioStatus(out.name, out.rate, out.block, out.latency, alive=True)
        with self._lock:
            self._fading_in = True
            self._out = out
        return True

    def _lose(self, out: Output) -> None:
        """Goes on by the clock when the device has ended by itself."""
        with self._lock:
            self._out = Clock(out.queued())
        self._status = self._status._replace(alive=False)
        self._say(f"audio out: {out.name} went away; the music goes on unheard until it returns")
        out.close()

    def _leave(self, out: Output) -> None:
        """Lets the sound fade out on a device, then closes it."""
        with self._lock:
            self._out = Clock(left := out.queued())
            if left:
                out.write(fading(self._last))
        self._status = self._status._replace(alive=False)
        end = time.monotonic() + DRAIN
        while out.queued() and out.alive() and time.monotonic() < end:
            time.sleep(0.005)
        # The device has taken the last block and needs its latency to sound it.
        time.sleep(min(out.latency, DRAIN))
        out.close()
