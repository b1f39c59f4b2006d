"""Sound files that grow: whole at every moment, whatever their length and however they end.

`soundfile` reads all there is, but of what it writes neither WAV nor FLAC has a length in its
header before it is closed, and a WAV past 4 GiB has a wrong one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import soundfile

from engine.signals import FRAME_SAMPLES, SAMPLE_RATE, AudioArray

SAMPLE_BYTES = 6
"""A sample of both channels at 24 bits."""
HEADER_BYTES = 80
LARGEST_RIFF = (1 << 32) - 1 - HEADER_BYTES
"""Sound data that fits a plain WAV, whose sizes have 32 bits; more makes it RF64."""

SILENT_BLOCK = np.zeros((10 * SAMPLE_RATE, 2), np.float32)

FLAC_BLOCK = 4096
"""Samples that libFLAC writes at a time at its default level of compression."""
FLAC_TOTAL = 21
"""Where STREAMINFO keeps the number of samples: the low 4 bits of this byte, and 4 more bytes."""


class GrowingFile(Protocol):
    """A 24-bit stereo sound file at 48 kHz under construction."""

    def write(self, audio: AudioArray) -> None:
        """Appends float32[n, 2]; what is beyond ±1 is clipped.

        Raises:
            OSError: the disk is full; the file ends before this sound.
        """

    def silence(self, samples: int) -> None:
        """Appends so much silence; raises as `write` does."""

    def refresh(self) -> None:
        """Has the header say how much sound there is."""

    def close(self) -> None:
        """Refreshes the header and ends the file; further calls do nothing."""


class Sink(Protocol):
    """What takes sound, as `GrowingFile` does."""

    def write(self, audio: AudioArray) -> None: ...

    def silence(self, samples: int) -> None: ...


S = TypeVar("S", bound=Sink)


class Track(Generic[S]):
    """A file in which every frame has its place; what is left out becomes silence.

    Attributes:
        frames: its length.
    """

    def __init__(self, file: S) -> None:
        self.file = file
        self.frames = 0

    def put(self, at: int, audio: AudioArray) -> None:
        """Writes frame number `at`, float32[1920, 2], which is none of those there are."""
        if at > self.frames:
            self.file.silence((at - self.frames) * FRAME_SAMPLES)
        self.file.write(audio)
        self.frames = at + 1


def pcm(audio: AudioArray) -> npt.NDArray[np.int32]:
    """Returns float32[n, 2] as int32 of which the upper 24 bits count, as libsndfile makes them.

    ±1 is ±2^31, clipped to what int32 holds.
    """
    scaled = audio.astype(np.float64) * 2.0**31
    return np.rint(np.clip(scaled, -(2.0**31), 2.0**31 - 1)).astype("<i4")


def wave_header(size: int) -> bytes:
    """Returns the 80 bytes before `size` bytes of sound: WAV, or RF64 (EBU Tech 3306) past 4 GiB.

    The place of RF64's sizes is kept free in a WAV by a chunk that readers skip.
    """
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, SAMPLE_RATE, SAMPLE_RATE * 6, 6, 24)
    whole = size + HEADER_BYTES - 8
    if size <= LARGEST_RIFF:
        head = struct.pack("<4sI4s4sI28x", b"RIFF", whole, b"WAVE", b"JUNK", 28)
        return head + form + struct.pack("<4sI", b"data", size)
    sizes = struct.pack("<QQQI", whole, size, size // SAMPLE_BYTES, 0)
    head = struct.pack("<4sI4s4sI", b"RF64", 0xFFFFFFFF, b"WAVE", b"ds64", 28)
    return head + sizes + form + struct.pack("<4sI", b"data", 0xFFFFFFFF)


class WaveFile:
    """A WAV file; `GrowingFile` says what its methods do."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb", buffering=0)  # noqa: SIM115 - closed by close()
        self._size = 0
        self.refresh()

    def write(self, audio: AudioArray) -> None:
        data = pcm(audio).view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.seek(HEADER_BYTES + self._size)
            self._file.truncate()
            raise
        self._size += len(data)

    def silence(self, samples: int) -> None:
        # A hole in the file takes no room and no time.
        end = HEADER_BYTES + self._size + samples * SAMPLE_BYTES
        self._file.truncate(end)
        self._file.seek(end)
        self._size += samples * SAMPLE_BYTES

    def refresh(self) -> None:
        self._file.seek(0)
        self._file.write(wave_header(self._size))
        self._file.seek(HEADER_BYTES + self._size)

    def close(self) -> None:
        if not self._file.closed:
            self.refresh()
            self._file.close()


class FlacFile:
    """A FLAC file; `GrowingFile` says what its methods do."""

    def __init__(self, path: Path) -> None:
        with open(path, "wb"):
            pass  # a folder that cannot be written is an OSError, which libsndfile does not tell
        self._path = path
        self._written = 0
        self._file = soundfile.SoundFile(path, "w", SAMPLE_RATE, 2, "PCM_24", format="FLAC")

    def write(self, audio: AudioArray) -> None:
        try:
            self._file.write(pcm(audio))
        # soundfile asserts that all was written; on a full disk it was not.
        except (soundfile.LibsndfileError, AssertionError):
            raise OSError(f"{self._path} cannot be written: is the disk full?") from None
        self._written += len(audio)

    def silence(self, samples: int) -> None:
        for start in range(0, samples, len(SILENT_BLOCK)):
            self.write(SILENT_BLOCK[: samples - start])

    def refresh(self) -> None:
        # The block that is being filled, and one that may wait, are not in the file yet.
        total = max(0, self._written // FLAC_BLOCK - 1) * FLAC_BLOCK
        if not total:
            return  # nor may the header be
        with open(self._path, "r+b") as file:
            file.seek(FLAC_TOTAL)
            high = file.read(1)[0] & 0xF0
            file.seek(FLAC_TOTAL)
            file.write(struct.pack(">BI", high | total >> 32, total & 0xFFFFFFFF))

    def close(self) -> None:
        self._file.close()


FORMATS: Mapping[str, Callable[[Path], GrowingFile]] = {".wav": WaveFile, ".flac": FlacFile}


def grow(path: Path) -> GrowingFile:
    """Begins a sound file, WAV or FLAC by its name's ending.

    Raises:
        ValueError: the name ends neither in .wav nor in .flac.
        OSError: it cannot be written.
    """
    return FORMATS[sound_ending(path)](path)


def sound_ending(path: Path) -> str:
    """Returns how a sound file's name ends, in lower case; raises as `grow` does."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise ValueError(f"{path.name!r} ends neither in .wav nor in .flac")
    return ending
