"""One open device: a ring that PortAudio empties or fills in C, and a resampler beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.audio import portaudio
from engine.audio.drift import MOST, Drift
from engine.audio.portaudio import NoDeviceError
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE, AudioArray

HELD = 1.5
"""Seconds that a ring holds at least: the longest queue that may be asked for is 1 s, and a frame
and what a device begins with come on top of it."""
STALLED = 0.5
"""Seconds without a callback after which a device counts as lost; never less than three blocks.
A busy machine holds up a callback for 50 ms; what holds one up for 500 will not be back soon."""
FADE = 240
"""Samples, 5 ms, in which sound comes back after an underrun."""
SPARE = 480
"""Samples, 10 ms, that are kept of an input beside its blocks: the frame loop may be late."""
TOO_OLD = 4800
"""Samples, 0.1 s, of an input that may wait beyond that before they are dropped."""
STEREO = 2


class _Device:
    """A device that was found, and the ring between it and us.

    Attributes:
        name: as PortAudio lists it.
        rate: samples a second.
    """

    def __init__(self, device: str | None, kind: portaudio.Kind) -> None:
        self._info = portaudio.find(device, kind)
        import rtmixer

        self.name = str(self._info["name"])
        self.rate = best_rate(self._info, kind)
        self._channels = min(STEREO, self._info[f"max_{kind}_channels"])
        self._ring = rtmixer.RingBuffer(4 * self._channels, held(self.rate))


class Output(_Device):
    """A device that plays.

    Attributes:
        block: samples a callback asks for.
        latency: seconds from the ring to the air, as far as the host knows.
    """

    def __init__(
        self, device: str | None, block: int | None, silence: float, on_underrun: Callable[[], None]
    ) -> None:
        """Opens the device and starts it with `silence` seconds of silence.

        Raises:
            NoDeviceError: there is no such device, or it does not open.
        """
        with portaudio.LOCK:
            super().__init__(device, "output")
            import rtmixer

            self._on_underrun = on_underrun
            self._resampler = resampler(SAMPLE_RATE, self.rate)
            self._written = 0
            self._begun = False
            self._seen = (-1, 0.0)
            self._put(np.zeros((round(silence * self.rate), STEREO), np.float32))
            self._stream = opened(rtmixer.Mixer, self._info, self.rate, block, self._channels)
            self.latency = float(self._stream.latency)
            self.block = block or max(1, round(self.latency * self.rate))
            self._action = self._stream.play_ringbuffer(self._ring)

    def queued(self) -> float:
        """Returns the seconds of sound written that the device has not taken yet."""
        self._revive()
        return float(self._ring.read_available / self.rate)

    def write(self, audio: AudioArray) -> None:
        """Takes one frame, float32[1920, 2], at once.

        One that the ring has no room for is left out, and counts as an underrun.
        """
        if self._resampler:
            audio = self._resampler.resample_chunk(np.ascontiguousarray(audio))
        self._put(audio)
        self._revive()
        self._begun = True

    def alive(self) -> bool:
        """Says whether the device still takes sound."""
        if not self._stream.active:
            return False
        left = self._ring.read_available
        taken, now = self._written - left, time.monotonic()
        if not left or taken != self._seen[0]:
            self._seen = (taken, now)
        return now - self._seen[1] < max(STALLED, 3 * self.block / self.rate)

    def close(self) -> None:
        """Closes the device at once."""
        portaudio.close(self._stream, dead=not self.alive())

    def _put(self, audio: AudioArray) -> None:
        if self._channels == 1:
            audio = audio.mean(axis=1)
        if self._ring.write_available < len(audio):
            self._on_underrun()
        else:
            self._written += self._ring.write(np.ascontiguousarray(audio, np.float32))

    def _revive(self) -> None:
        """Starts the ring again after it ran dry, when rtmixer forgets it without a word."""
        if self._action in self._stream.actions:
            return
        arrived = np.frombuffer(bytes(self._ring.read()), np.float32)
        waiting = arrived.reshape(-1, self._channels).copy()
        if not len(waiting):
            return
        if self._begun:
            self._on_underrun()
        fade = min(FADE, len(waiting))
        waiting[:fade] *= np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
        self._ring.write(waiting)
        self._action = self._stream.play_ringbuffer(self._ring)


class Input(_Device):
    """A device that listens, brought to our clock.

    The device's clock and ours differ: the ring is read a little faster or slower, so that
    its fill stays.

    Attributes:
        block: samples a callback brings.
        latency: seconds from the air to the ring and through it.
    """

    def __init__(self, device: str | None) -> None:
        """Opens the device and starts it.

        Raises:
            NoDeviceError: there is no such device, or it does not open.
        """
        with portaudio.LOCK:
            super().__init__(device, "input")
            import rtmixer
            import soxr

            self._stream = opened(rtmixer.Recorder, self._info, self.rate, None, self._channels)
            self._action = self._stream.record_ringbuffer(self._ring)
            latency = float(self._stream.latency)
        self.block = max(1, round(latency * self.rate))
        self._resampler = soxr.ResampleStream(
            self.rate * (1.0 + MOST), SAMPLE_RATE, STEREO, "float32", vr=True
        )
        # A block may be late by as much again, and the frame loop by some ms.
        self._spare = SPARE + 2 * self.block * SAMPLE_RATE / self.rate
        self.latency = latency + self._spare / SAMPLE_RATE
        self._drift = Drift(self._spare)
        self._ready = np.zeros((0, STEREO), np.float32)
        self._running = False
        self._seen = (-1, time.monotonic())

    def read(self) -> AudioArray | None:
        """Returns one frame, float32[1920, 2]; None until enough has arrived (again)."""
        self._fetch()
        spare = len(self._ready) - FRAME_SAMPLES
        if spare > self._spare + TOO_OLD or not self._running:
            # At the start, and after the frame loop stood still: what is too old is dropped.
            if spare < self._spare:
                return None
            self._ready = self._ready[-FRAME_SAMPLES - round(self._spare) :]
            self._drift.forget()
            self._running = True
        elif spare < 0:
            self._running = False
            return None
        else:
            self._drift(spare)
        heard, self._ready = self._ready[:FRAME_SAMPLES], self._ready[FRAME_SAMPLES:]
        return heard

    def alive(self) -> bool:
        """Says whether the device still brings sound."""
        if not self._stream.active:
            return False
        brought, now = self._ring._ptr.writeIndex, time.monotonic()
        # A ring that nobody reads is full, and that is no fault of the device.
        if brought != self._seen[0] or self._ring.write_available <= self.block:
            self._seen = (brought, now)
        return now - self._seen[1] < max(STALLED, 3 * self.block / self.rate)

    def close(self) -> None:
        """Closes the device at once."""
        portaudio.close(self._stream, dead=not self.alive())

    def _fetch(self) -> None:
        """Brings what has arrived to our clock."""
        raw = np.frombuffer(bytes(self._ring.read()), np.float32).reshape(-1, self._channels)
        if self._action not in self._stream.actions:
            # The ring was full while nobody read, and rtmixer forgot it without a word.
            self._action = self._stream.record_ringbuffer(self._ring)
        if not len(raw):
            return
        stereo = np.ascontiguousarray(np.broadcast_to(raw, (len(raw), STEREO)))
        self._resampler.set_io_ratio(self.rate * self._drift.ratio, SAMPLE_RATE, len(raw))
        self._ready = np.concatenate([self._ready, self._resampler.resample_chunk(stereo)])


def held(rate: int) -> int:
    """Returns how many samples a ring holds at a rate: a power of two, as rings want it."""
    return 1 << (round(HELD * rate) - 1).bit_length()


def best_rate(info: dict[str, Any], kind: str) -> int:
    """Returns 48,000 where a device takes that, else the rate it prefers."""
    sounddevice = portaudio.load()
    check = getattr(sounddevice, f"check_{kind}_settings")
    channels = min(STEREO, info[f"max_{kind}_channels"])
    try:
        check(info["index"], channels, "float32", samplerate=SAMPLE_RATE)
    except sounddevice.PortAudioError:
        return int(info["default_samplerate"])
    return SAMPLE_RATE


def opened(kind: Any, info: dict[str, Any], rate: int, block: int | None, channels: int) -> Any:
    """Returns a started stream of rtmixer.

    Raises:
        NoDeviceError: the device does not open.
    """
    sounddevice = portaudio.load()
    try:
        stream = kind(
            device=info["index"],
            channels=channels,
            samplerate=rate,
            blocksize=block or 0,
            latency="low",
        )
    except sounddevice.PortAudioError as error:
        raise NoDeviceError(f"{info['name']} does not open: {error}") from None
    portaudio.opened(stream)
    try:
        stream.start()
    except sounddevice.PortAudioError as error:
        portaudio.close(stream, dead=not stream.active)
        raise NoDeviceError(f"{info['name']} does not start: {error}") from None
    return stream


def resampler(source: int, target: int) -> Any:
    """Returns a soxr stream between two rates, None where they are the same.

    The kind of variable rate: the other gives out what it has in lumps of up to 15 ms.
    """
    if source == target:
        return None
    import soxr

    return soxr.ResampleStream(source, target, STEREO, "float32", vr=True)
