"""What the transport's bar says."""

import pytest

from patcher.panels.transport import duration, place_words, tempo_typed


@pytest.mark.parametrize(
    ("beat", "bar", "words"),
    [
        (0.0, 4.0, "1.1"),
        (3.99, 4.0, "1.4"),
        (4.0, 4.0, "2.1"),
        (17.5, 4.0, "5.2"),
        (3.0, 3.0, "2.1"),
        (-0.1, 4.0, "1.1"),
        (1_000_000.0, 4.0, "250001.1"),
    ],
)
def test_bars_and_beats_are_counted_from_one(beat: float, bar: float, words: str) -> None:
    assert place_words(beat, bar) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0:00"), (59.9, "0:59"), (60.0, "1:00"), (3_599.0, "59:59"), (3_600.0, "1:00:00")],
)
def test_a_recording_is_timed_as_on_a_tape(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("text", "tempo"), [("96", 96.0), ("120.5 bpm", 120.5), (" 97,25", 97.25), ("90 BPM", 90.0)]
)
def test_a_tempo_is_typed_with_its_unit_or_without(text: str, tempo: float) -> None:
    assert tempo_typed(text) == tempo


@pytest.mark.parametrize("text", ["", "fast", "nan", "inf", "0", "-90", "100000"])
def test_a_tempo_that_cannot_be_is_refused_with_what_can(text: str) -> None:
    with pytest.raises(ValueError, match=r"it must be .* to .* bpm"):
        tempo_typed(text)
