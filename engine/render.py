"""Rendering: the frame loop against files. What is rendered is what is played."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.compiler import compile_patch
from engine.ensemble import Ensemble
from engine.frame import EVERY_PORT, Frame, Transport
from engine.models import Models
from engine.nodetype import Service
from engine.patch import Patch
from engine.player import Player
from engine.registry import Registry
from engine.signals import FRAME_RATE, SAMPLE_RATE, SILENCE, AudioArray, Midi, NotesArray
from engine.song import Song
from engine.soundfiles import SoundReader, SoundWriter
from engine.style import Encoder, Styles
from engine.style.opening import open_encoder

TAIL_SECONDS = 4.0
"""How long a render goes on after the last MIDI message, so that the end can ring out."""

DEFAULT_SECONDS = 30.0
"""How long a render is when no input says."""

Note = tuple[int, float, float]
"""A pitch, and its start and end in seconds."""


@dataclass(frozen=True)
class Inputs:
    """What a render plays from.

    Attributes:
        song: the MIDI file that reaches every `midi.input`; it also sets the tempo.
        audio: the sound file that reaches every `audio.input`.
        seconds: the length; None for the song's or the sound's, whichever ends last.
        tempo: quarter notes a minute where there is no song.
        seed: what every random choice starts from.
    """

    song: Song | None = None
    audio: SoundReader | None = None
    seconds: float | None = None
    tempo: float = 120.0
    seed: int = 0

    def frame_count(self) -> int:
        """Returns the length of the render in frames."""
        if self.seconds is not None:
            return math.ceil(self.seconds * FRAME_RATE)
        lengths = []
        if self.song:
            lengths.append(self.song.seconds + TAIL_SECONDS)
        if self.audio:
            lengths.append(self.audio.seconds)
        return math.ceil(max(lengths, default=DEFAULT_SECONDS) * FRAME_RATE)

    def frames(self) -> Iterator[Frame]:
        """Yields the frames one by one."""
        sound = iter(self.audio) if self.audio else None
        still = Transport(tempo=self.tempo)
        for number in range(self.frame_count()):
            midi: dict[str, Midi] = {}
            if self.song:
                midi = {EVERY_PORT: self.song.messages(number)}
                transport = self.song.transport(number)
            else:
                transport = still._replace(beat=number * still.beats_per_frame)
            audio = next(sound, SILENCE) if sound else SILENCE
            yield Frame(number, self.seed, midi, audio, transport)


class NoteLog:
    """The notes each generator was given, as bars to draw."""

    def __init__(self) -> None:
        self.notes: dict[str, list[Note]] = {}
        self._since: dict[tuple[str, int], float] = {}
        self._sounding: dict[str, frozenset[int]] = {}

    def add(self, name: str, notes: NotesArray, now: float) -> None:
        """Takes in the notes of one frame, int8[128], at `now` seconds."""
        sounding = frozenset(np.flatnonzero(notes > 0).tolist())
        struck = frozenset(np.flatnonzero(notes == 2).tolist())
        before = self._sounding.get(name, frozenset())
        for pitch in (before - sounding) | (before & struck):
            self._end(name, pitch, now)
        for pitch in (sounding - before) | struck:
            self._since[name, pitch] = now
        self._sounding[name] = sounding

    def finish(self, now: float) -> dict[str, list[Note]]:
        """Returns all notes by generator, those still sounding ended at `now`."""
        for name, pitch in list(self._since):
            self._end(name, pitch, now)
        return dict(sorted(self.notes.items()))

    def _end(self, name: str, pitch: int, now: float) -> None:
        start = self._since.pop((name, pitch))
        self.notes.setdefault(name, []).append((pitch, start, now))


@dataclass(frozen=True)
class Report:
    """What a render made.

    Attributes:
        peak, level: the highest sample and the RMS level in dB of full scale; −inf for silence.
        first_sound: seconds into the file of the first sample above −60 dB, None for silence.
        took: seconds the rendering took.
        notes: what each generator was given, where that was asked for.
        stand_ins: the models that played and only stand in for a real one.
    """

    path: Path
    seconds: float
    frames: int
    peak: float
    level: float
    first_sound: float | None
    took: float
    stems: tuple[Path, ...] = ()
    notes: Mapping[str, list[Note]] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()

    @property
    def speed(self) -> float:
        """How many times faster than real time it was."""
        return self.seconds / self.took if self.took else math.inf


class Meter:
    """Peak, level and first sound of what passes."""

    def __init__(self) -> None:
        self.peak = 0.0
        self.square = 0.0
        self.samples = 0
        self.first: int | None = None

    def add(self, audio: AudioArray) -> None:
        """Takes in one frame, float32[1920, 2]."""
        loud = np.abs(audio).max(axis=1)
        top = float(loud.max())
        if self.first is None and top > 1e-3:
            self.first = self.samples + int(np.argmax(loud > 1e-3))
        self.peak = max(self.peak, top)
        self.square += float(np.vdot(audio, audio))
        self.samples += len(audio)

    @property
    def highest(self) -> float:
        """The highest sample in dB of full scale."""
        return _decibels(self.peak)

    @property
    def first_sound(self) -> float | None:
        """Seconds until the first sample above −60 dB, None for silence."""
        return None if self.first is None else self.first / SAMPLE_RATE

    @property
    def level(self) -> float:
        """The RMS level in dB of full scale."""
        return _decibels(math.sqrt(self.square / max(1, 2 * self.samples)))


def render(
    player: Player,
    inputs: Inputs,
    path: Path,
    *,
    stems: Path | None = None,
    keep_notes: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Plays what `player` has been given into a sound file, in flat memory.

    The files appear under their names only when they are whole.

    Args:
        path: WAV or FLAC by its ending, 24 bits.
        stems: a folder that receives each generator's own sound as `NODE.wav`.
        keep_notes: whether the report has the notes.
        progress: called after each frame with the frames done and in all.

    Raises:
        NodeFailure: a node failed; nothing is written.
        OSError: a file cannot be written.
    """
    began = time.perf_counter()
    count = inputs.frame_count()
    meter, log = Meter(), NoteLog()
    names = player.plan.generators if player.plan else ()
    stem_paths = {name: stems / f"{name}.wav" for name in names} if stems else {}
    with ExitStack() as files:
        writer = files.enter_context(SoundWriter(path))
        stem_writers = {
            name: files.enter_context(SoundWriter(each)) for name, each in stem_paths.items()
        }
        for frame in inputs.frames():
            audio = player.step(frame)
            meter.add(audio)
            writer.write(audio)
            for name, stem in stem_writers.items():
                stem.write(player.audio[name])
            if keep_notes:
                for name, conditioning in player.conditioning.items():
                    log.add(name, conditioning.notes, frame.time)
            if progress:
                progress(frame.number + 1, count)
    return Report(
        path=path,
        seconds=count / FRAME_RATE,
        frames=count,
        peak=meter.highest,
        level=meter.level,
        first_sound=meter.first_sound,
        took=time.perf_counter() - began,
        stems=tuple(stem_paths.values()),
        notes=log.finish(count / FRAME_RATE) if keep_notes else {},
        stand_ins=player.models.stand_ins(),
    )


def _decibels(level: float) -> float:
    return 20.0 * math.log10(level) if level > 0.0 else -math.inf


def offline_services(encoder: Encoder | None = None) -> dict[type[Service], Service]:
    """Returns what nodes may ask for in a render: styles that are waited for, to be exact.

    Args:
        encoder: what embeds; where none is given, what there is on this machine.
    """
    return {Styles: Styles(encoder or open_encoder(), wait=True)}


def open_player(
    patch: Patch,
    registry: Registry,
    folder: Path | None,
    fallback: str | None = None,
    on_event: Callable[[str], None] = lambda text: None,
) -> Player:
    """Compiles a patch and opens its models, ready for `render`.

    Args:
        folder: where the patch lies, and so the files it names.
        fallback: the model that plays in place of one that is not to be had.
        on_event: told where it does, and of instances that are watched.

    Raises:
        PatchError: the patch is not legal.
        ModelUnavailableError: it needs a model that is not here.
    """
    encoder = open_encoder()
    plan = compile_patch(patch, registry, offline_services(encoder), folder)
    models = Models(encoder, on_event=on_event, fallback=fallback)
    player = Player(models, Ensemble(models, on_event))
    player.prepare(plan)
    player.swap(plan)
    return player
