"""A test sound through the default device and back: what a musician would want to know of it."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

import numpy as np

from engine.audio import AudioStatus, Microphone, Speakers
from engine.signals import FRAME_RATE, FRAME_SAMPLES, SAMPLE_RATE, SILENCE, AudioArray

SECONDS = 2.0
FILL = 0.06
"""Seconds of sound kept queued at least: a frame and half another, as at `balanced`."""
BLOCKS = 2
"""Device blocks kept queued beside a frame: one that it takes at once, one for when it is early."""
PITCHES = (440.0, 554.365, 659.255, 880.0)
"""A, C sharp, E, A: a chord broken over the test, for people to hear."""
LEVEL = 0.1
"""-20 dBFS: to be heard, and to hurt nobody with headphones."""
LISTENING = 0.4
"""Seconds that the sound may take to come back, and that are listened to before it."""
ALIKE = 0.5
"""The correlation from which on what is heard counts as what was played."""


class Heard(NamedTuple):
    """How the test went.

    Attributes:
        output, input: the devices; an input without a name was not there.
        underruns: how often the queue to the output ran empty.
        back: seconds from a frame's being written to its coming back; None if it did not.
        fill: seconds of sound that were kept queued.
        said: what happened to the output, in words.
    """

    output: AudioStatus
    input: AudioStatus
    underruns: int
    back: float | None
    fill: float = FILL
    said: tuple[str, ...] = ()

    @property
    def played(self) -> bool:
        return self.output.alive

    def words(self) -> list[str]:
        """Returns it in plain words, a line each."""
        if not self.played:
            name = self.output.name or "the audio output"
            return [f"not played: {'; '.join(self.said) or f'{name} does not work'}"]
        out = self.output
        own = 1e3 * out.latency
        queue = 1e3 * self.fill
        lines = [
            *self.said,
            f"played {SECONDS:g} s through {out.name} at {out.rate:g} Hz: "
            f"the device itself takes {own:.1f} ms",
        ]
        if self.underruns:
            times = "once" if self.underruns == 1 else f"{self.underruns} times"
            lines.append(
                f"the queue of {queue:.0f} ms ran empty {times}: close other programs, "
                "or play with --latency safe, or a larger --block"
            )
        else:
            lines.append(
                f"the queue of {queue:.0f} ms never ran empty "
                "(gaps that the device itself makes are not seen here)"
            )
        if not self.input.alive:
            lines.append("nothing was recorded: there is no audio input")
        elif self.back is None:
            lines.append(f"{self.input.name} did not hear it (no microphone near, or no cable)")
        else:
            lines.append(
                f"{self.input.name} heard it {1e3 * self.back:.0f} ms after it was made, "
                f"{queue:.0f} ms of which it waited in the queue"
            )
        return lines


def play_and_listen(output: str | None, source: str | None) -> Heard:
    """Plays the test sound, and listens where it can. Takes about 4 s.

    Args:
        output, source: devices by name; None for the system's default.
    """
    said: list[str] = []
    answered = threading.Event()
    speakers = Speakers(output, on_event=said.append)
    microphone = Microphone(source, on_event=lambda text: answered.set())
    speakers.start()
    microphone.start()
    try:
        end = time.monotonic() + 2.0
        while not microphone.status().alive and not answered.is_set() and time.monotonic() < end:
            time.sleep(0.01)
        sound = broken_chord()
        recorded = []
        fill = FILL
        for at in range(0, len(sound), FRAME_SAMPLES):
            fill = max(FILL, 1 / FRAME_RATE + BLOCKS * speakers.block)
            while speakers.queued() > fill:
                time.sleep(0.002)
            recorded.append(microphone.read())
            speakers.write(sound[at : at + FRAME_SAMPLES])
        back = delay(sound, np.concatenate(recorded))
        out, heard = speakers.status(), microphone.status()
        return Heard(out, heard, speakers.underruns, back, fill, tuple(said))
    finally:
        microphone.close()
        speakers.close()


def broken_chord() -> AudioArray:
    """Returns the sound, float32[n, 2], whole frames, with silence before and after it."""
    quiet = [SILENCE] * round(LISTENING * FRAME_RATE)
    size = round(SECONDS * SAMPLE_RATE) // len(PITCHES)
    seconds = np.arange(size) / SAMPLE_RATE
    # Notes that die away are told apart in time better than one that stays.
    shape = LEVEL * np.exp(-6.0 * seconds) * np.minimum(1.0, seconds / 0.005)
    notes = [np.sin(2 * np.pi * pitch * seconds) * shape for pitch in PITCHES]
    played = np.repeat(np.concatenate(notes).astype(np.float32)[:, None], 2, axis=1)
    return np.concatenate([*quiet, played, *quiet])


def delay(played: AudioArray, heard: AudioArray) -> float | None:
    """Returns the seconds by which `heard` follows `played`, None if it is not in it."""
    a, b = played.mean(axis=1), heard.mean(axis=1)
    size = 2 * len(a)
    cross = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)[: len(a)]
    loudness = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    at = int(np.argmax(np.abs(cross)))
    if loudness < 1e-9 or abs(cross[at]) < ALIKE * loudness:
        return None
    return at / SAMPLE_RATE
