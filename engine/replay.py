"""Playing a recorded performance again from its log, sample for sample."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine.models import Models
from engine.registry import Registry
from engine.render import Meter, Report
from engine.restage import Restage
from engine.signals import FRAME_RATE, SILENCE, AudioArray
from engine.soundfiles import SoundWriter
from engine.style.sketch import SketchEncoder
from engine.takelog import FramePlayed, LogError, Remark, read_log, stem_name
from engine.wavefile import Track

LONGEST_GAP = 3600 * FRAME_RATE
"""Frames, an hour: a log that leaves out more is taken for a broken one."""


@dataclass(frozen=True)
class Replayed(Report):
    """What a replay made.

    Attributes:
        lost: frames that the log does not have; they are silence.
        remarks: what the engine said while it played, each at so many seconds.
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
) -> Replayed:
    """Plays a recorded performance again into a sound file, in flat memory.

    Args:
        path: WAV or FLAC by its ending, 24 bits; it appears when it is whole.
        stems: a folder that receives each generator's own sound.
        progress: called after each message of the log with the bytes read and in all.

    Raises:
        LogError: it is no log, or is broken.
        PatchError, ModelUnavailableError: what it played from is not to be had here.
        NodeFailure: a node or a model fails that did not fail then.
        OSError: a file cannot be read or written.
    """
    began = time.perf_counter()
    size = log.stat().st_size
    models = Models(SketchEncoder())
    stage = Restage(registry, models, log.parent)
    meter = Meter()
    remarks: list[tuple[float, str]] = []
    first: int | None = None
    lost = 0
    with ExitStack() as files:
        files.callback(models.close)
        mix = Track(files.enter_context(SoundWriter(path)))
        tracks = _Stems(stems, path.suffix, files)
        for message, place in read_log(log):
            if isinstance(message, FramePlayed):
                first = message.number if first is None else first
                at = message.number - first
                if not 0 <= at - mix.frames <= LONGEST_GAP:
                    found = f"frame {message.number} comes after {mix.frames - 1 + first}"
                    raise LogError(f"{log.name!r} is broken: {found}")
                heard = stage.frame(message)
                for _ in range(at - mix.frames):
                    meter.add(SILENCE)
                lost += at - mix.frames
                meter.add(heard)
                mix.put(at, heard)
                tracks.put(at, stage.audio())
            elif isinstance(message, Remark):
                remarks.append((mix.frames / FRAME_RATE, message.text))
            else:
                stage.change(message)
            if progress:
                progress(place, size)
    return Replayed(
        path=path,
        seconds=mix.frames / FRAME_RATE,
        frames=mix.frames,
        peak=meter.highest,
        level=meter.level,
        first_sound=meter.first_sound,
        took=time.perf_counter() - began,
        stems=tracks.paths(),
        stand_ins=models.stand_ins(),
        lost=lost,
        remarks=tuple(remarks),
    )


class _Stems:
    """The sound files of the generators, begun as they come; none where there is no folder."""

    def __init__(self, folder: Path | None, ending: str, files: ExitStack) -> None:
        self._folder = folder
        self._ending = ending
        self._files = files
        self._tracks: dict[Path, Track[SoundWriter]] = {}

    def put(self, at: int, audio: dict[tuple[int, str], AudioArray]) -> None:
        """Writes the sounds of a frame, by deck and node."""
        if self._folder is None:
            return
        for (deck, node), sound in audio.items():
            path = self._folder / f"{stem_name(deck, node)}{self._ending}"
            if path not in self._tracks:
                self._tracks[path] = Track(self._files.enter_context(SoundWriter(path)))
            self._tracks[path].put(at, sound)

    def paths(self) -> tuple[Path, ...]:
        return tuple(self._tracks)
