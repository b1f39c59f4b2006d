"""Snapshots as an engine would send them, with only what a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.messages import (
    AudioSeen,
    GeneratorState,
    Meter,
    MidiSeen,
    NotesSeen,
    Seen,
    Snapshot,
    StyleSeen,
    TransportState,
)
from engine.signals import OFF, PITCHES, STYLE_SIZE

QUIET = Meter(0.0, 0.0, 0.0)
NO_STYLE = bytes(2 * STYLE_SIZE)


def states(rest: int = OFF, **pitches: int) -> bytes:
    """Returns the states of 128 pitches: those named like p60, and the rest."""
    found = np.full(PITCHES, rest, np.int8)
    for name, state in pitches.items():
        found[int(name[1:])] = state
    return found.tobytes()


def notes(rest: int = OFF, **pitches: int) -> NotesSeen:
    return NotesSeen(states(rest, **pitches))


def midi(*messages: tuple[int, ...]) -> MidiSeen:
    return MidiSeen(tuple(map(bytes, messages)))


def style(vector: Any) -> StyleSeen:
    return StyleSeen(np.asarray(vector, "<f2").tobytes())


def audio(level: float) -> AudioSeen:
    """A sound that swings evenly between −level and level."""
    wave = np.tile(np.array([-level, level], "<f2"), (96, 1))
    return AudioSeen(Meter(level, level, level), wave.tobytes())


def snapshot(
    frame: int,
    seen: Mapping[str, Seen] | None = None,
    heard: Mapping[str, bytes] | None = None,
    **rest: Any,
) -> Snapshot:
    """Returns a snapshot of a frame.

    Args:
        heard: the notes that each generator was given.
        rest: whatever else a `Snapshot` holds.
    """
    generators = {
        name: GeneratorState("sketch", given, -1, NO_STYLE) for name, given in (heard or {}).items()
    }
    whole: dict[str, Any] = {
        "transport": TransportState(0.0, 120.0, True, 4.0),
        "generators": generators,
        "output": QUIET,
        "meters": {},
        "frame_ms": 4.0,
        "load": 0.1,
        "queued": 0.05,
        "margin_ms": 30.0,
        "underruns": 0,
        "latency_ms": 60.0,
    }
    return Snapshot(frame=frame, revision=1, seen=dict(seen or {}), **(whole | rest))
