"""Masks: which pitches the model may decide on, which are given, and which stay silent."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from engine.node import node
from engine.signals import (
    MASK,
    MASKED,
    OFF,
    PITCHES,
    SILENT,
    Control,
    Notes,
    NotesArray,
    Pitch,
    Range,
    Switch,
    frozen,
)

ScaleName = Literal[
    "chromatic",
    "major",
    "natural minor",
    "harmonic minor",
    "melodic minor",
    "dorian",
    "phrygian",
    "lydian",
    "mixolydian",
    "locrian",
    "phrygian dominant",
    "major pentatonic",
    "minor pentatonic",
    "blues",
    "whole tone",
    "diminished",
]
SCALES: dict[ScaleName, tuple[int, ...]] = {
    "chromatic": (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "natural minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "phrygian dominant": (0, 1, 4, 5, 7, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "diminished": (0, 2, 3, 5, 6, 8, 9, 11),
}
"""Semitones above the root. Melodic minor is the ascending form, diminished starts whole-half."""

ChordTones = Literal["octaves", "fifths", "thirds", "triads", "sevenths", "scale"]
CHORDS: dict[ChordTones, tuple[tuple[int, ...], ...]] = {
    "octaves": ((0,),),
    "fifths": ((0, 7),),
    "thirds": ((0, 3), (0, 4)),
    "triads": ((0, 4, 7), (0, 3, 7)),
    "sevenths": ((0, 4, 7, 11), (0, 4, 7, 10), (0, 3, 7, 10), (0, 3, 6, 10)),
}
"""The chords of each kind, in semitones above their own root."""

Root = Annotated[Control, Range(0, 11, "semitones above C")]
Reach = Annotated[Control, Range(0, 48, "semitones")]


@node("mask.unmask_width")
def unmask_width(
    notes: Notes, width: Annotated[Control, Range(0, 127, "semitones")] = 0.0
) -> Notes:
    """Frees the model to add notes, but not within `width` semitones of a held one.

    Width 0 pins the held notes only; every other pitch is the model's. Wider, the pitches around
    each held note are off and the rest stays the model's. 127 silences every pitch but the held
    ones. While nothing is held, the model plays freely; at 127 it is silent. This is the rule of
    Magenta's own apps.

    Args:
        width: how far from a held note the model must stay; rounded to whole semitones.
    """
    reach = round(width)
    given = np.maximum(notes, OFF)
    if reach >= PITCHES - 1:
        return given
    pinned = _near(reach, reach)[_sounding(notes)].any(axis=0)
    return np.where(pinned, given, MASKED)


@node("mask.solo")
def solo(notes: Notes) -> Notes:
    """Makes the model play exactly what is given, and nothing else.

    Every pitch that does not sound is off, masked ones included.
    """
    return np.maximum(notes, OFF)


@node("mask.harmonise")
def harmonise(
    notes: Notes,
    chord: Notes = SILENT,
    below: Reach = 12.0,
    above: Reach = 12.0,
    tones: ChordTones = "triads",
    scale: ScaleName = "chromatic",
    root: Root = 0.0,
) -> Notes:
    """Lets the model add chord tones around what you play, and nothing else.

    The given notes stay. A pitch is the model's to play when it is a chord tone and lies from
    `below` semitones under to `above` semitones over some given note. All others are off; while
    no note is given, all are.

    Chord tones are the notes of every chord of the kind `tones`, within the scale, that holds
    all given notes at once, in any octave. With triads, a C alone belongs to C, F and A flat
    major and to C, F and A minor, so that E flat, E, F, G, A flat and A are free; C with E
    leaves G and A. In a key the choice is the key's own: in C major a C frees E, F, G and A.
    Where no chord fits, as at a note outside the scale or in a cluster, only the octaves of the
    given notes are free.

    A chord patched into `chord` decides instead while it sounds: its tones are the chord tones,
    in any octave, and `tones`, `scale` and `root` do not count.

    Args:
        chord: names the chord, say of the left hand; it is not played itself.
        below: how far under a given note the model may play.
        above: how far over a given note; 0 keeps the melody on top.
        tones: which chords the model may complete: octaves only doubles; fifths adds fifths and
            fourths; thirds adds thirds and sixths; triads are major and minor; sevenths are
            major, dominant, minor and half-diminished; scale is every note of the scale.
        scale: what the chords are made of; chromatic leaves the key open.
        root: the scale's first note, 0 for C up to 11 for B; rounded.
    """
    held = _sounding(notes)
    if not held.size:
        return SILENT
    named = _classes(_sounding(chord))
    free = (
        _octaves(named)
        if named
        else _octaves(_completed(_classes(held), tones, scale, round(root)))
    )
    near = _near(round(below), round(above))[held].any(axis=0)
    given = np.maximum(notes, OFF)
    return np.where(near & free & (given == OFF), MASKED, given)


@node("mask.range")
def pitch_range(notes: Notes, low: Pitch = 0.0, high: Pitch = 127.0) -> Notes:
    """Keeps everything, given and free, between two pitches and silences the rest.

    Pitches below `low` or above `high` are off, the given ones too; from `low` to `high` the
    notes pass unchanged. With `low` above `high` all is off.

    Args:
        low: the lowest pitch that may sound; rounded.
        high: the highest pitch that may sound; rounded.
    """
    first, last = round(low), round(high) + 1
    kept = np.zeros(PITCHES, np.int8)
    kept[first:last] = notes[first:last]
    return kept


@node("mask.scale")
def scale_mask(
    notes: Notes, root: Root = 0.0, scale: ScaleName = "major", keep: bool = True
) -> Notes:
    """Lets the model play freely in one scale around the given notes.

    Pitches outside the scale are off, those inside are the model's. Given notes sound as given:
    the scale binds the model, not the player, unless `keep` is off.

    Args:
        root: the scale's first note, 0 for C up to 11 for B; rounded.
        scale: the notes the model may use.
        keep: whether given notes outside the scale are played; off, they are silent.
    """
    free = _scale_notes(scale, round(root))
    if keep:
        return np.where(notes > OFF, notes, free)
    return np.where((notes > OFF) & (free == MASK), notes, free)


@node("mask.all")
def all_masked(notes: Notes, on: Switch = 1.0) -> Notes:
    """Hands every pitch to the model: it plays what it likes.

    Args:
        on: off, the notes pass unchanged.
    """
    return MASKED if on >= 0.5 else notes


def _sounding(notes: NotesArray) -> npt.NDArray[np.intp]:
    """Returns the pitches that are given to sound, lowest first."""
    return (notes > OFF).nonzero()[0]


@lru_cache(maxsize=256)
def _near(below: int, above: int) -> npt.NDArray[np.bool_]:
    """Returns bool[128, 128], read-only: whether a pitch (column) lies around another (row)."""
    pitches = np.arange(PITCHES)
    intervals = pitches - pitches[:, None]
    return frozen((intervals >= -below) & (intervals <= above))


def _classes(pitches: npt.NDArray[np.intp]) -> int:
    """Returns the pitch classes of `pitches` as 12 bits, C the lowest."""
    bits = 0
    for pitch in pitches.tolist():
        bits |= 1 << pitch % 12
    return bits


def _bits(classes: tuple[int, ...], root: int) -> int:
    return sum(1 << (root + each) % 12 for each in classes)


@lru_cache(maxsize=4096)
def _completed(given: int, tones: ChordTones, scale: ScaleName, root: int) -> int:
    """Returns the classes of every chord in the scale that holds all `given` ones, as 12 bits."""
    key = _bits(SCALES[scale], root)
    if tones == "scale":
        chords = [key]
    else:
        chords = [_bits(shape, first) for shape in CHORDS[tones] for first in range(12)]
    completed = given
    for chord in chords:
        if chord & ~key == 0 and given & ~chord == 0:
            completed |= chord
    return completed


@lru_cache(maxsize=4096)
def _octaves(classes: int) -> npt.NDArray[np.bool_]:
    """Returns bool[128], read-only: the pitches whose class is among the 12 bits."""
    return frozen(np.array([bool(classes >> pitch % 12 & 1) for pitch in range(PITCHES)]))


@lru_cache(maxsize=256)
def _scale_notes(scale: ScaleName, root: int) -> NotesArray:
    """Returns read-only notes: masked inside the scale, off outside."""
    return frozen(np.where(_octaves(_bits(SCALES[scale], root)), MASKED, SILENT))
