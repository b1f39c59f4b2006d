"""The stand-in for MusicCoCa: styles from words and from a few measured features.

It is no model and was trained on nothing. Words that are equal or spelt alike give styles that
are near; a handful of synonyms and of words for what a sound measures like tie sounds to texts.
Its vectors mean something to the sketch generator only and are never given to MRT2.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from engine.conditioning import STYLE_TOKENS
from engine.signals import NO_STYLE, SAMPLE_RATE, STYLE_SIZE, StyleArray, frozen
from engine.style import Samples

SPELLING = 0.8
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

COMPOUNDS = re.compile(
    "(electric|grand|upright|toy) piano|(nylon|acoustic|electric|bass) guitar|double bass|"
    "(synth|sub|acid) bass|(warm|glass|synth) pad|(bright|synth) lead|music box|"
    "(acoustic|techno|house|rock) drums?"
)
"""Words that mean something together, so that none of them is replaced."""

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
        for word in _words(text):
            total += _word(word)
        return _unit(total)

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, of length 1; zeros for silence.

        What is measured is said in words, each as strongly as it is so, and the shape of the
        spectrum adds small directions of its own.
        """
        mono = np.asarray(samples, np.float64).mean(axis=1)
        if len(mono) == 0 or np.abs(mono).max() < SILENT:
            return NO_STYLE
        shape, onsets, noisiness = _measure(mono)
        height = float(shape @ np.linspace(0.0, 1.0, BANDS))
        low, high = min(max((0.09 - height) / 0.05, 0), 1), min(max((height - 0.2) / 0.2, 0), 1)
        tone, struck = max(1 - 3 * noisiness, 0.0), min(onsets, 1.0)
        rich = min(max((height - 0.12) / 0.06, 0), 1)
        words = {
            "bass": 1.2 * low * tone,
            "warm pad": (1 - struck) * tone * (1 - low) * (1 - rich),
            "strings": (1 - struck) * tone * rich,
            "grand piano": struck * tone * (1 - high),
            "bells": struck * tone * high,
            "drums": struck * (1 - tone),
        }
        said = sum((weight * self.text(word) for word, weight in words.items()), np.zeros(1))
        return _unit(said + 0.5 * (shape - 1 / BANDS) @ _bands())

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


def _words(text: str) -> list[str]:
    """Returns a text's words in lower case, each synonym put in its word's place."""
    words = re.findall(r"[^\W_]+", text.lower())
    plain = " ".join(words)
    kept = {word for match in COMPOUNDS.finditer(plain) for word in match[0].split()}
    said = (word if word in kept else SYNONYMS.get(word, word) for word in words)
    return " ".join(said).split()


@cache
def _direction(name: str) -> StyleArray:
    """Returns a direction that depends on nothing but the name, float32[768] of length 1."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return frozen(_unit(np.random.Generator(np.random.PCG64(seed)).standard_normal(STYLE_SIZE)))


@cache
def _bands() -> npt.NDArray[np.float32]:
    """Returns a direction for each band of the spectrum, float32[24, 768]."""
    return np.stack([_direction(f"band {band}") for band in range(BANDS)])


@lru_cache(maxsize=1024)
def _word(word: str) -> npt.NDArray[np.float64]:
    """Returns a word's direction and its letters' together, of length 1."""
    framed = f"<{word}>"
    letters = sum(
        (_direction(f"letters {framed[at : at + 3]}") for at in range(len(framed) - 2)),
        np.zeros(STYLE_SIZE),
    )
    return _unit(_direction(f"word {word}") + SPELLING * _unit(letters)).astype(np.float64)


def _unit(vector: npt.NDArray[np.floating]) -> StyleArray:
    """Returns a vector at length 1; all zeros stay as they are."""
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        return NO_STYLE
    return frozen((vector / length).astype(np.float32))


def _measure(mono: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], float, float]:
    """Measures a sound: the shape of its mel spectrum, its onsets a second, its noisiness.

    The shape is the mean amplitude of 24 mel bands, its sum 1. Onsets are counted in the rising
    spectral flux. Noisiness is the spectral flatness, 0 for a tone to about 0.6 for white noise.
    """
    mono = np.pad(mono, (0, max(WINDOW - len(mono), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    amplitude = np.sqrt(power @ _mel().T)
    mean = amplitude.mean(axis=0)
    shape = mean / max(mean.sum(), 1e-12)

    # A rise that the ear would call an onset: by half in the sum of the bands' logarithms.
    floor = 1e-3 * amplitude.max() + 1e-9
    flux = np.maximum(np.diff(np.log(amplitude + floor), axis=0), 0).mean(axis=1)
    padded = np.concatenate([[0.0], flux, [0.0]])
    peaks = (flux > 0.25) & (flux >= padded[:-2]) & (flux > padded[2:])
    onsets = float(peaks.sum()) / max(len(mono) / SAMPLE_RATE, 1.0)

    loud = power[power.sum(axis=1) >= 1e-3 * power.sum(axis=1).max()][:, 8:340] + 1e-12
    flatness = np.exp(np.log(loud).mean(axis=1)) / loud.mean(axis=1)
    return shape, onsets, float(flatness.mean())


@cache
def _mel() -> npt.NDArray[np.float64]:
    """Returns triangular filters evenly spaced in mel (O'Shaughnessy 1987), [24, bins]."""
    low, high = 2595 * np.log10(1 + np.array([50.0, 16_000.0]) / 700)
    edges = np.linspace(low, high, BANDS + 2)
    hertz = 700 * (10 ** (edges / 2595) - 1)
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    rising = (bins - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - bins) / (hertz[2:] - hertz[1:-1])[:, None]
    filters: npt.NDArray[np.float64] = np.maximum(np.minimum(rising, falling), 0)
    return filters


@cache
def _quantiser() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Returns the projection to 24 dimensions and the 12 codebooks, each half as long."""
    random = np.random.Generator(np.random.PCG64(768))
    projection = random.standard_normal((TOKEN_DIMENSIONS, STYLE_SIZE)) / TOKEN_DIMENSIONS**0.5
    books = random.standard_normal((STYLE_TOKENS, TOKEN_CHOICES, TOKEN_DIMENSIONS))
    books /= np.linalg.norm(books, axis=2, keepdims=True)
    books *= 0.6 * 0.75 ** np.arange(STYLE_TOKENS)[:, None, None]
    return projection.astype(np.float32), books.astype(np.float32)
