"""Following a clock that is not ours: how fast a ring must be read for its fill to stay."""

from __future__ import annotations

from engine.signals import FRAME_RATE, SAMPLE_RATE

SMOOTH = 1 / (2.0 * FRAME_RATE)
"""Part of its way that the measured fill goes in a frame: 2 s. A fill jumps by a block (256
samples) and by the loop's lateness (some ms); smoothed so, that stays within 40 samples."""
PULL = 2e-6
"""Ratio for each sample of error. 40 samples are then 0.14 cent, and an error is halved in 10 s."""
LEARN = PULL * PULL * SAMPLE_RATE / 4 / FRAME_RATE
"""Ratio that each sample of error adds for good in a frame; a quarter keeps it from swinging."""
MOST = 0.005
"""The ratio is never further from 1: half a per cent, 8.6 cents. Quartz clocks differ by 0.02 %."""


class Drift:
    """Steers the ratio of a resampler by the fill of the ring before it (a PI controller).

    Attributes:
        ratio: samples to take for each sample to give, around 1.
    """

    def __init__(self, target: float) -> None:
        """Args:
        target: the fill to keep, in samples.
        """
        self.ratio = 1.0
        self._target = target
        self._error = 0.0
        self._learnt = 0.0

    def __call__(self, fill: float) -> float:
        """Returns the ratio for the next frame, given the fill that one found."""
        self._error += (fill - self._target - self._error) * SMOOTH
        self._learnt = max(-MOST, min(MOST, self._learnt + LEARN * self._error))
        self.ratio = 1.0 + max(-MOST, min(MOST, PULL * self._error + self._learnt))
        return self.ratio

    def forget(self) -> None:
        """Begins anew at the target fill, with what was learnt of the clock."""
        self._error = 0.0
