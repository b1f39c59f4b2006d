"""Notes for tests: written and read as a dictionary of the pitches that matter."""

from __future__ import annotations

import numpy as np

from engine.signals import all_notes

States = dict[int, int]


def notes(states: States | None = None, rest: int = 0) -> np.ndarray:
    array = all_notes(rest).copy()
    for pitch, state in (states or {}).items():
        array[pitch] = state
    array.flags.writeable = False
    return array


def told(array: np.ndarray, rest: int = 0) -> States:
    """The pitches that are not as the rest."""
    assert array.dtype == np.int8
    assert array.shape == (128,)
    return {int(pitch): int(array[pitch]) for pitch in np.flatnonzero(array != rest)}
