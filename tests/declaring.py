"""What the tests of declarations declare with."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, NamedTuple

from engine.node import Service
from engine.signals import Asset, Audio, Notes, Style, Unit


class Shape(enum.Enum):
    SINE = "sine"
    SQUARE = "square"


class Weighted(NamedTuple):
    style: Style
    weight: Unit = 1.0


class Two(NamedTuple):
    low: Notes
    high: Notes


class Plain(NamedTuple):
    style: Style
    name: str


class Numbered(NamedTuple):
    in2: Audio


class Library(Service):
    """A service."""


def load(path: Path) -> str:
    return path.read_text()


Song = Annotated[str | None, Asset(load, (".mid",))]
