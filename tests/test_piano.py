"""Where the keys of the piano lie."""

from itertools import pairwise

import pytest

from patcher.editing.piano import COMPUTER_KEYS, LOUDEST, SOFTEST, Keyboard, velocity

WIDE = Keyboard.fitting(1_250, 100, 24, octave=4)


def test_a_wide_piano_has_all_that_most_pianos_have() -> None:
    pitches = {key.pitch for key in WIDE.keys}
    assert pitches == set(range(min(pitches), max(pitches) + 1))
    assert min(pitches) <= 24
    assert max(pitches) >= 96


@pytest.mark.parametrize("octave", range(9))
@pytest.mark.parametrize("width", [200, 700, 1_250, 3_000])
def test_whatever_the_octave_the_keys_of_the_computer_are_on_the_piano(
    octave: int, width: int
) -> None:
    keyboard = Keyboard.fitting(width, 100, 24 if width > 400 else 12, octave)
    pitches = {key.pitch for key in keyboard.keys}
    lowest = 12 * (octave + 1)
    assert {pitch for pitch in range(lowest, lowest + 12) if pitch < 128} <= pitches
    assert all(0 <= pitch <= 127 for pitch in pitches)


def test_white_keys_lie_side_by_side_and_fill_the_room() -> None:
    whites = [key for key in WIDE.keys if not key.black]
    assert whites[0].left == 0
    assert whites[-1].right == 1_250
    assert all(one.right == other.left for one, other in pairwise(whites))


def test_a_black_key_lies_over_the_white_ones_at_the_back_alone() -> None:
    black = next(key for key in WIDE.keys if key.pitch == 61)
    middle = (black.left + black.right) / 2
    assert WIDE.at(middle - 1, 10).pitch == 61
    assert WIDE.at(middle - 1, 95).pitch == 60
    assert WIDE.at(middle + 1, 95).pitch == 62


@pytest.mark.parametrize(("x", "y"), [(-50, 50), (9_999, 50), (600, -50), (600, 500)])
def test_a_hand_that_slides_off_the_piano_stays_on_the_nearest_key(x: float, y: float) -> None:
    assert WIDE.at(x, y) in WIDE.keys


def test_a_key_is_struck_harder_the_nearer_its_front() -> None:
    for key in WIDE.keys[:1] + WIDE.keys[-1:]:
        struck = [velocity(key, key.height * part) for part in (-0.1, 0.0, 0.5, 1.0, 1.5)]
        assert struck == sorted(struck)
        assert (struck[0], struck[-1]) == (SOFTEST, LOUDEST)


def test_the_letters_play_as_they_lie() -> None:
    assert [COMPUTER_KEYS[key] for key in "ASDFGHJKL;"] == [0, 2, 4, 5, 7, 9, 11, 12, 14, 16]
    assert [COMPUTER_KEYS[key] for key in "WETYUOP"] == [1, 3, 6, 8, 10, 13, 15]
