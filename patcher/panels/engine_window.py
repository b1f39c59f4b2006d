"""The last minute of the engine, as curves, and the devices it uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from engine.messages import DeviceState
from patcher.editing.editor import Editor
from patcher.editing.pace import FRAME_MS, SECONDS, Beat, Pace
from patcher.ui.colours import CLEAR, rgba
from patcher.words import DEVICE_KINDS

WIDTH, HEIGHT, LETTERS = 560, 64, 13
"""Of a curve, in pixels at a scale of 1."""
EVERY = 12
"""Drawn frames between two pictures."""


@dataclass(frozen=True)
class Curve:
    """What is drawn of each frame.

    Attributes:
        high: the value at the top, unless one is higher.
        limit: where a line is drawn across; None for none.
    """

    title: str
    unit: str
    value: Callable[[Beat], float]
    high: float
    limit: float | None = None


CURVES = (
    Curve("Time to compute a frame", "ms", lambda beat: beat.frame_ms, 1.2 * FRAME_MS, FRAME_MS),
    Curve("Sound that waits to be played", "ms", lambda beat: beat.queue_ms, 120.0),
    Curve("Processor, of one core", "%", lambda beat: beat.cpu, 120.0, 100.0),
)


class EngineWindow:
    """A window of its own over the canvas."""

    def __init__(self, editor: Editor, pace: Pace) -> None:
        self._editor = editor
        self._pace = pace
        self._wait = 0
        self._window = 0

    def build(self) -> None:
        """Makes the window, closed."""
        px = self._editor.look.px
        self._window = dpg.add_window(
            label="Engine", show=False, no_resize=True, no_collapse=True, autosize=True
        )
        self._titles, self._drawings = [], []
        for _ in CURVES:
            self._titles.append(dpg.add_text("", parent=self._window))
            drawing = dpg.add_drawlist(px(WIDTH), px(HEIGHT), parent=self._window)
            self._drawings.append(drawing)
        axis = dpg.add_drawlist(px(WIDTH), px(20), parent=self._window)
        look, size = self._editor.look, px(LETTERS)
        for words, part in ((f"{SECONDS} s ago", 0.0), ("now", 1.0)):
            at = ((px(WIDTH) - look.width(words, size)) * part, 0)
            ink = rgba(look.palette.faint)
            dpg.draw_text(at, words, size=size, color=ink, parent=axis)
        self._devices = dpg.add_text("", parent=self._window, wrap=px(WIDTH))

    def toggle(self) -> None:
        """Opens the window, or closes it."""
        self._wait = 0
        px = self._editor.look.px
        left = (dpg.get_viewport_client_width() - px(WIDTH)) // 2
        shown = not dpg.is_item_shown(self._window)
        dpg.configure_item(self._window, show=shown, pos=[max(left, 0), px(60)])

    def refresh(self) -> None:
        """Draws anew a few times a second, while it is open."""
        if not dpg.is_item_shown(self._window) or not self._pace.beats:
            return
        self._wait -= 1
        if self._wait >= 0:
            return
        self._wait = EVERY
        for curve, title, drawing in zip(CURVES, self._titles, self._drawings, strict=True):
            self._draw(curve, title, drawing)
        snapshot = self._editor.snapshot
        if snapshot is not None:
            lines = [device_words(each) for each in snapshot.devices]
            count = f"Underruns since the start: {snapshot.underruns}"
            dpg.set_value(self._devices, "\n".join([count, *lines]))

    def _draw(self, curve: Curve, title: int, drawing: int) -> None:
        palette, px = self._editor.look.palette, self._editor.look.px
        values = [curve.value(each) for each in self._pace.beats]
        top = max(curve.high, *values)
        mean = sum(values) / len(values)
        now = f"now {values[-1]:.0f}, mean {mean:.0f}, most {max(values):.0f} {curve.unit}"
        dpg.set_value(title, f"{curve.title}: {now}")
        dpg.delete_item(drawing, children_only=True)
        width, high = px(WIDTH), px(HEIGHT)
        dpg.draw_rectangle(
            (0, 0), (width, high), fill=rgba(palette.field), color=CLEAR, parent=drawing
        )
        step = width / (self._pace.beats.maxlen or 1)
        first = width - step * (len(values) - 1)
        for n, each in enumerate(self._pace.beats):
            if each.broke:
                x = first + n * step
                colour = rgba(palette.bad)
                dpg.draw_line((x, 0), (x, high), color=colour, thickness=px(2), parent=drawing)
        if curve.limit is not None:
            y = high * (1 - curve.limit / top)
            dpg.draw_line((0, y), (width, y), color=rgba(palette.warn), parent=drawing)
            words = f"{curve.limit:.0f} {curve.unit}"
            size, faint = px(LETTERS), rgba(palette.faint)
            dpg.draw_text((px(4), y), words, size=size, color=faint, parent=drawing)
        points = [(first + n * step, high * (1 - each / top)) for n, each in enumerate(values)]
        if len(points) > 1:
            ink = rgba(palette.accent)
            dpg.draw_polyline(points, color=ink, thickness=px(1), parent=drawing)


def device_words(device: DeviceState) -> str:
    """Returns a device on one line."""
    kind = DEVICE_KINDS[device.kind]
    parts = [f"{kind[0].upper()}{kind[1:]}: {device.name}"]
    if device.rate:
        parts.append(f"{device.rate:,.0f} Hz, {1e3 * device.latency:.0f} ms")
    if not device.alive:
        parts.append("missing; taken again when it returns")
    if device.note:
        parts.append(device.note)
    return ", ".join(parts)
