"""The stand-in for MusicCoCa: styles from words and from a few measured features.

It is no model. A text is read by a lexicon of musical words, a sound by its distance from the
measures of known instruments; both end as weights of the sketch's anchors and of qualities such
as brightness, and so in one space. Its vectors mean something to the sketch generator only and
are never given to MRT2.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from engine.conditioning import STYLE_TOKENS
from engine.signals import NO_STYLE, STYLE_SIZE, StyleArray, frozen
from engine.style import Samples
from engine.style.lexicon import ANCHORS, QUALITIES
from engine.style.measure import SHAPES, Features, measure
from engine.style.reading import read, words_of
from engine.style.references import AXES, CENTRE, REFERENCES

Floats = npt.NDArray[np.float64]

OWN = 0.2
"""How much an anchor's qualities count next to the anchor itself."""
ASKED = 0.5
"""How much a quality that a text asks for does."""
SPELLING = 0.8
"""How much a word's letters weigh next to the word itself."""
UNKNOWN = 0.3
"""How much the words that are not known turn a style away from what the known ones say."""
NUDGE = 0.12
"""How much it leans to an anchor that is picked by its letters' hash."""

SPREAD = 5.0
"""How much farther, as a squared distance in units of what instruments of one kind vary by, a
reference must be to weigh e times less."""
FINE = 0.2
"""How much the spectrum's shape counts next to the anchors that a sound is like."""
SILENT = 1e-5
"""−100 dBFS; a sound whose loudest sample is below has no style."""

TOKEN_CHOICES = 1024
TOKEN_DIMENSIONS = 24


class SketchEncoder:
    """Embeds texts and sounds by rule; the same everywhere, at once, with no weights."""

    stand_in = True

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, of length 1; all zeros where it has no word.

        What the lexicon knows adds the directions of anchors and of qualities. A word that it does
        not know adds one of its own and a small one for each run of three letters, so that
        words spelt alike are near.
        """
        anchors, qualities, unknown = read(text)
        total = _mixture(anchors)
        for quality, amount in qualities.items():
            total += ASKED * amount * _direction(f"quality {quality}")
        total += UNKNOWN * _unit(sum(map(_word, unknown), np.zeros(STYLE_SIZE)))
        if np.linalg.norm(total) < 1e-6:
            total = sum(map(_word, words_of(text)), np.zeros(STYLE_SIZE))
        return _unit(total)

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, of length 1; zeros for silence.

        The anchors that it is like, each as strongly as it is, and the shape of its spectrum.
        """
        mono = np.asarray(samples, np.float64).mean(axis=1)
        loudest = float(np.abs(mono).max(initial=0.0))
        if loudest < SILENT:
            return NO_STYLE
        features = measure(mono / loudest)
        shape = features.shape @ _shapes() / (1 + np.linalg.norm(features.shape))
        return _unit(_mixture(likeness(features)) + FINE * shape)

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


def likeness(features: Features) -> dict[str, float]:
    """Returns how much a sound is like each anchor, by its nearest reference; the sum is 1."""
    place = (np.append(features.shape, features[1:]) - CENTRE) @ AXES
    squares = {
        anchor: float(((references - place) ** 2).sum(axis=1).min())
        for anchor, references in REFERENCES.items()
    }
    least = min(squares.values())
    weights = {anchor: np.exp((least - square) / SPREAD) for anchor, square in squares.items()}
    whole = sum(weights.values())
    return {anchor: float(weight / whole) for anchor, weight in weights.items()}


def _mixture(anchors: dict[str, float]) -> Floats:
    """Returns the sum of anchors' directions by their weights, float64[768]."""
    total = np.zeros(STYLE_SIZE)
    for anchor, weight in anchors.items():
        total += weight * _anchor(anchor)
    return total


@cache
def _anchor(name: str) -> StyleArray:
    """Returns an anchor's direction with its qualities', of length 1."""
    own = _direction(f"anchor {name}").astype(np.float64)
    for quality, amount in zip(QUALITIES, ANCHORS[name], strict=True):
        own += OWN * amount * _direction(f"quality {quality}")
    return _unit(own)


@cache
def _direction(name: str) -> StyleArray:
    """Returns a direction that depends on nothing but the name, float32[768] of length 1."""
    return frozen(
        _unit(np.random.Generator(np.random.PCG64(_hash(name))).standard_normal(STYLE_SIZE))
    )


def _hash(name: str) -> int:
    """Returns 64 bits that depend on nothing but the name."""
    return int.from_bytes(
        hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "big"
    )


@cache
def _shapes() -> npt.NDArray[np.float32]:
    """Returns a direction for each cosine of the spectrum, float32[8, 768]."""
    return np.stack([_direction(f"shape {at}") for at in range(SHAPES)])


@lru_cache(maxsize=1024)
def _word(word: str) -> Floats:
    """Returns an unknown word's direction, its letters' and its nudge together, of length 1."""
    framed = f"<{word}>"
    letters = np.zeros(STYLE_SIZE)
    for at in range(len(framed) - 2):
        letters += _sparse(f"letters {framed[at : at + 3]}")
    picked = _anchor(tuple(ANCHORS)[_hash(word) % len(ANCHORS)])
    spelt = _unit(_sparse(f"word {word}") + SPELLING * _unit(letters))
    return _unit(spelt + NUDGE * picked).astype(np.float64)


def _sparse(name: str) -> Floats:
    """Returns a direction as `_direction` does, but with 32 numbers that are not 0.

    It is made in a few microseconds, for a text may have many unknown words.
    """
    bits = np.frombuffer(hashlib.blake2b(name.encode("utf-8", "replace")).digest(), "<u2")
    direction = np.zeros(STYLE_SIZE)
    np.add.at(direction, bits % STYLE_SIZE, np.where(bits >= 1 << 15, 1.0, -1.0) / 32**0.5)
    return direction


def _unit(vector: npt.NDArray[np.floating]) -> StyleArray:
    """Returns a vector at length 1; all zeros stay as they are."""
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        return NO_STYLE
    return frozen((vector / length).astype(np.float32))


@cache
def _quantiser() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Returns the projection to 24 dimensions and the 12 codebooks, each half as long."""
    random = np.random.Generator(np.random.PCG64(768))
    projection = random.standard_normal((TOKEN_DIMENSIONS, STYLE_SIZE)) / TOKEN_DIMENSIONS**0.5
    books = random.standard_normal((STYLE_TOKENS, TOKEN_CHOICES, TOKEN_DIMENSIONS))
    books /= np.linalg.norm(books, axis=2, keepdims=True)
    books *= 0.6 * 0.75 ** np.arange(STYLE_TOKENS)[:, None, None]
    return projection.astype(np.float32), books.astype(np.float32)
