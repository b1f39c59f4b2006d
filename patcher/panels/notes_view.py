"""The note view: what a generator was given in the last 10 seconds, pitch by pitch."""

from __future__ import annotations

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from engine.signals import FRAME_RATE, MASK, OFF, ON, ONSET, PITCHES, SUSTAIN
from patcher.editing.causes import causes, note_outlets
from patcher.editing.editor import Editor
from patcher.editing.history import FRAMES
from patcher.editing.piano import OCTAVE, WHITE
from patcher.editing.roll import STATES, Pixels, Roll, Span, span_of
from patcher.ui.colours import CLEAR, EBONY, IVORY, rgba
from patcher.ui.view import Point
from patcher.words import pitch_name

HEIGHT, KEYS, AXIS, LETTERS = 300, 46, 20, 12
"""Of the roll; the width of the keyboard; the height of the time axis and of letters; in pixels at
a scale of 1."""
LEGEND = ((ONSET, "struck"), (SUSTAIN, "held"), (ON, "on"), (MASK, "masked"), (OFF, "off"))


class NotesView:
    """A piano roll, the present frame at its right end beside a keyboard.

    A click on it selects the nodes that made the pitch what it was.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._shown = ("", 0)
        self._frame = self._scrolled = -1
        self._roll: Roll | None = None
        self._pixels: Pixels = np.zeros((1, FRAMES, 4), np.float32)
        self._over: tuple[int, int] | None = None
        self._lit = b""

    def build(self, parent: int | str) -> None:
        """Makes the items inside `parent`."""
        px = self._editor.look.px
        self._textures = dpg.add_texture_registry()
        self._drawing = dpg.add_drawlist(1, px(HEIGHT + AXIS), parent=parent)
        with dpg.item_handler_registry() as clicks:
            dpg.add_item_clicked_handler(callback=self._clicked)
        dpg.bind_item_handler_registry(self._drawing, clicks)
        self._legend = dpg.add_drawlist(1, px(18), parent=parent)
        self._words = dpg.add_text("", parent=parent, wrap=0)

    def watched(self, generator: str) -> set[str]:
        """Returns the outlets that tell where a generator's notes come from."""
        return note_outlets(self._editor.patch, self._editor.registry, generator)

    def show(self, generator: str, room: int) -> None:
        """Shows what a generator was given up to the latest frame, in a width of some pixels."""
        history = self._editor.history
        frame = history.snapshots[-1].frame
        news = frame - self._frame
        if (generator, room) != self._shown or not 0 < news <= FRAMES:
            self._roll, news = None, FRAMES
        states = history.notes(generator, news)
        span = span_of(states)
        if self._roll is not None:
            was = self._roll.span
            span = Span(min(span.low, was.low), max(span.high, was.high))
        self._shown, self._frame = (generator, room), frame
        if self._roll is None or span != self._roll.span:
            self._roll, states = self._lay_out(span), history.notes(generator)
        first = frame - len(states) + 1
        columns = np.arange(first, frame + 1) % FRAMES
        self._pixels[:, columns] = self._roll.paint(states, first)
        self._light_keys(states[-1])
        self._tell(self._over)

    def refresh(self) -> None:
        """Moves the picture on, and says what the mouse is over.

        What is painted is there a drawn frame later: only then it is moved into sight.
        """
        if self._roll is not None and self._scrolled != self._frame:
            self._scrolled = self._frame
            self._scroll()
        over = self._cell() if dpg.is_item_hovered(self._drawing) else None
        if over != self._over:
            self._over = over
            self._tell(over)

    def place(self, pitch: int, ago: int) -> Point | None:
        """Returns where on the screen a pitch is as it was some frames ago; None for nowhere."""
        if self._roll is None:
            return None
        left, top = dpg.get_item_rect_min(self._drawing)
        x = (FRAMES - ago - 0.5) / FRAMES * self._across
        return left + x, top + sum(self._roll.row(pitch)) / 2

    @property
    def _across(self) -> int:
        """The width of the roll."""
        return max(self._shown[1] - self._editor.look.px(KEYS), FRAMES // 2)

    def _lay_out(self, span: Span) -> Roll:
        """Makes the picture and the keyboard for a range of pitches."""
        look = self._editor.look
        height = max(look.px(HEIGHT) // span.rows, 2)
        self._roll = roll = Roll(span, height, look.palette)
        dpg.delete_item(self._drawing, children_only=True)
        dpg.delete_item(self._textures, children_only=True)
        high = height * span.rows
        self._pixels = np.zeros((high, FRAMES, 4), np.float32)
        texture = dpg.add_raw_texture(FRAMES, high, self._pixels, parent=self._textures)
        width = self._across + look.px(KEYS)
        dpg.configure_item(self._drawing, width=width, height=high + look.px(AXIS))
        dpg.configure_item(self._legend, width=width)
        self._old, self._new = (
            dpg.draw_image(texture, (0, 0), (0, high), parent=self._drawing) for _ in range(2)
        )
        self._draw_axis(high)
        self._draw_keys(roll)
        self._draw_legend()
        self._keys = dpg.add_draw_layer(parent=self._drawing)
        self._lit = b""
        return roll

    def _scroll(self) -> None:
        """Shows the picture, whose columns are written round and round, the latest at the right."""
        high, across = len(self._pixels), self._across
        part = (self._scrolled % FRAMES + 1) / FRAMES
        seam = round(across * (1 - part))
        dpg.configure_item(self._old, pmax=(seam, high), uv_min=(part, 0), uv_max=(1, 1))
        dpg.configure_item(
            self._new, pmin=(seam, 0), pmax=(across, high), uv_min=(0, 0), uv_max=(part, 1)
        )

    def _draw_axis(self, top: int) -> None:
        look = self._editor.look
        faint, size = rgba(look.palette.faint), look.px(LETTERS)
        for seconds in (10, 8, 6, 4, 2, 0):
            x = self._across * (1 - seconds * FRAME_RATE / FRAMES)
            words = f"{seconds} s" if seconds else "now"
            left = max(x - look.width(words, size) / 2, 0)
            dpg.draw_line((x, top), (x, top + look.px(4)), color=faint, parent=self._drawing)
            at = (left, top + look.px(5))
            dpg.draw_text(at, words, size=size, color=faint, parent=self._drawing)

    def _draw_keys(self, roll: Roll) -> None:
        look, size = self._editor.look, self._editor.look.px(LETTERS)
        left, width = self._across + look.px(3), look.px(20)
        for pitch in range(roll.span.low, roll.span.high + 1):
            top, end = roll.row(pitch)
            black = pitch % OCTAVE not in WHITE
            for part, colour in ((1.0, IVORY), (0.6, EBONY)) if black else ((1.0, IVORY),):
                dpg.draw_rectangle(
                    (left, top),
                    (left + width * part, end),
                    fill=rgba(colour),
                    color=CLEAR,
                    parent=self._drawing,
                )
            if pitch % OCTAVE in (0, 5):
                low, line = (left, end), (left + width, end)
                dpg.draw_line(low, line, color=rgba(EBONY), parent=self._drawing)
            if pitch % OCTAVE == 0:
                at = (left + width + look.px(3), (top + end - size) / 2 - 1)
                ink = rgba(look.palette.ink)
                dpg.draw_text(at, pitch_name(pitch), size=size, color=ink, parent=self._drawing)

    def _draw_legend(self) -> None:
        look = self._editor.look
        size, x = look.px(LETTERS), 0.0
        wide, high = look.px(14), look.px(8)
        sample = Roll(Span(0, 0), high, look.palette)
        dpg.delete_item(self._legend, children_only=True)
        for state, word in LEGEND:
            pixels = sample.paint(np.full((wide, PITCHES), state, np.int8), 0)
            texture = dpg.add_static_texture(
                wide, high, pixels.ravel().tolist(), parent=self._textures
            )
            top = look.px(4)
            dpg.draw_image(texture, (x, top), (x + wide, top + high), parent=self._legend)
            x += wide + look.px(4)
            dpg.draw_text(
                (x, look.px(1)),
                word,
                size=size,
                color=rgba(look.palette.faint),
                parent=self._legend,
            )
            x += look.width(word, size) + look.px(12)

    def _light_keys(self, now: npt.NDArray[np.int8]) -> None:
        """Marks the keys that sound in the present frame."""
        if now.tobytes() == self._lit:
            return
        self._lit = now.tobytes()
        look = self._editor.look
        assert self._roll is not None
        dpg.delete_item(self._keys, children_only=True)
        for pitch in np.flatnonzero(now > OFF).tolist():
            top, end = self._roll.row(pitch)
            dpg.draw_rectangle(
                (self._across + look.px(3), top),
                (self._across + look.px(23), end - 1),
                fill=rgba(look.colour("Notes")),
                color=rgba(look.palette.ink),
                parent=self._keys,
            )

    def _cell(self) -> tuple[int, int] | None:
        """Returns the pitch under the mouse, and how many frames ago."""
        if self._roll is None:
            return None
        left, top = dpg.get_item_rect_min(self._drawing)
        x, y = dpg.get_mouse_pos(local=False)
        pitch = self._roll.span.high - int((y - top) // self._roll.height)
        ago = FRAMES - 1 - int((x - left) * FRAMES / self._across)
        inside = self._roll.span.low <= pitch <= self._roll.span.high
        return (pitch, max(ago, 0)) if inside and ago < FRAMES else None

    def _tell(self, over: tuple[int, int] | None) -> None:
        words = cell_words(*over, self._state(*over)) if over else ""
        if words != dpg.get_value(self._words):
            dpg.set_value(self._words, words)

    def _state(self, pitch: int, ago: int) -> int:
        return int(self._editor.history.notes(self._shown[0])[FRAMES - 1 - ago, pitch])

    def _clicked(self) -> None:
        if self._over is None:
            return
        editor = self._editor
        pitch, ago = self._over
        found = causes(
            editor.patch, editor.registry, editor.history.until(ago), self._shown[0], pitch
        )
        editor.selection.set({each for each in found if each in editor.patch.nodes})
        by = ", ".join(reversed(found)) if found else "no node that was watched then"
        editor.say(f"{cell_words(pitch, ago, self._state(pitch, ago))}; by {by}")


def cell_words(pitch: int, ago: int, state: int) -> str:
    """Says what a pitch was some frames ago."""
    when = f"{ago / FRAME_RATE:.1f} s ago" if ago else "now"
    return f"{pitch_name(pitch)}, {when}: {STATES[state]}"
