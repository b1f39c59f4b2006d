"""The generator node: what it hands to a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.signals import MASKED, SILENT
from nodes.generators import Model

FRAME = Frame()


def test_its_defaults_are_the_live_apps() -> None:
    assert Model()(FRAME) == Conditioning()
    made = Model()(FRAME)
    assert (made.style_guidance, made.notes_guidance, made.drums_guidance) == (1.6, 2.4, 4.0)
    assert (made.temperature, made.top_k, made.style_depth, made.drums) == (1.1, 50, 6, -1)
    assert made.notes is MASKED
    assert not made.style.any()


def test_everything_reaches_the_model() -> None:
    style = np.ones(768, np.float32)
    made = Model()(
        FRAME,
        model="other",
        seed=3,
        style_depth=12,
        style=style,
        notes=SILENT,
        style_guidance=-1.0,
        notes_guidance=7.0,
        drums_guidance=0.5,
        temperature=0.0,
    )
    assert made.model == "other"
    assert (made.seed, made.style_depth) == (3, 12)
    assert made.style is style
    assert made.notes is SILENT
    assert (made.style_guidance, made.notes_guidance, made.drums_guidance) == (-1.0, 7.0, 0.5)
    assert made.temperature == 0.0


@pytest.mark.parametrize(
    ("model", "precision", "opened"),
    [
        ("mrt2_small", "auto", "mrt2_small"),
        ("mrt2_small", "8bit", "mrt2_small@8bit"),
        ("sketch", "8bit", "sketch"),
    ],
)
def test_a_model_is_opened_at_its_precision_and_the_sketch_has_one(model, precision, opened):
    assert Model()(FRAME, model=model, precision=precision).model == opened


@pytest.mark.parametrize(
    ("drums", "rounded"),
    [(-1.0, -1), (-0.6, -1), (-0.5, 0), (0.0, 0), (0.49, 0), (0.5, 1), (1.0, 1)],
)
def test_drums_are_rounded(drums: float, rounded: int) -> None:
    assert Model()(FRAME, drums=drums).drums == rounded


@pytest.mark.parametrize(("top_k", "rounded"), [(1.0, 1), (1.5, 2), (40.4, 40), (1024.0, 1024)])
def test_top_k_is_rounded(top_k: float, rounded: int) -> None:
    made = Model()(FRAME, top_k=top_k).top_k
    assert made == rounded
    assert isinstance(made, int)


@pytest.mark.parametrize(("beat", "number"), [(-1.0, -1), (-0.5, -1), (0.0, 0), (3.9, 3)])
def test_the_beat_is_a_whole_number(beat: float, number: int) -> None:
    made = Model()(FRAME, beat=beat).beat
    assert made == number
    assert isinstance(made, int)


def test_reset_is_true_in_the_frame_in_which_it_is_switched_on() -> None:
    node = Model()
    switch = [0.0, 0.4, 0.5, 1.0, 1.0, 0.0, 1.0]
    struck = [node(FRAME, reset=each).reset for each in switch]
    assert struck == [False, False, True, False, False, False, True]
    assert Model()(FRAME, reset=1.0).reset


def test_the_seed_is_its_own_where_the_performance_has_none() -> None:
    assert Model()(FRAME, seed=123).seed == 123
    # 5 + 2654435761 · 2 = 5308871527; less 2^32 that is 1013904231.
    assert Model()(Frame(seed=2), seed=5).seed == 1_013_904_231


@given(st.integers(0, 2**31), st.integers(0, 2**31), st.integers(0, 2**31))
def test_nodes_with_other_seeds_stay_apart_in_every_performance(
    one: int, other: int, performance: int
) -> None:
    frame = Frame(seed=performance)
    assert (Model()(frame, seed=one).seed == Model()(frame, seed=other).seed) == (one == other)
