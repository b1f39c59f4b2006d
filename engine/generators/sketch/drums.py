"""The sound of the kit: kick, snare and hat in closed form, so that a hit needs no memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.generators.sketch.arrays import Array, Namespace, turn
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE

KIT = ("kick", "snare", "hat")
LOOK_BACK = 3
"""How many samples of noise before the frame the filters need."""
CHOKE = 256
"""Samples, 5 ms, in which a hit ends that is struck again while it sounds."""
LEVEL = 0.8
"""Of the kit next to the notes."""
LONGEST = 2.0
"""Seconds after which nothing is left of a hit."""


class DrumState(NamedTuple):
    """The last hit of each drum, each float32[B, 3]; level 0 where there was none.

    Attributes:
        age: samples since it, at the start of the frame.
        level: how hard it was.
    """

    age: Array
    level: Array


def drum_state(batch: int) -> DrumState:
    """Returns a kit that nobody has touched."""
    return DrumState(*(np.zeros((batch, len(KIT)), np.float32) for _ in range(2)))


def drums(
    xp: Namespace, hits: Array, manner: Array, white: Array, state: DrumState
) -> tuple[DrumState, Array]:
    """Returns the kit's next state and its sound, float32[B, 1920].

    Args:
        manner: the timbre's, a `Manner` of float32[B].
        hits: float32[B, 3], the level of a hit at the first sample, 0 for none.
        white: noise that begins `LOOK_BACK` samples before the frame.
    """
    struck = hits > 0
    age = xp.where(struck, 0.0, state.age)
    level = xp.where(struck, hits, state.level)
    samples = xp.asarray(np.arange(FRAME_SAMPLES, dtype=np.float32))
    sound = _kit(xp, age, level, samples, manner, white)

    early = samples[:CHOKE]
    choked = _kit(
        xp, state.age, state.level * struck, early, manner, white[:, : CHOKE + LOOK_BACK]
    ) * (1.0 - early / CHOKE)
    rest = xp.zeros((choked.shape[0], FRAME_SAMPLES - CHOKE), xp.float32)
    sound = sound + xp.concatenate([choked, rest], axis=1)

    age = age + FRAME_SAMPLES
    over = age > LONGEST * SAMPLE_RATE
    return DrumState(xp.where(over, 0.0, age), xp.where(over, 0.0, level)), sound


def _kit(
    xp: Namespace, age: Array, level: Array, samples: Array, manner: Array, white: Array
) -> Array:
    """Returns kick, snare and hat together, [B, len(samples)]."""
    seconds = (age[..., None] + samples) * np.float32(1 / SAMPLE_RATE)
    electric = manner.electric[:, None]
    kick, snare, hat = (
        sound * level[:, at, None]
        for at, sound in enumerate(
            (
                _kick(xp, seconds[:, 0], electric),
                _snare(xp, seconds[:, 1], electric, white),
                _hat(xp, seconds[:, 2], electric, white),
            )
        )
    )
    return LEVEL * (kick + snare + hat)


def _kick(xp: Namespace, t: Array, electric: Array) -> Array:
    """A sinusoid that falls from about 220 Hz to 52 Hz; longer and lower when electronic."""
    low, sweep, bend = 55.0 - 7.0 * electric, 170.0 + 90.0 * electric, 0.022
    cycles = low * t + sweep * bend * (1.0 - xp.exp(-t / bend))
    _, sine = turn(xp, cycles)
    return 0.6 * sine * xp.exp(-t / (0.09 + 0.09 * electric))


def _snare(xp: Namespace, t: Array, electric: Array, white: Array) -> Array:
    """Two modes of the skin and the rattle of the wires, noise without its low part."""
    rattle = white[:, 3:] - white[:, 1:-2]
    _, first = turn(xp, 185.0 * t)
    _, second = turn(xp, 331.0 * t)
    skin = (0.25 * first + 0.15 * second) * xp.exp(-t / 0.055)
    return skin + 0.13 * rattle * _strike(xp, t) * xp.exp(-t / (0.07 - 0.025 * electric))


def _hat(xp: Namespace, t: Array, electric: Array, white: Array) -> Array:
    """Noise through a third difference, so that little is left below 5 kHz."""
    bright = white[:, 3:] - 3.0 * white[:, 2:-1] + 3.0 * white[:, 1:-2] - white[:, :-3]
    return 0.03 * bright * _strike(xp, t) * xp.exp(-t / (0.035 - 0.012 * electric))


def _strike(xp: Namespace, t: Array) -> Array:
    """Rises from 0 within a millisecond, so that noise does not begin with a click."""
    return 1.0 - xp.exp(-t / 0.0003)
