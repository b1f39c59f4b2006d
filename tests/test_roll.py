from __future__ import annotations

import numpy as np
import pytest

from engine.signals import MASK, OFF, ON, ONSET, PITCHES, SUSTAIN
from patcher.editing.history import UNSEEN
from patcher.editing.roll import PERIOD, STATES, Roll, Span, span_of
from patcher.ui.colours import DARK, LIGHT


def frames(*columns):
    """Frames in which C4 has the given states, one after the other, and all else is off."""
    states = np.full((len(columns), PITCHES), OFF, np.int8)
    states[:, 60] = columns
    return states


def cell(state, height=5, palette=DARK):
    """The pixels of a pitch that keeps a state for as long as the patterns are."""
    roll = Roll(Span(60, 60), height, palette)
    return roll.paint(frames(*[state] * PERIOD), 0)[:, :, :3].mean(axis=2)


def test_a_picture_has_a_row_of_lines_for_each_pitch():
    assert Roll(Span(36, 95), 5, DARK).paint(frames(OFF, OFF, OFF), 0).shape == (300, 3, 4)


@pytest.mark.parametrize("palette", [DARK, LIGHT])
@pytest.mark.parametrize("height", [2, 3, 5, 12])
def test_every_state_looks_different_without_its_colour(height, palette):
    pictures = [cell(state, height, palette) for state in STATES]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).max() > 0.02


def test_struck_held_on_and_masked_leave_less_and_less_ink():
    ground = cell(OFF)
    inked = [
        (np.abs(cell(state) - ground) > 0.02).mean() for state in (ONSET, SUSTAIN, ON, MASK, OFF)
    ]
    assert inked == sorted(inked, reverse=True)
    assert inked[0] == 1
    assert len(set(inked)) == 5


def test_high_pitches_are_at_the_top():
    roll = Roll(Span(48, 71), 4, DARK)
    ground = roll.paint(frames(OFF), 0)
    changed = np.flatnonzero((roll.paint(frames(ONSET), 0) != ground).any(axis=(1, 2)))
    assert (changed[0], changed[-1] + 1) == roll.row(60) == (44, 48)


def test_the_patterns_move_with_the_frames():
    roll, states = Roll(Span(48, 71), 4, DARK), frames(*[ON] * 8)
    whole = roll.paint(states, 17)
    assert (whole[:, 3:] == roll.paint(states[3:], 20)).all()


def test_frames_that_were_not_seen_can_be_painted():
    assert np.isfinite(Roll(Span(0, 127), 2, DARK).paint(frames(UNSEEN), 0)).all()


@pytest.mark.parametrize(
    ("low", "high", "span"),
    [(60, 60, (36, 95)), (30, 60, (24, 95)), (60, 100, (36, 107)), (0, 127, (0, 127))],
)
def test_the_octaves_shown_hold_all_that_is_played(low, high, span):
    states = np.full((2, PITCHES), MASK, np.int8)
    states[0, low] = states[1, high] = SUSTAIN
    assert span_of(states) == span


def test_masks_alone_do_not_widen_the_picture():
    assert span_of(np.full((2, PITCHES), MASK, np.int8)) == (36, 95)
