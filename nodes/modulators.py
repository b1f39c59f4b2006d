"""Controls that move by themselves: oscillators, chance and the beat."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

from engine.dsp import between, noise
from engine.frame import Frame
from engine.node import node
from engine.signals import FRAME_RATE, Beats, Control, Range, Unit

Rate = Annotated[Control, Range(0.001, FRAME_RATE / 2, "Hz", log=True)]
"""Cycles a second, up to half the frame rate: a faster one could not be told from a slower."""

Shape = Literal["sine", "triangle", "square", "saw up", "saw down", "random"]
SHAPES: dict[Shape, Callable[[float], float]] = {
    "sine": lambda phase: 0.5 - 0.5 * math.cos(math.tau * phase),
    "triangle": lambda phase: 1.0 - abs(2.0 * phase - 1.0),
    "square": lambda phase: 1.0 if phase < 0.5 else 0.0,
    "saw up": lambda phase: phase,
    "saw down": lambda phase: 1.0 - phase,
}
"""From the phase, 0..1 (1 not included), to the way from low to high."""

TOLERANCE = 1e-6
"""Of a cycle. Sums of frames round: where a cycle starts, they may say 3.9999999999."""


def settled(position: float) -> float:
    """Returns a position in cycles, put on the start of a cycle where it misses by rounding."""
    nearest = round(position)
    return float(nearest) if abs(position - nearest) < TOLERANCE else position


class Cycles:
    """Counts the cycles of something that repeats, in hertz or in beats.

    Attributes:
        position: cycles since the start, with the part of the one under way.
    """

    def __init__(self) -> None:
        self.position = 0.0

    def __call__(self, frame: Frame, rate: float, beats: float, sync: bool) -> float:
        """Returns the position at the start of this frame.

        Synced it is the transport's beat / `beats`. Free it grows by `rate` / 25 a frame, so
        that a change of rate bends its course and never makes it jump.
        """
        if sync:
            self.position = settled(frame.transport.beat / beats)
            return self.position
        now = self.position
        self.position = settled(now + rate / FRAME_RATE)
        return now


@node("control.lfo")
class Lfo:
    """Moves a control up and down in a steady rhythm.

    Free, it starts with its first frame and turns `rate` times a second. Synced, it follows the
    transport's beat, one turn every `beats`, and stands while the transport stands. Sine and
    triangle start at `low` and reach `high` half-way; square is `high` for the first half; saw
    up starts at `low`, saw down at `high`; random holds a new value each turn.

    Args:
        rate: turns a second while it is free.
        beats: beats (quarter notes) a turn takes while it is synced.
        low: the lowest control.
        high: the highest control.
        phase: the part of a turn it is ahead.
        shape: the course of one turn.
        sync: whether it follows the beat instead of `rate`.
        seed: two of shape random with different seeds take different values.
    """

    def __init__(self) -> None:
        self.cycles = Cycles()

    def __call__(
        self,
        frame: Frame,
        rate: Rate = 0.2,
        beats: Beats = 4.0,
        low: Control = 0.0,
        high: Control = 1.0,
        phase: Unit = 0.0,
        shape: Shape = "sine",
        sync: bool = False,
        seed: int = 0,
    ) -> Control:
        position = self.cycles(frame, rate, beats, sync) + phase
        turn = math.floor(position)
        chance = shape == "random"
        part = noise(frame.seed, seed, turn) if chance else SHAPES[shape](position - turn)
        return between(low, high, part)


@node("control.random")
class Random:
    """Picks a new random value again and again, in steps or gliding from one to the next.

    Values lie anywhere from `low` to `high`, all equally likely. The same seeds give the same
    values: that of the performance and the node's own.

    Args:
        rate: new values a second while it is free.
        beats: beats (quarter notes) between new values while it is synced.
        low: the lowest control.
        high: the highest control.
        smooth: glide to each next value (a smoothstep, flat at each value) instead of jumping.
        sync: whether it follows the transport's beat instead of `rate`.
        seed: nodes with different seeds take different values.
    """

    def __init__(self) -> None:
        self.cycles = Cycles()

    def __call__(
        self,
        frame: Frame,
        rate: Rate = 1.0,
        beats: Beats = 1.0,
        low: Control = 0.0,
        high: Control = 1.0,
        smooth: bool = False,
        sync: bool = False,
        seed: int = 0,
    ) -> Control:
        position = self.cycles(frame, rate, beats, sync)
        step = math.floor(position)
        part = noise(frame.seed, seed, step)
        if smooth:
            way = position - step
            part = between(part, noise(frame.seed, seed, step + 1), way * way * (3.0 - 2.0 * way))
        return between(low, high, part)


class Beat(NamedTuple):
    phase: Control
    pulse: Control
    number: Control


@node("control.beat")
def beat(frame: Frame, beats: Beats = 1.0) -> Beat:
    """Gives the transport's beat to the patch: a ramp, a pulse and a count.

    A division is `beats` quarter notes long, counted from the start of the music. While the
    transport stands, there is no pulse.

    Args:
        beats: quarter notes in a division: 1 is every beat, 1/4 sixteenths, 4 a bar of 4/4.

    Returns:
        phase: the part of the division that is over when this frame starts, 0..1.
        pulse: 1 in the frame in which a division starts, else 0.
        number: which division it is, from 0; it steps up with the pulse.
    """
    position = settled(frame.transport.beat / beats)
    end = settled((frame.transport.beat + frame.transport.beats_per_frame) / beats)
    last = math.ceil(end) - 1
    return Beat(position % 1.0, 1.0 if last >= position else 0.0, float(max(last, 0)))
