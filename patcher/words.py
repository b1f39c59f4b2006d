"""What musicians call things, in the window and in the terminal alike."""

from __future__ import annotations

from collections.abc import Collection

PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

DEVICE_KINDS = {
    "output": "audio out",
    "input": "audio in",
    "midi_in": "MIDI in",
    "midi_out": "MIDI out",
}
"""By the kind of a device as the engine has it."""


def pitch_name(pitch: int) -> str:
    """Returns what a MIDI pitch is called; 60 is C4."""
    return f"{PITCH_NAMES[pitch % 12]}{pitch // 12 - 1}"


def label(port: str) -> str:
    """Returns the name of a port as it stands on a node."""
    return port.replace("_", " ")


def counted(things: Collection[object], kind: str) -> str:
    """Returns the one thing, or how many of a kind there are, such as `3 nodes`."""
    return str(next(iter(things))) if len(things) == 1 else f"{len(things)} {kind}"
