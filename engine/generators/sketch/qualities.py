"""What a style asks for beyond its anchors (bright, dry, busy), and how it bends a timbre."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

QUALITIES = {
    "bright": ("crisp", "dull"),
    "sharp": ("punchy", "slow attack"),
    "ringing": ("sustained", "muted"),
    "busy": ("busy", "sparse"),
    "rough": ("distorted", "clean"),
    "far": ("reverberant", "dry"),
    "wide": ("stereo", "mono"),
    "high": ("high pitched", "low pitched"),
    "electric": ("synthetic", "organic"),
}
"""Each quality, and the texts at its two ends that an encoder embeds it by."""

Amounts = Mapping[str, float]
"""How much of a quality, from −1 to 1; of one that is not there, 0."""

FLATTER = 0.4
"""How much nearer to each other, as a share of their decibels, a brighter sound's partials are."""
LEAN = 0.4
"""The power of its ratio that each partial gains by besides: 2.4 dB an octave."""
BRIGHTER = math.log(2.0)
"""An octave of the cutoff."""
MIDDLE_C = 261.6256
STRUCK, SWELLING = math.log(0.004), math.log(0.8)
"""Attacks, as natural logs of seconds, that sharp and its opposite move towards."""
LONGER, SHORTER = 1.0, 1.8
"""Natural logs of how many times slower, or faster, partials decay."""
ROOM_POWER = 2.2
"""The power that the room gives back of a held chord, where all is sent: measured."""
FIFTH = 7.0
"""Semitones that the register moves."""


def bend(
    level: Floats, ratio: Floats, decay: Floats, manner: Mapping[str, float], amounts: Amounts
) -> tuple[Floats, Floats, dict[str, float]]:
    """Returns a timbre's levels, decays and manner, moved as far as the qualities say.

    With all amounts 0 nothing moves; every parameter moves without a step as an amount does and
    stays in its range. The gain makes up for what brightness, drive and room do to the loudness.

    Args:
        level, ratio, decay: as in `Timbre`, each float32[32].
        manner: the fields of `Manner`, attack and cutoff as natural logs.
    """
    bent = dict(manner)
    level = _brighten(level, ratio, bent, amounts.get("bright", 0.0))

    up, down = _sides(amounts, "sharp")
    bent["attack"] += up * min(STRUCK - bent["attack"], 0.0)
    bent["attack"] += down * max(SWELLING - bent["attack"], 0.0)

    up, down = _sides(amounts, "ringing")
    decay = decay - np.float32(LONGER * up - SHORTER * down)
    bent["sustain"] *= 1 - 0.9 * down

    up, down = _sides(amounts, "rough")
    bent["drive"] = (bent["drive"] + 0.8 * up * (1 - bent["drive"])) * (1 - 0.9 * down)
    bent["breath"] = (bent["breath"] + 0.2 * up * (1 - bent["breath"])) * (1 - 0.9 * down)
    bent["gain"] *= (_push(manner["drive"]) / _push(bent["drive"])) ** 0.45

    up, down = _sides(amounts, "wide")
    bent["width"] = (bent["width"] + up * (1.5 - bent["width"])) * (1 - down)
    bent["chorus"] += 0.5 * up * (1 - bent["chorus"])
    # The room is wide by nature: what is mono has less of it.
    narrowing = 1 - 0.7 * down
    up, down = _sides(amounts, "far")
    bent["room"] = (bent["room"] + 0.8 * up * (1 - bent["room"])) * (1 - down) * narrowing
    before, after = (1 + ROOM_POWER * each["room"] ** 2 for each in (manner, bent))
    bent["gain"] *= math.sqrt(before / after)

    for name, quality in (("density", "busy"), ("electric", "electric")):
        up, down = _sides(amounts, quality)
        bent[name] = (bent[name] + up * (1 - bent[name])) * (1 - down)
    up, down = _sides(amounts, "high")
    bent["register"] += FIFTH * (up - down)
    return level.astype(np.float32), decay, bent


def _brighten(level: Floats, ratio: Floats, bent: dict[str, float], amount: float) -> Floats:
    """Moves cutoff and gain, in place; returns the levels, as loud at middle C as before."""
    hertz = np.float32(MIDDLE_C) * np.exp2(ratio)
    power = _power(level, hertz, bent["cutoff"])
    level = level ** np.float32(1 - FLATTER * amount) * np.exp2(LEAN * amount * ratio)
    bent["cutoff"] += BRIGHTER * amount
    bent["gain"] *= math.sqrt(power / _power(level, hertz, bent["cutoff"]))
    return level


def _power(level: Floats, hertz: Floats, cutoff: float) -> float:
    """Returns the power of partials after the cutoff, ln Hz."""
    dulled = level / (1 + (hertz / math.exp(cutoff)) ** 2)
    return float(np.sum(dulled**2))


def _push(drive: float) -> float:
    """Returns by how much the drive makes a quiet sound louder."""
    return 1 + min(4 * drive, 1.0) * (math.sqrt(1 + 15 * drive) - 1)


def _sides(amounts: Amounts, quality: str) -> tuple[float, float]:
    """Returns how much of a quality is asked for, and of its opposite; one of them is 0."""
    amount = amounts.get(quality, 0.0)
    return max(amount, 0.0), max(-amount, 0.0)
