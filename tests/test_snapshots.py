"""What clients see of the signals that they watch."""

from __future__ import annotations

import numpy as np
import pytest

from engine.past import NO_PAST, PastData
from engine.signals import SAMPLE_RATE
from engine.snapshots import past_words


def sound(seconds: float, level: float = 0.0) -> np.ndarray:
    """A sound whose last sample alone has a level."""
    made = np.zeros((round(seconds * SAMPLE_RATE), 2), np.float32)
    made[-1] = level
    return made


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (NO_PAST, "none"),
        (PastData("a", sound(12.0, 0.01)), "a sound of 12.0 s"),
        (PastData("b", sound(22.04)), "silence of 22.0 s"),
        (PastData("c", memory=b"music"), "a saved memory"),
    ],
)
def test_a_watched_past_is_told_in_words(past: PastData, words: str) -> None:
    assert past_words(past) == words
