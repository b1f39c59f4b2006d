"""The note view: what a generator was given in the last 10 seconds, pitch by pitch."""

from __future__ import annotations

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from engine.signals import FRAME_RATE, MASK, OFF, ON, ONSET, PITCHES, SUSTAIN
from patcher.causes import causes, note_outlets
from patcher.colours import rgba
from patcher.editor import Editor
from patcher.history import FRAMES
from patcher.roll import BLACK, STATES, Pixels, Roll, Span, span_of
from patcher.status import pitch_name

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
        self._generator = ""
        self._frame = -1
        self._roll: Roll | None = None
        self._pixels: Pixels = np.zeros((1, FRAMES, 4), np.float32)
        self._over: tuple[int, int] | None = None
        self._lit = b""

    def build(self, parent: int | str) -> None:
        """Makes the items inside `parent`."""
        px = self._editor.look.px
        self._textures = dpg.add_texture_registry()
        self._drawing = dpg.add_drawlist(px(FRAMES + KEYS), px(HEIGHT + AXIS), parent=parent)
        with dpg.item_handler_registry() as clicks:
            dpg.add_item_clicked_handler(callback=self._clicked)
        dpg.bind_item_handler_registry(self._drawing, clicks)
        self._legend = dpg.add_drawlist(px(FRAMES + KEYS), px(18), parent=parent)
        self._words = dpg.add_text("", parent=parent, wrap=px(FRAMES + KEYS))

    def watched(self, generator: str) -> set[str]:
        """Returns the outlets that tell where a generator's notes come from."""
        return note_outlets(self._editor.patch, self._editor.registry, generator)

    def show(self, generator: str) -> None:
        """Shows what a generator was given up to the latest frame."""
        history = self._editor.history
        frame = history.snapshots[-1].frame
        news = frame - self._frame
        if self._roll is None or generator != self._generator or not 0 < news <= FRAMES:
            self._roll, news = None, FRAMES
        states = history.notes(generator, news)
        span = span_of(states)
        if self._roll is not None:
            was = self._roll.span
            span = Span(min(span.low, was.low), max(span.high, was.high))
        if self._roll is None or span != self._roll.span:
            self._roll, states = self._lay_out(span), history.notes(generator)
        self._generator, self._frame = generator, frame
        first = frame - len(states) + 1
        columns = np.arange(first, frame + 1) % FRAMES
        self._pixels[:, columns] = self._roll.paint(states, first)
        self._scroll()
        self._light_keys(states[-1])
        self._tell(self._over)

    def refresh(self) -> None:
        """Says what the mouse is over."""
        over = self._cell() if dpg.is_item_hovered(self._drawing) else None
        if over != self._over:
            self._over = over
            self._tell(over)

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
        dpg.configure_item(self._drawing, height=high + look.px(AXIS))
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
        px, high = self._editor.look.px, len(self._pixels)
        latest = self._frame % FRAMES + 1
        part, seam = latest / FRAMES, px(FRAMES - latest)
        dpg.configure_item(self._old, pmax=(seam, high), uv_min=(part, 0), uv_max=(1, 1))
        dpg.configure_item(
            self._new, pmin=(seam, 0), pmax=(px(FRAMES), high), uv_min=(0, 0), uv_max=(part, 1)
        )

    def _draw_axis(self, top: int) -> None:
        look = self._editor.look
        faint, size = look.palette.faint, look.px(LETTERS)
        for seconds in (10, 8, 6, 4, 2, 0):
            x = look.px(FRAMES - seconds * FRAME_RATE)
            words = f"{seconds} s" if seconds else "now"
            left = min(max(x - look.width(words, size) / 2, 0), look.px(FRAMES + KEYS))
            dpg.draw_line((x, top), (x, top + look.px(4)), color=rgba(faint), parent=self._drawing)
            dpg.draw_text(
                (left, top + look.px(5)), words, size=size, color=rgba(faint), parent=self._drawing
            )

    def _draw_keys(self, roll: Roll) -> None:
        look, palette = self._editor.look, self._editor.look.palette
        left, width, size = look.px(FRAMES + 3), look.px(20), look.px(LETTERS)
        for pitch in range(roll.span.low, roll.span.high + 1):
            top, end = roll.row(pitch)
            black = pitch % 12 in BLACK
            dpg.draw_rectangle(
                (left, top),
                (left + width * (0.6 if black else 1.0), end - 1),
                fill=rgba(palette.outline if black else palette.faint),
                color=(0, 0, 0, 0),
                parent=self._drawing,
            )
            if pitch % 12 == 0:
                at = (left + width + look.px(3), (top + end - size) / 2 - 1)
                dpg.draw_text(
                    at, pitch_name(pitch), size=size, color=rgba(palette.ink), parent=self._drawing
                )

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
                (look.px(FRAMES + 3), top),
                (look.px(FRAMES + 23), end - 1),
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
        ago = FRAMES - 1 - int((x - left) / self._editor.look.scale)
        inside = self._roll.span.low <= pitch <= self._roll.span.high
        return (pitch, max(ago, 0)) if inside and ago < FRAMES else None

    def _tell(self, over: tuple[int, int] | None) -> None:
        words = cell_words(*over, self._state(*over)) if over else ""
        if words != dpg.get_value(self._words):
            dpg.set_value(self._words, words)

    def _state(self, pitch: int, ago: int) -> int:
        return int(self._editor.history.notes(self._generator)[FRAMES - 1 - ago, pitch])

    def _clicked(self) -> None:
        if self._over is None:
            return
        editor = self._editor
        pitch, ago = self._over
        found = causes(
            editor.patch, editor.registry, editor.history.until(ago), self._generator, pitch
        )
        editor.selection.set({each for each in found if each in editor.patch.nodes})
        by = ", ".join(reversed(found)) if found else "no node that was watched then"
        editor.say(f"{cell_words(pitch, ago, self._state(pitch, ago))}; by {by}")


def cell_words(pitch: int, ago: int, state: int) -> str:
    """Says what a pitch was some frames ago."""
    when = f"{ago / FRAME_RATE:.1f} s ago" if ago else "now"
    return f"{pitch_name(pitch)}, {when}: {STATES[state]}"
