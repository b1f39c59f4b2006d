"""The screen: whether there is one, and how dense it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress

NORMAL = 96.0
"""Dots an inch of a screen at a scale of 1."""


def has_screen() -> bool:
    """Says whether a window can be opened."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def screen_scale() -> float:
    """Returns how large text is wanted, 0.75..3: what the desktop says, or else 1.

    On macOS windows are measured in points, and so are large enough on any screen.
    """
    wanted = 1.0
    with suppress(ValueError):
        wanted = float(os.environ.get("GDK_SCALE", "")) * float(os.environ.get("GDK_DPI_SCALE", 1))
        return min(max(wanted, 0.75), 3.0)
    if sys.platform != "darwin" and shutil.which("xrdb"):
        with suppress(OSError, subprocess.SubprocessError):
            told = subprocess.run(["xrdb", "-query"], capture_output=True, text=True, timeout=1.0)
            if found := re.search(r"^Xft\.dpi:\s*([\d.]+)$", told.stdout, re.MULTILINE):
                wanted = float(found[1]) / NORMAL
    return min(max(wanted, 0.75), 3.0)
