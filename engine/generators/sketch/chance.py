"""Random numbers that are remembered with the instance."""

from __future__ import annotations

import math

import msgspec

WORD = 2**64 - 1


class Chance(msgspec.Struct):
    """A stream of random numbers: SplitMix64 of the seed and how many were drawn.

    Steele, Lea & Flood (2014).

    Attributes:
        seed: where the stream starts, 0 <= seed < 2^64.
        draws: how many numbers were drawn.
    """

    seed: int
    draws: int = 0

    def draw(self) -> float:
        """Returns the next number in 0..1."""
        self.draws += 1
        word = (self.seed + self.draws * 0x9E3779B97F4A7C15) & WORD
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD
        return math.ldexp(word ^ (word >> 31), -64)
