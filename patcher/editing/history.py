"""What the engine showed in the last 10 seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from engine.messages import Snapshot
from engine.signals import FRAME_RATE, OFF, ONSET, PITCHES, SUSTAIN

FRAMES = 10 * FRAME_RATE

UNSEEN = -2
"""The state of a pitch in a frame before anything was seen."""


class History:
    """The snapshots of the last 10 seconds.

    Attributes:
        snapshots: the latest last. Where the window was late, some frames are not among them.
    """

    def __init__(self) -> None:
        self.snapshots: deque[Snapshot] = deque(maxlen=FRAMES)

    def take(self, snapshot: Snapshot | None) -> None:
        """Takes in the engine's latest snapshot, which may be one that is known already."""
        if snapshot is None or (self.snapshots and snapshot is self.snapshots[-1]):
            return
        if self.snapshots and snapshot.frame <= self.snapshots[-1].frame:
            self.snapshots.clear()  # another engine, which counts anew
        self.snapshots.append(snapshot)

    def until(self, ago: int) -> Iterator[Snapshot]:
        """Yields what was seen up to `ago` frames before the latest, the latest first."""
        for each in reversed(self.snapshots):
            if self.snapshots[-1].frame - each.frame >= ago:
                yield each

    def notes(self, generator: str, count: int = FRAMES) -> npt.NDArray[np.int8]:
        """Returns what a generator was given: int8[count, 128], the latest frame last.

        A frame that was missed is as the one before it, with what was struck there held. What is
        held after it and was not before was struck in the last of those that were missed.
        """
        found = np.full((count, PITCHES), UNSEEN, np.int8)
        end, later = count, np.full(PITCHES, UNSEEN, np.int8)
        for each in reversed(self.snapshots):
            row = count - 1 - (self.snapshots[-1].frame - each.frame)
            state = each.generators.get(generator)
            if state:
                notes = np.frombuffer(state.notes, np.int8)
                missed = found[max(row + 1, 0) : end]
                missed[:] = np.where(notes == ONSET, SUSTAIN, notes)
                missed[-1:, (notes <= OFF) & (later == SUSTAIN)] = ONSET
                if row >= 0:
                    found[row] = notes
                later = notes
            if row <= 0:
                break
            end = row
        return found
