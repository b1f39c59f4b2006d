"""The traces of controls: what each was in the last 4 seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from engine.signals import FRAME_RATE
from patcher.ui.colours import rgba
from patcher.ui.look import Look
from patcher.widgets.displays.display import LEAST_TEXT, Display

FRAMES = 4 * FRAME_RATE
CELLS = 3
"""Traces that lie side by side."""
ROW = 30
"""The height of a trace, in pixels at a zoom and a scale of 1."""
LETTERS = 9.0
APART = 2.0
"""Pixels between two points of a trace."""


class Trace(Display):
    """A line for each control of a node, between the lowest and the highest it was.

    To the right of it stand both, and between them what it is now.
    """

    def __init__(self, look: Look, ports: tuple[str, ...]) -> None:
        rows = -(-len(ports) // CELLS)
        super().__init__(look, ports, ROW * rows)
        self._rows = rows
        self._cells = [_Cell(port) for port in ports]

    def take(self, snapshot: Snapshot) -> bool:
        moved = [cell.take(snapshot) for cell in self._cells]
        return any(moved)

    def _draw(self) -> None:
        count = min(len(self._cells), CELLS)
        width, height = self.width / count, self.height / self._rows
        for number, cell in enumerate(self._cells):
            row, column = divmod(number, count)
            cell.draw(self, column * width, row * height, width - 2 * self.scale, height)

    def _show(self) -> None:
        for cell in self._cells:
            cell.show()


class _Cell:
    """One control's trace."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._values: deque[float] = deque(maxlen=FRAMES)

    def take(self, snapshot: Snapshot) -> bool:
        """Takes a value in; says whether anything moves."""
        value = snapshot.seen.get(self._port)
        if not isinstance(value, float):
            return False
        still = len(self._values) == FRAMES and self._values[0] == value == self._values[-1]
        self._values.append(value)
        return not still or min(self._values) != max(self._values)

    def draw(self, on: Trace, left: float, top: float, width: float, height: float) -> None:
        """Makes the line and the texts in a place of the picture."""
        palette, scale = on.look.palette, on.scale
        room = 30 * scale
        self._place = left + 2 * scale, top + 3 * scale, width - room, height - 6 * scale
        self._curve = dpg.draw_polyline(
            [(left, top)] * 2,
            color=rgba(on.look.colour("Control")),
            thickness=max(1.5 * scale, 1.0),
            parent=on.drawing,
        )
        at = left + width - room + 6 * scale
        step = height / 3
        faint, ink = palette.faint, palette.ink
        self._texts = [
            on.text((at, top + n * step), LETTERS, colour)
            for n, colour in enumerate((faint, ink, faint))
        ]
        self._lettered = LETTERS * scale >= LEAST_TEXT
        self._words = ("", "", "")

    def show(self) -> None:
        """Brings the line and the texts up to date."""
        if not self._values:
            return
        low, high = min(self._values), max(self._values)
        dpg.configure_item(self._curve, points=points(self._values, low, high, self._place))
        now = number_words(self._values[-1])
        words = (number_words(high), now, number_words(low)) if high > low else ("", now, "")
        if self._lettered and words != self._words:
            self._words = words
            for item, text in zip(self._texts, words, strict=True):
                dpg.configure_item(item, text=text)


def points(
    values: Sequence[float], low: float, high: float, place: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    """Returns the points of a trace, the latest value at the right end, no closer than is seen.

    Args:
        low, high: the values at the foot and at the top; equal where nothing moves.
        place: left, top, width and height in pixels.
    """
    left, top, width, height = place
    apart = width / (FRAMES - 1)
    if high == low:
        first = left + width - apart * (len(values) - 1)
        return [(first, top + height / 2), (left + width, top + height / 2)]
    every = max(round(APART / max(apart, 0.01)), 1)
    late = list(values)[::-every]
    right, foot, per = left + width, top + height, height / (high - low)
    return [(right - n * every * apart, foot - (each - low) * per) for n, each in enumerate(late)]


def number_words(value: float) -> str:
    """Returns a value in at most five characters or so."""
    if abs(value) < 5e-4:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
