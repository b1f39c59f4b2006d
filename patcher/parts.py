"""The parts of the window beside the canvas, in the order in which they lie."""

from __future__ import annotations

from collections.abc import Callable

from patcher.canvas import Canvas
from patcher.editor import Editor
from patcher.panels.panel import Panel
from patcher.panels.status import Status

PARTS: tuple[Callable[[Editor, Canvas], Panel], ...] = (Status,)
