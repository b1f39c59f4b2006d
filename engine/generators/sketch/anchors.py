"""Named timbres as points in one parameter space, and how a style becomes a mixture of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.generators.sketch.arrays import Array
from engine.generators.sketch.qualities import QUALITIES, bend
from engine.signals import StyleArray, frozen
from engine.style import Encoder

Floats = npt.NDArray[np.float32]

HARMONICS: Floats = np.array([*range(1, 17), *range(18, 33, 2), *range(36, 65, 4)], np.float32)
"""Which harmonics the 32 partials of a voice stand for. From the 16th on every second one, from
the 32nd on every fourth is sounded, so that a low note is as bright as with 64 partials."""
PARTIALS = len(HARMONICS)
STANDS_FOR: Floats = np.repeat(np.array([1, 2, 4], np.float32), [16, 8, 8])

MIDDLE_C = 261.6256


class Manner(NamedTuple):
    """How a timbre is played, and what room and kit it brings; each is a plain number.

    Attributes:
        gain: amplitude, such that all anchors are equally loud.
        attack: natural log of the seconds to 95 % of the amplitude.
        release: natural log of the seconds to −60 dB once let go.
        sustain: the level that partials decay to while held, 0 for what is plucked.
        cutoff: natural log of the frequency in Hz above which partials fall by 12 dB an octave.
        formant: how much a sung "ah" colours it, 0..1.
        breath: how much noise roughens the tone, 0..1.
        vibrato, tremolo, chorus: depths, 0..1.
        drive: how far it is pushed into saturation, 0..1.
        room: how much of it is sent into the room, 0..1.
        kit: how much the drums belong to it, 0..1; with 1 it plays a beat by itself.
        electric: the kit's character, 0 acoustic to 1 electronic.
        width: how far left and right lie apart, 0 mono to 1.5 wider than played.
        density: how many notes it adds where it is free to, 0..1.
        register: the MIDI pitch around which it plays when left alone.
    """

    gain: float = 1.0
    attack: float = 0.004
    release: float = 0.2
    sustain: float = 1.0
    cutoff: float = 6000.0
    formant: float = 0.0
    breath: float = 0.0
    vibrato: float = 0.0
    tremolo: float = 0.0
    chorus: float = 0.0
    drive: float = 0.0
    room: float = 0.25
    kit: float = 0.0
    electric: float = 0.0
    width: float = 1.0
    density: float = 0.5
    register: float = 67.0


class Timbre(NamedTuple):
    """A mixture of anchors: what the voices, the space, the kit and the improviser go by.

    Attributes:
        level: amplitude of each partial, [..., 32].
        ratio: log2 of each partial's frequency over the fundamental's, [..., 32].
        decay: natural log of each partial's decay at middle C in nepers a second, [..., 32].
        manner: every other number, each [...].
    """

    level: Array
    ratio: Array
    decay: Array
    manner: Any


class Anchor(NamedTuple):
    """One timbre by name; the name is also the text whose style it answers to."""

    name: str
    level: Floats
    ratio: Floats
    decay: Floats
    manner: Manner


LOGARITHMIC = ("attack", "release", "cutoff")
SIZE = 3 * PARTIALS + len(Manner._fields)


def timbre(mixture: Array) -> Timbre:
    """Reads a mixture, float[..., SIZE], as the timbre it is."""
    levels, ratios, decays = (mixture[..., at * PARTIALS : (at + 1) * PARTIALS] for at in range(3))
    rest = (mixture[..., 3 * PARTIALS + at] for at in range(len(Manner._fields)))
    return Timbre(levels, ratios, decays, Manner(*rest))


def manner(mixture: Floats) -> Manner:
    """Reads how one mixture, float32[SIZE], is played, as Python's own numbers."""
    return Manner(*mixture[3 * PARTIALS :].tolist())


def _point(anchor: Anchor) -> Floats:
    """Returns an anchor's point in parameter space, float32[SIZE]."""
    rest = [
        float(np.log(value)) if name in LOGARITHMIC else value
        for name, value in anchor.manner._asdict().items()
    ]
    return np.concatenate([anchor.level, anchor.ratio, anchor.decay, rest]).astype(np.float32)


def _anchor(
    name: str,
    levels: Sequence[float] | Floats,
    *,
    ring: float = 4.0,
    dull: float = 0.3,
    ratios: Sequence[float] = (),
    stiff: float = 0.0,
    **manner: float,
) -> Anchor:
    """Makes an anchor.

    Args:
        levels: amplitudes of its first partials, or of all; the others are silent.
        ring: seconds in which the first partial at middle C falls by 60 dB.
        dull: how much faster higher partials fall: `ring / (1 + dull · (harmonic − 1))`.
        ratios: frequencies of its first partials over the first one's, where not harmonic.
        stiff: inharmonicity B of a stiff string: f_h = h · f · sqrt(1 + B h²).
        manner: what differs from `Manner`'s defaults.
    """
    level = np.zeros(PARTIALS)
    level[: len(levels)] = levels
    level = level * np.sqrt(STANDS_FOR)
    level /= np.sqrt(np.sum(level**2))
    ratio = HARMONICS * np.sqrt((1 + stiff * HARMONICS**2) / (1 + stiff))
    ratio[: len(ratios)] = ratios
    decay = np.log(np.log(1000) / ring * (1 + dull * (ratio - 1)))
    return Anchor(
        name,
        level.astype(np.float32),
        np.log2(ratio).astype(np.float32),
        decay.astype(np.float32),
        Manner(**manner),
    )


def _falling(power: float, even: float = 1.0) -> Floats:
    """Harmonics that fall as h^−power, the even ones times `even`: 1 and 1 is a sawtooth."""
    level: Floats = HARMONICS**-power * np.where(HARMONICS % 2 == 0, even, 1.0)
    return level


def _plucked(at: float, power: float) -> Floats:
    """A string plucked at the fraction `at` of its length: harmonics with a node there miss."""
    level: Floats = np.abs(np.sin(np.pi * at * HARMONICS)) * HARMONICS**-power
    return level


BAR = (1.0, 2.756, 5.404, 8.933, 13.34)
"""Partials of a free bar, as in a glockenspiel (Fletcher & Rossing, 2.15)."""
TUNED_BAR = (1.0, 4.0, 10.0)
"""A marimba's bar, undercut until its second partial is two octaves up."""
BELL = (1.0, 2.0, 2.4, 3.0, 4.0, 5.33, 6.66, 8.0, 9.5)
"""A church bell from its nominal octave up, the minor third kept above the strike note."""

NEUTRAL = _anchor(
    "neutral",
    [1.0, 0.42, 0.2, 0.12, 0.06, 0.04, 0.05, 0.02],
    ring=5.0, cutoff=2500, attack=0.006, sustain=0.15, chorus=0.35, tremolo=0.1, room=0.3,
    gain=0.491,
)  # fmt: skip
"""What sounds where no style is given: soft keys."""

ANCHORS = (
    _anchor("grand piano", _plucked(0.125, 0.9), ring=7, dull=0.35, stiff=3e-4, sustain=0,
            cutoff=3200, room=0.25, width=1.3, gain=0.576),
    _anchor("electric piano", [1.0, 0.4, 0.12, 0.05, 0.02, 0.02, 0.16, 0.06], ring=5, dull=0.5,
            sustain=0, cutoff=4000, attack=0.003, tremolo=0.45, chorus=0.3, drive=0.05, gain=0.518),
    _anchor("organ", [1.0, 0.8, 0.55, 0.5, 0, 0.45, 0, 0.45], cutoff=7000, attack=0.012,
            chorus=0.5, tremolo=0.12, vibrato=0.15, room=0.2, width=0.7, density=0.4, gain=0.308),
    _anchor("strings", _falling(1.0), cutoff=5000, attack=0.2, breath=0.15, vibrato=0.7, width=1.3,
            chorus=0.9, room=0.4, density=0.25, gain=0.308),
    _anchor("choir", _falling(1.1), formant=1, cutoff=3000, attack=0.25, breath=0.06, vibrato=0.45,
            chorus=0.9, room=0.6, density=0.2, register=64, gain=0.904),
    _anchor("brass", _falling(0.6), cutoff=1500, attack=0.06, vibrato=0.15, width=0.5,
            drive=0.12, room=0.3, register=62, gain=0.351),
    _anchor("flute", [1.0, 0.3, 0.14, 0.05, 0.02], cutoff=5000, attack=0.08, breath=0.15,
            vibrato=0.6, room=0.4, width=0.3, register=76, gain=0.321),
    _anchor("nylon guitar", _plucked(0.19, 1.0), ring=3.2, dull=0.45, stiff=5e-5, sustain=0,
            cutoff=3500, attack=0.003, room=0.2, density=0.7, register=62, gain=0.707),
    _anchor("electric guitar", _plucked(0.06, 0.8), ring=6, dull=0.12, sustain=0,
            cutoff=4500, attack=0.003, tremolo=0.6, chorus=0.5, room=0.15, width=0.4, density=0.6,
            register=60, gain=0.56),
    _anchor("distorted guitar", _plucked(0.15, 0.6), ring=9, dull=0.1, sustain=0.8, cutoff=1500,
            attack=0.004, drive=1, room=0.2, width=0.7, density=0.6, register=52, gain=0.335),
    _anchor("double bass", _plucked(0.22, 1.3), ring=3, dull=0.5, sustain=0, cutoff=900,
            attack=0.012, room=0.12, width=0.3, density=0.5, register=40, gain=0.809),
    _anchor("synth bass", _falling(0.7), ring=1.2, dull=0.8, sustain=0.25, cutoff=1300,
            attack=0.004, drive=0.3, room=0.05, width=0.2, density=0.7, register=40, electric=1,
            gain=0.541),
    _anchor("sub bass", [1.0, 0.06, 0.02], sustain=0.9, ring=3, cutoff=400, attack=0.012,
            room=0.0, width=0.0, density=0.4, register=38, electric=1, gain=0.567),
    _anchor("warm pad", _falling(1.2), cutoff=600, attack=0.35, chorus=1, room=0.5, width=1.4,
            density=0.15, register=62, gain=0.428),
    _anchor("glass pad", [1.0, 0.02, 0.25, 0, 0.35, 0, 0.3, 0, 0.3], ring=6, dull=0.05,
            ratios=(1, 2.003, 3.005, 4.01, 5.02, 6.03, 7.04, 8.05, 9.07), sustain=0.6,
            cutoff=8000, attack=0.3, chorus=0.8, tremolo=0.2, room=0.7, density=0.2,
            register=74, gain=0.364),
    _anchor("bright lead", _falling(0.75), cutoff=9000, attack=0.006, vibrato=0.35, chorus=0.45,
            room=0.15, width=0.6, density=0.8, register=74, electric=1, gain=0.307),
    _anchor("bells", [1.0, 0.55, 0.3, 0.25, 0.35, 0.2, 0.18, 0.12, 0.06], ratios=BELL, ring=7,
            dull=0.25, sustain=0, cutoff=9000, attack=0.002, room=0.6, density=0.3,
            register=76, gain=0.386),
    _anchor("marimba", [1.0, 0.32, 0.12], ratios=TUNED_BAR, ring=0.8, dull=0.5, sustain=0,
            cutoff=5000, attack=0.002, room=0.2, density=0.8, register=67, gain=1.11),
    _anchor("music box", [1.0, 0.12, 0.4, 0.15, 0.1], ratios=BAR, ring=3, dull=0.2, sustain=0,
            cutoff=12000, attack=0.002, room=0.4, density=0.6, register=84, gain=0.673),
    _anchor("acoustic drums", _plucked(0.2, 1.2), ring=1.2, dull=0.6, sustain=0, cutoff=1500,
            kit=1, room=0.2, density=0.3, register=45, gain=0.55),
    _anchor("techno drums", _falling(0.9, 0.3), ring=0.6, dull=0.8, sustain=0.05, cutoff=1600,
            drive=0.06, kit=1, electric=1, room=0.1, density=0.5, register=45, gain=0.6),
    _anchor("breakbeat", [1.0, 0.7, 0.3, 0.2, 0.1, 0.1], ring=1.5, dull=0.3, sustain=0.1,
            cutoff=1200, drive=0.2, kit=1, electric=0.45, room=0.05, width=0.6, density=0.6,
            register=48, gain=0.25),
    _anchor("lo-fi", [1.0, 0.5, 0.1, 0.04], ring=3, dull=0.6, sustain=0, cutoff=900, attack=0.008,
            vibrato=0.5, breath=0.25, tremolo=0.1, drive=0.2, kit=0.4, electric=0.3, room=0.1,
            width=0.4, density=0.4, register=60, gain=0.335),
    _anchor("ambient", [1.0, 0.8, 0.05, 0.4], ring=14, dull=0.05,
            sustain=0.7, cutoff=2000, attack=0.9, chorus=1, tremolo=0.3, breath=0.4, room=1,
            width=1.5, density=0.1, register=69, gain=0.311),
    _anchor("orchestral", _falling(0.8), cutoff=1700, attack=0.12, formant=0.5, breath=0.02,
            vibrato=0.25, chorus=1, drive=0.08, room=0.8, width=1.3, density=0.3, register=60,
            gain=0.391),
)  # fmt: skip

THRESHOLD = 0.08
"""How near a style must come to an anchor to be coloured by it."""
NEUTRAL_WEIGHT = 0.002
USUAL_GUIDANCE = 1.6
LEAST_QUALITY = 0.02
"""Less of a quality is an encoder's rounding, or an unknown word."""
QUALITY = 6.0
"""How fast a quality that a style asks for comes up: of one asked for in a word, some 0.8."""
REMEMBERED = 64
"""Mixtures kept: two styles for each of 32 instances that share a palette."""


class Palette:
    """The anchors and the qualities, embedded by an encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self.anchors = (*ANCHORS, NEUTRAL)
        self._points = np.stack([_point(anchor) for anchor in self.anchors])
        styles = np.stack([encoder.text(anchor.name) for anchor in ANCHORS])
        lengths = np.linalg.norm(styles, axis=1)
        self._directions = styles / lengths[:, None]
        self._length = lengths.mean()
        alike = self._directions @ self._directions.T
        others = (alike.sum(axis=1) - 1) / (len(ANCHORS) - 1)
        self._usual = np.maximum(others, 0).astype(np.float32)
        ends = [encoder.text(more) - encoder.text(less) for more, less in QUALITIES.values()]
        parts = np.concatenate([styles, ends]).astype(np.float64)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._mix)
        self._asked = np.linalg.pinv(parts.T, rcond=1e-4)[len(ANCHORS) :].astype(np.float32)

    def weights(self, style: StyleArray, guidance: float = USUAL_GUIDANCE) -> Floats:
        """Returns how much of each anchor is in a style, the last being neutral; the sum is 1.

        The nearness to an anchor is the part of the style that goes its way, with the anchors'
        mean length as 1, counted from what a different anchor gives (0) to what the anchor's own
        style gives (1). An anchor weighs the cube of what exceeds a threshold, so that weights
        move smoothly with the style; where none does, as with a text that means nothing to the
        sketch, the sound is neutral, as it is for a style that is not finite. Style guidance
        multiplies the nearness: at 0 and below the sound is neutral whatever the style.
        """
        near = (self._directions @ style / self._length - self._usual) / (1 - self._usual)
        if not np.isfinite(near).all():
            near = np.zeros_like(near)
        over = np.maximum(near * max(guidance, 0.0) / USUAL_GUIDANCE - THRESHOLD, 0.0)
        weights = np.append(over**3, NEUTRAL_WEIGHT)
        mixed: Floats = (weights / weights.sum()).astype(np.float32)
        return mixed

    def qualities(self, style: StyleArray, guidance: float = USUAL_GUIDANCE) -> dict[str, float]:
        """Returns what a style asks for beyond its anchors, each quality from −1 to 1.

        The style is taken apart into anchors and qualities by least squares, so that what an
        anchor brings by itself is not counted: the name of an anchor, and a mixture of several,
        asks for nothing. Style guidance multiplies what is asked for. Qualities of which there is
        nothing are left out.
        """
        amounts = self._asked @ style
        if not np.isfinite(amounts).all():
            return {}
        over = np.sign(amounts) * np.maximum(np.abs(amounts) - LEAST_QUALITY, 0.0)
        bounded = np.tanh(over * (QUALITY * max(guidance, 0.0) / USUAL_GUIDANCE)).tolist()
        return {name: each for name, each in zip(QUALITIES, bounded, strict=True) if each}

    def mixture(self, style: StyleArray, guidance: float = USUAL_GUIDANCE) -> Floats:
        """Returns what a style sounds like, float32[SIZE], read-only.

        That is the mean of the anchors' points by their weights, bent by the qualities that the
        style asks for. Most styles stay for many frames, so the last ones are remembered.
        """
        return self._remembered(style.tobytes(), guidance)

    def _mix(self, style_bytes: bytes, guidance: float) -> Floats:
        style = np.frombuffer(style_bytes, np.float32)
        mixed: Floats = self.weights(style, guidance) @ self._points
        amounts = self.qualities(style, guidance)
        if not amounts:
            return frozen(mixed)
        level, ratio, decay = np.split(mixed[: 3 * PARTIALS], 3)
        level, decay, played = bend(level, ratio, decay, manner(mixed)._asdict(), amounts)
        return frozen(np.concatenate([level, ratio, decay, [*played.values()]]).astype(np.float32))
