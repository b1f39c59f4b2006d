"""Styles: the stand-in encoder, and the service that embeds off the frame loop."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signals import NO_STYLE, SAMPLE_RATE, StyleArray
from engine.style import QUEUED, REMEMBERED, Samples, Styles
from engine.style.sketch import SketchEncoder
from tests.waiting import wait_until

ENCODER = SketchEncoder()
FLUTE = [0.037328, -0.039739, -0.075617]
"""The first numbers of the style of "flute", worked out once; hash() would vary from run to run."""
PATIENCE = 20.0
"""Seconds after which a worker that does not answer is a failure."""


def near(a: StyleArray, b: StyleArray) -> float:
    """The cosine of two styles."""
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def tone(hertz: float, seconds: float = 3.0) -> Samples:
    """A steady tone with ten harmonics."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * h * hertz * t) / h for h in range(1, 11)) * 0.2
    return np.stack([wave, wave], axis=1).astype(np.float32)


def beats(seconds: float = 3.0) -> Samples:
    """Four bursts of noise a second."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    burst = np.random.default_rng(1).standard_normal(len(t)) * np.exp(-(t % 0.25) / 0.03) * 0.3
    return np.stack([burst, burst], axis=1).astype(np.float32)


def test_a_text_has_a_style_of_length_1_and_no_text_has_none() -> None:
    assert np.linalg.norm(ENCODER.text("warm electric piano")) == pytest.approx(1.0, abs=1e-5)
    for blank in ("", "   ", "?!…"):
        assert not ENCODER.text(blank).any()


@given(st.text(max_size=60))
def test_any_text_has_a_finite_style_that_does_not_depend_on_case(text: str) -> None:
    style = ENCODER.text(text)
    assert style.shape == (768,)
    assert style.dtype == np.float32
    assert np.isfinite(style).all()
    assert np.linalg.norm(style) == pytest.approx(1.0, abs=1e-5) or not style.any()
    np.testing.assert_array_equal(style, SketchEncoder().text(f"  {text}\n"))


def test_words_alike_are_near_and_others_are_not() -> None:
    flute = ENCODER.text("flute")
    assert near(ENCODER.text("FLUTE!"), flute) == pytest.approx(1.0)
    assert near(ENCODER.text("flutes"), flute) > 0.2
    assert near(ENCODER.text("slow flute"), flute) > 0.5
    assert abs(near(ENCODER.text("marimba"), flute)) < 0.15


def test_synonyms_mean_the_same_except_where_words_belong_together() -> None:
    assert near(ENCODER.text("Rhodes"), ENCODER.text("electric piano")) == pytest.approx(1.0)
    assert near(ENCODER.text("piano"), ENCODER.text("grand piano")) == pytest.approx(1.0)
    assert near(ENCODER.text("electric piano"), ENCODER.text("grand piano")) < 0.7


def test_a_text_is_the_same_style_on_every_machine() -> None:
    style = ENCODER.text("flute")
    np.testing.assert_allclose(style[:3], FLUTE, atol=1e-6)


def test_a_sound_has_a_style_of_length_1_and_silence_has_none() -> None:
    assert np.linalg.norm(ENCODER.sound(tone(220))) == pytest.approx(1.0, abs=1e-5)
    assert not ENCODER.sound(np.zeros((4800, 2), np.float32)).any()
    assert not ENCODER.sound(np.full((4800, 2), 1e-6, np.float32)).any()
    assert np.isfinite(ENCODER.sound(np.ones((1, 2), np.float32))).all()


def test_sounds_land_near_the_words_for_them() -> None:
    words = {word: ENCODER.text(word) for word in ("drums", "synth bass", "organ", "bells")}

    def nearest(sound: Samples) -> str:
        style = ENCODER.sound(sound)
        return max(words, key=lambda word: near(style, words[word]))

    assert nearest(beats()) == "drums"
    assert nearest(tone(220)) == "organ"
    assert nearest(tone(41)) == "synth bass"


def test_louder_is_the_same_style_and_another_sound_is_not() -> None:
    quiet, loud = ENCODER.sound(tone(220) * np.float32(0.1)), ENCODER.sound(tone(220))
    assert near(quiet, loud) > 0.99
    assert near(ENCODER.sound(beats()), loud) < 0.5


def test_tokens_are_twelve_and_near_styles_share_the_coarse_ones() -> None:
    flute = ENCODER.text("flute")
    tokens = ENCODER.tokens(flute)
    assert tokens.shape == (12,)
    assert tokens.dtype == np.int32
    assert tokens.min() >= 0
    assert tokens.max() < 1024
    np.testing.assert_array_equal(tokens, ENCODER.tokens(flute.copy()))
    words = ["flute", "organ", "choir", "brass", "bells", "harp", "drums", "bass", "red", "sea"]
    styles = [ENCODER.text(word) for word in words]
    first = [ENCODER.tokens(style)[0] for style in styles]
    nudged = [ENCODER.tokens(style + 0.01 * flute)[0] for style in styles]
    assert np.mean(np.equal(first, nudged)) > 0.7
    assert len(set(first)) > 7


def test_each_token_says_what_those_before_it_left_over() -> None:
    """The more tokens are kept, the nearer is what they stand for."""
    from engine.style.sketch import _quantiser

    projection, books = _quantiser()
    wanted = projection @ ENCODER.text("strings")
    tokens = ENCODER.tokens(ENCODER.text("strings"))
    left = [
        float(np.linalg.norm(wanted - books[np.arange(depth), tokens[:depth]].sum(axis=0)))
        for depth in (1, 3, 6, 12)
    ]
    assert sorted(left, reverse=True) == left
    assert left[-1] < 0.3 * np.linalg.norm(wanted)


class Slow:
    """An encoder that counts, waits to be let go, and fails where it is told to."""

    stand_in = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self.busy = threading.Event()

    def text(self, text: str) -> StyleArray:
        self.asked.append(text)
        self.busy.set()
        assert self.go.wait(PATIENCE)
        if text.startswith("bad"):
            raise RuntimeError("no such word")
        if text.startswith("odd"):
            return np.full(768 if text == "odd nan" else 3, np.nan, np.float32)
        return np.full(768, float(len(text)), np.float32)

    def sound(self, samples: Samples) -> StyleArray:
        return np.full(768, float(samples.sum()), np.float32)

    def tokens(self, style: StyleArray) -> np.ndarray:
        raise NotImplementedError


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def live(slow: Slow) -> Iterator[Styles]:
    styles = Styles(slow, wait=False)
    yield styles
    slow.go.set()
    styles.close()


LAST = np.full(768, 7.0, np.float32)


def test_waiting_gives_the_style_at_once_and_once_only(slow: Slow) -> None:
    styles = Styles(slow, wait=True)
    first = styles.text("abc", LAST)
    assert first[0] == 3.0
    assert not first.flags.writeable
    assert styles.text(" abc ", LAST) is first
    assert slow.asked == ["abc"]
    assert styles.sound("key", np.ones((2, 2), np.float32), LAST)[0] == 4.0


def test_a_blank_text_has_no_style_and_troubles_nobody(slow: Slow) -> None:
    styles = Styles(slow, wait=True)
    assert styles.text("  ", LAST) is NO_STYLE
    assert slow.asked == []


def test_live_the_last_style_stays_until_the_new_one_is_ready(slow: Slow, live: Styles) -> None:
    slow.go.clear()
    for _ in range(5):
        assert live.text("abc", LAST) is LAST
    slow.go.set()
    wait_until(lambda: live.text("abc", LAST) is not LAST)
    assert live.text("abc", LAST)[0] == 3.0
    assert slow.asked == ["abc"]


def test_live_the_newest_request_comes_first_and_the_oldest_are_dropped(
    slow: Slow, live: Styles
) -> None:
    slow.go.clear()
    live.text("first", LAST)
    assert slow.busy.wait(PATIENCE)
    texts = [f"text {at:02}" for at in range(QUEUED + 8)]
    for text in texts:
        live.text(text, LAST)
    slow.go.set()
    wait_until(lambda: len(slow.asked) >= 1 + QUEUED)
    wait_until(lambda: not live._asked)
    assert slow.asked[1] == texts[-1]
    assert set(slow.asked[1:]) == set(texts[-QUEUED:])


@pytest.mark.parametrize("text", ["bad", "odd nan", "odd size"])
def test_what_the_encoder_cannot_do_is_told_and_not_raised(slow: Slow, text: str) -> None:
    styles = Styles(slow, wait=True)
    assert styles.error == ""
    for _ in range(3):
        assert styles.text(text, LAST) is LAST
    assert slow.asked == [text]
    reason = "no such word" if text == "bad" else "it is not 768 finite numbers"
    assert styles.error == f"no style could be made of the text {text!r}: {reason}"


def test_live_the_worker_survives_what_the_encoder_cannot_do(slow: Slow, live: Styles) -> None:
    live.text("bad", LAST)
    wait_until(lambda: bool(live.error))
    assert live.text("bad", LAST) is LAST
    live.text("good", LAST)
    wait_until(lambda: live.text("good", LAST) is not LAST)


def test_a_sound_that_cannot_be_embedded_is_told_without_its_key(slow: Slow) -> None:
    styles = Styles(slow, wait=True)
    assert styles.sound("k", np.full((2, 2), np.inf, np.float32), LAST) is LAST
    assert styles.error == "no style could be made of a sound: it is not 768 finite numbers"


def test_only_so_many_are_remembered_those_asked_for_last(slow: Slow) -> None:
    styles = Styles(slow, wait=True)
    for at in range(REMEMBERED):
        styles.text(f"text {at}", LAST)
    styles.text("text 0", LAST)
    styles.text("one more", LAST)
    made = len(slow.asked)
    styles.text("text 0", LAST)
    assert len(slow.asked) == made
    styles.text("text 1", LAST)
    assert len(slow.asked) == made + 1


def test_closed_it_returns_what_it_knows_and_makes_nothing(slow: Slow) -> None:
    others = set(threading.enumerate())
    styles = Styles(slow, wait=False)
    styles.text("abc", LAST)
    wait_until(lambda: styles.text("abc", LAST) is not LAST)
    styles.close()
    assert styles.text("abc", LAST)[0] == 3.0
    assert styles.text("new", LAST) is LAST
    assert slow.asked == ["abc"]
    assert set(threading.enumerate()) <= others
    Styles(slow, wait=False).close()
