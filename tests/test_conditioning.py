"""The 144 tokens, against values worked out by hand from what is known of the model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditioning import Conditioning, guidance_bin, tokens

STYLE = slice(0, 12)
NOTES = slice(12, 140)
DRUMS, STYLE_GUIDANCE, NOTES_GUIDANCE, DRUMS_GUIDANCE = 140, 141, 142, 143


def test_the_defaults_are_those_of_the_live_apps():
    """Guidance 1.6, 2.4 and 4.0: bins 13, 17 and 5. All else is masked: −1 + 7 = 6."""
    assert tokens(Conditioning(), None).tolist() == [6] * 141 + [13 + 7, 17 + 7, 5 + 7]


def test_the_beat_is_in_no_token():
    assert tokens(Conditioning(beat=7), None).tolist() == tokens(Conditioning(), None).tolist()


def test_they_are_144_integers():
    found = tokens(Conditioning(), np.arange(12, dtype=np.int32))
    assert found.shape == (144,)
    assert found.dtype == np.int32


@pytest.mark.parametrize(("state", "token"), [(-1, 6), (0, 7), (1, 8), (2, 9), (3, 10)])
def test_notes_follow_the_style_pitch_by_pitch(state, token):
    notes = np.full(128, -1, np.int8)
    notes[[0, 60, 127]] = state
    expected = [6] * 128
    expected[0] = expected[60] = expected[127] = token
    assert tokens(Conditioning(notes=notes), None)[NOTES].tolist() == expected


@pytest.mark.parametrize(("drums", "token"), [(-1, 6), (0, 7), (1, 8)])
def test_drums_follow_the_notes(drums, token):
    found = tokens(Conditioning(drums=drums), None)
    assert found[DRUMS] == token
    assert found[NOTES].tolist() == [6] * 128


def test_each_guidance_has_its_place():
    found = tokens(Conditioning(style_guidance=-1.0, notes_guidance=0.0, drums_guidance=1.0), None)
    assert found[STYLE_GUIDANCE] == 0 + 7
    assert found[NOTES_GUIDANCE] == 5 + 7
    assert found[DRUMS_GUIDANCE] == 2 + 7


CODES = np.array([0, 1023, 5, 6, 7, 8, 9, 10, 11, 12, 13, 1], np.int32)


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0, [6] * 12),
        (1, [7] + [6] * 11),
        (6, [7, 1030, 12, 13, 14, 15] + [6] * 6),
        (12, [7, 1030, 12, 13, 14, 15, 16, 17, 18, 19, 20, 8]),
    ],
)
def test_the_finest_style_tokens_are_masked_past_the_depth(depth, expected):
    assert tokens(Conditioning(style_depth=depth), CODES)[STYLE].tolist() == expected


def test_six_style_tokens_are_sent_unless_said_otherwise():
    assert (tokens(Conditioning(), CODES)[STYLE] != 6).tolist() == [True] * 6 + [False] * 6


@pytest.mark.parametrize("depth", [0, 6, 12])
def test_without_a_style_all_its_tokens_are_masked(depth):
    assert tokens(Conditioning(style_depth=depth), None)[STYLE].tolist() == [6] * 12


def test_the_tokens_of_the_style_are_not_written_to():
    codes = CODES.copy()
    codes.flags.writeable = False
    tokens(Conditioning(style_depth=12), codes)
    assert codes.tolist() == CODES.tolist()


@pytest.mark.parametrize(
    ("value", "bin_"),
    [
        (-1.0, 0),
        (-0.8, 1),
        (0.0, 5),
        (1.0, 10),
        (1.6, 13),
        (2.4, 17),
        (3.0, 20),
        (6.6, 38),
        (6.8, 39),
    ],
)
def test_style_and_notes_guidance_go_in_steps_of_a_fifth(value, bin_):
    assert guidance_bin(value) == bin_


@pytest.mark.parametrize("value", [6.9, 7.0, 7.1, 100.0, float("inf")])
def test_seven_is_a_trap_and_becomes_6_8(value):
    """Bin 40 + 7 = 47 is past the 47 rows of the vocabulary, the next channel's first."""
    assert guidance_bin(value) == 39
    assert tokens(Conditioning(style_guidance=value), None)[STYLE_GUIDANCE] == 46
    assert tokens(Conditioning(notes_guidance=value), None)[NOTES_GUIDANCE] == 46


@pytest.mark.parametrize("value", [-1.1, -7.0, float("-inf")])
def test_below_the_range_is_the_lowest(value):
    assert guidance_bin(value) == 0
    assert guidance_bin(value, 1.0) == 0


@pytest.mark.parametrize(
    ("value", "bin_"),
    [(-1.0, 0), (0.0, 1), (0.4, 1), (0.6, 2), (1.0, 2), (4.0, 5), (5.6, 7), (6.0, 7), (7.0, 7)],
)
def test_drums_guidance_goes_in_whole_steps_up_to_six(value, bin_):
    """Bin 8 + 7 = 15 is past the 15 rows of its vocabulary."""
    assert guidance_bin(value, 1.0) == bin_
    assert tokens(Conditioning(drums_guidance=value), None)[DRUMS_GUIDANCE] == bin_ + 7


@pytest.mark.parametrize(
    ("value", "bin_"), [(-0.5, 0), (0.5, 2), (1.5, 2), (2.5, 4), (3.5, 4), (4.5, 6), (5.5, 6)]
)
def test_halves_round_to_even(value, bin_):
    """(v + 1) / 1: 0.5, 1.5, 2.5, … as Python and the model's own library round them."""
    assert guidance_bin(value, 1.0) == bin_


def test_halves_of_a_fifth_round_to_even_where_floats_can_hold_them():
    """(0.5 + 1) / 0.2 = 7.5 and (1.5 + 1) / 0.2 = 12.5 exactly."""
    assert guidance_bin(0.5) == 8
    assert guidance_bin(1.5) == 12


@given(st.floats(allow_nan=False), st.sampled_from([0.2, 1.0]))
def test_every_guidance_has_a_row_in_the_vocabulary(value, step):
    rows = {0.2: 47, 1.0: 15}[step]
    assert 7 <= guidance_bin(value, step) + 7 < rows


@given(st.integers(-10, 68))
def test_the_bin_is_the_nearest_step(tenths):
    value = tenths / 10
    assert abs(guidance_bin(value) * 0.2 - 1.0 - value) <= 0.1 + 1e-9
