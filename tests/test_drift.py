"""Following another clock: exact, without a device and without waiting."""

from __future__ import annotations

import numpy as np
import pytest

from engine.audio.drift import Drift
from engine.signals import FRAME_RATE, FRAME_SAMPLES

TARGET = 992.0


def fills(ppm: float, hours: float, block: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Returns the fill that each frame finds and the ratio it is read with.

    The device is `ppm` millionths fast and brings whole blocks; the loop comes up to 5 ms late.
    """
    drift = Drift(TARGET)
    late = np.random.default_rng(1).uniform(0.0, 240.0, round(hours * 3600 * FRAME_RATE)).tolist()
    found, ratios = [], []
    taken = -TARGET
    for number, lateness in enumerate(late):
        brought = (number * FRAME_SAMPLES + lateness) * (1.0 + ppm * 1e-6)
        fill = brought // block * block - taken
        taken += FRAME_SAMPLES * drift(fill)
        found.append(fill)
        ratios.append(drift.ratio)
    return np.array(found), np.array(ratios)


@pytest.mark.parametrize("ppm", [-200.0, 0.0, 200.0])
def test_a_clock_that_differs_is_followed_for_hours(ppm: float) -> None:
    found, ratios = fills(ppm, 2.0)
    settled = slice(120 * FRAME_RATE, None)
    off = 1200 * np.log2(ratios[settled] / (1.0 + ppm * 1e-6))
    assert np.abs(off).max() < 0.5
    # Two minutes in, the fill stays where it was: within two blocks and the loop's lateness.
    assert np.abs(found[settled] - TARGET).max() < 2 * 256 + 240
    ends = found[settled].reshape(-1, FRAME_RATE * 60).mean(axis=1)
    assert np.ptp(ends) < 20


def test_from_the_first_frame_on_the_pitch_is_within_two_cents() -> None:
    _, ratios = fills(200.0, 0.1)
    assert np.abs(1200 * np.log2(ratios / 1.0002)).max() < 2.0


def test_a_clock_that_is_no_clock_bends_the_pitch_no_further_than_half_a_per_cent() -> None:
    drift = Drift(TARGET)
    for _ in range(10_000):
        drift(1e6)
    assert drift.ratio == 1.005
