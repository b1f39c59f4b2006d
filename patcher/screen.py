"""The screen: whether there is one, and how dense it is."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress

NORMAL = 96.0
"""Dots an inch of a screen at a scale of 1."""


def missing_screen() -> str:
    """Returns why no window can be opened, in a sentence; empty where one can."""
    if sys.platform == "darwin":
        return ""
    name = os.environ.get("DISPLAY")
    if not name:
        return "There is no screen for a window: DISPLAY is not set."
    with suppress(OSError):  # without the library nothing can be told beforehand
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        display = x11.XOpenDisplay(None)
        if not display:
            return f"There is no screen for a window: the display {name} does not answer."
        x11.XCloseDisplay(ctypes.c_void_p(display))
    return ""


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
