"""What the sketch adds where it is free to: notes on masked pitches, strums.

It knows what is held and what was lately played, and goes by an eighth-note grid of its own.
A phrase is two bars; its rhythm and its pitches come back in the next one more often than not.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from engine.conditioning import Conditioning
from engine.generators.sketch.anchors import Manner
from engine.generators.sketch.chance import Chance
from engine.generators.sketch.grid import Place
from engine.signals import MASK, PITCHES

PHRASE = 16
"""Eighths: two bars."""

STRESS = (1.0, 0.3, 0.6, 0.4, 0.8, 0.3, 0.65, 0.5)
"""How likely a note is on each eighth of a bar, next to the first."""

CONSONANCE = np.array([0.9, 0.03, 0.3, 0.75, 0.85, 0.8, 0.12, 1.0, 0.6, 0.75, 0.3, 0.15])
"""How well two pitches go together by the interval between them, 0 to 11 semitones: after the
ranking of two-tone consonance in Malmberg (1918), seconds and sevenths lower."""
MAJOR = np.array([1, 0.05, 0.7, 0.05, 0.9, 0.6, 0.05, 1, 0.05, 0.8, 0.05, 0.5])
MINOR = np.array([1, 0.05, 0.7, 0.9, 0.05, 0.7, 0.05, 1, 0.6, 0.1, 0.6, 0.1])
PENTATONIC = np.array([1, 0, 0.7, 0, 0.9, 0, 0, 1, 0, 0.8, 0, 0])

# Krumhansl & Kessler (1982), the profiles that keys are told by.
KEY_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
KEY_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def _turned(profile: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Returns a profile on each of the twelve tonics, float64[12, 12]."""
    return np.stack([np.roll(profile, tonic) for tonic in range(12)])


def _standard(profiles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    standard: npt.NDArray[np.float64] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return standard


KEYS = _standard(np.concatenate([_turned(KEY_MAJOR), _turned(KEY_MINOR)]))
SCALES = np.concatenate([_turned(MAJOR), _turned(MINOR)])
LOG_CONSONANCE = np.log(CONSONANCE)[(np.arange(12)[:, None] - np.arange(12)) % 12]
"""[12 pitch classes of a candidate, 12 of what is held]."""
PITCH = np.arange(PITCHES)
CLASS = PITCH % 12
LOW, HIGH = 36, 96
"""The pitches it plays by itself, C2 to C7."""

MOST_ADDED = 4
FORGET = 0.94
"""What is left of the memory of a pitch class after an eighth: half is gone in 2.6 s."""


class Added(NamedTuple):
    """A note to add: its MIDI pitch, amplitude, and length in frames."""

    pitch: int
    level: float
    length: int


class Memory(msgspec.Struct):
    """What the improviser remembers; saved with the instance.

    Attributes:
        chance: what its choices are drawn from.
        heard: how much of each pitch class was lately played.
        last: the pitch it added last, or −1.
        rhythm: on which eighths of the phrase it adds a note.
        line: the pitch it added on each eighth of the phrase, or −1.
    """

    chance: Chance
    heard: list[float] = msgspec.field(default_factory=lambda: [0.0] * 12)
    last: int = -1
    rhythm: list[bool] = msgspec.field(default_factory=list)
    line: list[int] = msgspec.field(default_factory=lambda: [-1] * PHRASE)


class Improviser:
    """Chooses notes and strums from a memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def hear(self, pitches: list[int], weight: float) -> None:
        """Remembers pitches that were given."""
        for pitch in pitches:
            self.memory.heard[pitch % 12] += weight

    def strums(self, place: Place, heard: Conditioning) -> bool:
        """Whether pitches that are on (3) are struck again in this frame.

        On every beat at temperature 0, above it more or less often by chance.
        """
        if not place.eighth_begins:
            return False
        eighth = place.eighth % 8
        if heard.temperature <= 0.0:
            return eighth % 2 == 0
        return self.memory.chance.draw() < STRESS[eighth] * min(0.55 + 0.2 * heard.temperature, 1.0)

    def add(
        self, place: Place, heard: Conditioning, given: list[int], own: list[int], manner: Manner
    ) -> list[Added]:
        """Returns the notes to start on masked pitches in this frame, none off the grid.

        Each candidate is weighed by its consonance with what is held, by the key that was lately
        heard (the best correlated of Krumhansl's profiles; C major pentatonic before anything
        was), by how near it lies to the hand and to the last note, and by whether it was there
        in the last phrase. The `top_k` best remain and one is drawn with probability
        exp(weight / temperature); at temperature 0 it is the best, and nothing is random.

        Args:
            given, own: the pitches that sound because they were asked for, and the others.
        """
        memory = self.memory
        if not place.eighth_begins:
            return []
        self.hear(given, 0.25)
        eighth = place.eighth % PHRASE
        if eighth == 0 or not memory.rhythm:
            self._begin_phrase(heard, manner, accompanying=bool(given))
        memory.heard = [FORGET * each for each in memory.heard]
        if not memory.rhythm[eighth] or len(own) >= MOST_ADDED:
            return []
        free = heard.notes == MASK
        free[:LOW] = free[HIGH + 1 :] = False
        free[own] = False
        candidates = np.flatnonzero(free)
        if not len(candidates):
            return []
        pitch = self._choose(candidates, heard, given, own, manner, eighth)
        memory.last = memory.line[eighth] = pitch
        gap = next((n for n in range(1, PHRASE) if memory.rhythm[(eighth + n) % PHRASE]), PHRASE)
        longest = 16 if manner.density < 0.3 else 8
        level = 0.6 if given else 0.7
        length = round(min(gap + 1, longest) * 2 * place.frames) - 1
        return [Added(pitch, level, length)]

    def _begin_phrase(self, heard: Conditioning, manner: Manner, accompanying: bool) -> None:
        """Decides on which eighths of the next phrase it plays; the end of a phrase is a rest."""
        memory = self.memory
        if heard.temperature <= 0.0:
            memory.rhythm = [at in (0, 4, 8) for at in range(PHRASE)]
            return
        if memory.rhythm and self.memory.chance.draw() > 0.25 + 0.2 * heard.temperature:
            return
        keeping = 1.0 + 0.12 * max(heard.notes_guidance, 0.0) * accompanying
        often = (0.4 + 1.3 * manner.density) * (0.55 + 0.4 * heard.temperature) / keeping
        rest = 11 + int(5 * self.memory.chance.draw())
        memory.rhythm = [
            at == 0 or (self.memory.chance.draw() < often * STRESS[at % 8] and at < rest)
            for at in range(PHRASE)
        ]

    def _choose(
        self,
        candidates: npt.NDArray[np.intp],
        heard: Conditioning,
        given: list[int],
        own: list[int],
        manner: Manner,
        eighth: int,
    ) -> int:
        memory = self.memory
        weights = np.log(self._scale() + 0.004)[CLASS[candidates]]
        centre = manner.register
        if given:
            held = list({pitch % 12 for pitch in given})
            closeness = 1.0 + 0.25 * min(max(heard.notes_guidance, 0.0), 7.0)
            # The mean over what is held, and the worst once more: one clash spoils a chord.
            fits = LOG_CONSONANCE[:, held]
            fits = 0.5 * fits.mean(axis=1) + 0.5 * fits.min(axis=1)
            weights = weights + closeness * fits[CLASS[candidates]]
            centre = 0.5 * (centre + sum(given) / len(given) + 7.0)
        weights = weights - 0.5 * ((candidates - centre) / 8.0) ** 2
        for pitch in (*given, *own):
            # Within a whole tone of a sounding pitch it is mud whatever the harmony.
            weights = weights - 3.0 * (np.abs(candidates - pitch) <= 2)
        if memory.last >= 0:
            leap = np.abs(candidates - memory.last)
            weights = weights - 0.18 * leap - 1.2 * (leap == 0)
        weights = weights + 1.6 * (candidates == memory.line[eighth])
        best = np.argsort(-weights, kind="stable")[: max(heard.top_k, 1)]
        if heard.temperature <= 0.0:
            return int(candidates[best[0]])
        chances = np.exp((weights[best] - weights[best[0]]) / heard.temperature)
        drawn = self.memory.chance.draw() * chances.sum()
        at = min(int(np.searchsorted(np.cumsum(chances), drawn)), len(best) - 1)
        return int(candidates[best[at]])

    def _scale(self) -> npt.NDArray[np.float64]:
        """Returns how much each pitch class belongs to the key that was lately heard, 0..1."""
        heard = np.array(self.memory.heard)
        if heard.sum() < 0.05:
            return PENTATONIC
        scale: npt.NDArray[np.float64] = SCALES[np.argmax(KEYS @ heard)]
        return scale
