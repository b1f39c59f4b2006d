"""What is measured of a sound before it is given a style: a few plain numbers."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.signals import SAMPLE_RATE

Floats = npt.NDArray[np.float64]

BANDS = 24
"""Bands of the measured spectrum, evenly spaced in mel from 50 Hz to 16 kHz."""
SHAPES = 8
"""Cosines that say the spectrum's shape, from its slope on, each finer than the last."""
LONGEST = 20 * SAMPLE_RATE
"""Of a longer sound the first 20 seconds are measured."""
WINDOW, HOP = 4096, 1024
BLOCK = 240
"""Samples, 5 ms, of a step of the loudness curve that attacks and decays are read from."""
AFTER = 100
"""Steps, 0.5 s, that a note is followed for."""


class Features(NamedTuple):
    """A sound's measures, each but the shape one number.

    Attributes:
        shape: cosine transform of the mean mel spectrum in units of 20 dB, [8].
        brightness: log2 of the spectrum's mean frequency in Hz.
        register: log2 of the lowest strong partial's frequency in Hz.
        bass: share of the energy under 120 Hz.
        noisiness: log2 of the spectral flatness: −10 for a tone, −0.8 for white noise.
        roughness: share of the amplitude that is no peak of the spectrum.
        inharmonicity: how far peaks lie from multiples of the lowest, 0..0.25 on average.
        odd: log2 of how much the third partial outweighs the second.
        onsets: log2(0.5 + notes begun a second).
        attack: log2 of the seconds from 10 % to 90 % of a note's loudest.
        decay: log2(1 + the decibels a second that a note falls by once it is loudest).
        dulling: the same of its upper half less that of its lower half, in units of 20 dB.
        wavering: decibels that the level moves by from one 50th of a second to the next.
        rest: share of the time that is 30 dB or more under the loudest.
    """

    shape: Floats
    brightness: float
    register: float
    bass: float
    noisiness: float
    roughness: float
    inharmonicity: float
    odd: float
    onsets: float
    attack: float
    decay: float
    dulling: float
    wavering: float
    rest: float


def measure(mono: Floats) -> Features:
    """Measures at least one sample of sound that is not silent, float64[n]."""
    mono = mono[:LONGEST]
    mono = np.pad(mono, (0, max(WINDOW - len(mono), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    # Hann's window without its two zeros, so that a click at the very edge is there as well.
    window = np.hanning(WINDOW + 2)[1:-1]
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    bands = power @ mel().T
    energy = power.sum(axis=1)
    loud = power[energy >= 1e-3 * energy.max()]
    mean = loud.mean(axis=0)
    hertz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)

    shape = np.log10(bands[energy >= 1e-3 * energy.max()].mean(axis=0) / mean.sum() + 1e-7) / 2
    audible = loud[:, 17:683] + 1e-12 * loud.max()  # 200 Hz to 8 kHz
    flatness = np.exp(np.log(audible).mean(axis=1)) / audible.mean(axis=1)
    onsets, struck = _onsets(bands)
    level, upper = _levels(mono)
    attack, decay, dulling = _notes(level, upper, struck)
    decibels = 20 * np.log10(level / level.max() + 1e-5)
    sounding = decibels > -30
    moves = np.abs(np.diff(decibels[::4]))[sounding[::4][1:]]
    register, inharmonicity, odd = _partials(loud)
    return Features(
        shape=_cosines() @ shape,
        brightness=float(np.log2(50 + hertz @ np.sqrt(mean) / np.sqrt(mean).sum())),
        register=register,
        bass=float(mean[hertz < 120].sum() / mean.sum()),
        noisiness=float(np.log2(flatness + 1e-4).mean()),
        roughness=_roughness(loud),
        inharmonicity=inharmonicity,
        odd=odd,
        onsets=float(np.log2(0.5 + onsets / max(len(mono) / SAMPLE_RATE, 1.0))),
        attack=attack,
        decay=decay,
        dulling=dulling,
        wavering=float(moves.mean()) if len(moves) else 0.0,
        rest=float(1 - sounding.mean()),
    )


def _onsets(bands: Floats) -> tuple[int, npt.NDArray[np.int64]]:
    """Returns how many notes begin, and the steps of the loudness curve at which they do."""
    floor = 1e-6 * bands.max() + 1e-12
    before = np.concatenate([np.zeros((2, bands.shape[1])), bands])[:-2]
    rise = np.maximum(np.log((bands + floor) / (before + floor)), 0).mean(axis=1)
    # A mean rise of 0.5, that is by half in the amplitude of every band or by more in some.
    padded = np.concatenate([[0.0, 0.0], rise, [0.0, 0.0]])
    around = np.stack([padded[at : at + len(rise)] for at in range(5)]).max(axis=0)
    peaks = np.flatnonzero((rise >= around) & (rise > 0.5))
    peaks = peaks[np.diff(peaks, prepend=-9) > 2]
    return len(peaks), np.maximum(peaks * HOP // BLOCK - 2, 0)


def _levels(mono: Floats) -> tuple[Floats, Floats]:
    """Returns the amplitude of each 5 ms, smoothed over 15 ms, and that of the sound's upper half.

    The upper half is the difference of neighbouring samples, that rises by 6 dB an octave.
    """
    length = len(mono) // BLOCK * BLOCK
    both = np.stack([mono[:length], np.diff(mono, prepend=mono[0])[:length]])
    level = np.sqrt((both.reshape(2, -1, BLOCK) ** 2).mean(axis=2))
    level = np.stack([np.convolve(each, np.ones(3) / 3, "same") for each in level]) + 1e-9
    return level[0], level[1]


def _notes(
    level: Floats, upper: Floats, struck: npt.NDArray[np.int64]
) -> tuple[float, float, float]:
    """Returns attack, decay and dulling, each the median over the notes begun."""
    ends = np.append(struck[1:], len(level))
    attacks, decays, dullings = [], [], []
    for start, end in zip(struck, np.minimum(ends, struck + AFTER), strict=True):
        note = level[start:end]
        if len(note) < 8:
            continue
        rise = note - note[: max(int(np.argmax(note)), 1)].min()
        top = int(np.argmax(rise >= 0.9 * rise.max()))
        bottom = int(np.argmax(rise[: top + 1] >= 0.1 * rise.max()))
        attacks.append((top - bottom + 1) * BLOCK / SAMPLE_RATE)
        peak = int(np.argmax(note))
        span = min(len(note) - peak - 2, 60)
        if span >= 6:
            seconds = span * BLOCK / SAMPLE_RATE
            fall = 20 * np.log10(note[peak] / note[peak + span]) / seconds
            high = upper[start:end]
            whole = 20 * np.log10(high[peak] / high[peak + span]) / seconds
            decays.append(min(max(fall, 0.0), 200.0))
            dullings.append(min(max(whole - fall, -100.0), 100.0) / 20)
    # A sound in which nothing begins or ends has been there for long and stays.
    return (
        float(np.log2(np.median(attacks))) if attacks else 0.0,
        float(np.log2(1 + np.median(decays))) if decays else 0.0,
        float(np.median(dullings)) if dullings else 0.0,
    )


def _partials(loud: Floats) -> tuple[float, float, float]:
    """Returns register, inharmonicity and odd, each over up to 60 loud frames."""
    loud = loud[:: max(len(loud) // 60, 1), :1366]  # to 16 kHz
    peak = np.zeros(loud.shape, bool)
    peak[:, 2:-2] = (
        (loud[:, 2:-2] >= loud[:, 1:-3])
        & (loud[:, 2:-2] > loud[:, 3:-1])
        & (loud[:, 2:-2] > loud[:, :-4])
        & (loud[:, 2:-2] > loud[:, 4:])
    )
    strongest = loud.max(axis=1, keepdims=True)
    registers, offs, odds = [], [], []
    for frame, at, most in zip(loud, peak & (loud > 1e-4 * strongest), strongest, strict=True):
        bins = np.flatnonzero(at)
        strong = bins[frame[bins] > 0.03 * most]
        if not len(strong):
            continue
        exact = bins + _vertex(frame, bins)
        lowest = float(exact[np.searchsorted(bins, strong[0])])
        registers.append(np.log2(lowest * SAMPLE_RATE / WINDOW))
        ratio = exact[exact < 16.5 * lowest] / lowest
        weight = np.sqrt(frame[bins[: len(ratio)]]) * (ratio > 1.3)
        if weight.sum() > 0:
            offs.append(float(np.abs(ratio - np.round(ratio)) @ weight / weight.sum()) / 2)
        second, third = (
            frame[max(round(h * lowest) - 2, 0) : round(h * lowest) + 3].max(initial=0)
            for h in (2, 3)
        )
        odds.append(np.log2((third + 1e-5 * most[0]) / (second + 1e-5 * most[0])) / 2)
    if not registers:
        return 5.0, 0.125, 0.0
    return (
        float(np.median(registers)),
        float(np.median(offs)) if offs else 0.0,
        float(np.median(odds)),
    )


def _vertex(frame: Floats, bins: npt.NDArray[np.int64]) -> Floats:
    """Returns how far the top of the parabola through a peak's logarithms lies from it."""
    left, middle, right = (np.log(frame[bins + step] + 1e-20) for step in (-1, 0, 1))
    curve = left - 2 * middle + right
    return np.where(curve < 0, 0.5 * (left - right) / np.minimum(curve, -1e-9), 0.0)


def _roughness(loud: Floats) -> float:
    """Returns the share of the amplitude that is left when each bin is the least of 7 around."""
    amplitude = np.sqrt(loud[:, 8:683])
    around = np.lib.stride_tricks.sliding_window_view(amplitude, 7, axis=1).min(axis=2)
    return float(np.mean(around.sum(axis=1) / (amplitude.sum(axis=1) + 1e-12)))


@cache
def mel() -> Floats:
    """Returns triangular filters evenly spaced in mel (O'Shaughnessy 1987), [24, bins]."""
    low, high = 2595 * np.log10(1 + np.array([50.0, 16_000.0]) / 700)
    hertz = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    rising = (bins - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - bins) / (hertz[2:] - hertz[1:-1])[:, None]
    filters: Floats = np.maximum(np.minimum(rising, falling), 0)
    return filters


@cache
def _cosines() -> Floats:
    """Returns the cosines of a mel spectrum without its level (DCT-II), [8, 24]."""
    rows, bands = np.arange(1, SHAPES + 1)[:, None], np.arange(BANDS)
    waves: Floats = np.cos(np.pi * rows * (bands + 0.5) / BANDS) * (2 / BANDS) ** 0.5
    return waves
