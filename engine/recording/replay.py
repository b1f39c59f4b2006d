"""Playing a recorded performance again from its log, sample for sample."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from engine.models import Models
from engine.recording.log import (
    MAGIC,
    AnyMessage,
    FramePlayed,
    Header,
    LogError,
    Remark,
    read_log,
    stem_name,
)
from engine.recording.restage import Restage
from engine.registry import Registry
from engine.render import Meter, Report
from engine.signals import FRAME_RATE, SILENCE, AudioArray
from engine.soundfiles import SoundWriter
from engine.style.opening import open_encoder
from engine.wavefile import Track

LONGEST_GAP = 3600 * FRAME_RATE
"""Frames, an hour: a log that leaves out more is taken for a broken one."""


@dataclass(frozen=True)
class Replayed(Report):
    """What a replay made.

    Attributes:
        lost: frames that the log does not have; they are silence.
        remarks: what the engine said while it played, each at so many seconds; and what is not
            here as it was there, such as a file or Hocket's version.
    """

    lost: int = 0
    remarks: tuple[tuple[float, str], ...] = ()


def replay(
    log: Path,
    registry: Registry,
    path: Path,
    *,
    stems: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    fallback: str | None = None,
) -> Replayed:
    """Plays a recorded performance again into a sound file, in flat memory.

    Args:
        path: WAV or FLAC by its ending, 24 bits; it appears when it is whole.
        stems: a folder that receives each generator's own sound.
        progress: called after each message of the log with the bytes read and in all.
        fallback: the model that plays in place of one that is not to be had.

    Raises:
        LogError: it is no log, or is broken; the message says at which byte.
        PatchError, ModelUnavailableError: what it played from is not to be had here.
        NodeFailure: a node or a model fails that did not fail then.
        OSError: a file cannot be read or written.
    """
    began = time.perf_counter()
    remarks: list[tuple[float, str]] = []
    with ExitStack() as files:
        tape = _Tape(path, stems, files)

        def remark(text: str) -> None:
            remarks.append((tape.mix.frames / FRAME_RATE, text))

        models = Models(open_encoder(), on_event=remark, fallback=fallback)
        files.callback(models.close)
        stage = Restage(registry, models, log.parent, remark)
        begins = len(MAGIC)
        for message, place in read_log(log):
            try:
                _play(message, stage, tape, remark)
            except LogError as error:
                raise LogError(f"byte {begins:,}: {error}") from None
            begins = place
            if progress:
                progress(place, log.stat().st_size)
    return Replayed(
        path=path,
        seconds=tape.mix.frames / FRAME_RATE,
        frames=tape.mix.frames,
        peak=tape.meter.highest,
        level=tape.meter.level,
        first_sound=tape.meter.first_sound,
        took=time.perf_counter() - began,
        stems=tuple(tape.stems),
        stand_ins=models.stand_ins(),
        lost=tape.lost,
        remarks=tuple(remarks),
    )


def _play(message: AnyMessage, stage: Restage, tape: _Tape, remark: Callable[[str], None]) -> None:
    """Does what one message of a log says."""
    if isinstance(message, FramePlayed):
        if wrong := tape.misplaced(message.number):
            raise LogError(f"the log is broken: {wrong}")
        tape.write(message.number, stage.frame(message), stage.audio())
    elif isinstance(message, Header):
        if words := _other_version(message):
            remark(words)
    elif isinstance(message, Remark):
        remark(message.text)
    else:
        stage.change(message)


def _other_version(header: Header) -> str:
    """Says if another version of Hocket recorded, else returns ""."""
    here = version("hocket")
    if header.version == here:
        return ""
    return f"recorded by Hocket {header.version}; this is {here}, and may sound different"


class _Tape:
    """The files of a replay.

    Attributes:
        mix, stems: the files, the generators' own by their paths.
        meter: what the mix is like.
        lost: how many frames were left out.
    """

    def __init__(self, path: Path, folder: Path | None, files: ExitStack) -> None:
        self.mix = Track(files.enter_context(SoundWriter(path)))
        self.stems: dict[Path, Track[SoundWriter]] = {}
        self.meter = Meter()
        self.lost = 0
        self._ending = path.suffix
        self._folder = folder
        self._files = files
        self._first: int | None = None

    def misplaced(self, number: int) -> str:
        """Says why a frame of this number cannot come now, or returns ""."""
        last = number - 1 if self._first is None else self._first + self.mix.frames - 1
        if 0 < number - last <= LONGEST_GAP:
            return ""
        return f"frame {number:,} comes after frame {last:,}"

    def write(
        self, number: int, heard: AudioArray, audio: dict[tuple[int, str], AudioArray]
    ) -> None:
        """Writes a frame; those left out before it become silence."""
        if self._first is None:
            self._first = number
        at = number - self._first
        for _ in range(at - self.mix.frames):
            self.meter.add(SILENCE)
            self.lost += 1
        self.meter.add(heard)
        self.mix.put(at, heard)
        if self._folder is None:
            return
        for (deck, node), sound in audio.items():
            path = self._folder / f"{stem_name(deck, node)}{self._ending}"
            if path not in self.stems:
                self.stems[path] = Track(self._files.enter_context(SoundWriter(path)))
            self.stems[path].put(at, sound)
