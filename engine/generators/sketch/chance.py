"""Random numbers that are remembered with the instance."""

from __future__ import annotations

import math

import msgspec

from engine.dsp import SPLIT_MIX, scrambled

WORD = 2**64 - 1


class Chance(msgspec.Struct):
    """A stream of random numbers: SplitMix64 of the seed and how many were drawn.

    Attributes:
        seed: where the stream starts, 0 <= seed < 2^64.
        draws: how many numbers were drawn.
    """

    seed: int
    draws: int = 0

    def draw(self) -> float:
        """Returns the next number in 0..1."""
        self.draws += 1
        return math.ldexp(scrambled(self.seed + self.draws * SPLIT_MIX), -64)
