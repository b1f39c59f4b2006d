"""Where the keys of a piano lie: on the screen, and on the computer's keyboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

OCTAVE = 12
WHITE = (0, 2, 4, 5, 7, 9, 11)
"""Semitones above C of the white keys."""

BLACK_WIDTH, BLACK_HEIGHT = 0.6, 0.62
"""Of a black key, as parts of a white one."""
SOFTEST, LOUDEST = 30, 127
"""Velocities at the far and the near end of a key."""

COMPUTER_KEYS: Mapping[str, int] = MappingProxyType(
    {key: semitone for semitone, key in enumerate("AWSEDFTGYHUJKOLP;")}
)
"""Semitones above the lowest C of the letters that are played: the row of A has the white keys,
that of Q the black ones, where they lie on a piano."""


@dataclass(frozen=True)
class Key:
    """A key on the screen: its pitch and its rectangle."""

    pitch: int
    left: int
    right: int
    height: int

    @property
    def black(self) -> bool:
        """Whether it is a black one."""
        return self.pitch % OCTAVE not in WHITE

    def holds(self, x: float, y: float) -> bool:
        """Says whether a place is on it, if no black key lies over it there."""
        return self.left <= x < self.right and 0 <= y <= self.height


@dataclass(frozen=True)
class Keyboard:
    """The white and black keys from one pitch to another, in a room of some pixels.

    Attributes:
        keys: the white ones, then the black ones that lie over them.
    """

    width: int
    height: int
    keys: tuple[Key, ...]

    @classmethod
    def fitting(cls, width: int, height: int, least: float, octave: int) -> Keyboard:
        """Returns as many keys as have room, about the octave that the computer's keyboard plays.

        Args:
            least: the least width of a white key.
            octave: 4 begins with middle C.
        """
        room = max(int(width / least), len(WHITE))
        # Two octaves are played at once; what else has room lies on both sides of them.
        before = max(round((room / len(WHITE) - 2) / 2), 0)
        low = min(max(octave + 1 - before, 0), max(75 - room, 0) // len(WHITE)) * OCTAVE
        pitches = [pitch for pitch in range(low, 128) if pitch % OCTAVE in WHITE][:room]
        each = width / len(pitches)
        edges = [round(at * each) for at in range(len(pitches) + 1)]
        whites = [
            Key(pitch, left, right, height)
            for pitch, (left, right) in zip(pitches, pairwise(edges), strict=True)
        ]
        half = round(each * BLACK_WIDTH / 2)
        blacks = [
            Key(key.pitch + 1, key.right - half, key.right + half, round(height * BLACK_HEIGHT))
            for key in whites[:-1]
            if (key.pitch + 1) % OCTAVE not in WHITE
        ]
        return cls(width, height, (*whites, *blacks))

    def at(self, x: float, y: float) -> Key:
        """Returns the key at a place; of a place beside them, the nearest."""
        x = min(max(x, 0.0), self.width - 0.01)
        y = min(max(y, 0.0), self.height)
        return next(key for key in reversed(self.keys) if key.holds(x, y))


def velocity(key: Key, y: float) -> int:
    """Returns how hard a key is struck: the nearer its front, the harder."""
    part = min(max(y / key.height, 0.0), 1.0)
    return round(SOFTEST + part * (LOUDEST - SOFTEST))
