"""Where in the music a frame lies: the grid that the sketch strikes, adds and drums on."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

SIXTEENTH = 3
"""Frames. Three of 40 ms make the sketch's own tempo 125 quarter notes a minute."""
QUARTER = 4
"""Sixteenths."""
BAR = 16
"""Sixteenths."""
SLOWEST = 75
"""Frames in the longest quarter note it follows, 3 s: 20 a minute."""


class Place(NamedTuple):
    """Where one frame lies.

    Attributes:
        position: sixteenths since the start of the music; the frame's own start lies there.
        begins: whether a sixteenth begins in this frame.
        frames: in a sixteenth.
    """

    position: float
    begins: bool
    frames: float

    @property
    def sixteenth(self) -> int:
        return int(self.position)

    @property
    def nearest(self) -> int:
        """The sixteenth whose start is nearest."""
        return int(self.position + 0.5)

    @property
    def eighth(self) -> int:
        return int(self.position) // 2

    @property
    def eighth_begins(self) -> bool:
        return self.begins and int(self.position) % 2 == 0

    def until_eighth(self) -> int:
        """Returns the frames from the start of this one to the next eighth."""
        return max(round((2.0 - self.position % 2.0) * self.frames), 1)


class Memory(msgspec.Struct):
    """What is known of the transport's beat; saved with the instance.

    Attributes:
        beat: the quarter note that the last frame lay in, −1 before any.
        since: frames since it began.
        frames: in a quarter note, as the last ones that were heard from start to end.
        sixteenth: the last one that began.
    """

    beat: int = -1
    since: int = 0
    frames: float = QUARTER * SIXTEENTH
    sixteenth: int = -1


def place(memory: Memory, clock: int, beat: int) -> Place:
    """Returns where a frame lies, and remembers the beat.

    Without the transport's beat the grid is the sketch's own. With it a quarter note begins in
    the frame in which its number changes; the sixteenths between are told by the length of the
    quarter note before. While the transport stands, nothing begins.

    Args:
        clock: the instance's own frames.
        beat: the number of the transport's quarter note in this frame, −1 where unknown.
    """
    if beat < 0:
        memory.beat = memory.sixteenth = -1
        memory.since = 0
        return Place((clock + 1e-6) / SIXTEENTH, clock % SIXTEENTH == 0, SIXTEENTH)
    if beat != memory.beat:
        if beat == memory.beat + 1 and memory.beat >= 0 and 2 <= memory.since < SLOWEST:
            _measure(memory, memory.since + 1)
        memory.beat, memory.since = beat, 0
    else:
        memory.since = min(memory.since + 1, SLOWEST)
    # The quarter note began somewhere in its frame, on average in the middle.
    within = min(QUARTER * (memory.since + 0.5) / memory.frames, QUARTER - 0.01)
    position = QUARTER * beat + within
    begins = int(position) != memory.sixteenth
    memory.sixteenth = int(position)
    return Place(position, begins, memory.frames / QUARTER)


def _measure(memory: Memory, frames: int) -> None:
    """Takes in the length of a quarter note, which is counted to a whole frame only."""
    change = frames - memory.frames
    memory.frames += 0.25 * change if abs(change) <= 1.0 else change
