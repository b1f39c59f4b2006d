"""Small sound and control tools that nodes share: gains that do not click, smoothing, chance."""

from __future__ import annotations

import math

import numpy as np

from engine.signals import FRAME_RATE, FRAME_SAMPLES, SILENCE, AudioArray, frozen

RAMP: AudioArray = frozen(
    np.repeat(np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32)[:, None] / FRAME_SAMPLES, 2, axis=1)
)
"""float32[1920, 2] from 1/1920 to exactly 1: the last sample of a ramp has arrived."""

_WORD = (1 << 64) - 1

SPLIT_MIX = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio, made odd: how far SplitMix64 steps from number to number."""


def ramp(start: float, end: float) -> AudioArray:
    """Returns float32[1920, 2], a straight line from `start` (not included) to `end`."""
    return RAMP * np.float32(end - start) + np.float32(start)


def scaled(audio: AudioArray, start: float, end: float) -> AudioArray:
    """Returns `audio` times a gain that moves in a straight line from `start` to `end`.

    A gain that stays 0 gives exact silence, one that stays 1 gives `audio` itself.
    """
    if start != end:
        return audio * ramp(start, end)
    if end == 0.0:
        return SILENCE
    return audio if end == 1.0 else audio * np.float32(end)


class Fader:
    """A gain that takes one frame to move to each new value, so that no change clicks.

    Attributes:
        gain: the amplitude factor reached; None before the first frame, which does not ramp.
    """

    def __init__(self, gain: float | None = None) -> None:
        self.gain = gain

    def __call__(self, audio: AudioArray, gain: float) -> AudioArray:
        """Returns one frame of `audio`, float32[1920, 2], ending at the factor `gain`."""
        start = gain if self.gain is None else self.gain
        self.gain = gain
        return scaled(audio, start, gain)


def between(low: float, high: float, part: float) -> float:
    """Returns what lies at `part` of the way from `low` (0) to `high` (1), exact at both ends."""
    # Not low + part · (high − low): at part 1 that can miss `high` by a rounding.
    return low * (1.0 - part) + high * part


def approach(time: float) -> float:
    """Returns the part of its way that a one-pole smoother goes in one frame.

    1 − e^(−0.04 / time): after `time` seconds 63 % (1 − 1/e) of the way is gone. A time of 0
    goes all the way at once.
    """
    return -math.expm1(-1.0 / (FRAME_RATE * time)) if time > 0.0 else 1.0


def scrambled(word: int) -> int:
    """Returns the lowest 64 bits of `word`, scrambled by SplitMix64's finaliser.

    Steele, Lea and Flood (2014).
    """
    word &= _WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)


def noise(*keys: int) -> float:
    """Returns a number in 0..1 (1 not included) that looks random and depends on `keys` alone."""
    word = 0
    for key in keys:
        word = scrambled(word + key + SPLIT_MIX)
    return (word >> 11) * 2.0**-53
