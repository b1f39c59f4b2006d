"""What a picture of a sound is drawn from: its waveform and spectrogram, a column at a time."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from soundfile import SoundFile

COLUMNS = 1_600
"""The most columns of a picture: more than its pixels would not be seen."""
LOW_HZ, HIGH_HZ, ROWS = 30.0, 16_000.0, 512
COLUMN_SAMPLES = 256
"""The least samples of one column: 5 ms is finer than any onset needs."""
WINDOWS_PER_COLUMN = 4
"""The most spectra averaged into one column, so that an hour takes seconds."""
COLUMNS_AT_ONCE = 16
"""How many are in memory at a time: 14 MB of an hour of stereo."""

SIZES = (16_384, 8_192, 4_096, 2_048, 1_024, 512)
"""FFT sizes: at 48 kHz from 341 ms, which tells low semitones apart, to 11 ms, which shows
where a sound begins."""
SIZE_HZ = 2.4e6
"""A row's best FFT size times its frequency: 50 periods at 48 kHz."""

FLOOR_DB = -120.0


class Waveform(NamedTuple):
    """What was heard in each column: float32[columns, channels] each, full scale 1."""

    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    rms: npt.NDArray[np.float32]


def read_sound(wav_path: str | Path) -> tuple[Waveform, npt.NDArray[np.float32], float]:
    """Returns a sound file's waveform, spectrogram and length in seconds."""
    import soundfile

    with soundfile.SoundFile(wav_path) as sound:
        seconds = max(sound.frames, 1) / sound.samplerate
        return read_waveform(sound), read_spectrogram(sound), seconds


def rows_hz() -> npt.NDArray[np.float64]:
    """Returns the frequency at the centre of each row of a spectrogram, lowest first."""
    steps = (np.arange(ROWS) + 0.5) / ROWS
    centres: npt.NDArray[np.float64] = LOW_HZ * (HIGH_HZ / LOW_HZ) ** steps
    return centres


def read_waveform(sound: SoundFile) -> Waveform:
    """Reads a sound to its end, a column at a time."""
    count = column_count(sound.frames)
    edges = np.linspace(0, sound.frames, count + 1).astype(int)
    result = Waveform(*(np.zeros((count, sound.channels), np.float32) for _ in range(3)))
    for column, (first, end) in enumerate(pairwise(edges)):
        samples = _read(sound, int(first), int(end - first))
        if samples.size:
            result.low[column] = samples.min(1)
            result.high[column] = samples.max(1)
            result.rms[column] = np.sqrt(np.mean(samples * samples, 1))
    return result


def read_spectrogram(sound: SoundFile) -> npt.NDArray[np.float32]:
    """Returns float32[ROWS, columns] in dB: 0 is a sine at full scale, −120 is silence.

    The power of the channels is averaged, so that nothing cancels out.
    """
    count = column_count(sound.frames)
    width = sound.frames / count
    margin = SIZES[0] // 2
    bands = [_Band(size, sound.samplerate) for size in SIZES]
    levels = np.zeros((ROWS, count), np.float32)
    for start in range(0, count, COLUMNS_AT_ONCE):
        end = min(start + COLUMNS_AT_ONCE, count)
        first = int(start * width) - margin
        samples = _read(sound, first, int(end * width) + margin - first)
        for band in bands:
            windows = min(WINDOWS_PER_COLUMN, math.ceil(width / band.size) or 1)
            middles = (np.arange(start * windows, end * windows) + 0.5) / windows * width
            found = band.levels(samples, middles.astype(int) - first, windows)
            levels[band.rows, start:end] += band.shares[:, None] * found.T
    levels[rows_hz() >= sound.samplerate / 2] = FLOOR_DB
    return levels


def column_count(samples: int) -> int:
    """Returns how many columns a sound of this length is shown in."""
    return max(1, min(COLUMNS, samples // COLUMN_SAMPLES))


class _Band:
    """What one FFT size adds to the rows that it suits.

    Attributes:
        rows: their numbers.
        shares: how much it counts in each; the neighbouring size has the rest.
    """

    def __init__(self, size: int, rate: int) -> None:
        window = np.hanning(size)
        self.size = size
        self.window = (window * 2 / window.sum()).astype(np.float32)
        hz = rows_hz()
        best = np.clip(SIZE_HZ / hz, SIZES[-1], SIZES[0])
        shares = 1 - np.abs(np.log2(best / size))
        self.rows = np.flatnonzero(shares > 0)
        self.shares = shares[self.rows]
        # Five looks into each row: a row near the top spans several bins, and a partial in
        # any of them is to be seen.
        spread = (HIGH_HZ / LOW_HZ) ** (np.linspace(-0.4, 0.4, 5) / ROWS)
        looks = np.minimum(hz[self.rows, None] * spread * size / rate, size // 2)
        self.bins = np.minimum(looks.astype(int), size // 2 - 1)
        self.between = (looks - self.bins).astype(np.float32)

    def levels(
        self, samples: npt.NDArray[np.float32], middles: npt.NDArray[np.int_], windows: int
    ) -> npt.NDArray[np.float32]:
        """Returns float32[columns, rows] in dB.

        Args:
            samples: float32[channels, n].
            middles: the sample around which each window lies.
            windows: how many of them are averaged into a column.
        """
        views = np.lib.stride_tricks.sliding_window_view(samples, self.size, axis=1)
        spectra = np.fft.rfft(views[:, middles - self.size // 2] * self.window)
        power = np.mean(spectra.real**2 + spectra.imag**2, axis=0)
        power = power.reshape(-1, windows, power.shape[-1]).mean(1)
        decibels = 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))
        below, above = decibels[:, self.bins], decibels[:, self.bins + 1]
        levels: npt.NDArray[np.float32] = (below + (above - below) * self.between).max(-1)
        return levels


def _read(sound: SoundFile, first: int, length: int) -> npt.NDArray[np.float32]:
    """Returns float32[channels, length] from a sample on; past both ends there is silence."""
    samples = np.zeros((sound.channels, length), np.float32)
    offset = max(0, -first)
    sound.seek(first + offset)
    found = sound.read(length - offset, np.float32, always_2d=True)
    samples[:, offset : offset + len(found)] = found.T
    # A file may hold NaN or infinity; neither can be drawn.
    return samples if np.isfinite(samples).all() else np.nan_to_num(samples, posinf=1, neginf=-1)
