"""Reads a text as weights of anchors and of qualities, by the lexicon."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache

from engine.style.lexicon import FILLERS, NEGATIONS, PICTURES, STRENGTHS, Meaning, lexicon

LONGEST_PHRASE = 4
"""Words."""
WORDS, LETTERS = 256, 32
ALIKE = 0.77
"""How much of an unknown word a known one must share to be taken for it: one slip in 5 letters."""
CANDIDATES = 5
"""Of the known words, those with most pairs of letters in common are compared letter by letter."""
UNWANTED = 0.4
"""How far a style is pushed away from what a text says is not wanted."""

Reading = tuple[dict[str, float], dict[str, float], tuple[str, ...]]
"""Weights of anchors, weights of qualities, and the words that are not known."""


def read(text: str) -> Reading:
    """Returns what a text says of the sound.

    Of all known phrases the longest that fits is taken first. "No", "without" and the like turn
    round the phrase after them, and those that follow it after "or": an anchor that is not wanted
    is taken out, whatever else asks for it. "Very", "less" and the like change how much the
    phrase after them counts. An unknown word is taken for the known one that it is spelt most
    alike, if any, and named as unknown too.
    """
    said = words_of(text)
    words = [alike(word) or word for word in said]
    wanted: defaultdict[str, float] = defaultdict(float)
    unwanted: set[str] = set()
    qualities: defaultdict[str, float] = defaultdict(float)
    unknown = [word for word, taken in zip(said, words, strict=True) if word != taken]
    strength, negated, at = 1.0, False, 0
    while at < len(words):
        word = words[at]
        if meant := _tempo(words[at : at + 2]):
            length = 2
        else:
            meant, length = _longest(words, at)
        at += length
        if meant is None and word in NEGATIONS:
            negated = True
        elif meant is None and word in STRENGTHS:
            strength *= STRENGTHS[word]
        elif meant is None and word in FILLERS:
            continue
        else:
            if meant is None:
                unknown.append(word)
                meant = Meaning({}, {})
            if negated:
                unwanted |= meant.anchors.keys()
                strength = -strength
            for anchor, weight in meant.anchors.items():
                wanted[anchor] += weight * strength
            for quality, weight in meant.qualities.items():
                qualities[quality] += weight * strength
            strength = 1.0
            negated = negated and at < len(words) and words[at] in ("or", "nor")
    for anchor in sorted(unwanted):  # a set's order is not the same in every run
        wanted[anchor] = -UNWANTED
    return dict(wanted), dict(qualities), tuple(unknown)


@lru_cache(maxsize=1024)
def alike(word: str) -> str | None:
    """Returns the known word that a word is spelt most alike; None where none is alike.

    Alike are words of four letters or more with the same first; 1 less the share of letters that
    are missing, added, replaced or changed places (Damerau 1964) is how much they are. A word
    that is known is most like itself.
    """
    known = _known()
    if word in known or word.removesuffix("s") in known:
        return word
    if len(word) < 4:
        return None
    shared: defaultdict[str, int] = defaultdict(int)
    for pair in _pairs(word):
        for other in _spelt().get((word[0], pair), ()):
            shared[other] += 1
    # By the share of pairs that they have in common; then by name, for the order to be certain.
    first = sorted(shared, key=lambda other: (-shared[other] / (len(word) + len(other)), other))
    best, most = None, ALIKE
    for other in first[:CANDIDATES]:
        same = 1 - _slips(word, other) / max(len(word), len(other))
        if same > most:
            best, most = other, same
    return best


def words_of(text: str) -> list[str]:
    """Returns a text's first 256 words in lower case, 32 letters of each; "drum-free" is "no drum".

    Nobody says more of a sound; a whole book must not keep the worker busy.
    """
    for picture, word in PICTURES.items():
        text = text.replace(picture, f" {word} ")
    plain = text.lower().replace("n't", " not").replace("n’t", " not")
    plain = re.sub(r"['’]s\b", "", plain)
    plain = re.sub(r"\b([^\W_]+)-free\b", r"no \1", plain)
    return [word[:LETTERS] for word in re.findall(r"[^\W_]+", plain)[:WORDS]]


def _longest(words: list[str], at: int) -> tuple[Meaning | None, int]:
    """Returns what the longest known phrase at a place means, and its length in words."""
    known = lexicon()
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        phrase = " ".join(words[at : at + length])
        for form in (phrase, phrase.removesuffix("s"), phrase.removesuffix("es")):
            if form in known:
                return known[form], length
    return None, 1


def _tempo(words: list[str]) -> Meaning | None:
    """Returns what "140 bpm" means: busy over 110 beats a minute, sparse under it."""
    if len(words) == 2 and words[1] == "bpm" and words[0].isdecimal():
        return Meaning({}, {"busy": min(max((float(words[0]) - 110) / 60, -1.0), 1.0)})
    return None


def _pairs(word: str) -> set[str]:
    """Returns the pairs of neighbouring letters, with those at both ends."""
    framed = f"<{word}>"
    return {framed[at : at + 2] for at in range(len(framed) - 1)}


@cache
def _known() -> frozenset[str]:
    """Returns every word that is in a known phrase or says something of one."""
    phrases = frozenset(word for phrase in lexicon() for word in phrase.split())
    return phrases | FILLERS | NEGATIONS | STRENGTHS.keys() | {"bpm"}


@cache
def _spelt() -> dict[tuple[str, str], tuple[str, ...]]:
    """Returns the known words of four letters or more by first letter and pair of letters."""
    spelt: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for word in _known():
        if len(word) >= 4:
            for pair in _pairs(word):
                spelt[word[0], pair].append(word)
    return {key: tuple(words) for key, words in spelt.items()}


def _slips(a: str, b: str) -> int:
    """Returns how many letters were missed, added, replaced or changed places."""
    before, last = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            least = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
