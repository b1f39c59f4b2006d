"""The sketch as tests play it: conditioning by the frame in, sound or the notes begun out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.conditioning import Conditioning
from engine.generators import Slot
from engine.generators.sketch import synth
from engine.generators.sketch.anchors import Manner, Palette, manner
from engine.generators.sketch.host import SketchHost
from engine.generators.sketch.performer import Life, Performer
from engine.signals import NO_STYLE, AudioArray, NotesArray, StyleArray
from engine.style.sketch import SketchEncoder

ENCODER = SketchEncoder()
BEAT = 12
"""Frames of the sketch's own quarter note."""


def notes(rest: int = 0, **pitches: int) -> NotesArray:
    """Notes by `p60=2`; every other pitch is `rest`."""
    made = np.full(128, rest, np.int8)
    for pitch, state in pitches.items():
        made[int(pitch[1:])] = state
    return made


def held(*pitches: int, frames: int, tail: int = 0, rest: int = 0) -> list[NotesArray]:
    """Pitches struck in the first frame and held, then nothing for `tail` frames."""
    first, on, off = (np.full(128, rest, np.int8) for _ in range(3))
    first[list(pitches)], on[list(pitches)], off[list(pitches)] = 2, 1, 0
    return [first] + [on] * (frames - 1) + [off] * tail


def style(name: str) -> StyleArray:
    return NO_STYLE if name == "neutral" else ENCODER.text(name)


def play(
    host: SketchHost, slot: Slot, frames: Iterable[NotesArray], **conditioning: object
) -> AudioArray:
    conditioning = {"drums": 0} | conditioning
    return np.concatenate(
        [host.step({slot: Conditioning(notes=each, **conditioning)})[slot] for each in frames]
    )


def heard(frames: Iterable[NotesArray], seed: int = 1, **conditioning: object) -> AudioArray:
    """The sound of a fresh instance on NumPy."""
    host = SketchHost(ENCODER, "numpy")
    return play(host, host.add(seed), frames, **conditioning)


def dry(host: SketchHost) -> SketchHost:
    """Takes the room away, so that the notes' own ends are heard."""
    room = 3 * 32 + Manner._fields.index("room")
    host._palette._points[:, room] = 0.0
    return host


def started(
    frames: Iterable[NotesArray], name: str = "neutral", seed: int = 1, **conditioning: object
) -> list[tuple[int, int, bool]]:
    """The notes that began: frame, pitch, and whether they were the sketch's own."""
    player, palette = Performer.fresh(seed), Palette(ENCODER)
    sheet = synth.Sheet(np.zeros(synth.CONTROLS, np.float32))
    sheet.mixture[:] = palette.mixture(style(name))
    begun = []
    for frame, each in enumerate(frames):
        sheet.begin(frame, frame == 0)
        player.play(Conditioning(notes=each, **conditioning), manner(sheet.mixture), sheet)
        begun += [
            (frame, voice.pitch, voice.own)
            for voice in player.memory.voices
            if voice.life == Life.HELD and voice.since == frame
        ]
    return begun
