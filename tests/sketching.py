"""The sketch as tests play it: conditioning by the frame in, sound or the notes begun out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from engine.conditioning import Conditioning
from engine.generators import Slot
from engine.generators.sketch import synth
from engine.generators.sketch.anchors import ANCHORS, Manner, Palette, manner
from engine.generators.sketch.host import SketchHost
from engine.generators.sketch.performer import Life, Performer
from engine.signals import NO_STYLE, STYLE_SIZE, AudioArray, NotesArray, StyleArray
from engine.style import Samples
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


class Names:
    """An encoder in which the anchors' names have nothing in common: each one's style is its own.

    So the sound of an anchor can be judged apart from what words mean.
    """

    stand_in = True

    def text(self, text: str) -> StyleArray:
        made = np.zeros(STYLE_SIZE, np.float32)
        made[: len(ANCHORS)] = [anchor.name == text for anchor in ANCHORS]
        return made

    def sound(self, samples: Samples) -> StyleArray:
        raise NotImplementedError

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        raise NotImplementedError


def anchored(name: str) -> StyleArray:
    """The style of an anchor to a host that goes by `Names`."""
    return NO_STYLE if name == "neutral" else Names().text(name)


def play_all(
    frames: Sequence[NotesArray], seed: int, drums: int = -1, host: SketchHost | None = None
) -> dict[str, AudioArray]:
    """The sound of every anchor and of neutral, one fresh instance each."""
    host = host or SketchHost(Names())
    slots = {name: host.add(seed) for name in (*(anchor.name for anchor in ANCHORS), "neutral")}
    made: dict[str, list[AudioArray]] = {name: [] for name in slots}
    for each in frames:
        frame = host.step(
            {
                slot: Conditioning(notes=each, style=anchored(name), drums=drums)
                for name, slot in slots.items()
            }
        )
        for name, slot in slots.items():
            made[name].append(frame[slot])
    for slot in slots.values():
        host.remove(slot)
    return {name: np.concatenate(each) for name, each in made.items()}


PHRASES = (
    ((48, 60, 64, 67), (50, 62, 65, 69)),
    ((52, 59, 64, 67), (45, 61, 64, 69)),
    ((41, 60, 65, 69), (48, 60, 64, 72)),
    ((46, 62, 65, 70), (51, 63, 67, 70)),
    ((43, 59, 62, 67), (45, 60, 64, 69)),
    ((50, 62, 66, 69), (47, 59, 62, 66)),
    ((48, 63, 67, 72), (44, 60, 63, 68)),
    ((53, 57, 60, 65), (49, 61, 65, 68)),
)


def phrase(number: int) -> list[NotesArray]:
    """Two chords of 0.8 s each."""
    return [each for chord in PHRASES[number] for each in held(*chord, frames=20)]


def loudness(sound: AudioArray) -> float:
    """The loudness in LUFS after ITU-R BS.1770: K-weighted, gated in blocks of 400 ms."""
    spectrum = np.fft.rfft(np.asarray(sound, np.float64), axis=0)
    z = np.exp(2j * np.pi * np.fft.rfftfreq(len(sound), 1.0))[:, None]
    shelf = (1.53512485958697 - 2.69169618940638 / z + 1.19839281085285 / z**2) / (
        1 - 1.69065929318241 / z + 0.73248077421585 / z**2
    )
    high = (1 - 2 / z + 1 / z**2) / (1 - 1.99004745483398 / z + 0.99007225036621 / z**2)
    weighted = np.fft.irfft(spectrum * shelf * high, len(sound), axis=0)
    blocks = np.lib.stride_tricks.sliding_window_view(weighted, 19_200, axis=0)[::4800]
    power = np.square(blocks).mean(axis=2).sum(axis=1)
    power = power[power > 10**-6.93]
    power = power[power > 0.1 * power.mean()]
    return float(-0.691 + 10 * np.log10(power.mean()))
