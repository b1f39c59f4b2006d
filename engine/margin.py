"""How late a frame may be begun, so that the notes in it are as fresh as they can be."""

from __future__ import annotations

import math

from engine.commands import Latency
from engine.signals import FRAME_RATE

SPARE: dict[str, float] = {"safe": 0.020, "balanced": 0.006, "tight": 0.002}
"""Seconds over the longest frame of late that a frame is begun before the device runs dry."""
BLOCKS = 2
"""Device blocks besides: one that it takes at once, one for when it asks early."""
RELAXED = 0.5 ** (1 / (5 * FRAME_RATE))
"""A frame longer than the others is half forgotten after 5 s."""
FIRST = 0.040
"""Seconds that a frame is taken to need before one is known: the first do much for once."""
LONGEST = 0.080
"""Two frames; a machine that needs longer is too slow, and waiting earlier would not help."""


class Margin:
    """Decides the fill of the output queue, in seconds, at which the next frame is begun.

    It is the longest time a frame took of late, two blocks of the device, and something to
    spare. It rises at once after a longer frame or a near miss and falls slowly.

    Args:
        mode: a preset, or the fill itself in milliseconds, which then stays.
        block: how many seconds of sound the device takes at a time.
    """

    def __init__(self, mode: Latency | float = "balanced", block: float = 0.0) -> None:
        self.mode = mode
        self.block = block
        self._longest = FIRST

    @property
    def seconds(self) -> float:
        """The fill at which the next frame is begun."""
        if not isinstance(self.mode, str):
            return self.mode / 1e3
        return min(self._longest + SPARE[self.mode], LONGEST) + BLOCKS * self.block

    def took(self, seconds: float, left: float) -> None:
        """Learns from a frame.

        Args:
            seconds: from when it was due to begin until it was written.
            left: the queue's fill just before it was written.
        """
        need = seconds
        if isinstance(self.mode, str):
            short = self.block + SPARE[self.mode] / 2 - left
            need = max(need, self._longest + short if short > 0 else 0.0)
        self._longest = min(max(self._longest * RELAXED, need), LONGEST)

    @property
    def expected(self) -> float:
        """Seconds from a MIDI message to its sound at the device, in the mean."""
        return 0.5 / FRAME_RATE + self.seconds


def parse(text: str) -> Latency | float:
    """Reads a latency as the command line has it.

    Raises:
        ValueError: it is neither a preset nor 1..1000 ms.
    """
    if text in SPARE:
        return text  # type: ignore[return-value]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1.0 <= value <= 1000.0:
        raise ValueError(f"{text!r} is neither {', '.join(SPARE)} nor 1..1000 ms")
    return value
