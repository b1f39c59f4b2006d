"""How the engine has kept up in the last minute."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from engine.messages import Snapshot
from engine.signals import FRAME_RATE

SECONDS = 60
FRAME_MS = 1000 / FRAME_RATE
"""What a frame may take: 40 ms."""


class Beat(NamedTuple):
    """How one frame went.

    Attributes:
        frame_ms: how long computing it took.
        queue_ms: sound that was ready when it was done.
        cpu: per cent of one processor.
        broke: whether the device found nothing since the frame before.
    """

    frame_ms: float
    queue_ms: float
    cpu: float
    broke: bool


class Pace:
    """The frames of the last minute, as they were seen.

    Attributes:
        beats: the latest last.
        underruns: since the engine started.
    """

    def __init__(self) -> None:
        self.beats: deque[Beat] = deque(maxlen=SECONDS * FRAME_RATE)
        self.underruns = 0

    def take(self, snapshot: Snapshot) -> None:
        """Takes in a frame."""
        broke = bool(self.beats) and snapshot.underruns > self.underruns
        self.underruns = snapshot.underruns
        queue, cpu = 1e3 * snapshot.queued, 100 * snapshot.cpu
        self.beats.append(Beat(snapshot.frame_ms, queue, cpu, broke))
