"""The fields of texts: words that are typed."""

from __future__ import annotations

from typing import Any, ClassVar

from patcher.ui.look import Look
from patcher.widgets.fields.field import Field

LINES = 2
"""Of a prompt that are shown."""


class TextField(Field):
    """A short text; a click begins typing, Enter or a click elsewhere takes it over."""

    RESETS: ClassVar[bool] = False

    def call(self, value: Any, short: bool = False) -> str:
        return str(value)

    def _click(self) -> None:
        self.enter()


class PromptField(TextField):
    """A text to read, such as a prompt: over the whole width, on two lines where it is long."""

    ROWS: ClassVar[float] = 2.25

    def _draw_value(self) -> float:
        width, _, size = self._size
        palette, edge = self.look.palette, size / 2
        words = self._present()
        colour = self._ink() if words else palette.faint
        lines = wrapped(self.look, words or self.place.port.help, size, width - 2 * edge, LINES)
        for number, line in enumerate(lines):
            self._write(line, edge, 1.15 * size + number * 1.1 * size, colour)
        return width

    def _draw_name(self, right: float) -> None:
        size = self._size[2]
        edge, small = size / 2, 0.8 * size
        self._write(self.place.label, edge, 0.25 * size, self.look.palette.faint, small)
        if self.control:
            self._draw_badge(edge + self.look.width(self.place.label, small), right)


def wrapped(look: Look, text: str, size: float, room: float, most: int) -> list[str]:
    """Returns a text on lines of at most `room` pixels; what does not fit on `most` is left out."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and look.width(longer, size) > room:
            lines.append(line)
            longer = word
            if len(lines) == most:
                lines[-1] += " …"
                return [look.fitted(each, size, room) for each in lines]
        line = longer
    return [look.fitted(each, size, room) for each in (*lines, line)]
