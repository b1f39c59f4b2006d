"""The stand-in for MusicCoCa: styles from words and from a few measured features.

It is no model and was trained on nothing. Words that are equal or spelt alike give styles that
are near; a handful of synonyms and of words for what a sound measures like tie sounds to texts.
Its vectors mean something to the sketch generator only and are never given to MRT2.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

import numpy as np
import numpy.typing as npt

from engine.conditioning import STYLE_TOKENS
from engine.signals import NO_STYLE, SAMPLE_RATE, STYLE_SIZE, StyleArray, frozen
from engine.style import Samples

SPELLING = 0.35
"""How much a word's letters weigh next to the word itself."""

SYNONYMS = {
    "rhodes": "electric piano", "wurlitzer": "electric piano", "keys": "electric piano",
    "piano": "grand piano", "pianos": "grand piano", "hammond": "organ", "church": "organ",
    "violin": "strings", "violins": "strings", "cello": "strings", "orchestra": "strings brass",
    "orchestral": "strings brass", "string": "strings", "cinematic": "strings choir",
    "voice": "choir", "voices": "choir", "vocal": "choir", "vocals": "choir", "ooh": "choir",
    "horn": "brass", "horns": "brass", "trumpet": "brass", "trombone": "brass",
    "clarinet": "flute", "whistle": "flute", "oboe": "flute",
    "guitar": "nylon guitar", "harp": "nylon guitar", "lute": "nylon guitar",
    "upright": "double bass", "contrabass": "double bass", "jazz": "double bass electric piano",
    "acid": "synth bass", "808": "synth bass", "funk": "synth bass electric piano",
    "ambient": "warm pad", "dreamy": "warm pad", "drone": "warm pad", "soft": "warm pad",
    "icy": "glass pad", "crystal": "glass pad", "shimmer": "glass pad", "ethereal": "glass pad",
    "synth": "bright lead", "synthwave": "bright lead synth bass", "saw": "bright lead",
    "bell": "bells", "chime": "bells", "chimes": "bells", "gong": "bells",
    "vibraphone": "marimba", "xylophone": "marimba", "kalimba": "marimba", "mallets": "marimba",
    "celesta": "music box", "glockenspiel": "music box", "lullaby": "music box",
    "drums": "acoustic drums", "drum": "acoustic drums", "percussion": "acoustic drums",
    "rock": "acoustic drums", "house": "techno drums", "beat": "techno drums",
    "beats": "techno drums", "edm": "techno drums", "techno": "techno drums",
}  # fmt: skip
"""Words that stand for others; a word that is not here stands for itself."""

BANDS = 24
"""Bands of the measured spectrum, evenly spaced in mel from 50 Hz to 16 kHz."""
WINDOW, HOP = 2048, 1024
SILENT = 1e-5
"""−100 dBFS; a sound whose loudest sample is below has no style."""

TOKEN_CHOICES = 1024
TOKEN_DIMENSIONS = 24


class SketchEncoder:
    """Embeds texts and sounds by rule; the same everywhere, at once, with no weights."""

    stand_in = True

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, of length 1; all zeros where it has no word.

        Every word, its synonym put in its place, adds a direction of its own, and every run of
        three letters in it a small one, so that a word spelt wrongly lands near.
        """
        total = np.zeros(STYLE_SIZE)
        for word in re.findall(r"[^\W_]+", text.lower()):
            for each in SYNONYMS.get(word, word).split():
                total += _word(each)
        return _unit(total)

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, of length 1; zeros for silence.

        What is measured is said in words, each as strongly as it is so, and the shape of the
        spectrum adds small directions of its own.
        """
        mono = np.asarray(samples, np.float64).mean(axis=1)
        if len(mono) == 0 or np.abs(mono).max() < SILENT:
            return NO_STYLE
        shape, onsets, flatness, fall = _measure(mono)
        centre = float(shape @ np.linspace(0, 1, BANDS))
        words = {
            "bass": max(0.35 - centre, 0) * 4,
            "warm": max(0.5 - centre, 0) * 2,
            "bright": max(centre - 0.4, 0) * 3,
            "drums": max(flatness - 0.12, 0) * 5 * min(onsets / 2, 1),
            "pad": max(1 - onsets / 1.5, 0) * max(1 - 4 * flatness, 0) * 0.8,
            "piano": min(onsets / 3, 1) * min(fall, 1) * max(1 - 5 * flatness, 0),
            "strings": max(1 - onsets, 0) * min(max(centre - 0.35, 0) * 4, 1),
        }
        total = sum((weight * self.text(word) for word, weight in words.items()), np.zeros(1))
        return _unit(total + 0.6 * ((shape - 1 / BANDS) @ _directions()))

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        """Returns the 12 tokens of a style, int32[12] in 0..1023, coarsest first.

        A residual quantiser: each token is the nearest of 1,024 directions to what the tokens
        before it left over. Styles that are near share their first tokens.
        """
        projection, codebooks = _quantiser()
        left = projection @ style
        tokens = np.zeros(STYLE_TOKENS, np.int32)
        for level, book in enumerate(codebooks):
            tokens[level] = np.argmin(((book - left) ** 2).sum(axis=1))
            left = left - book[tokens[level]]
        return tokens


@cache
def _direction(name: str) -> StyleArray:
    """Returns a direction that depends on nothing but the name, float32[768] of length 1."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return frozen(_unit(np.random.Generator(np.random.PCG64(seed)).standard_normal(STYLE_SIZE)))
