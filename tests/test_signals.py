"""Signals, their neutral values and their units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signals import (
    MASKED,
    NO_STYLE,
    SILENCE,
    SILENT,
    Range,
    all_notes,
    clip,
    decibels,
)


@given(st.floats(), st.floats(-10, 0), st.floats(0, 10))
def test_a_clipped_control_lies_in_range_whatever_it_was(value, low, high):
    assert low <= clip(value, low, high) <= high


def test_clipping_keeps_what_is_legal_and_turns_no_number_into_the_lowest():
    assert clip(0.3, 0, 1) == 0.3
    assert clip(float("nan"), -1, 7) == -1
    assert clip(float("inf"), -1, 7) == 7
    assert clip(float("-inf"), -1, 7) == -1


def test_decibels_are_factors_and_the_bottom_is_silence():
    assert decibels(0.0) == 1.0
    assert decibels(-20.0) == pytest.approx(0.1)
    assert decibels(-59.9) > 0.0
    assert decibels(-60.0) == 0.0
    assert decibels(-200.0) == 0.0


def test_neutral_signals_cannot_be_written():
    for array in (MASKED, SILENT, NO_STYLE, SILENCE, all_notes(3)):
        assert not array.flags.writeable
    assert (MASKED.dtype, MASKED.shape) == (np.int8, (128,))
    assert (NO_STYLE.dtype, NO_STYLE.shape) == (np.float32, (768,))
    assert (SILENCE.dtype, SILENCE.shape) == (np.float32, (1920, 2))


def test_a_range_is_read_with_its_unit():
    assert str(Range(0.25, 8, "steps per beat")) == "0.25..8 steps per beat"
    assert str(Range(-1, 7)) == "-1..7"
