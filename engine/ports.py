"""A node's ports and settings: what may be patched or set there."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import Any

from engine.patch import MAX_WHOLE, text_fault
from engine.signals import Asset, MidiPort, Range, SignalType

MAX_GROUP = 64
"""The most inlets of one variadic group."""


@dataclass(frozen=True)
class Inlet:
    """Where a cable may end.

    Attributes:
        signal: what the cable must carry.
        default: the value while nothing is patched in.
        range: the legal values of a Control, if limited.
        late: True where the node reads it at the end of the frame, for the next one.
    """

    name: str
    signal: SignalType
    default: Any = field(compare=False)
    range: Range | None = None
    help: str = ""
    late: bool = False

    def check(self, value: object) -> Any:
        """Returns `value` as this inlet takes it, or raises ValueError naming what is legal."""
        if not self.signal.valued:
            raise ValueError(f"takes a cable ({self.signal.name}), not a value")
        if self.signal.name == "Text":
            return _text(value)
        return _number(value, self.range)


@dataclass(frozen=True)
class Setting:
    """A value that is set on the node and that no cable feeds.

    Attributes:
        kind: `bool`, `int`, `float`, `str`, `MidiPort` or `Asset`.
        choices: the legal values, where only some are.
    """

    name: str
    kind: type
    default: Any = field(compare=False)
    range: Range | None = None
    choices: tuple[Any, ...] = ()
    asset: Asset | None = None
    enum: type[enum.Enum] | None = None
    help: str = ""

    @property
    def legal(self) -> str:
        """What may be set, in words."""
        if self.asset:
            return f"a file {' '.join(self.asset.suffixes)}"
        if self.choices:
            return " | ".join(str(each) for each in self.choices)
        if self.range:
            return str(self.range)
        return "MIDI port" if self.kind is MidiPort else self.kind.__name__

    def check(self, value: object) -> Any:
        """Returns `value` as the node takes it, or raises ValueError naming what is legal.

        The value of an asset stays the name of its file; the plan loads it.
        """
        if self.choices:
            if not any(value == choice and type(value) is type(choice) for choice in self.choices):
                legal = ", ".join(map(repr, self.choices))
                raise ValueError(f"{value!r} is not one of {legal}")
            return self.enum(value) if self.enum else value
        if self.kind is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{value!r} is not true or false")
            return value
        if self.kind in (int, float):
            number = _number(value, self.range)
            if self.kind is int and number != int(number):
                raise ValueError(f"{value!r} is not a whole number")
            return self.kind(number)
        return _text(value)


@dataclass(frozen=True)
class Outlet:
    """Where a cable starts."""

    name: str
    signal: SignalType
    help: str = ""


@dataclass(frozen=True)
class Group:
    """Any number of inlets, or of sets of inlets, declared as `*name`.

    Its ports are numbered from 1: `style1`, `weight1`, `style2`, …

    Attributes:
        fields: the inlets of one set; their names lack the number.
        make: builds one set from its inlets' values; None for a single inlet.
    """

    name: str
    fields: tuple[Inlet, ...]
    make: type | None = None

    def port(self, inlet: Inlet, number: int) -> str:
        """Returns the name of an inlet of a set."""
        return f"{inlet.name}{number}"

    def member(self, port: str) -> tuple[Inlet, int] | None:
        """Returns the inlet that `port` names and its number, or None if it is not of here."""
        match = re.fullmatch(r"([a-z_]+?)([1-9][0-9]?)", port)
        if not match or int(match[2]) > MAX_GROUP:
            return None
        return next(
            ((inlet, int(match[2])) for inlet in self.fields if inlet.name == match[1]), None
        )


def takes(known: Inlet | Setting, value: object) -> bool:
    """Whether a value is legal for a port."""
    try:
        known.check(value)
    except ValueError:
        return False
    return True


def names_a_file(known: Inlet | Setting | None) -> bool:
    """Whether the value of a port is the name of a file, which is read at a compilation."""
    return isinstance(known, Setting) and known.asset is not None


def split_help(doc: str) -> tuple[str, dict[str, str]]:
    """Splits a docstring into its text and the help of its ports, from `Args:` and `Returns:`."""
    body, *sections = re.split(r"^(?:Args|Returns):[ ]*\n", doc, flags=re.MULTILINE)
    ports: dict[str, str] = {}
    for section in sections:
        for match in re.finditer(r"^    (\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE):
            ports[match[1]] = " ".join(match[2].split())
    return body.strip(), ports


def raw(value: Any) -> Any:
    """Returns a value that was checked as a patch holds it."""
    if isinstance(value, enum.Enum):
        return value.value
    return str(value) if isinstance(value, str) else value


def _number(value: object, range_: Range | None) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is not a number")
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"{value!r} is not a finite number")
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        raise ValueError("a whole number beyond ±2^53 is not legal")
    if range_ and not range_.holds(value):
        raise ValueError(f"{value!r} is outside {range_}")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    if fault := text_fault(value):
        raise ValueError(fault)
    return value
