"""Where values move to: between two others, and after a MIDI controller."""

from __future__ import annotations

from typing import Any

from engine.patch import MidiMapping
from engine.ports import Inlet, Setting
from engine.signals import CONTROL, clip

LEVELS = 128
"""How many levels a MIDI controller has: 0..127."""


def is_number(known: Inlet | Setting) -> bool:
    """Whether a port takes numbers, and any of those between two that it takes."""
    if isinstance(known, Inlet):
        return known.signal is CONTROL
    return known.kind in (int, float) and not known.choices


def between(known: Inlet | Setting, start: Any, goal: Any, position: float) -> Any:
    """Returns the value that lies at `position`, 0..1, on the way from one legal value to another.

    Numbers go evenly, those of logarithmic ranges by even ratios, whole ones from one to the
    next. What has no values between becomes `goal` at 1.
    """
    if not is_number(known):
        return goal if position >= 1.0 else start
    if position <= 0.0 or position >= 1.0:
        value = goal if position > 0.0 else start
    elif known.range and known.range.log and start > 0 and goal > 0:
        value = start * (goal / start) ** position
    else:
        value = start + (goal - start) * position
    value = clip(value, min(start, goal), max(start, goal))  # rounding may lead out
    whole = isinstance(known, Setting) and known.kind is int
    return round(value) if whole else float(value)


def mapping_fault(known: Inlet | Setting, mapping: MidiMapping) -> str | None:
    """Says why a controller cannot move what `known` declares so, or returns None where it can."""
    given = {"low": mapping.low, "high": mapping.high}
    ends = {key: each for key, each in given.items() if each is not None}
    if not is_number(known):
        if not isinstance(known, Setting) or not (known.choices or known.kind is bool):
            legal = "numbers with a range, toggles and choices"
            return f"cannot be moved by a MIDI controller; legal are {legal}"
        return "takes no low and high, as it is no number" if ends else None
    if known.range is None and len(ends) < 2:
        return "has no range, so a mapping has to say both low and high"
    for key, each in ends.items():
        try:
            known.check(each)
        except ValueError as fault:
            return f"{key}: {fault}"
    return None


def scaled(known: Inlet | Setting, mapping: MidiMapping, level: int) -> Any:
    """Returns the value, as a patch holds it, to which a controller at `level`, 0..127, moves one.

    Numbers go from low to high, by even ratios where the range is logarithmic, and whole ones are
    rounded. Toggles are on from 64 up; choices have equal shares. Only for mappings without a
    `mapping_fault`.
    """
    if isinstance(known, Setting) and known.choices:
        return known.choices[level * len(known.choices) // LEVELS]
    if isinstance(known, Setting) and known.kind is bool:
        return level >= LEVELS // 2
    low = known.range.low if mapping.low is None and known.range else mapping.low
    high = known.range.high if mapping.high is None and known.range else mapping.high
    return between(known, low, high, level / (LEVELS - 1))
