"""Notes: moved, joined, divided, kept and delayed. Where they come from is in `notes_held`."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from engine.node import node
from engine.signals import (
    MASK,
    OFF,
    ON,
    ONSET,
    PITCHES,
    SILENT,
    SUSTAIN,
    Notes,
    NotesArray,
    Pitch,
    Semitones,
    Switch,
    frozen,
)


def _table(off: int, sustain: int, onset: int, on: int, masked: int) -> NotesArray:
    """Returns what each state becomes, for `take`; −1 finds the last entry."""
    return frozen(np.array([off, sustain, onset, on, masked], np.int8))


STRUMMED = _table(OFF, ON, ON, ON, MASK)
STRUCK_AGAIN = _table(OFF, ONSET, ONSET, ON, MASK)
RANK = _table(off=0, masked=1, sustain=2, on=3, onset=4)
BY_RANK = frozen(np.array([OFF, MASK, SUSTAIN, ON, ONSET], np.int8))


@node("notes.strum")
def strum(notes: Notes) -> Notes:
    """Leaves it to the model when to strike what you hold, as a strumming hand does.

    Struck and sustained notes become 3 in every frame; what is off or masked stays so.
    """
    return STRUMMED.take(notes)


@node("notes.transpose")
class Transpose:
    """Moves all notes up or down.

    Notes that leave 0..127 are dropped. The pitches that come in at the other end are masked if
    the outermost pitch there was masked, else off. When the interval changes, what is held is
    struck anew at its new pitch.

    Args:
        semitones: by how much, in whole semitones.
    """

    def __init__(self) -> None:
        self.shift: int | None = None

    def __call__(self, notes: Notes, semitones: Semitones = 0.0) -> Notes:
        shift = round(semitones)
        changed = self.shift is not None and shift != self.shift
        self.shift = shift
        moved = notes
        if shift > 0:
            moved = np.empty(PITCHES, np.int8)
            moved[shift:] = notes[:-shift]
            moved[:shift] = min(notes[0], OFF)
        elif shift < 0:
            moved = np.empty(PITCHES, np.int8)
            moved[:shift] = notes[-shift:]
            moved[shift:] = min(notes[-1], OFF)
        return STRUCK_AGAIN.take(moved) if changed else moved


@node("notes.merge")
def merge(*notes: Notes) -> Notes:
    """Plays several hands' notes together.

    Where they differ at a pitch, 2 wins over 3, 3 over 1, and any of these over silence. A pitch
    that nobody plays is free if any of them masks it, else off. Nothing patched in is all off.
    """
    if not notes:
        return SILENT
    if len(notes) == 1:
        return notes[0]
    rank = RANK.take(notes[0])
    for each in notes[1:]:
        rank = np.maximum(rank, RANK.take(each))
    return BY_RANK.take(rank)


class Parts(NamedTuple):
    """The two outlets of a split."""

    low: Notes
    high: Notes


@node("notes.split")
class Split:
    """Divides the keyboard in two, so that each hand plays its own instance.

    A held note that a moving split point hands over is struck anew on the other side.

    Args:
        at: the lowest pitch of the upper part.
        outside: what each part has at the pitches of the other: off, or masked, which leaves
            them to the model.

    Returns:
        low: the pitches below the split point.
        high: the split point and all above it.
    """

    def __init__(self) -> None:
        self.at: int | None = None

    def __call__(
        self, notes: Notes, at: Pitch = 60.0, outside: Literal["off", "masked"] = "off"
    ) -> Parts:
        point = round(at)
        before = point if self.at is None else self.at
        self.at = point
        low, high = notes.copy(), notes.copy()
        low[point:] = high[:point] = OFF if outside == "off" else MASK
        if point > before:
            low[before:point] = STRUCK_AGAIN.take(low[before:point])
        elif point < before:
            high[point:before] = STRUCK_AGAIN.take(high[point:before])
        return Parts(low, high)


@node("notes.latch")
class Latch:
    """Keeps the last chord sounding after you let go, until you strike another.

    Notes join the chord while at least one of its keys is still held; once none is, the next
    note begins a new chord.

    Args:
        hold: on to keep chords, off to pass the notes as they are.
    """

    def __init__(self) -> None:
        self.pressed = np.zeros(PITCHES, np.bool_)
        self.chord = np.zeros(PITCHES, np.bool_)

    def __call__(self, notes: Notes, hold: Switch = 1.0) -> Notes:
        pressed = notes > OFF
        if hold < 0.5:
            self.pressed = self.chord = pressed
            return notes
        # Keys that were lifted and struck again within a frame were not held over.
        carried = self.pressed & pressed & (notes != ONSET)
        if carried.any() or not pressed.any():
            self.chord = self.chord | pressed
        else:
            self.chord = pressed
        self.pressed = pressed
        kept = notes.copy()
        kept[self.chord & ~pressed] = SUSTAIN
        return kept


@node("notes.delay")
class Delay:
    """Plays everything one frame (40 ms) later, so that a patch may listen to itself.

    A cable into it may close a cycle. The first frame is all off.

    Args:
        notes: what is played in the next frame.
    """

    def __init__(self) -> None:
        self.last: NotesArray = SILENT

    def __call__(self) -> Notes:
        return self.last

    def after(self, notes: Notes = SILENT) -> None:
        """Takes in the notes of this frame."""
        self.last = notes
