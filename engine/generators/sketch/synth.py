"""One frame of every instance: notes, kit, space. A pure function of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.generators.sketch.anchors import SIZE, Floats, Timbre, timbre
from engine.generators.sketch.arrays import Array, Namespace, noise, ramp
from engine.generators.sketch.drums import KIT, DrumState, drum_state, drums, kits
from engine.generators.sketch.space import (
    CHORUS_HERTZ,
    TREMOLO_HERTZ,
    VIBRATO_HERTZ,
    Effects,
    Room,
    SpaceState,
    ensemble,
    limit,
    reverberate,
    room,
    shape,
    space_state,
)
from engine.generators.sketch.voices import (
    VOICES,
    VoiceControls,
    VoiceState,
    voice_state,
    voices,
)
from engine.signals import FRAME_RATE, FRAME_SAMPLES

FIELDS = len(VoiceControls._fields)
HEAD = 5
CONTROLS = HEAD + FIELDS * VOICES + len(KIT) + SIZE
"""Numbers of one instance's controls: whether it plays, whether it is fresh, the phases of
vibrato, tremolo and chorus; then the voices', the hits, the mixture of anchors."""

LEVEL = 0.2
"""A single note's amplitude, −14 dBFS, so that a chord stays under the limiter's knee."""

BREATH_SAMPLES = 16
"""Breath is noise at 3 kHz, between its points linear: it roughens a tone and does not hiss."""


class State(NamedTuple):
    """Every instance's sound at a frame's border; all zeros where nothing was ever played."""

    mixture: Array
    voices: VoiceState
    drums: DrumState
    space: SpaceState


class Tables(NamedTuple):
    """What is made once and read by every instance.

    Attributes:
        kits: what `drums.kits` returns.
    """

    room: Room
    kits: Array


def tables() -> Tables:
    """Returns the tables as NumPy arrays."""
    return Tables(room(), kits())


def initial_state(batch: int) -> State:
    """Returns instances that have never played, as NumPy arrays."""
    return State(
        np.zeros((batch, SIZE), np.float32),
        voice_state(batch),
        drum_state(batch),
        space_state(batch),
    )


class Sheet:
    """One instance's controls for one frame: views into its row of the batch's controls.

    Attributes:
        voices: float32[5, 32], the fields of `VoiceControls`.
        hits: float32[8], the level of each of the kit's pieces that is struck.
        mixture: float32[SIZE], the anchors' mixture.
    """

    def __init__(self, row: Floats) -> None:
        self._head = row[:HEAD]
        self.voices = row[HEAD:][: FIELDS * VOICES].reshape(FIELDS, VOICES)
        self.hits = row[-SIZE - len(KIT) : -SIZE]
        self.mixture = row[-SIZE:]

    def begin(self, clock: int, fresh: bool) -> None:
        """Clears it for the instance's frame number `clock`."""
        seconds = clock / FRAME_RATE
        swings = (VIBRATO_HERTZ, TREMOLO_HERTZ, CHORUS_HERTZ)
        self._head[:] = (1.0, float(fresh), *(seconds * hertz % 1.0 for hertz in swings))
        self.voices[:] = 0.0
        self.hits[:] = 0.0


def step(
    xp: Namespace, controls: Array, noises: Array, tables: Tables, state: State
) -> tuple[State, Array]:
    """Returns the next state and the sound, float32[B, 1920, 2].

    An instance that does not play keeps its state; a fresh one begins from silence.

    Args:
        controls: float32[B, CONTROLS], as `Sheet` lays them out.
        noises: uint32[B, 2], the seed of each instance's noise and the number of its frame.
    """
    plays, fresh = controls[:, 0] > 0, controls[:, 1] > 0
    begun = _choose(xp, fresh, None, state)
    mixture = controls[:, -SIZE:]
    target = timbre(mixture)
    depths = _depths(xp, timbre(xp.where(fresh[:, None], mixture, begun.mixture)), target)
    seed, clock = noises[:, 0], noises[:, 1]

    rows = controls[:, HEAD : HEAD + FIELDS * VOICES].reshape(-1, FIELDS, VOICES)
    asked = VoiceControls(*(rows[:, at] for at in range(FIELDS)))
    next_voices, notes = voices(xp, asked, target, begun.voices)
    notes = notes * (LEVEL * (1.0 + depths.breath * _breath(xp, seed, clock)))[:, None, :]

    hits = controls[:, -SIZE - len(KIT) : -SIZE]
    next_drums, kit = drums(xp, hits, target.manner, (seed, clock), tables.kits, begun.drums)

    tail, notes = ensemble(xp, notes, depths, controls[:, 2:HEAD], begun.space.tail)
    notes = notes * depths.gain[:, None, :]
    kit = shape(xp, kit, depths.drive)
    sent = depths.room * (notes + 0.12 * kit).sum(axis=1)
    next_space, wet = reverberate(xp, sent, tables.room, begun.space)
    sound = limit(xp, notes + kit + wet)

    after = State(mixture, next_voices, next_drums, next_space._replace(tail=tail))
    return _choose(xp, plays, after, state), xp.moveaxis(sound, 1, 2)


def _choose(xp: Namespace, rows: Array, yes: Any, no: Any) -> Any:
    """Returns for each row of the batch the one state or the other; None is a silent state."""
    if isinstance(no, tuple):
        given = yes or [None] * len(no)
        return type(no)(*(_choose(xp, rows, a, b) for a, b in zip(given, no, strict=True)))
    return xp.where(
        rows.reshape(-1, *([1] * (no.ndim - 1))), np.float32(0) if yes is None else yes, no
    )


def _depths(xp: Namespace, before: Timbre, after: Timbre) -> Effects:
    """Returns every effect's depth along the frame, from where it was to where it is to be."""
    rising = ramp(xp)
    return Effects(
        *(
            start[:, None] + (end - start)[:, None] * rising
            for start, end in (
                (getattr(before.manner, name), getattr(after.manner, name))
                for name in Effects._fields
            )
        )
    )


def _breath(xp: Namespace, seed: Array, clock: Array) -> Array:
    """Returns slow noise, float32[B, 1920]."""
    points = FRAME_SAMPLES // BREATH_SAMPLES
    coarse = noise(xp, seed ^ np.uint32(0xB5297A4D), clock * np.uint32(points), points + 1)
    within = xp.asarray(np.arange(BREATH_SAMPLES, dtype=np.float32) / BREATH_SAMPLES)
    steps = (coarse[:, 1:] - coarse[:, :-1])[..., None]
    return (coarse[:, :-1, None] + steps * within).reshape(-1, FRAME_SAMPLES)
