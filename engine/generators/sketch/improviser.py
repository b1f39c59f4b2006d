"""What the sketch adds where it is free to: notes on masked pitches, strums.

It knows what is held and what was lately played, and goes by eighths. A phrase is two bars; four
of them make a form, A A B A. Rhythm and pitches of a part come back more often than not. Where
nothing is held it goes by the chords of the form, so that several sketches in one patch agree.

The key is told as Krumhansl and Schmuckler do it (Krumhansl 1990): pitch classes, here in a memory
that leaks, are correlated with the profiles of Krumhansl & Kessler (1982) on every tonic.
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

FORM = (0, 0, 1, 0)
CHORDS_MAJOR = (((0, 4, 7), (9, 0, 4)), ((5, 9, 0), (7, 2, 5)))
CHORDS_MINOR = (((0, 3, 7), (8, 0, 3)), ((5, 8, 0), (10, 2, 5)))
"""Semitones over the tonic, by part of the form and bar: I vi, IV V and i VI, iv VII. The fifth
degree is without its third and with its seventh, so that the plain pentatonic fits it too."""

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
Weights = npt.NDArray[np.float64]
LOW, HIGH = 36, 96
"""The pitches it plays by itself, C2 to C7."""

MOST_ADDED = 4
SPARSE = 0.3
"""Styles that add less than this are pads: their notes are long and begin a bar as chords."""
FORGET = 0.94
"""What is left of the memory of a pitch class after an eighth: half is gone in 2.6 s."""
SURE = 0.08
"""By how much another key must correlate better before it is taken for the key."""
BUSY = 3.5
"""Of what was struck lately; quarter notes come to 2.8 and eighths to 5."""


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
        key: the key it is in, 0..11 for major on C and up, 12..23 for minor; −1 before any.
        busy: how much was lately struck by whoever plays.
        last: the pitch it added last, or −1.
        rhythm: on which eighths of the phrase it adds a note.
        lines: the pitch it added on each eighth of the phrase, or −1; by part of the form.
    """

    chance: Chance
    heard: list[float] = msgspec.field(default_factory=lambda: [0.0] * 12)
    key: int = -1
    busy: float = 0.0
    last: int = -1
    rhythm: list[bool] = msgspec.field(default_factory=list)
    lines: list[list[int]] = msgspec.field(default_factory=lambda: [[-1] * PHRASE, [-1] * PHRASE])


class Improviser:
    """Chooses notes and strums from a memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def hear(self, pitches: list[int], weight: float) -> None:
        """Remembers pitches that were given."""
        for pitch in pitches:
            self.memory.heard[pitch % 12] += weight

    def struck(self) -> None:
        """Remembers that somebody struck something."""
        self.memory.busy += 1.0

    def strums(
        self, place: Place, heard: Conditioning, pitches: list[int], manner: Manner
    ) -> list[int]:
        """Returns which of the pitches that are on (3) are struck again in this frame.

        At temperature 0 all of them on every beat, above it more or less often by chance, and
        off the strong beats now and then only some. Pads are struck again at bars only.
        """
        eighth = place.eighth % 8
        if not pitches or not place.eighth_begins or (manner.density < SPARSE and eighth):
            return []
        if heard.temperature <= 0.0:
            return [] if eighth % 2 else pitches
        chance = self.memory.chance
        if chance.draw() >= STRESS[eighth] * min(0.55 + 0.2 * heard.temperature, 1.0):
            return []
        if eighth % 4 == 0 or chance.draw() < 0.4:
            return pitches
        return [pitch for pitch in pitches if chance.draw() < 0.5]

    def add(
        self, place: Place, heard: Conditioning, given: list[int], own: list[int], manner: Manner
    ) -> list[Added]:
        """Returns the notes to start on masked pitches in this frame, none off the grid.

        Each candidate is weighed by its consonance with what is held, or with the chord of the
        form where nothing is; by the key that was lately heard (the best correlated of
        Krumhansl's profiles; C major pentatonic before anything was); by how near it lies to
        the style's register, to what is held and to the last note; and by whether it was there
        in the last phrase. The `top_k` best remain and one is drawn with probability
        exp(weight / temperature); at temperature 0 it is the best, and nothing is random.

        Args:
            given, own: the pitches that sound because they were asked for, and the others.
        """
        memory = self.memory
        if not place.eighth_begins:
            return []
        self._listen(given)
        eighth = place.eighth % PHRASE
        if eighth == 0 or not memory.rhythm:
            self._begin_phrase(heard, manner, accompanying=bool(given))
        # While somebody plays fast it leaves them the room.
        crowded = memory.busy > BUSY and eighth % 4
        if not memory.rhythm[eighth] or len(own) >= MOST_ADDED or crowded:
            return []
        free = heard.notes == MASK
        free[:LOW] = free[HIGH + 1 :] = False
        free[own] = False
        chosen: list[int] = []
        # A bar that a pad begins is a chord: the upper note, and one or two below it.
        size = 1 if manner.density >= SPARSE or eighth % 8 else 2 if given else 3
        for _ in range(min(size, MOST_ADDED - len(own))):
            candidates = np.flatnonzero(free)
            if not len(candidates):
                break
            weights = self._weights(candidates, place, heard, given, [*own, *chosen], manner)
            if chosen:
                weights = weights - 0.1 * np.abs(candidates - (chosen[0] - 8))
            else:
                weights = weights + self._melody(candidates, place)
            pitch = self._draw(candidates, weights, heard)
            free[pitch] = False
            chosen.append(pitch)
        if chosen:
            memory.last = memory.lines[_part(place)][eighth] = chosen[0]
        level = (0.42 if given else 0.5) + 0.2 * STRESS[eighth % 8]
        length = self._length(eighth, place, manner)
        return [Added(pitch, level / len(chosen) ** 0.5, length) for pitch in chosen]

    def _listen(self, given: list[int]) -> None:
        """Brings the memory of what was played one eighth on, and the key with it."""
        memory = self.memory
        self.hear(given, 0.25)
        memory.heard = [FORGET * each for each in memory.heard]
        memory.busy *= 0.8
        heard = np.array(memory.heard)
        spread = float(np.linalg.norm(heard - heard.mean()))
        if heard.sum() < 0.2 or spread < 1e-3:
            return
        likely = KEYS @ heard / spread
        best = int(np.argmax(likely))
        if memory.key < 0 or likely[best] > likely[memory.key] + SURE:
            memory.key = best

    def _length(self, eighth: int, place: Place, manner: Manner) -> int:
        """Returns the frames of a note: to the next one; what fades by itself rings into it."""
        rhythm = self.memory.rhythm
        gap = next((n for n in range(1, PHRASE) if rhythm[(eighth + n) % PHRASE]), PHRASE)
        legato = manner.sustain > 0.5 and manner.density >= SPARSE
        longest = 16 if manner.density < SPARSE else 8
        return max(round(min(gap + (not legato), longest) * 2 * place.frames) - 1, 1)

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

    def _weights(
        self,
        candidates: npt.NDArray[np.intp],
        place: Place,
        heard: Conditioning,
        given: list[int],
        own: list[int],
        manner: Manner,
    ) -> Weights:
        """Returns how well each candidate fits what sounds, the key and the style's register."""
        guidance = min(max(heard.notes_guidance, 0.0), 7.0)
        classes = CLASS[candidates]
        held = list({pitch % 12 for pitch in given}) or self._chord(place)
        # The mean over what is held, and the worst once more: one clash spoils a chord.
        fits = LOG_CONSONANCE[:, held]
        fits = 0.5 * fits.mean(axis=1) + 0.5 * fits.min(axis=1)
        # Strong beats want notes of the chord, weak ones let others pass.
        closeness = 1.0 + 0.25 * guidance if given else 0.7 + STRESS[place.eighth % 8]
        weights: Weights = np.log(self._scale() + 0.004)[classes] + closeness * fits[classes]
        centre = manner.register
        if given:
            centre += 0.13 * guidance * (sum(given) / len(given) + 7.0 - centre)
        weights = weights - 0.5 * ((candidates - centre) / 7.0) ** 2
        for pitch in (*given, *own):
            # Within a whole tone of a sounding pitch it is mud whatever the harmony.
            weights = weights - 3.0 * (np.abs(candidates - pitch) <= 2)
        return weights

    def _melody(self, candidates: npt.NDArray[np.intp], place: Place) -> Weights:
        """Returns how well each candidate goes on from the last note and the last phrase."""
        memory = self.memory
        before = memory.lines[_part(place)][place.eighth % PHRASE]
        weights: Weights = 2.6 * (candidates == before)
        if memory.last >= 0:
            leap = np.abs(candidates - memory.last)
            weights = weights - 0.25 * leap - 1.2 * (leap == 0)
        return weights

    def _draw(self, candidates: npt.NDArray[np.intp], weights: Weights, heard: Conditioning) -> int:
        best = np.argsort(-weights, kind="stable")[: max(heard.top_k, 1)]
        if heard.temperature <= 0.0:
            return int(candidates[best[0]])
        chances = np.exp((weights[best] - weights[best[0]]) / heard.temperature)
        drawn = self.memory.chance.draw() * chances.sum()
        at = min(int(np.searchsorted(np.cumsum(chances), drawn)), len(best) - 1)
        return int(candidates[best[at]])

    def _chord(self, place: Place) -> list[int]:
        """Returns the pitch classes of the form's chord in this bar."""
        tonic, minor = max(self.memory.key, 0) % 12, self.memory.key >= 12
        chord = (CHORDS_MINOR if minor else CHORDS_MAJOR)[_part(place)][place.eighth // 8 % 2]
        return [(tonic + tone) % 12 for tone in chord]

    def _scale(self) -> Weights:
        """Returns how much each pitch class belongs to the key, 0..1."""
        scale: Weights = PENTATONIC if self.memory.key < 0 else SCALES[self.memory.key]
        return scale


def _part(place: Place) -> int:
    """Returns which part of the form a place lies in."""
    return FORM[place.eighth // PHRASE % len(FORM)]
