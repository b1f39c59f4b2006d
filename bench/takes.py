"""What the references are made from: phrases on General MIDI programs, the sketch and sines."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import mido
import numpy as np
import numpy.typing as npt
import soundfile

from engine.conditioning import Conditioning
from engine.generators.sketch.host import SketchHost
from engine.signals import SAMPLE_RATE
from engine.style.lexicon import ANCHORS
from engine.style.sketch import SketchEncoder

Floats = npt.NDArray[np.float64]

PROGRAMS = {
    "grand piano": (0, 1, 2),
    "electric piano": (4, 5),
    "organ": (16, 17, 18, 19, 20),
    "strings": (48, 49, 50, 51, 40, 41, 42),
    "choir": (52, 53, 54),
    "brass": (56, 57, 58, 60, 61, 62),
    "flute": (72, 73, 74, 75, 79),
    "nylon guitar": (24, 25, 46),
    "electric guitar": (26, 27, 28),
    "distorted guitar": (29, 30),
    "double bass": (32, 33, 34, 35, 43),
    "synth bass": (38, 39),
    "warm pad": (89, 94, 90),
    "glass pad": (92, 98, 88, 93),
    "bright lead": (80, 81, 84, 87),
    "bells": (14, 112),
    "marimba": (12, 13, 11),
    "music box": (10, 8, 9),
}
"""General MIDI programs, from 0, by the anchor whose family they are of."""
KITS = {"acoustic drums": (0, 8, 16), "techno drums": (24, 25), "breakbeat": (0, 16)}
"""Kits by the anchor whose beat they play."""
LAYERS = {"orchestral": (48, 49), "lo-fi": (4, 0), "ambient": (89, 95, 91)}
"""What leads where several play together."""
LOW, HIGH = 36, 72
OCTAVES = (0, -12, 0, 0, -12, 7, 12)
REGISTERS = dict.fromkeys(("double bass", "synth bass", "sub bass"), LOW) | dict.fromkeys(
    ("flute", "music box", "bells", "glass pad", "bright lead"), HIGH
)
"""The pitch around which an anchor plays; where it is not named 60, and `OCTAVES` by the phrase."""

Note = tuple[float, float, int]
"""When it begins, how long it is, both in seconds; steps over the register."""


def _line(*steps: tuple[int, float]) -> list[Note]:
    notes, at = [], 0.0
    for step, length in steps:
        notes.append((at, 0.92 * length, step))
        at += length
    return notes


def _chords(length: float, *chords: tuple[int, ...]) -> list[Note]:
    return [(at * length, 0.92 * length, step) for at, chord in enumerate(chords) for step in chord]


PHRASES: tuple[list[Note], ...] = (
    _line((0, 0.6), (4, 0.6), (7, 0.6), (5, 0.6), (2, 0.6), (7, 0.6)),
    _chords(1.2, (0, 4, 7), (5, 9, 12), (-3, 0, 4)),
    _line((2, 1.8), (-5, 1.8)),
    _line(*((step - 2, 0.25) for step in (0, 3, 7, 10, 12, 10, 7, 3, 0, 3, 7, 10, 12, 7))),
    _line((4, 0.5), (2, 0.25), (7, 0.75), (9, 0.5), (11, 1.6)),
    _chords(0.9, (-3, 4, 13), (-1, 2, 8), (-3, 0, 4, 7), (-3, 1, 6)),
    [*_line((-6, 0.3), (-2, 0.3), (1, 0.6)), (1.3, 1.1, -6), (1.3, 1.1, -2), (2.5, 1.1, -11)],
)
"""3.6 s each, over a minor ninth to both sides, so that no pitch stands for an instrument."""
VELOCITIES = (100, 85, 110, 95, 90, 105, 80)
TAKE = 5.6
"""Seconds of a phrase and what rings after it."""
MEASURED = 4.6


class Take(NamedTuple):
    """One phrase on one program."""

    anchor: str
    program: int
    phrase: int


def takes() -> list[Take]:
    """Returns every phrase that is played on a soundfont."""
    programs = [(anchor, each) for table in (PROGRAMS, KITS, LAYERS) for anchor in table
                for each in table[anchor]]  # fmt: skip
    return [Take(*each, phrase) for each in programs for phrase in range(len(PHRASES))]


def _events(take: Take, start: float) -> Iterator[tuple[float, mido.Message]]:
    """Yields what a take is played by; every second phrase is dry."""
    wet = 40 * (take.phrase % 2)
    for channel, program in _parts(take):
        yield start, mido.Message("program_change", channel=channel, program=program)
        yield start, mido.Message("control_change", channel=channel, control=91, value=wet)
        yield start, mido.Message("control_change", channel=channel, control=93, value=0)
    for channel, key, velocity, at, length in _score(take):
        message = mido.Message("note_on", channel=channel, note=key, velocity=velocity)
        yield start + 0.05 + at, message
        yield start + 0.05 + at + length, mido.Message("note_off", channel=channel, note=key)


def _parts(take: Take) -> list[tuple[int, int]]:
    """Returns channels and programs; channel 9 is the kit."""
    if take.anchor in KITS:
        return [(9, take.program)]
    more = {
        "orchestral": [(1, 61), (2, 47), (3, 73), (4, 60)],
        "lo-fi": [(1, 33), (9, 0)],
        "ambient": [(1, 88 if take.phrase % 2 else 52), (2, 95)],
    }
    return [(0, take.program), *more.get(take.anchor, [])]


Played = tuple[int, int, int, float, float]
"""Channel, key, velocity, and the seconds from where and for how long."""


def _score(take: Take) -> Iterator[Played]:
    """Yields the notes of a take."""
    shift = (0, -5, 4, -2, 2, -3, 5)[take.phrase]
    if take.anchor in KITS:
        yield from _beat(take)
    elif take.anchor == "orchestral":
        for bar, chord in enumerate(((48, 60, 64, 67), (45, 57, 60, 64))):
            at = 1.8 * bar
            for place, key in enumerate(chord):
                yield 0, key + shift, 95, at, 1.75
                yield 1, key + shift, 85, at + (0.9 if take.phrase % 2 else 0), 0.8
                yield 3, key + 24 + shift, 90, at + 0.45 * place, 0.4
            yield 4, chord[1] + shift, 80, at, 1.7
            yield 2, chord[0] - 12 + shift, 100, at, 0.5
    elif take.anchor == "lo-fi":
        for bar, chord in enumerate(((57, 60, 64, 67), (53, 57, 60, 64))):
            at = 1.8 * bar
            for key in chord:
                yield 0, key + shift, 70, at, 1.6
            yield 1, chord[0] - 24 + shift, 85, at, 0.7
            yield 1, chord[0] - 24 + shift, 80, at + 1.1, 0.6
            for key, when in ((36, 0.0), (38, 0.6), (36, 0.9), (38, 1.5)):
                yield 9, key, 88, at + when, 0.1
            for eighth in range(6):
                yield 9, 42, 50, at + 0.3 * eighth, 0.1
    elif take.anchor == "ambient":
        for key in (48, 55, 62, 64):
            yield 0, key + shift, 80, 0.0, 4.2
        for key in (67, 71):
            yield 1, key + shift, 60, 1.0, 3.2
        yield 2, 36 + shift, 80, 0.0, 4.2
    else:
        base = pitch(take)
        for at, length, step in PHRASES[take.phrase]:
            if base > LOW or not any(at == each[0] and each[2] < step for each in
                                     PHRASES[take.phrase]):  # fmt: skip
                yield 0, base + step, VELOCITIES[take.phrase], at, length


def _beat(take: Take) -> Iterator[Played]:
    """Yields a beat: straight, four on the floor or broken, at seven tempos."""
    rows = {
        "acoustic drums": {36: (0, 8, 10), 38: (4, 12), 42: range(0, 16, 2)},
        "techno drums": {36: (0, 4, 8, 12), 38: (4, 12), 46: (2, 6, 10, 14)},
        "breakbeat": {36: (0, 2, 10, 11), 38: (4, 7, 9, 12, 15), 51: range(0, 16, 2)},
    }[take.anchor]
    quick = 0.0915 if take.anchor == "breakbeat" else 0.125
    length = quick * (1, 1.12, 0.95, 1.05, 0.9, 1.2, 1.08)[take.phrase]
    for step in range(int(MEASURED / length)):
        for key, places in rows.items():
            if step % 16 in places:
                ghost = key == 38 and step % 16 not in (4, 12)
                yield 9, key, 60 if ghost else 100 - 15 * (key > 40), step * length, 0.1
        if take.phrase == 2 and step % 16 >= 12:
            yield 9, (45, 47, 48, 50)[step % 16 - 12], 95, step * length, 0.1


def play(bank: Path, which: list[Take]) -> Iterator[Floats]:
    """Yields each take as a soundfont sounds it, mono."""
    events = [each for at, take in enumerate(which) for each in _events(take, at * TAKE)]
    track, now = mido.MidiTrack(), 0
    for time, message in sorted(events, key=lambda event: event[0]):
        ticks = round(time * 960)
        track.append(message.copy(time=ticks - now))
        now = ticks
    track.append(mido.MetaMessage("end_of_track", time=4 * 960))
    with tempfile.TemporaryDirectory() as folder:
        score, wave = Path(folder) / "takes.mid", Path(folder) / "takes.wav"
        mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(score)
        player = ("fluidsynth", "-ni", "-q", "-g", "0.4", "-r", str(SAMPLE_RATE), "-T", "wav")
        subprocess.run(
            [*player, "-F", str(wave), str(bank), str(score)], check=True, capture_output=True
        )
        sound, _ = soundfile.read(wave, dtype="float32")
    for at in range(len(which)):
        start = int(at * TAKE * SAMPLE_RATE)
        yield sound[start : start + int(MEASURED * SAMPLE_RATE)].mean(axis=1).astype(np.float64)


def pitch(take: Take) -> int:
    """Returns the pitch around which a take is played; some in other octaves where there are."""
    return REGISTERS.get(take.anchor, 60 + OCTAVES[take.phrase])


def play_sketch() -> Iterator[tuple[Take, Floats]]:
    """Yields each phrase as the sketch's anchors sound it, mono, without a soundfont."""
    encoder = SketchEncoder()
    for number in range(len(PHRASES)):
        host = SketchHost(encoder)
        slots = {anchor: host.add(number + 1) for anchor in ANCHORS}
        sounds: dict[str, list[Floats]] = {anchor: [] for anchor in ANCHORS}
        for frame in range(int(MEASURED * 25)):
            made = host.step(
                {
                    slot: Conditioning(
                        notes=_frame(Take(anchor, -1, number), frame),
                        style=encoder.text(anchor),
                        drums=-1 if anchor in (*KITS, "lo-fi") else 0,
                    )
                    for anchor, slot in slots.items()
                }
            )
            for anchor, slot in slots.items():
                sounds[anchor].append(made[slot].mean(axis=1).astype(np.float64))
        for anchor, sound in sounds.items():
            yield Take(anchor, -1, number), np.concatenate(sound)


def _frame(take: Take, frame: int) -> npt.NDArray[np.int8]:
    """Returns what the pitches do in a frame of a phrase."""
    notes = np.zeros(128, np.int8)
    if take.anchor in KITS:
        return notes
    base = pitch(take)
    for at, length, step in PHRASES[take.phrase]:
        first, last = round(at * 25), round((at + length) * 25)
        if first <= frame < last:
            notes[base + step] = 2 if frame == first else 1
    return notes


def play_sines() -> Iterator[tuple[Take, Floats]]:
    """Yields low sines, which are a sub bass, and sums of few held partials, which are an organ."""
    t = np.arange(int(MEASURED * SAMPLE_RATE)) / SAMPLE_RATE
    for number, phrase in enumerate(PHRASES):
        wave = np.zeros(len(t))
        for at, length, step in phrase[::2] if number in (1, 5) else phrase:
            level = np.clip((t - at) / 0.01, 0, 1) * np.clip((at + length - t) / 0.03, 0, 1)
            level = level * (np.exp(-3 * np.maximum(t - at, 0)) if number % 3 == 2 else 1.0)
            wave += level * np.sin(2 * np.pi * 55 * 2 ** (step / 12) * t)
        yield Take("sub bass", -2, number), np.tanh(wave * (1 + 0.2 * number))
    for number, drawn in enumerate(DRAWBARS):
        pitches = CHORDS[number % len(CHORDS)]
        wave = np.zeros(len(t))
        for hertz in pitches:
            wave += sum(np.sin(2 * np.pi * hertz * h * t) / h**0.9 for h in drawn)
        level = np.clip((t % 1) / 0.01, 0, 1) * np.clip((0.9 - t % 1) / 0.03, 0, 1)
        yield Take("organ", -2, number), wave * (level if number > 2 else 1.0)


DRAWBARS = (
    (1, 2, 3, 4, 6, 8), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10), (1, 2, 3), (1, 2, 4, 8),
    (1, 2, 3, 4, 5, 6), (1, 3, 5, 6), (2, 3, 4, 6, 8),
)  # fmt: skip
CHORDS = ((220.0,), (330.0,), (440.0,), (196.0, 247.0, 294.0), (147.0,))
