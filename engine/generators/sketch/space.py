"""What is around the notes: vibrato and chorus, tremolo, drive, the room, the limiter."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.generators.sketch.arrays import Array, Namespace, turn
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE

TAIL = 1024
"""Samples of the dry sound that the chorus looks back on, 21 ms."""
VIBRATO_HERTZ, TREMOLO_HERTZ, CHORUS_HERTZ = 5.3, 4.6, 0.7
VIBRATO_DELAY, VIBRATO_DEPTH = 16.0, 9.0
"""Samples; 9 at 5.3 Hz bend the pitch by ±11 cents."""
CHORUS_DELAY, CHORUS_DEPTH = 620.0, 110.0
"""Samples; 110 at 0.7 Hz bend the pitch by ±17 cents."""

TRANSFORM = 4096
"""Samples of each transform: a frame, and 2,176 before it for one partition of the response."""
PARTITIONS = 30
"""Parts of the room's response, one frame apart: 1.2 s."""
BINS = 896
"""Of the room's spectrum, to 10.5 kHz; a room keeps little above."""

PRODUCT = "bpf,cpf->bcf"
"""Of each partition's spectrum with the response's, summed over the partitions."""

ROOM = 0.3
"""The room's level where all is sent into it: with 0.25, as a piano has, 6 dB under the notes."""

KNEE, CEILING = 0.5, 0.95
"""The limiter leaves what is below the knee as it is; nothing reaches the ceiling, −0.45 dBFS."""


class Effects(NamedTuple):
    """Depths along the frame, each float32[B, 1920]."""

    breath: Array
    vibrato: Array
    tremolo: Array
    chorus: Array
    drive: Array
    room: Array
    width: Array
    gain: Array


class SpaceState(NamedTuple):
    """What still sounds in the space; all zeros where it is silent.

    Attributes:
        tail: the last samples before the vibrato, float32[B, 2, 1024].
        sent: what was last sent into the room, float32[B, 2176].
        real, imaginary: spectra of it at the last 30 frames' ends, float32[B, 30, 896].
    """

    tail: Array
    sent: Array
    real: Array
    imaginary: Array


class Room(NamedTuple):
    """The spectra of the room's response, partitioned, each float32[2, 30, 896]."""

    real: Array
    imaginary: Array


def space_state(batch: int) -> SpaceState:
    """Returns a space that is silent."""
    return SpaceState(
        np.zeros((batch, 2, TAIL), np.float32),
        np.zeros((batch, TRANSFORM - FRAME_SAMPLES), np.float32),
        np.zeros((batch, PARTITIONS, BINS), np.float32),
        np.zeros((batch, PARTITIONS, BINS), np.float32),
    )


def ensemble(
    xp: Namespace, dry: Array, depths: Effects, seconds: Array, tail: Array
) -> tuple[Array, Array]:
    """Adds drive, vibrato, chorus, tremolo and width to the notes; returns the tail and the sound.

    Args:
        dry: float32[B, 2, 1920].
        seconds: float32[B, 3], the phases of vibrato, tremolo and chorus in cycles.
    """
    dry = shape(xp, dry, depths.drive)
    heard = xp.concatenate([tail, dry], axis=2)
    samples = xp.asarray(np.arange(FRAME_SAMPLES, dtype=np.float32))

    def swing(at: int, hertz: float) -> tuple[Array, Array]:
        return turn(xp, seconds[:, at, None] + samples * np.float32(hertz / SAMPLE_RATE))

    _, wave = swing(0, VIBRATO_HERTZ)
    delay = VIBRATO_DELAY + VIBRATO_DEPTH * depths.vibrato * wave
    sound = _delayed(xp, heard, xp.stack([delay, delay], axis=1))

    cosine, sine = swing(2, CHORUS_HERTZ)
    delays = CHORUS_DELAY + CHORUS_DEPTH * xp.stack([cosine, sine], axis=1)
    chorus = depths.chorus[:, None, :]
    # Side by side the two are uncorrelated, so this keeps the power.
    sound = (sound + 0.6 * chorus * _delayed(xp, heard, delays)) / xp.sqrt(1.0 + 0.36 * chorus**2)

    _, wave = swing(1, TREMOLO_HERTZ)
    swell = 0.5 * depths.tremolo * wave
    sound = sound * (1.0 + xp.stack([swell, -swell], axis=1))
    middle = 0.5 * (sound[:, :1] + sound[:, 1:])
    return heard[:, :, -TAIL:], middle + depths.width[:, None, :] * (sound - middle)


def shape(xp: Namespace, sound: Array, drive: Array) -> Array:
    """Drives a sound, float32[B, 2, 1920], into saturation as far as `drive`, [B, 1920]."""
    drive = drive[:, None, :]
    push = 1.0 + 15.0 * drive
    driven = xp.tanh(sound * push) / xp.sqrt(push)
    return sound + xp.minimum(4.0 * drive, 1.0) * (driven - sound)


def _delayed(xp: Namespace, heard: Array, delay: Array) -> Array:
    """Reads the sound `delay` samples ago, [B, 2, 1920], between two samples linearly."""
    place = xp.asarray(np.arange(TAIL, TAIL + FRAME_SAMPLES, dtype=np.float32)) - delay
    whole = xp.floor(place)
    part = place - whole
    index = whole.astype(xp.int32)
    first = xp.take_along_axis(heard, index, axis=2)
    second = xp.take_along_axis(heard, index + 1, axis=2)
    return first + (second - first) * part


def reverberate(
    xp: Namespace, sent: Array, room: Room, state: SpaceState
) -> tuple[SpaceState, Array]:
    """Returns what the room gives back, float32[B, 2, 1920], without latency.

    Uniformly partitioned overlap-save convolution (Gardner 1995; Wefers 2015).

    Args:
        sent: float32[B, 1920].
    """
    heard = xp.concatenate([state.sent, sent], axis=1)
    spectrum = xp.fft.rfft(heard)[:, None, :BINS]
    real = xp.concatenate([xp.real(spectrum).astype(xp.float32), state.real[:, :-1]], axis=1)
    imaginary = xp.concatenate(
        [xp.imag(spectrum).astype(xp.float32), state.imaginary[:, :-1]], axis=1
    )
    given = (
        xp.einsum(PRODUCT, real, room.real)
        - xp.einsum(PRODUCT, imaginary, room.imaginary)
        + 1j * xp.einsum(PRODUCT, real, room.imaginary)
        + 1j * xp.einsum(PRODUCT, imaginary, room.real)
    )
    wet = xp.fft.irfft(given, TRANSFORM)[..., -FRAME_SAMPLES:].astype(xp.float32)
    return state._replace(sent=heard[:, FRAME_SAMPLES:], real=real, imaginary=imaginary), wet


@cache
def room() -> Room:
    """Makes the room: two channels of noise that dies away, low tones later than high ones."""
    length = PARTITIONS * FRAME_SAMPLES
    hertz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    octaves = np.log2(np.maximum(hertz, 1.0))
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal((2, length)))
    t = np.arange(length) / SAMPLE_RATE
    response = np.zeros((2, length))
    edges = (120.0, 300.0, 700.0, 1500.0, 3000.0, 5500.0, 8500.0)
    for low, high, rt60 in zip(edges, edges[1:], (1.3, 1.25, 1.15, 1.0, 0.75, 0.5), strict=False):
        rise = 1 / (1 + np.exp(-(octaves - np.log2(low)) / 0.06))
        fall = 1 / (1 + np.exp((octaves - np.log2(high)) / 0.06))
        band = np.fft.irfft(spectrum * rise * fall, length)
        response += band * np.exp(-np.log(1000) * t / rt60)
    # The first reflection comes after 9 ms, the thick of them by 30 ms, the last by 1.2 s.
    response *= np.clip((t - 0.009) / 0.02, 0, 1) * np.clip((1.196 - t) / 0.25, 0, 1) ** 2
    response *= ROOM / np.sqrt((response**2).sum(axis=1, keepdims=True))
    return _partition(response)


def _partition(response: npt.NDArray[np.float64]) -> Room:
    """Cuts a response that begins after 192 samples into overlapping parts, one frame apart.

    Cut sharply, each part would spread past its ends when its spectrum ends at 10.5 kHz, and
    every frame's border would click at −65 dBFS. So neighbours are faded into each other over
    128 samples, with 64 to spare on either side, and the spectra end smoothly.
    """
    local = np.arange(TRANSFORM - FRAME_SAMPLES)
    rise = np.clip((local - 64) / 128, 0, 1)
    fall = np.clip((FRAME_SAMPLES + 192 - local) / 128, 0, 1)
    window = np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2
    padded = np.pad(response, ((0, 0), (0, len(local))))
    parts = np.stack(
        [
            padded[:, at : at + len(local)] * window
            for at in range(0, response.shape[1], FRAME_SAMPLES)
        ],
        axis=1,
    )
    taper = 0.5 - 0.5 * np.cos(np.pi * np.clip((BINS - np.arange(BINS)) / 200, 0, 1))
    kept = np.fft.rfft(parts, TRANSFORM)[..., :BINS] * taper
    return Room(kept.real.astype(np.float32), kept.imag.astype(np.float32))


def limit(xp: Namespace, sound: Array) -> Array:
    """Keeps a sound within ±0.95: linear to 0.5, from there an ever flatter curve."""
    over = xp.maximum(xp.abs(sound) - KNEE, 0.0)
    span = CEILING - KNEE
    return xp.clip(sound, -KNEE, KNEE) + xp.sign(sound) * span * xp.tanh(over / span)
