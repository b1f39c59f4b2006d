"""Names of files as they are shown, for they need not be text."""

from __future__ import annotations

from pathlib import Path


def shown(text: Path | str) -> str:
    """Returns a text with ? for what no screen can show.

    Python holds the bytes of a name that is not UTF-8 as half surrogate pairs; a single one in a
    text that is given to Dear PyGui ends the process.
    """
    return str(text).encode(errors="replace").decode()
