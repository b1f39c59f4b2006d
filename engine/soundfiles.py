"""Sound files as streams of frames, in flat memory whatever their length."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile
import soxr

from engine.regular import open_regular
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE, AudioArray
from engine.wavefile import FORMATS, sound_ending

MAX_CHANNELS = 8
LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000


def open_sound(path: Path) -> soundfile.SoundFile:
    """Opens a sound file.

    Raises:
        ValueError: it is no sound file that can be read, or its channels or rate are not legal.
        OSError: it cannot be opened, or is not a regular file.
    """
    with open_regular(path):
        pass  # what is missing, forbidden or no file is an OSError, which libsndfile does not tell
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path.name!r} is no sound file: {error.error_string}") from None
    fault = ""
    if file.channels > MAX_CHANNELS:
        fault = f"has {file.channels} channels; at most {MAX_CHANNELS} are read"
    elif not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
        legal = f"{LOWEST_RATE}..{HIGHEST_RATE}"
        fault = f"has {file.samplerate} samples a second; legal are {legal}"
    if fault:
        file.close()
        raise ValueError(f"{path.name!r} {fault}")
    return file


class SoundReader:
    """A sound file as frames at 48 kHz, resampled on the way.

    Attributes:
        seconds: its length.

    Raises:
        ValueError, OSError: as `open_sound` does.
    """

    def __init__(self, path: Path) -> None:
        self._file = open_sound(path)
        self.seconds: float = self._file.frames / self._file.samplerate

    def __iter__(self) -> Iterator[AudioArray]:
        """Yields float32[1920, 2] to the end of the file, the last filled up with silence."""
        waiting = np.zeros((0, 2), np.float32)
        for block in self._blocks():
            waiting = np.concatenate([waiting, block])
            whole = len(waiting) // FRAME_SAMPLES * FRAME_SAMPLES
            yield from waiting[:whole].reshape(-1, FRAME_SAMPLES, 2)
            waiting = waiting[whole:]
        if len(waiting):
            yield np.pad(waiting, ((0, FRAME_SAMPLES - len(waiting)), (0, 0)))

    def _blocks(self) -> Iterator[AudioArray]:
        """Yields stereo at 48 kHz in blocks of any length."""
        resampler = soxr.ResampleStream(self._file.samplerate, SAMPLE_RATE, 2, dtype="float32")
        with self._file:
            while True:
                block = self._file.read(self._file.samplerate, dtype="float32", always_2d=True)
                block = np.nan_to_num(stereo(block), posinf=0.0, neginf=0.0)
                last = len(block) == 0
                yield resampler.resample_chunk(np.ascontiguousarray(block), last=last)
                if last:
                    return


def stereo(samples: AudioArray) -> AudioArray:
    """Folds float32[n, channels] to two: mono to both sides, further channels to the middle."""
    if samples.shape[1] == 1:
        return np.repeat(samples, 2, axis=1)
    if samples.shape[1] == 2:
        return samples
    middle: AudioArray = samples[:, 2:].mean(axis=1, keepdims=True, dtype=np.float32)
    folded: AudioArray = samples[:, :2] + middle * np.float32(0.5**0.5)
    return folded


class SoundWriter:
    """A 24-bit sound file that appears under its name only when it is whole.

    As a context manager: left by an exception, it leaves no file and any former one as it was.

    Raises:
        ValueError: the name ends neither in .wav nor in .flac.
        OSError: the folder cannot be written, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        ending = sound_ending(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._file = FORMATS[ending](self._part)

    def write(self, audio: AudioArray) -> None:
        """Appends float32[n, 2]; what is beyond ±1 is clipped."""
        with self._named():
            self._file.write(audio)

    def silence(self, samples: int) -> None:
        """Appends so much silence."""
        with self._named():
            self._file.silence(samples)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Has an error name the file that was asked for."""
        try:
            yield
        except OSError as error:
            fault = f"cannot be written: {error.strerror or 'is the disk full?'}"
            raise OSError(error.errno, fault, str(self._path)) from None

    def __enter__(self) -> SoundWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
            if kind is None:
                os.replace(self._part, self._path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(self._part)
