from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.patch import Cable, Node, Patch
from engine.registry import load_registry
from engine.signals import STYLE_SIZE
from patcher.editing.blends import Map, prompt_words, prompts_of, shares, strangeness, vectors
from tests.seeing import style

REGISTRY = load_registry()


def prompts(count, seed=0):
    """Directions of length 1 that lie as close as texts do: all share a half."""
    noise = np.random.default_rng(seed).normal(size=(count + 1, STYLE_SIZE))
    mixed = noise[:count] + noise[count]
    return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(0, 99))
def test_the_weights_of_a_blend_are_found(weights, seed):
    styles = prompts(len(weights), seed)
    blend = np.array(weights) @ styles
    assert shares(styles, blend) == pytest.approx(weights, abs=1e-6)
    assert strangeness(styles, shares(styles, blend), blend) == pytest.approx(0, abs=1e-4)


def test_they_are_found_of_what_snapshots_hold():
    styles = prompts(3)
    data = vectors([style(each).vector for each in styles])
    blend = vectors([style(np.array([0.2, 0.5, 0.3]) @ styles).vector])[0]
    assert shares(data, blend) == pytest.approx([0.2, 0.5, 0.3], abs=0.005)


def test_no_prompt_weighs_less_than_nothing():
    styles = prompts(3)
    found = shares(styles, styles[0] - 0.5 * styles[1])
    assert found.min() >= 0
    assert found.argmax() == 0


def test_two_prompts_that_are_the_same_share():
    one = prompts(1)[0]
    assert shares(np.stack([one, one]), one) == pytest.approx([0.5, 0.5])


def test_what_no_prompt_accounts_for_is_strange():
    styles = prompts(3)
    stranger = prompts(1, seed=7)[0]
    assert strangeness(styles, shares(styles, stranger), stranger) > 0.8


def test_nothing_is_strange_where_there_is_no_style():
    assert strangeness(prompts(2), np.zeros(2), np.zeros(STYLE_SIZE)) == 0


def test_a_blend_lies_between_its_prompts_on_the_map():
    styles = prompts(3)
    drawn = Map(styles)
    (middle,) = drawn.of(np.array([[0.5, 0.5, 0.0]]) @ styles)
    assert middle == pytest.approx((drawn.places[0] + drawn.places[1]) / 2, abs=1e-9)


def test_the_farthest_prompt_is_at_a_distance_of_one():
    assert np.linalg.norm(Map(prompts(5)).places, axis=1).max() == pytest.approx(1)


def test_two_prompts_lie_on_a_line_and_equal_ones_on_a_point():
    assert Map(prompts(2)).places[:, 1] == pytest.approx([0, 0], abs=1e-9)
    assert Map(np.repeat(prompts(1), 2, axis=0)).places.tolist() == [[0, 0], [0, 0]]


def test_the_map_is_the_same_whatever_sign_the_axes_came_with():
    styles = prompts(4)
    places = Map(styles).places
    assert (places[np.abs(places).argmax(axis=0), [0, 1]] > 0).all()


def patch(**values):
    return Patch(
        nodes={
            "bells": Node("style.prompt", values=values),
            "band": Node("style.listen"),
            "mix": Node("style.mix"),
            "glide": Node("style.smooth"),
            "stray": Node("style.prompt"),
            "words": Node("control.knob"),
            "model": Node("generator.model"),
        },
        cables=(
            Cable.between("bells.style", "mix.style1"),
            Cable.between("band.style", "mix.style2"),
            Cable.between("mix.style", "glide.style"),
            Cable.between("glide.style", "model.style"),
        ),
    )


def test_prompts_are_where_the_styles_of_a_generator_begin():
    assert prompts_of(patch(), REGISTRY, "model") == ["band.style", "bells.style"]


def test_a_prompt_is_called_by_its_text_else_by_its_node():
    assert prompt_words(patch(text="church bells"), "bells") == "“church bells”"
    assert prompt_words(patch(), "bells") == "bells"
    assert prompt_words(patch(), "band") == "band"
