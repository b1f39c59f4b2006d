"""How much goes on in the outlets that cables start from."""

from __future__ import annotations

from collections.abc import Iterable

from engine.messages import AudioSeen, MidiSeen, NotesSeen, Seen, Snapshot
from patcher.widgets.displays.level import in_decibels, part_of_meter

STEPS = 8
"""Levels that are told apart, so that a cable is coloured anew only now and then."""
FADE = 0.8
"""What is left of a flash a frame later; a fifth of it after 0.3 s."""
HELD, CHANGED = 0.4, 0.7
"""The levels of notes that are held, and of a value that has just changed."""
ONSET_BYTE, SOUNDING_BYTES = b"\x02", (b"\x01", b"\x03")


class Activity:
    """The level of each outlet, 0..1: sound by its loudness, all else by what happens in it."""

    def __init__(self) -> None:
        self._levels: dict[str, float] = {}
        self._before: dict[str, Seen] = {}

    def take(self, snapshot: Snapshot, ports: Iterable[str]) -> dict[str, int]:
        """Takes in a frame; returns the level of each outlet that was watched, 0..8."""
        seen = snapshot.seen
        levels = {}
        for port in ports:
            value = seen.get(port)
            if value is not None:
                new = excitement(value, self._before.get(port, value))
                levels[port] = max(new, FADE * self._levels.get(port, 0.0))
        self._levels, self._before = levels, seen
        return {port: round(STEPS * level) for port, level in levels.items()}


def excitement(value: Seen, before: Seen) -> float:
    """Returns how much goes on in one frame, 0..1, by what an outlet carried in the frame before.

    A message or a struck note counts 1.
    """
    if isinstance(value, AudioSeen):
        return part_of_meter(in_decibels(value.meter.rms))
    if isinstance(value, MidiSeen):
        return 1.0 if value.messages else 0.0
    if isinstance(value, NotesSeen):
        if ONSET_BYTE in value.states:
            return 1.0
        return HELD if any(each in value.states for each in SOUNDING_BYTES) else 0.0
    return CHANGED if value != before else 0.0
