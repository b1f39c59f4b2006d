"""A piano roll as a picture: what each pitch was in each frame, told apart without colours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.signals import MASK, OFF, ON, ONSET, PITCHES, SUSTAIN
from patcher.editing.history import UNSEEN
from patcher.editing.piano import OCTAVE, WHITE
from patcher.ui.colours import Palette, blend, rgba

Pixels = npt.NDArray[np.float32]

PERIOD = 4
"""Frames after which the patterns repeat."""
LEAST, MOST = 36, 95
"""C2 to B6: always in the picture, and more where more is played."""

STATES = {
    ONSET: "struck",
    SUSTAIN: "held",
    ON: "on, struck when the model likes",
    MASK: "masked, left to the model",
    OFF: "off",
    UNSEEN: "not seen",
}
"""What a pitch may be, in words."""


class Span(NamedTuple):
    """The pitches of a picture, both ends in it."""

    low: int
    high: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.high - self.low + 1


def span_of(states: npt.NDArray[np.int8]) -> Span:
    """Returns the octaves in which anything is played, C2 to B6 at least.

    Args:
        states: int8[n, 128].
    """
    played = np.flatnonzero((states > OFF).any(axis=0))
    low = min([LEAST, *played[:1].tolist()])
    high = max([MOST, *played[-1:].tolist()])
    return Span(low // OCTAVE * OCTAVE, min(high // OCTAVE * OCTAVE + OCTAVE, PITCHES) - 1)


class Roll:
    """Paints frames of notes.

    Args:
        span: the pitches, the highest at the top.
        height: of a pitch, in pixels.
    """

    def __init__(self, span: Span, height: int, palette: Palette) -> None:
        self.span, self.height = span, height
        black = ~np.isin(np.arange(span.low, span.high + 1)[::-1] % OCTAVE, WHITE)
        self._black = np.repeat(black, height).astype(np.intp)
        self._line = np.tile(np.arange(height), span.rows)
        self._shades = _shades(palette, height)

    def row(self, pitch: int) -> tuple[int, int]:
        """Returns the first line of a pitch and the one after its last."""
        top = (self.span.high - pitch) * self.height
        return top, top + self.height

    def paint(self, states: npt.NDArray[np.int8], first: int) -> Pixels:
        """Returns the picture of frames: float32[rows · height, n, 4], each 0..1.

        Args:
            states: int8[n, 128].
            first: the number of the first frame, so that the patterns move along.
        """
        shown = states[:, self.span.low : self.span.high + 1].T[::-1]
        state = np.repeat(shown - UNSEEN, self.height, axis=0)
        phase = (first + np.arange(len(states))) % PERIOD
        lines, blacks = self._line[:, None], self._black[:, None]
        painted: Pixels = self._shades[state, lines, phase[None, :], blacks]
        return painted


def _shades(palette: Palette, height: int) -> Pixels:
    """Returns the colours by state, line of the row, phase and whether the key is black."""
    notes = palette.signals["Notes"]
    ink = {
        ONSET: blend(notes, palette.ink, 0.85),
        SUSTAIN: notes,
        ON: notes,
        MASK: blend(palette.field, palette.ink, 0.3),
    }
    table = np.zeros((ON - UNSEEN + 1, height, PERIOD, 2, 4), np.float32)
    for state in STATES:
        for black in (0, 1):
            under = blend(palette.field, palette.raised, 0.0 if black else 0.35)
            if state == UNSEEN:
                under = blend(palette.panel, palette.outline, 0.35)
            table[state - UNSEEN, :, :, black] = _numbers(under)
        if state in ink:
            drawn = _pattern(state, height)
            table[state - UNSEEN][drawn] = _numbers(ink[state])
    return table


def _pattern(state: int, height: int) -> npt.NDArray[np.bool_]:
    """Returns which pixels of a cell are drawn, by line and phase.

    Struck fills the row, held leaves a line free, on is dashed, masked is dotted.
    """
    line, phase = np.meshgrid(np.arange(height), np.arange(PERIOD), indexing="ij")
    body = (line > 0) | (height == 1)
    drawn: dict[int, npt.NDArray[np.bool_]] = {
        ONSET: line >= 0,
        SUSTAIN: body,
        ON: body & (phase < PERIOD // 2),
        MASK: (line == height // 2) & (phase == 0),
    }
    return drawn[state]


def _numbers(colour: str) -> tuple[float, ...]:
    return tuple(each / 255 for each in rgba(colour))
