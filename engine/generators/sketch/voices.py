"""The sound of the notes: 32 voices of 32 partials, each partial a decaying sinusoid.

Within a frame a partial is an exponential, a · exp((d + 2πi f) t), from the amplitude where it
ended in the last frame to the one where it must end in this: it can neither click at the border
nor alias. With t = 64 r + c the exponential factors into one of the row r and one of the
column c, so that a voice's frame is the product of a matrix [30, 64] and one [64, 64] (real and
imaginary parts of 32 partials) and needs 94 complex exponentials a partial instead of 1,920.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.generators.sketch.anchors import MIDDLE_C, PARTIALS, Timbre
from engine.generators.sketch.arrays import Array, Namespace, turn
from engine.signals import FRAME_SAMPLES, SAMPLE_RATE

VOICES = 32
ROWS, COLUMNS = 30, 64
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE

OCTAVE = float(np.log(2.0))

FLOOR = 1e-7
"""−140 dB: an exponential can rise from here but not from zero."""

TOUCH = 0.1
"""−20 dB: where a slow attack begins, so that it is heard when it was asked for."""

START_PHASE = np.float32(-0.25)
"""In cycles, of every partial: as sines they begin at zero, and as the wave is then the same upside
down and backwards, driving it makes no DC."""

FORMANTS = ((730.0, 1.0, 0.2), (1090.0, 0.7, 0.2), (2440.0, 0.35, 0.15), (3400.0, 0.2, 0.15))
"""Hz, amplitude and width in octaves of a sung "ah" (Peterson & Barney 1952)."""


class VoiceControls(NamedTuple):
    """What the performer asks of each voice in one frame, each float32[B, 32].

    Attributes:
        hertz: its fundamental.
        level: its amplitude, as the player's touch.
        start: 1 in the frame that it starts in, at the frame's first sample.
        hold: 1 while held, 0 once let go.
        end: in how many rows (of 64 samples) it falls to exact silence; 0 does not.
    """

    hertz: Array
    level: Array
    start: Array
    hold: Array
    end: Array


class VoiceState(NamedTuple):
    """Where the voices are at a frame's border; all zeros where nothing sounds.

    Attributes:
        phase: of each partial in cycles, float32[B, 32, 32].
        ratio: log2 of each partial's frequency over the fundamental's, fixed at the start.
        ring: how far each partial has decayed, 1 at the start.
        amplitude: of each partial.
        attack, release: gains of each voice, float32[B, 32].
    """

    phase: Array
    ratio: Array
    ring: Array
    amplitude: Array
    attack: Array
    release: Array


def voice_state(batch: int) -> VoiceState:
    """Returns voices that have never sounded."""
    partials = (np.zeros((batch, VOICES, PARTIALS), np.float32) for _ in range(4))
    gains = (np.zeros((batch, VOICES), np.float32) for _ in range(2))
    return VoiceState(*partials, *gains)


def voices(
    xp: Namespace, controls: VoiceControls, timbre: Timbre, state: VoiceState
) -> tuple[VoiceState, Array]:
    """Returns the voices' next state and their sound, float32[B, 2, 1920].

    Args:
        timbre: what they sound like at the end of the frame; levels [B, 32], manner [B].
    """
    starts = controls.start > 0
    starting = starts[..., None]
    ratio = xp.where(starting, timbre.ratio[:, None, :], state.ratio)
    hertz = controls.hertz[..., None] * xp.exp(OCTAVE * ratio)
    phase = xp.where(starting, START_PHASE, state.phase)
    struck = _spectrum(xp, hertz, timbre) * _touch(controls)[..., None]

    ring = xp.where(starting, 1.0, state.ring)
    before = xp.where(starting, struck, state.amplitude)
    # Higher notes die away sooner, about as a string's or a bar's.
    faster = (xp.maximum(controls.hertz, 20.0) / MIDDLE_C) ** 0.6
    decay = xp.exp(timbre.decay)[:, None, :] * faster[..., None]
    sustain = timbre.manner.sustain[:, None, None]
    ring = sustain + (ring - sustain) * xp.exp(-FRAME_SECONDS * decay)
    after = struck * ring

    attack, release, gain = _envelope(xp, controls, starts, timbre.manner, state)
    sound = _partials(xp, hertz / SAMPLE_RATE, phase, before + FLOOR, after + FLOOR)
    within = xp.asarray(np.arange(COLUMNS, dtype=np.float32) / COLUMNS)
    sound = sound * (gain[..., :-1, None] + (gain[..., 1:] - gain[..., :-1])[..., None] * within)

    # Low to the left and high to the right, as a keyboard's player hears it.
    side = xp.clip(xp.log2(xp.maximum(controls.hertz, 20.0) / MIDDLE_C) * 0.2, -0.6, 0.6)
    pan = xp.sqrt(0.5 + xp.stack([-0.5 * side, 0.5 * side], axis=1))
    mixed = xp.matmul(pan, sound.reshape(*sound.shape[:2], FRAME_SAMPLES))

    phase = phase + hertz * FRAME_SECONDS
    phase = phase - xp.floor(phase)
    return VoiceState(phase, ratio, ring, after, attack, release), mixed


def _touch(controls: VoiceControls) -> Array:
    """The amplitude of each voice: low notes need more of it to be as loud."""
    return controls.level * (MIDDLE_C / (controls.hertz + 30.0)) ** 0.25


def _spectrum(xp: Namespace, hertz: Array, timbre: Timbre) -> Array:
    """Returns the amplitude of every partial, [B, V, K], by its number and its frequency."""
    manner = timbre.manner
    over = hertz / xp.exp(manner.cutoff)[:, None, None]
    dulled = 1.0 / (1.0 + over * over)
    # Nothing above 20 kHz: it would alias, and nobody would miss it.
    audible = xp.clip((20_000.0 - hertz) / 2_000.0, 0.0, 1.0)
    octaves = xp.log2(hertz + 1.0)
    vowel = 0.12 * xp.ones_like(hertz)
    for centre, strength, width in FORMANTS:
        off = (octaves - np.float32(np.log2(centre + 1.0))) / width
        vowel = vowel + strength * xp.exp(-0.5 * off * off)
    formant = manner.formant[:, None, None]
    return timbre.level[:, None, :] * dulled * audible * (1.0 + formant * (vowel - 1.0))


def _envelope(
    xp: Namespace, controls: VoiceControls, starts: Array, manner: Array, state: VoiceState
) -> tuple[Array, Array, Array]:
    """Returns attack and release at the frame's end, and the gain at every row's border.

    The attack touches the note within 1.3 ms and nears 1 as 1 − exp(−t/τ), the release falls as
    exp(−t/τ).
    """
    times = xp.asarray(np.linspace(0.0, FRAME_SECONDS, ROWS + 1, dtype=np.float32))
    rows = xp.asarray(np.arange(ROWS + 1, dtype=np.float32))
    # τ is a third of the time to 95 %, and a 6.9th of the time to −60 dB.
    rise = 3.0 * xp.exp(-manner.attack)[:, None, None]
    fall = 6.9 * xp.exp(-manner.release)[:, None, None] * (1.0 - controls.hold)[..., None]
    missing = xp.where(starts, 1.0 - TOUCH, 1.0 - state.attack)[..., None]
    attack = 1.0 - missing * xp.exp(-times * rise)
    attack = attack * xp.where(starts[..., None], xp.minimum(rows, 1.0), 1.0)
    release = xp.where(starts, 1.0, state.release)[..., None] * xp.exp(-times * fall)
    ending = controls.end[..., None]
    release = release * xp.where(
        ending > 0, xp.clip(1.0 - rows / xp.maximum(ending, 1.0), 0.0, 1.0), 1.0
    )
    return attack[..., -1], release[..., -1], attack * release


def _partials(xp: Namespace, cycles: Array, phase: Array, before: Array, after: Array) -> Array:
    """Returns the sum of each voice's partials, [B, V, 30, 64].

    Args:
        cycles: of each partial in one sample, [B, V, K].
        phase: of each at the first sample, in cycles.
        before, after: amplitudes at the frame's start and end, above zero.
    """
    slope = (xp.log(after) - xp.log(before)) * np.float32(1 / FRAME_SAMPLES)
    rows = xp.asarray(np.arange(ROWS, dtype=np.float32) * COLUMNS)
    columns = xp.asarray(np.arange(COLUMNS, dtype=np.float32))
    row_size = before[..., None, :] * xp.exp(slope[..., None, :] * rows[:, None])
    cosine, sine = turn(xp, phase[..., None, :] + cycles[..., None, :] * rows[:, None])
    left = xp.concatenate([cosine * row_size, -sine * row_size], axis=-1)
    # Within a row it falls by 0.53 nepers at most, from 0 to −140 dB in a frame: five terms of
    # the exponential's series are within 3e-5 there and take half the time.
    x = slope[..., None] * columns
    column_size = 1.0 + x * (1.0 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120)))))
    cosine, sine = turn(xp, cycles[..., None] * columns)
    right = xp.concatenate([cosine * column_size, sine * column_size], axis=-2)
    return xp.matmul(left, right)
