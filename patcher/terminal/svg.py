"""Text in an SVG picture: how wide it is, and how it is written so that it can do no harm."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

LONGEST = 64
"""The most characters that are shown of one line."""
BIG, NORMAL, SMALL = 20, 14, 11.5
"""Font sizes, in pixels."""
CHARACTER = 0.6
"""A generous width of one character, in parts of the font size: no font can be measured here."""
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Returns a text on one line, shortened to what there is room for."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def width(text: str, size: float = SMALL) -> float:
    """Returns how wide a line is at most, in pixels."""
    return len(cut(text)) * size * CHARACTER


def escaped(text: str) -> str:
    """Makes text from a patch, which may say anything, harmless and legal in XML."""
    return escape(ILLEGAL.sub("\ufffd", cut(text)))


def line(
    x: float, y: float, text: str, size: float, fill: str, weight: str = "", anchor: str = ""
) -> str:
    """Returns a line of text as an element; `y` is its base line."""
    more = f' font-weight="{weight}"' if weight else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}"{more}>{escaped(text)}</text>'
    )
