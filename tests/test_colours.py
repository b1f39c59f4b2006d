"""The colours of signals can be seen, and told apart, also with colour blindness."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from engine import signals
from engine.signals import SignalType
from patcher.ui.colours import PALETTES, Palette

Numbers = npt.NDArray[np.float64]

SEEING = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""What becomes of linear sRGB, as Machado, Oliveira and Fernandes (2009) have it."""
APART = {"protanopia": 14.0, "deuteranopia": 14.0, "tritanopia": 10.0}
"""The least distance of two colours in CIELAB, where 2 can just be seen; the last is rare."""

LIGHT_OF = np.array([0.2126, 0.7152, 0.0722])
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)

every_palette = pytest.mark.parametrize("palette", PALETTES.values(), ids=list(PALETTES))


def linear(colour: str) -> Numbers:
    """`#rrggbb` as linear light, 0..1."""
    coded = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Returns by how much one is lighter than the other, as WCAG 2 has it, 1..21."""
    dark, light = sorted(float(LIGHT_OF @ linear(each)) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(light: Numbers) -> Numbers:
    """Linear light as CIELAB has it."""
    parts = TO_XYZ @ np.clip(light, 0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(parts > 0.008856, np.cbrt(parts), 7.787 * parts + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@every_palette
def test_every_signal_has_a_colour_of_its_own(palette: Palette) -> None:
    declared = {each.name for each in vars(signals).values() if isinstance(each, SignalType)}
    assert palette.signals.keys() == declared
    assert palette.unknown not in palette.signals.values()


@every_palette
def test_every_colour_stands_out_from_what_it_lies_on(palette: Palette) -> None:
    for name, colour in palette.signals.items():
        for under in (palette.canvas, palette.panel):
            assert contrast(colour, under) >= 3.0, name


@every_palette
@pytest.mark.parametrize("kind", SEEING)
def test_signals_are_told_apart_with_colour_blindness(palette: Palette, kind: str) -> None:
    seen = {
        name: lab(np.array(SEEING[kind]) @ linear(colour))
        for name, colour in palette.signals.items()
    }
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= APART[kind], (one, other)
