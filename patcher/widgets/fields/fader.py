"""The widgets of the perform panel: faders, and pads as large as a finger."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.colours import blend, rgba
from patcher.ui.look import Look
from patcher.widgets.fields.choice import ChoiceField, SwitchField
from patcher.widgets.fields.field import Field
from patcher.widgets.fields.number import NumberField
from patcher.widgets.fields.scale import SWEEP
from patcher.widgets.fields.text import wrapped

CAP = 16
"""Height of a fader's handle, in pixels at a scale of 1."""
EDGE = 6
"""Between a pad and what lies in it, in pixels at a scale of 1."""
LINES = 2
"""Of a value's name, above that of its node."""


class OnStage(Field):
    """A value on the perform panel: its name lies below, and the hand has all the rest."""

    def ask(self) -> None:
        self.editor.popups.menu.open(self.rows(), dpg.get_mouse_pos(local=False))

    def _draw_name(self, right: float) -> None:
        width, height, size = self._size
        palette, line = self.look.palette, 1.1 * size
        label = hyphenated(self.look, self.place.label, size, width - size / 2)
        lines = wrapped(self.look, label, size, width - size / 2, LINES)
        top = height - (len(lines) + 1) * line - size / 4
        for number, words in enumerate(lines):
            self._write_amid(words, top + number * line, palette.ink)
        self._write_amid(self.place.node, height - line - size / 4, palette.faint)
        if self.control:
            self._draw_badge(0.0, width)

    def _write_amid(self, words: str, top: float, colour: str) -> None:
        """Writes a line in the middle of the width."""
        width, _, size = self._size
        words = self.look.fitted(words, size, width - size / 2)
        self._write(words, (width - self.look.width(words, size)) / 2, top, colour)

    @property
    def _foot(self) -> float:
        """Where the name begins, in pixels from the top."""
        return self._size[1] - (LINES + 1.4) * self._size[2]


class Fader(OnStage, NumberField):
    """A number, turned up and down; the whole way is its range."""

    def _along(self, dx: float, dy: float) -> float:
        bottom, top = self._track
        return -dy * SWEEP * self.look.scale / max(bottom - top, 1.0)

    @property
    def _track(self) -> tuple[float, float]:
        """Where the range begins and ends, in pixels from the top."""
        half = CAP * self.look.scale / 2
        return self._foot - half, 1.6 * self._size[2] + half

    def _draw_fill(self) -> None:
        width, palette = self._size[0], self.look.palette
        bottom, top = self._track
        colour = palette.warn if self.driven else palette.accent
        start, end = (bottom + (top - bottom) * each for each in self.part())
        here = bottom + (top - bottom) * self.scale.part(self.value)
        half = CAP * self.look.scale / 2
        self._box((0.25 * width, top - half), (0.75 * width, bottom + half), rgba(palette.raised))
        self._box((0.25 * width, end), (0.75 * width, start), rgba(colour, 170))
        cap = rgba(blend(colour, palette.ink, 0.6))
        self._box((0.12 * width, here - half), (0.88 * width, here + half), cap)

    def _draw_value(self) -> float:
        width, _, size = self._size
        words = self._present()
        if self.look.width(words, size) > width - size / 4:
            words = self._present(short=True)
        self._write_amid(words, 0.2 * size, self._ink())
        return width


class SwitchPad(OnStage, SwitchField):
    """On or off, a pad to hit."""

    def _draw_fill(self) -> None:
        width, height, _ = self._size
        palette, edge = self.look.palette, EDGE * self.look.scale
        lit = palette.warn if self.driven else palette.accent
        fill = rgba(lit, 170) if self.on else rgba(palette.raised)
        self._box((edge, edge), (width - edge, height - edge), fill)

    def _draw_value(self) -> float:
        return self._size[0]

    def _draw_name(self, right: float) -> None:
        _, height, size = self._size
        top, palette = height / 2 - 1.1 * size, self.look.palette
        self._write_amid(f"{self.place.label}: {self._present()}", top, palette.ink)
        self._write_amid(self.place.node, top + 1.1 * size, palette.ink)


class ChoicePads(OnStage, ChoiceField):
    """One of a few words, each a pad to hit."""

    def _click(self) -> None:
        height = self._mouse[1] - dpg.get_item_rect_min(self.input)[1]
        at = int(height / self._each)
        if at < len(self.choices) and not self._refuse_feed():
            self.turn(self.choices[at])

    @property
    def _each(self) -> float:
        """The height of a pad."""
        return self._foot / len(self.choices)

    def _draw_fill(self) -> None:
        width, _, size = self._size
        palette, edge = self.look.palette, EDGE * self.look.scale
        for at, choice in enumerate(self.choices):
            top, chosen = at * self._each, choice == self.value
            fill = rgba(palette.accent, 170) if chosen else rgba(palette.raised)
            self._box((edge, top + edge), (width - edge, top + self._each), fill)
            self._write_amid(self.call(choice), top + (self._each + edge - size) / 2, palette.ink)

    def _draw_value(self) -> float:
        return self._size[0]


def hyphenated(look: Look, text: str, size: float, room: float) -> str:
    """Returns a text in which words wider than `room` pixels are parted by hyphens."""
    parts = []
    for word in text.split():
        while look.width(word, size) > room and len(word) > 2:
            at = next(
                at
                for at in range(len(word) - 1, 0, -1)
                if at == 1 or look.width(word[:at] + "-", size) <= room
            )
            parts.append(word[:at] + "-")
            word = word[at:]
        parts.append(word)
    return " ".join(parts)
