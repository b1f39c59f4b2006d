"""The colours of Hocket's pictures and windows, each defined once.

The signal colours are the palette of Okabe and Ito (jfly.uni-koeln.de/color), which stays
distinct with every common form of colour blindness, and a violet as far from all of it; green
and grey are lightened for contrast on the dark background, and all but blue are darkened on the
light one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

BACKGROUND = "#15181d"
PANEL = "#232830"
OUTLINE = "#4a5362"
INK = "#eceff4"
FAINT = "#98a2b3"
"""Text of the second rank; 6 : 1 against the panel."""

SIGNAL_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "Control": "#56b4e9",
        "Notes": "#e69f00",
        "Style": "#cc79a7",
        "Audio": "#1fc79a",
        "Midi": "#f0e442",
        "Text": "#c3c9d4",
        "Past": "#8f80ff",
    }
)
"""By the name of the signal type."""

UNKNOWN = "#7d8694"
"""A cable or a node whose type is not installed."""

VOICES = ("#6ee7ff", "#7dff9b", "#ffffff", "#b9a6ff")
"""Outlines of the notes of one generator each; all stand out from the magma colour map."""


@dataclass(frozen=True)
class Palette:
    """The colours of a window, dark or light.

    Attributes:
        canvas: behind the nodes.
        grid: its lines.
        panel: of nodes, bars and panels.
        field: of what can be typed into or dragged.
        raised: of buttons and title bars.
        outline: of nodes and between panels.
        ink, faint: text of the first and second rank.
        accent: what is selected, and how full a field is.
        good, warn, bad: states, told in words as well.
        signals: of cables and ports, by the name of the signal type.
    """

    canvas: str
    grid: str
    panel: str
    field: str
    raised: str
    outline: str
    ink: str
    faint: str
    accent: str
    good: str
    warn: str
    bad: str
    signals: Mapping[str, str]
    unknown: str = UNKNOWN


DARK = Palette(
    canvas=BACKGROUND,
    grid="#1c2027",
    panel=PANEL,
    field="#161a20",
    raised="#323a46",
    outline=OUTLINE,
    ink=INK,
    faint=FAINT,
    accent="#4c9be8",
    good="#1fc79a",
    warn="#e69f00",
    bad="#f2705a",
    signals=SIGNAL_COLOURS,
)

LIGHT = Palette(
    canvas="#e6e9ee",
    grid="#d9dde4",
    panel="#f7f8fa",
    field="#e8ecf2",
    raised="#dde2ea",
    outline="#9aa4b2",
    ink="#14181e",
    faint="#4f5a69",
    accent="#1769bd",
    good="#00785a",
    warn="#a35a00",
    bad="#b3261e",
    signals=MappingProxyType(
        {
            "Control": "#0072b2",
            "Notes": "#b46c00",
            "Style": "#b0478a",
            "Audio": "#00805f",
            "Midi": "#5e5500",
            "Text": "#454e5a",
            "Past": "#7322d6",
        }
    ),
)

PALETTES: Mapping[str, Palette] = MappingProxyType({"dark": DARK, "light": LIGHT})

CLEAR = (0, 0, 0, 0)
"""Nothing to be seen, as `rgba` has it."""

IVORY, EBONY = "#eceae4", "#20242b"
"""White and black keys are so on every piano, whatever the colours of the window."""

COMMENT_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "grey": "#7d8694",
        "blue": "#4c9be8",
        "green": "#1fa37f",
        "orange": "#d98e04",
        "pink": "#c468a0",
        "yellow": "#c9bd2b",
    }
)
"""Of comments and coloured frames, by the names that patches use."""


def rgba(colour: str, alpha: int = 255) -> tuple[int, int, int, int]:
    """Returns `#rrggbb` as numbers 0..255, with an alpha 0..255."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue, alpha


def blend(under: str, over: str, part: float) -> str:
    """Returns the colour `part` (0..1) of the way from one to the other."""
    pairs = zip(bytes.fromhex(under[1:]), bytes.fromhex(over[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
