"""The arpeggiator: held notes one at a time, in time."""

from __future__ import annotations

import math
from hashlib import blake2b
from typing import Annotated, Literal

import numpy as np

from engine.frame import Frame
from engine.node import node
from engine.signals import (
    OFF,
    ONSET,
    PITCHES,
    SILENT,
    SUSTAIN,
    Control,
    Notes,
    NotesArray,
    Range,
    Unit,
    frozen,
)

Order = Literal["up", "down", "up-down", "played", "random"]

ROUNDING = 1e-6
"""Beats by which a frame's position may be off through rounding: 0.5 µs at 120 a minute."""


def _single(state: int) -> tuple[NotesArray, ...]:
    """Returns, for each pitch, notes with that one in `state` and all others off."""
    return tuple(frozen(row) for row in np.eye(PITCHES, dtype=np.int8) * np.int8(state))


STRUCK, SUSTAINED = _single(ONSET), _single(SUSTAIN)


@node("notes.arpeggio")
class Arpeggio:
    """Plays held notes one at a time, in time with the beat.

    Steps lie on the grid of the beat; there is at most one a frame. A new chord starts its figure
    from the beginning. No notes, or a transport that stands still, give silence.

    Args:
        notes: the chord; every pitch that sounds belongs to it.
        rate: steps in a quarter note. A new rate counts from the last step on; no gap to the
            next is shorter than half a step.
        gate: how much of each step sounds; a note lasts at least one frame.
        octaves: over how many octaves the figure goes on upwards.
        order: up, down, up and down without repeating the ends, in the order in which the keys
            were pressed, or at random.
        seed: which random order.
    """

    def __init__(self) -> None:
        self.given = SILENT.tobytes()
        self.held: list[int] = []
        self.count = 0
        self.last: float | None = None
        self.pitch: int | None = None
        self.end = 0.0

    def __call__(
        self,
        frame: Frame,
        notes: Notes,
        rate: Annotated[Control, Range(0.25, 8, "steps per beat")] = 4.0,
        gate: Unit = 0.5,
        octaves: Annotated[Control, Range(1, 4)] = 1.0,
        order: Order = "up",
        seed: int = 0,
    ) -> Notes:
        self._hold(notes)
        beat, advance = frame.transport.beat, frame.transport.beats_per_frame
        if not self.held:
            self.count = 0
        if not self.held or not advance:
            self.last = self.pitch = None
            return SILENT
        step = self._step(beat, advance, rate)
        if step is not None:
            figure = _figure(self.held, round(octaves), order)
            index = _draw(frame, seed) if order == "random" else self.count
            self.count += 1
            self.pitch = figure[index % len(figure)]
            self.last, self.end = step, step + gate / rate
            return STRUCK[self.pitch]
        if self.pitch is not None and beat < self.end - ROUNDING:
            return SUSTAINED[self.pitch]
        self.pitch = None
        return SILENT

    def _hold(self, notes: NotesArray) -> None:
        """Keeps the pitches that sound, in the order in which they began."""
        given = notes.tobytes()
        if given == self.given:
            return
        self.given = given
        sounding = np.flatnonzero(notes > OFF).tolist()
        held = [pitch for pitch in self.held if pitch in sounding]
        self.held = held + [pitch for pitch in sounding if pitch not in held]

    def _step(self, beat: float, advance: float, rate: float) -> float | None:
        """Returns the beat of the step that falls into this frame, or None."""
        if self.last is not None and self.last > beat + advance:
            self.last = self.pitch = None  # the transport went back
        if self.last is None:
            step = math.ceil(beat * rate - ROUNDING) / rate
        else:
            step = (round(self.last * rate) + 1) / rate
        return max(step, beat) if step < beat + advance - ROUNDING else None


def _figure(held: list[int], octaves: int, order: Order) -> list[int]:
    """Returns the pitches of one round in the order of playing, those above 127 left out."""
    chord = held if order == "played" else sorted(held)
    stacked = [pitch + 12 * octave for octave in range(octaves) for pitch in chord]
    # A chord wider than an octave meets itself in the next: each pitch is played once.
    rise = [pitch for pitch in dict.fromkeys(stacked) if pitch < PITCHES]
    if order in ("played", "random"):
        return rise
    rise.sort()
    if order == "down":
        return rise[::-1]
    return rise + rise[-2:0:-1] if order == "up-down" else rise


def _draw(frame: Frame, seed: int) -> int:
    """Returns a random number that depends on the performance, the frame and `seed` alone."""
    key = f"{frame.seed} {seed} {frame.number}".encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big")
