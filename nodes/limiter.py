"""The limiter: no sample above the ceiling, whatever comes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from engine.node import node
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE, Audio, AudioArray, Control, Range, decibels

WINDOW = 128
"""Samples over which the gain comes down before a peak; a power of 2, for `_highest`."""
DELAY = WINDOW - 1
"""Samples by which the sound comes later: 127, 2.6 ms."""

LOUDEST = 1000.0
"""+60 dB: input beyond it is clipped, so that 1 − reduction keeps 12 digits."""
MARGIN = 1.0 - 1e-6
"""Aims 0.00001 dB under the ceiling: what rounding to float32 may add stays below it."""
DONE = 1e-6
"""−120 dB: a reduction this small is none."""

Samples = npt.NDArray[np.float64]

STEPS = np.arange(1, FRAME_SAMPLES + 1) / SAMPLE_RATE
"""Seconds from the last sample of the frame before to each sample of this one."""


@node("audio.limiter")
class Limiter:
    """Keeps a sound under a ceiling, however loud it gets, without distorting it.

    No sample exceeds `ceiling`, left and right are turned down together, and what stays under
    the ceiling passes unchanged. The sound comes out 127 samples (2.6 ms) later, so that the
    gain can come down smoothly before each peak. A new ceiling is reached over one frame. What
    is not a number becomes silence.

    The gain reduction that each sample needs is held over 128 samples (a sliding maximum), falls
    exponentially with the time constant `release`, and is averaged over 128 samples: each
    averaged value has seen the delayed sample's peak in full, so the ceiling holds.

    Args:
        ceiling: the highest sample that may come out, in dB under full scale.
        release: after this time 63 % of a reduction is gone.
    """

    def __init__(self) -> None:
        self.ceiling: float | None = None
        self.audio: AudioArray = np.zeros((DELAY, 2), np.float32)
        self.needed: Samples = np.zeros(DELAY)
        self.reduction: Samples = np.zeros(DELAY)

    def __call__(
        self,
        audio: Audio,
        ceiling: Annotated[Control, Range(-24, 0, "dB")] = -1.0,
        release: Annotated[Control, Range(0.01, 5, "s", log=True)] = 0.2,
    ) -> Audio:
        end = decibels(ceiling) * MARGIN
        start = end if self.ceiling is None else self.ceiling
        self.ceiling = end

        peak = np.abs(audio).max()
        if not peak <= LOUDEST:
            audio = np.clip(np.nan_to_num(audio, nan=0.0), -LOUDEST, LOUDEST)
        sound = np.concatenate((self.audio, audio))
        self.audio = sound[FRAME_SAMPLES:]
        delayed = sound[:FRAME_SAMPLES]

        at_rest = not self.needed.any() and self.reduction.max() < DONE
        if peak <= min(start, end) and at_rest:
            self.reduction[:] = 0.0
            return delayed

        line = np.linspace(start, end, FRAME_SAMPLES + 1)[1:]
        needed = np.concatenate((self.needed, _needed(audio, line)))
        self.needed = needed[FRAME_SAMPLES:]
        held = _released(_highest(needed), self.reduction[-1], release)
        reduction = np.concatenate((self.reduction, held))
        self.reduction = reduction[FRAME_SAMPLES:]
        gain = (1.0 - _average(reduction)).astype(np.float32)
        limited: AudioArray = delayed * gain[:, None]
        return limited


def _needed(audio: AudioArray, ceiling: Samples) -> Samples:
    """Returns for each sample the part of its gain that must go: 1 − ceiling / peak, or 0."""
    loud = np.abs(audio)
    peaks = np.maximum(loud[:, 0], loud[:, 1]).astype(np.float64)
    needed: Samples = 1.0 - ceiling / np.maximum(peaks, ceiling)
    return needed


def _highest(values: Samples) -> Samples:
    """Returns the maximum of each run of 128 values, by doubling: 127 fewer than came."""
    width = 1
    while width < WINDOW:
        values = np.maximum(values[width:], values[:-width])
        width *= 2
    return values


def _released(needed: Samples, last: float, release: float) -> Samples:
    """Returns r[n] = max(needed[n], a · r[n−1]) for a = e^(−1 / (48000 · release)).

    r[n] · a^−n is a running maximum of needed[n] · a^−n; a^−1920 is at most e^4.
    """
    rise = np.exp(STEPS / release)
    highest = np.maximum.accumulate(np.maximum(needed * rise, last))
    reduction: Samples = highest / rise
    return reduction


def _average(values: Samples) -> Samples:
    """Returns the mean of each run of 128 values: 127 fewer than came."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    means: Samples = (sums[WINDOW:] - sums[:-WINDOW]) / WINDOW
    return means
