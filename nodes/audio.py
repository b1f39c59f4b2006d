"""Audio: what comes in, levels, places, gates, and what is heard."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import numpy as np

from engine.dsp import RAMP, Fader, approach
from engine.frame import Frame
from engine.node import Output, node
from engine.signals import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    SILENCE,
    SILENT,
    Audio,
    AudioArray,
    Bipolar,
    Control,
    Decibels,
    Notes,
    Range,
    Seconds,
    clip,
    decibels,
    frozen,
)

Channels = Literal["stereo", "left", "right", "mono"]

FollowTime = Annotated[Control, Range(0, 10, "s")]

INAUDIBLE = 1e-6
"""−120 dB: what the gate's envelope still lacks when it is taken to have arrived."""


@node("audio.input")
class Input:
    """Brings the sound of the audio input into the patch: a voice, a guitar, the band.

    Args:
        gain: its level; −60 dB is silence. A change takes one frame, without a click.
        channels: stereo as it comes; left or right, that channel on both sides, for one
            microphone; mono, the middle of both on both sides.
    """

    def __init__(self) -> None:
        self.fader = Fader()

    def __call__(self, frame: Frame, gain: Decibels = 0.0, channels: Channels = "stereo") -> Audio:
        audio = frame.audio
        if channels == "left":
            audio = np.repeat(audio[:, :1], 2, axis=1)
        elif channels == "right":
            audio = np.repeat(audio[:, 1:], 2, axis=1)
        elif channels == "mono":
            audio = 0.5 * (audio + audio[:, ::-1])
        return self.fader(audio, decibels(gain))


@node("audio.gain")
class Gain:
    """Makes a sound louder or softer.

    A change takes one frame, in a straight line, so that nothing clicks. −60 dB is exact silence.

    Args:
        gain: the level; 0 dB changes nothing, 6 dB doubles, −6 dB halves.
    """

    def __init__(self) -> None:
        self.fader = Fader()

    def __call__(self, audio: Audio, gain: Decibels = 0.0) -> Audio:
        return self.fader(audio, decibels(gain))


@node("audio.pan")
class Pan:
    """Moves a sound to the left or right.

    A stereo balance of equal power: left is multiplied by sin((1 − p) · 45°) / sin 45° and right
    by sin((1 + p) · 45°) / sin 45°, p being `position`. The middle changes nothing; at an end the
    other side is exactly silent and this one 3 dB louder, so that a sound that is the same on
    both sides keeps its power all the way. A change takes one frame, without a click.

    Args:
        position: −1 is left, 0 the middle, 1 right.
    """

    def __init__(self) -> None:
        self.gains: tuple[float, float] | None = None

    def __call__(self, audio: Audio, position: Bipolar = 0.0) -> Audio:
        gains = _pan_gains(position)
        starts = gains if self.gains is None else self.gains
        self.gains = gains
        if starts == gains == (1.0, 1.0):
            return audio
        panned = np.empty_like(audio)
        for side, (start, end) in enumerate(zip(starts, gains, strict=True)):
            gain = RAMP[:, side] * np.float32(end - start) + np.float32(start)
            np.multiply(audio[:, side], gain, out=panned[:, side])
        return panned


def _pan_gains(position: float) -> tuple[float, float]:
    """Returns the factors of left and right at a position −1..1."""
    quarter = math.pi / 4.0
    middle = math.sin(quarter)
    left, right = math.sin((1.0 - position) * quarter), math.sin((1.0 + position) * quarter)
    return left / middle, right / middle


class Mixed(NamedTuple):
    audio: Audio
    level: Decibels = 0.0


@node("audio.mix")
class Mix:
    """Plays any number of sounds together, each at its own level.

    The sounds are added; with none it is silent. A change of a level takes one frame, and a sound
    patched in while the others play fades in over one frame.

    Args:
        level: how loud this sound is; −60 dB is silence.
    """

    def __init__(self) -> None:
        self.faders: list[Fader] | None = None

    def __call__(self, *inputs: Mixed) -> Audio:
        if self.faders is None:
            self.faders = [Fader() for _ in inputs]
        del self.faders[len(inputs) :]
        while len(self.faders) < len(inputs):
            self.faders.append(Fader(0.0))
        mixed = SILENCE
        for fader, (audio, level) in zip(self.faders, inputs, strict=True):
            faded = fader(audio, decibels(level))
            if faded is not SILENCE:
                mixed = faded if mixed is SILENCE else mixed + faded
        return mixed


@node("audio.gate")
class Gate:
    """Lets a sound through only while a note is held, so that the model stops when you do.

    The gate is open while any note sounds in `notes`. Its gain is a one-pole envelope, sample
    by sample: it starts closed, reaches 99 % after `attack` and is down to 1 % after `release`.
    The defaults, 1,920 and 48,000 samples, are those of Magenta's own apps. Within −120 dB of
    its end it arrives: closed is exact silence, open is the sound unchanged.

    Args:
        attack: how fast it opens.
        release: how fast it closes.
    """

    def __init__(self) -> None:
        self.gain = 0.0

    def __call__(
        self,
        audio: Audio,
        notes: Notes = SILENT,
        attack: Seconds = 0.04,
        release: Seconds = 1.0,
    ) -> Audio:
        is_open = bool((notes > 0).any())
        end = 1.0 if is_open else 0.0
        left = self.gain - end
        if left == 0.0:
            return audio if is_open else SILENCE
        samples = max(1, round((attack if is_open else release) * SAMPLE_RATE))
        envelope = _decay(samples) * np.float32(left) + np.float32(end)
        left *= 0.01 ** (FRAME_SAMPLES / samples)
        self.gain = end if abs(left) < INAUDIBLE else end + left
        return audio * envelope


@lru_cache(maxsize=64)
def _decay(samples: int) -> AudioArray:
    """Returns float32[1920, 2], read-only, falling exponentially to 1 % after `samples`."""
    course = 0.01 ** (np.arange(1, FRAME_SAMPLES + 1) / samples)
    return frozen(np.repeat(course.astype(np.float32)[:, None], 2, axis=1))


@node("audio.level")
class Level:
    """Follows how loud a sound is, as a control: play harder and the patch knows.

    The root mean square of each frame, both channels together, 0..1: a sine at full scale gives
    0.71. `attack` and `release` smooth it, each going 63 % of its way in its time.

    Args:
        attack: how slowly the control rises.
        release: how slowly it falls.
    """

    def __init__(self) -> None:
        self.level = 0.0

    def __call__(
        self, audio: Audio, attack: FollowTime = 0.0, release: FollowTime = 0.3
    ) -> Control:
        samples = audio.ravel()
        # clip also turns the NaN of a broken sound into 0: memory would keep it for ever.
        loud = clip(math.sqrt(float(np.dot(samples, samples)) / samples.size), 0.0, 1.0)
        time = attack if loud > self.level else release
        self.level += approach(time) * (loud - self.level)
        return self.level


@node("audio.output")
class Out:
    """Lets a sound be heard.

    What reaches no output is not played. Several outputs are added.

    Args:
        level: how loud; −60 dB is silence. A change takes one frame, without a click.
    """

    def __init__(self) -> None:
        self.fader = Fader()

    def __call__(self, audio: Audio, level: Decibels = 0.0) -> Output:
        return Output(self.fader(audio, decibels(level)))
