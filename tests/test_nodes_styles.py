"""Style nodes: prompts, listening, blends and glides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signals import NO_STYLE, SILENCE, StyleArray
from engine.sound import Sound
from engine.style import Samples, Styles
from nodes.styles import (
    AudioPrompt,
    Listen,
    Mix,
    Point,
    Prompt,
    Smooth,
    Surface,
    Weighted,
    morph,
)


def axis(at: int, length: float = 1.0) -> StyleArray:
    """A style along one dimension."""
    style = np.zeros(768, np.float32)
    style[at] = length
    return style


A, B, C = axis(0), axis(1), axis(2)
WINDOWS: list[Samples] = []


class Counting:
    """An encoder whose style of a text is its length, of a sound its number of seconds."""

    stand_in = True

    def text(self, text: str) -> StyleArray:
        return axis(0, len(text))

    def sound(self, samples: Samples) -> StyleArray:
        return axis(1, len(samples) / 48_000)

    def tokens(self, style: StyleArray) -> np.ndarray:
        raise NotImplementedError


@pytest.fixture
def styles() -> Styles:
    return Styles(Counting(), wait=True)


class Never(Styles):
    """Styles that are never ready."""

    def __init__(self) -> None:
        super().__init__(Counting(), wait=False)
        self.keys: list[object] = []

    def text(self, text: str, last: StyleArray) -> StyleArray:
        return last

    def sound(self, key: object, samples: Samples, last: StyleArray) -> StyleArray:
        self.keys.append(key)
        return last


def test_a_prompt_is_the_style_of_its_text(styles: Styles) -> None:
    prompt = Prompt()
    assert prompt(styles, text="organ")[0] == 5
    assert prompt(styles, text="flutes")[0] == 6
    assert not prompt(styles, text="").any()


def test_a_prompt_keeps_its_style_while_the_next_is_made(styles: Styles) -> None:
    prompt = Prompt()
    assert not prompt(Never(), text="organ").any()
    first = prompt(styles, text="organ")
    assert prompt(Never(), text="flutes") is first


def test_a_recording_is_a_style_and_none_is_none(styles: Styles) -> None:
    recording = Sound(np.zeros((96_000, 2), np.float32), "key")
    node = AudioPrompt()
    assert not node(styles, file=None).any()
    assert node(styles, file=recording)[1] == 2
    assert node(Never(), file=Sound(np.zeros((1, 2), np.float32), "other"))[1] == 2
    assert not node(styles, file=None).any()


LOUD = np.full((1920, 2), 0.1, np.float32)


def test_listening_embeds_the_last_10_seconds_every_second(styles: Styles) -> None:
    node = Listen()
    seconds = [float(node(styles, audio=LOUD)[1]) for _ in range(300)]
    assert not any(seconds[:24])
    for second in range(1, 12):
        assert set(seconds[25 * second - 1 : 25 * second + 24]) == {min(second, 10)}


def test_listening_to_silence_keeps_the_style(styles: Styles) -> None:
    node = Listen()
    for _ in range(25):
        node(styles, audio=LOUD)
    silent = [node(styles, audio=SILENCE)[1] for _ in range(300)]
    # The window holds sound for 9 seconds more, then nothing but silence.
    assert silent[-1] == 10
    assert silent[25 * 8] == silent[-1] or silent[25 * 8] < 10
    fresh = Listen()
    assert not any(fresh(styles, audio=SILENCE).any() for _ in range(60))


def test_listening_asks_until_the_style_is_ready_then_no_more(styles: Styles) -> None:
    node, never = Listen(), Never()
    for _ in range(30):
        node(never, audio=LOUD)
    assert len(never.keys) == 6
    assert len(set(never.keys)) == 1
    assert node(styles, audio=LOUD)[1] == 1
    node(never, audio=LOUD)
    assert len(never.keys) == 6


def test_listening_keeps_up_with_an_encoder_that_takes_long() -> None:
    """Each style is ready 30 frames after it was first asked for."""

    class Late(Never):
        def sound(self, key: object, samples: Samples, last: StyleArray) -> StyleArray:
            super().sound(key, samples, last)
            late = self.keys.count(key) > 30
            return axis(1, len(samples) / 48_000) if late else last

    node, late = Listen(), Late()
    seconds = [float(node(late, audio=LOUD)[1]) for _ in range(200)]
    assert seconds[25 + 31] == 1
    assert sorted(set(seconds)) == [0, 1, 3, 5]


def test_listening_asks_anew_for_what_failed() -> None:
    node, never = Listen(), Never()
    for _ in range(300):
        node(never, audio=LOUD)
    assert len(set(never.keys)) == 2


def test_a_mix_is_the_mean_by_weight_and_is_not_renormalised() -> None:
    blend = Mix()(Weighted(A, 0.75), Weighted(B, 0.25))
    np.testing.assert_allclose(blend[:3], [0.75, 0.25, 0.0])
    half = Mix()(Weighted(A, 0.1), Weighted(B, 0.1))
    np.testing.assert_allclose(half[:3], [0.5, 0.5, 0.0])
    np.testing.assert_array_equal(Mix()(Weighted(A)), A)


def test_a_mix_leaves_out_what_has_no_style() -> None:
    blend = Mix()(Weighted(NO_STYLE, 1.0), Weighted(A, 0.2), Weighted(B, 0.2))
    np.testing.assert_allclose(blend[:3], [0.5, 0.5, 0.0])


def test_a_mix_of_nothing_keeps_the_last() -> None:
    mix = Mix()
    assert not mix().any()
    before = mix(Weighted(A, 0.5), Weighted(B, 0.5))
    np.testing.assert_array_equal(mix(Weighted(A, 0.0), Weighted(B, 0.0)), before)
    np.testing.assert_array_equal(mix(), before)


weights = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6)


@given(weights, st.floats(0.1, 1.0))
def test_only_the_proportions_of_a_mix_count(given_weights: list[float], factor: float) -> None:
    members = [Weighted(axis(at), weight) for at, weight in enumerate(given_weights)]
    scaled = [Weighted(style, weight * factor) for style, weight in members]
    np.testing.assert_allclose(Mix()(*members), Mix()(*scaled), atol=1e-6)
    assert Mix()(*members).sum() == pytest.approx(1.0, abs=1e-5)


def test_a_surface_weighs_by_the_inverse_square_of_the_distance() -> None:
    # Distances 0.1 and 0.2: 1/0.01 to 1/0.04 is 4 to 1.
    points = (Point(A, 0.4, 0.5), Point(B, 0.5, 0.7))
    blend = Surface()(*points, cursor_x=0.5, cursor_y=0.5)
    np.testing.assert_allclose(blend[:2], [0.8, 0.2], atol=1e-6)


def test_a_surface_within_a_pixel_is_that_style_alone() -> None:
    points = (Point(A, 0.5, 0.5), Point(B, 0.6, 0.5))
    alone = Surface()(*points, cursor_x=0.5 + 0.9 / 512, cursor_y=0.5)
    np.testing.assert_array_equal(alone, A)
    blend = Surface()(*points, cursor_x=0.5 + 1.1 / 512, cursor_y=0.5)
    assert 0.99 < blend[0] < 1.0
    assert blend[1] > 0


def test_a_surface_leaves_out_what_has_no_style_and_keeps_the_last() -> None:
    surface = Surface()
    assert not surface().any()
    under = Point(NO_STYLE, 0.5, 0.5)
    np.testing.assert_array_equal(surface(under, Point(B, 0.9, 0.9)), B)
    np.testing.assert_array_equal(surface(under), B)
    np.testing.assert_array_equal(surface(Point(A), under), A)
    np.testing.assert_array_equal(surface(under), A)


places = st.floats(0.0, 1.0)


@given(st.lists(st.tuples(places, places), min_size=1, max_size=6), places, places)
def test_a_surface_always_adds_up_to_one(
    corners: list[tuple[float, float]], x: float, y: float
) -> None:
    points = [Point(axis(at), *corner) for at, corner in enumerate(corners)]
    blend = Surface()(*points, cursor_x=x, cursor_y=y)
    assert blend.sum() == pytest.approx(1.0, abs=1e-4)
    assert blend.min() >= 0


def test_a_morph_goes_in_a_straight_line() -> None:
    np.testing.assert_array_equal(morph(A, B, 0.0), A)
    np.testing.assert_array_equal(morph(A, B, 1.0), B)
    np.testing.assert_allclose(morph(A, B, 0.25)[:2], [0.75, 0.25])
    np.testing.assert_array_equal(morph(A, NO_STYLE, 0.25), A)
    np.testing.assert_array_equal(morph(A, NO_STYLE, 1.0), A)
    np.testing.assert_array_equal(morph(NO_STYLE, B, 0.0), B)
    assert not morph(NO_STYLE, NO_STYLE, 0.5).any()


def test_smoothing_goes_63_percent_of_the_way_in_its_time() -> None:
    smooth = Smooth()
    np.testing.assert_array_equal(smooth(A, time=1.0), A)
    for _ in range(25):
        style = smooth(B, time=1.0)
    np.testing.assert_allclose(style[:2], [math.exp(-1), 1 - math.exp(-1)], atol=1e-5)
    np.testing.assert_array_equal(smooth(C, time=0.0), C)


def test_smoothing_keeps_the_last_where_nothing_comes_in() -> None:
    smooth = Smooth()
    assert not smooth(NO_STYLE).any()
    smooth(A)
    np.testing.assert_array_equal(smooth(NO_STYLE), A)
