"""Long texts on lines that fit: a line that ends in a space goes on in the next one."""

from __future__ import annotations

from collections.abc import Callable


def flowed(text: str, fits: Callable[[str], bool]) -> str:
    """Returns a text with its long lines broken after spaces; a word too long for one stays whole.

    Args:
        fits: whether a line is short enough.
    """
    return "\n".join(" \n".join(_broken(line.rstrip(" "), fits)) for line in text.split("\n"))


def unflowed(text: str) -> str:
    """Returns a text as it was before `flowed` broke its lines."""
    return text.replace(" \n", " ")


def _broken(line: str, fits: Callable[[str], bool]) -> list[str]:
    first, *words = line.split(" ")
    lines = [first]
    for word in words:
        longer = f"{lines[-1]} {word}"
        # A line that is blank as yet is the indent or the gap before a word, and has to keep it.
        if fits(longer) or not lines[-1].strip():
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
