"""The colours of Hocket's pictures and windows, each defined once.

The signal colours are the palette of Okabe and Ito (jfly.uni-koeln.de/color), which stays
distinct with every common form of colour blindness; green and grey are lightened for contrast
on the dark background.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    }
)
"""By the name of the signal type."""

UNKNOWN = "#7d8694"
"""A cable or a node whose type is not installed."""

VOICES = ("#6ee7ff", "#7dff9b", "#ffffff", "#b9a6ff")
"""Outlines of the notes of one generator each; all stand out from the magma colour map."""
