"""The sound of the kit: two kits of eight pieces, made once and read from tables.

A hit falls on a frame's first sample, so what is left of it in a later frame is a row of a table.
Every piece has two takes, so that a roll does not sound like a machine gun.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.generators.sketch.arrays import Array, Namespace, noise
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE, frozen

KIT = ("kick", "snare", "hat", "open hat", "low tom", "high tom", "clap", "cymbal")
KITS, TAKES = 2, 2
ROWS = 40
"""Frames of the longest piece, 1.6 s."""
CHOKE = 256
"""Samples, 5 ms, in which a hit ends that is struck again while it sounds."""
LEVEL = 0.62
"""Of the kit next to the notes."""
LOUD = (1.0, 0.8)
"""Amplitudes that make both kits equally loud."""
SIDE = np.array([0.0, 0.05, 0.35, 0.35, -0.45, 0.3, -0.1, -0.3], np.float32)
"""How far to the right each piece stands."""
HATS = (KIT.index("hat"), KIT.index("open hat"))

Wave = npt.NDArray[np.float64]


class DrumState(NamedTuple):
    """The last hit of each piece, each float32[B, 8]; level 0 where there was none.

    Attributes:
        row: frames since it, at the start of the frame.
        level: how hard it was.
        take: which of the takes it was.
    """

    row: Array
    level: Array
    take: Array


def drum_state(batch: int) -> DrumState:
    """Returns a kit that nobody has touched."""
    return DrumState(*(np.zeros((batch, len(KIT)), np.float32) for _ in range(3)))


def drums(
    xp: Namespace,
    hits: Array,
    manner: Array,
    noises: tuple[Array, Array],
    table: Array,
    state: DrumState,
) -> tuple[DrumState, Array]:
    """Returns the kit's next state and its sound, float32[B, 2, 1920].

    Args:
        hits: float32[B, 8], the level of a hit at the first sample, 0 for none.
        manner: the timbre's, a `Manner` of float32[B].
        noises: uint32[B] each, the seed and the number of the frame.
        table: what `kits` returns.
    """
    struck = (hits > 0).astype(xp.float32)
    toss = (noise(xp, *noises, len(KIT)) > 0).astype(xp.float32)
    now = DrumState(
        state.row * (1.0 - struck),
        xp.where(hits > 0, hits, state.level),
        xp.where(hits > 0, toss, state.take),
    )
    # A closed hat ends what an open one leaves ringing.
    shut = xp.asarray(np.eye(len(KIT), dtype=np.float32)[HATS[1]]) * struck[:, HATS[0], None]
    ended = xp.maximum(struck, shut)
    now = now._replace(level=now.level * (1.0 - shut * (1.0 - struck)))
    fall = xp.asarray(1.0 - np.arange(CHOKE, dtype=np.float32) / CHOKE)
    choked = _read(xp, table, state, state.level * ended, manner, CHOKE) * fall
    rest = xp.zeros((*choked.shape[:2], FRAME_SAMPLES - CHOKE), xp.float32)
    sound = _read(xp, table, now, now.level, manner) + xp.concatenate([choked, rest], axis=2)
    over = now.row >= ROWS - 1
    row = xp.where(over, 0.0, now.row + 1.0)
    return DrumState(row, xp.where(over, 0.0, now.level), now.take), sound


def _read(
    xp: Namespace,
    table: Array,
    state: DrumState,
    level: Array,
    manner: Array,
    count: int = FRAME_SAMPLES,
) -> Array:
    """Returns the pieces together, float32[B, 2, count], both kits by how electric it is."""
    piece = xp.asarray(np.arange(len(KIT), dtype=np.float32))
    at = ((state.take * len(KIT) + piece) * ROWS + state.row).astype(xp.int32)
    each = len(KIT) * TAKES * ROWS
    rows = xp.take(table, xp.concatenate([at, at + each], axis=1), axis=0)[..., :count]
    electric = manner.electric[:, None]
    weight = xp.concatenate([level * (1.0 - electric), level * electric], axis=1)
    side = xp.asarray(np.tile(SIDE, KITS)) * manner.width[:, None]
    return LEVEL * xp.matmul(xp.stack([weight * (1.0 - side), weight * (1.0 + side)], axis=1), rows)


@cache
def kits() -> npt.NDArray[np.float32]:
    """Makes both kits, float32[2 kits · 2 takes · 8 pieces · 40 rows, 1920]: 9.8 MB."""
    made = np.zeros((KITS, TAKES, len(KIT), ROWS * FRAME_SAMPLES), np.float32)
    for take in range(TAKES):
        for kit, pieces in enumerate((_acoustic(take), _electronic(take))):
            for piece, wave in enumerate(pieces):
                # What a piece leaves at its end is below −60 dB and faded.
                wave[-2400:] *= np.linspace(1.0, 0.0, 2400)
                window = np.hanning(len(wave))
                wave -= window * wave.sum() / window.sum()  # no DC
                made[kit, take, piece, : len(wave)] = LOUD[kit] * wave
    return made.reshape(-1, FRAME_SAMPLES)


def _acoustic(take: int) -> list[Wave]:
    """The pieces of a kit of skins and metal."""
    random = np.random.default_rng(take)

    def tom(hertz: float, seconds: float) -> Wave:
        t = _time(0.6)
        skin = sum(
            strength * np.sin(2 * np.pi * hertz * ratio * (t + 0.006 * (1 - np.exp(-t / 0.04))))
            * np.exp(-t * ratio / seconds)
            for ratio, strength in ((1, 0.5), (1.59, 0.2), (2.14, 0.12))
        )  # fmt: skip
        return np.asarray(skin) + 0.4 * _hiss(random, 0.6, 300, 4000, 0.012)

    t = _time(0.5)
    kick = 0.7 * _sweep(t, 52, 150, 0.02) * np.exp(-t / 0.11)
    kick += 0.35 * _hiss(random, 0.5, 1500, 6000, 0.006)
    skin = 0.3 * np.sin(2 * np.pi * 185 * t) + 0.15 * np.sin(2 * np.pi * 331 * t)
    wires = 0.9 * _hiss(random, 0.5, 1200, 10_000, 0.075)
    return [
        kick,
        skin * np.exp(-t / 0.055) + wires,
        0.75 * _hiss(random, 0.3, 6500, 16_000, 0.03),
        0.6 * _hiss(random, 1.0, 5500, 16_000, 0.19),
        tom(98, 0.2),
        tom(147, 0.16),
        _clap(random, 900, 4000, 0.05),
        0.5 * _hiss(random, 1.6, 3000, 16_000, 0.4) + 0.15 * _metal(1.6, 420, 0.35),
    ]


def _electronic(take: int) -> list[Wave]:
    """The cousins that are made of oscillators and noise."""
    random = np.random.default_rng(10 + take)
    t = _time(0.7)
    kick = 0.6 * _sweep(t, 47, 260, 0.024) * np.exp(-t / 0.17)
    tones = [
        0.5 * _sweep(t, hertz, hertz, 0.05) * np.exp(-t / seconds)
        for hertz, seconds in ((82, 0.18), (130, 0.15))
    ]
    body = 0.35 * np.sin(2 * np.pi * 200 * t) * np.exp(-t / 0.035)
    return [
        kick,
        body + 0.7 * _hiss(random, 0.7, 1800, 14_000, 0.05),
        0.5 * _metal(0.2, 540, 0.018) + 0.35 * _hiss(random, 0.2, 8000, 16_000, 0.02),
        0.4 * _metal(0.8, 540, 0.13) + 0.3 * _hiss(random, 0.8, 8000, 16_000, 0.15),
        tones[0],
        tones[1],
        _clap(random, 1000, 2600, 0.08),
        0.35 * _metal(1.6, 610, 0.4) + 0.25 * _hiss(random, 1.6, 5000, 16_000, 0.35),
    ]


def _time(seconds: float) -> Wave:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _sweep(t: Wave, low: float, above: float, bend: float) -> Wave:
    """A sinusoid that falls from `low + above` Hz to `low` Hz; it begins at zero."""
    wave: Wave = np.sin(2 * np.pi * (low * t + above * bend * (1 - np.exp(-t / bend))))
    return wave


def _hiss(
    random: np.random.Generator, seconds: float, low: float, high: float, fall: float
) -> Wave:
    """Noise between two frequencies that rises in half a millisecond and dies away."""
    t = _time(seconds)
    hertz = np.fft.rfftfreq(len(t), 1 / SAMPLE_RATE) + 1.0
    band = 1 / (1 + (low / hertz) ** 6) / (1 + (hertz / high) ** 6)
    wave = np.fft.irfft(np.fft.rfft(random.standard_normal(len(t))) * band, len(t))
    envelope = (1 - np.exp(-t / 0.0005)) * np.exp(-t / fall)
    made: Wave = 0.25 * wave / np.sqrt(np.mean(np.square(wave))) * envelope
    return made


@cache
def _metal(seconds: float, hertz: float, fall: float) -> Wave:
    """Six square waves out of tune with each other without their low part, as in a TR-808."""
    t = _time(seconds)
    wave = np.zeros(len(t))
    for ratio in (1.0, 1.48, 1.80, 2.55, 2.63, 3.90):
        for harmonic in range(1, int(18_000 / (hertz * ratio)) + 1, 2):
            if harmonic * ratio * hertz > 5000:
                wave += np.sin(2 * np.pi * harmonic * ratio * hertz * t + ratio) / harmonic
    made: Wave = frozen(wave * (1 - np.exp(-t / 0.0005)) * np.exp(-t / fall))
    return made


def _clap(random: np.random.Generator, low: float, high: float, fall: float) -> Wave:
    """Four bursts of noise within 33 ms, the last of which rings."""
    made = np.zeros(int(0.5 * SAMPLE_RATE))
    for burst, at in enumerate((0, 480, 990, 1570)):
        wave = _hiss(random, 0.4, low, high, fall if burst == 3 else 0.006)
        made[at : at + len(wave)] += wave[: len(made) - at]
    return made
