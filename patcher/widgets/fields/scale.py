"""How numbers are shown, typed and turned."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.ports import Inlet, Setting
from engine.scaling import between
from engine.signals import Range
from patcher.words import PITCH_NAMES, pitch_name

SWEEP = 250
"""Pixels that the mouse goes from one end of a range to the other."""

WIDE = 10_000
"""A range from here up is turned as if it had no ends: by parts of the value."""

SHORT = {"semitones": "st", "steps per beat": "/ beat", "beats": "b"}
"""Units where there is no room for the word."""

BY_ONE = ("MIDI pitch", "semitones", "semitones above C")
"""Units of which a hand wants whole ones, unless it is turned finely."""


@dataclass(frozen=True)
class Scale:
    """What there is to know of a number to show and turn it.

    Attributes:
        port: what declares it.
    """

    port: Inlet | Setting

    @property
    def range(self) -> Range | None:
        """What is legal; None for any number."""
        return self.port.range

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are legal."""
        return isinstance(self.port, Setting) and self.port.kind is int

    @property
    def nought(self) -> str:
        """What 0 is called where it is no number, as the help has it: `0 for all`."""
        found = re.search(r"\b0 for ([a-z ]+)", self.port.help)
        return found[1] if found else ""

    @property
    def unit(self) -> str:
        """The unit users see; empty for a plain number."""
        return self.range.unit if self.range else ""

    def words(self, value: float, short: bool = False) -> str:
        """Returns a value as it is read."""
        if self.nought and value == 0:
            return self.nought
        if self.unit == "MIDI pitch":
            name = pitch_name(round(value))
            return name if short else f"{_plain(value)} {name}"
        if self.unit == "semitones above C":
            return PITCH_NAMES[round(value) % 12]
        unit = SHORT.get(self.unit, self.unit) if short else self.unit
        return f"{_plain(value)} {unit}".rstrip()

    def read(self, text: str) -> float:
        """Returns the value that is typed: a number, its unit or not, 1/16, or a pitch's name.

        Whether it is within the range is for the node to say.

        Raises:
            ValueError: it is no number.
        """
        words = text.strip().removesuffix(self.unit).strip()
        if self.nought and words.lower() == self.nought:
            return 0
        name = re.fullmatch(r"(?:[\d.]+\s+)?([A-Ga-g]#?)(-?\d)?", words)
        if name and name[1].upper() in PITCH_NAMES:
            pitch = float(PITCH_NAMES.index(name[1].upper()))
            if self.unit == "semitones above C" and not name[2]:
                return pitch
            if self.unit == "MIDI pitch" and name[2]:
                return pitch + 12 * (int(name[2]) + 1)
        over, _, under = words.replace(",", ".").partition("/")
        try:
            value = float(over) / float(under or 1)
        except (ValueError, ZeroDivisionError):
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(f"{text[:40]!r} is no number; {self.legal}")
        return int(value) if self.whole and value == int(value) else value

    @property
    def legal(self) -> str:
        """What values it may take, in words."""
        if self.range is None:
            return "any number is legal"
        return f"legal are {self.range}"

    def part(self, value: float) -> float:
        """Returns how far along the range a value is, 0..1; where it is logarithmic, by ratio."""
        if self.range is None or self.range.high <= self.range.low:
            return 0.0
        low, high = self.range.low, self.range.high
        if self.range.log and low > 0:
            part = math.log(max(value, low) / low) / math.log(high / low)
        else:
            part = (value - low) / (high - low)
        return min(max(part, 0.0), 1.0)

    def moved(self, start: float, way: float, fine: bool = False) -> float:
        """Returns the value some way from another.

        Args:
            way: 1 is from one end of the range to the other.
            fine: whether it is rounded to a finer grid.
        """
        if self.range is None or self.range.high - self.range.low >= WIDE:
            value = start + way * SWEEP / 100 * max(abs(start), 1.0)
            value = _digits(value, 3 + fine)
        else:
            value = self._at(self.part(start) + way, fine)
        if self.range:
            value = min(max(value, self.range.low), self.range.high)
        return round(value) if self.whole else value

    def stepped(self, start: float, steps: int, fine: bool = False) -> float:
        """Returns the value some steps from another: ones, or hundredths of the range."""
        if self.whole or (self.unit in BY_ONE and not fine):
            value = start + steps
            return min(max(value, self.range.low), self.range.high) if self.range else value
        return self.moved(start, steps / (1_000 if fine else 100), fine)

    def _at(self, part: float, fine: bool) -> float:
        assert self.range
        low, high = self.range.low, self.range.high
        part = min(max(part, 0.0), 1.0)
        value = float(between(self.port, low, high, part))
        if part in (0.0, 1.0) or self.whole:
            return value
        if self.range.log:
            return _digits(value, 3 + fine)
        if self.unit in BY_ONE and not fine:
            return float(round(value))
        return round(value, fine - math.floor(math.log10((high - low) / SWEEP)))


def _digits(value: float, digits: int) -> float:
    """Returns a value rounded to so many digits that count."""
    return float(f"{value:.{digits}g}")


def _plain(value: float) -> str:
    if abs(value) >= 10_000 or value == int(value):
        return f"{value + 0.0:.0f}"  # −0 is 0
    return f"{value:.4g}"
