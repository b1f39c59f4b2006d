"""The engine at a glance, at the right end of the status line."""

from __future__ import annotations

import time
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.pace import FRAME_MS, Pace
from patcher.panels.engine_window import EngineWindow
from patcher.panels.panel import Region
from patcher.ui.colours import CLEAR, rgba

COLUMNS = (("Frame", 118), ("CPU", 74), ("Queue", 100), ("Underruns", 104), ("Latency", 112))
"""What is told, and the width of each, in pixels at a scale of 1."""
DEVICE, CURVE, LETTERS = 130, 50, 13
HEIGHT, EDGE = 38, 8
"""More than of the status line, so that what is said does not show through; the curve leaves an
edge free above and below."""
HINT = "How the engine keeps up; a click shows the last minute"
POINTS = 50
"""Frames in the curve: 2 seconds."""
TELL = 5
"""Frames between two sets of numbers, so that they can be read."""
SILENT = 2.0
"""Seconds without a word from the engine until it is said."""
HIGH = 0.8
"""Of the 40 ms: from here on it is a warning."""


class EngineBar:
    """How the engine keeps up; a click opens the last minute of it."""

    region: ClassVar[Region] = "status"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._pace = Pace()
        self._window = EngineWindow(editor, self._pace)
        self._snapshot: Snapshot | None = None
        self._heard = time.monotonic()
        self._wide = 0
        self._told = 0
        self._state = ""

    def build(self, parent: int | str) -> None:
        self._group = parent
        self._drawing = dpg.add_drawlist(1, self._editor.look.px(HEIGHT), parent=parent)
        with dpg.item_handler_registry() as clicks:
            dpg.add_item_clicked_handler(callback=self._window.toggle)
        dpg.bind_item_handler_registry(self._drawing, clicks)
        self._window.build()
        self._editor.actions.add(
            "How the engine keeps up", self._window.toggle, "Ctrl+Shift+E", menu="View"
        )

    def refresh(self) -> None:
        wide = dpg.get_viewport_client_width()
        if wide != self._wide:
            self._wide = wide
            self._lay_out(wide)
        self._hint(dpg.is_item_hovered(self._drawing))
        snapshot = self._editor.snapshot
        if snapshot is not None and snapshot is not self._snapshot:
            self._snapshot, self._heard = snapshot, time.monotonic()
            self._pace.take(snapshot)
            self._show(snapshot)
        state = engine_words(self._editor.attachment.state, time.monotonic() - self._heard)
        if state != self._state:
            self._state = state
            dpg.configure_item(self._words, text=state)
            dpg.configure_item(self._numbers, show=not state)
        self._window.refresh()

    def _hint(self, hovered: bool) -> None:
        if hovered:
            self._editor.hint = HINT
        elif self._editor.hint == HINT:
            self._editor.hint = ""

    def _lay_out(self, wide: int) -> None:
        """Makes the curve and the columns that half the window has room for."""
        look, palette, px = self._editor.look, self._editor.look.palette, self._editor.look.px
        columns, width = [], CURVE + 16
        for name, room in (*COLUMNS, ("", DEVICE)):
            if px(width + room) < wide * 0.55:
                columns.append((name, width, room))
                width += room
        dpg.set_item_pos(self._group, [wide - px(width) - px(12), 0])
        dpg.configure_item(self._drawing, width=px(width))
        dpg.delete_item(self._drawing, children_only=True)
        box = (px(width), px(HEIGHT))
        dpg.draw_rectangle((0, 0), box, fill=rgba(palette.panel), color=CLEAR, parent=self._drawing)
        size, top = px(LETTERS), (px(HEIGHT) - px(LETTERS)) / 2 - 1
        self._words = dpg.draw_text(
            (px(8), top), "", size=size, color=rgba(palette.warn), parent=self._drawing
        )
        self._state = ""
        self._numbers = dpg.add_draw_layer(parent=self._drawing)
        frame = ((0, px(EDGE)), (px(CURVE), px(HEIGHT - EDGE)))
        dpg.draw_rectangle(
            *frame, fill=rgba(palette.field), color=CLEAR, rounding=px(3), parent=self._numbers
        )
        self._curve = dpg.draw_polyline(
            [(0, px(HEIGHT - EDGE))] * 2, color=rgba(palette.accent), parent=self._numbers
        )
        self._values: dict[str, int] = {}
        for name, left, _ in columns:
            faint, ink = rgba(palette.faint), rgba(palette.ink)
            dpg.draw_text((px(left), top), name, size=size, color=faint, parent=self._numbers)
            at = px(left) + look.width(name, size) + (px(5) if name else 0)
            self._values[name] = dpg.draw_text(
                (at, top), "", size=size, color=ink, parent=self._numbers
            )
        self._told = 0

    def _show(self, snapshot: Snapshot) -> None:
        px = self._editor.look.px
        late = list(self._pace.beats)[-POINTS:]
        step, foot = px(CURVE) / (POINTS - 1), px(HEIGHT - EDGE)
        high = foot - px(EDGE)
        first = px(CURVE) - step * (len(late) - 1)
        points = [
            (first + n * step, foot - high * min(each.frame_ms / FRAME_MS, 1))
            for n, each in enumerate(late)
        ]
        if len(points) > 1:
            dpg.configure_item(self._curve, points=points)
        self._told -= 1
        if self._told < 0:
            self._told = TELL
            self._tell(snapshot)

    def _tell(self, snapshot: Snapshot) -> None:
        palette = self._editor.look.palette
        output = next((each for each in snapshot.devices if each.kind == "output"), None)
        device = output.name if output else "no audio device"
        size, room = self._editor.look.px(LETTERS), self._editor.look.px(DEVICE - 8)
        bad = {
            "Frame": snapshot.load > HIGH,
            "Underruns": any(each.broke for each in self._pace.beats),
            "": output is None or not output.alive,
        }
        words = {
            "Frame": f"{snapshot.frame_ms:.1f}/{FRAME_MS:.0f} ms",
            "CPU": f"{100 * snapshot.cpu:.0f} %",
            "Queue": f"{1e3 * snapshot.queued:.0f} ms",
            "Latency": f"{snapshot.latency_ms:.0f} ms",
            "Underruns": f"{snapshot.underruns}",
            "": self._editor.look.fitted(device, size, room),
        }
        for name, item in self._values.items():
            colour = palette.warn if bad.get(name) else palette.ink
            mark = "▲ " if bad.get(name) else ""
            dpg.configure_item(item, text=mark + words[name], color=rgba(colour))


def engine_words(state: str, silent: float) -> str:
    """Says what keeps the engine from playing; empty where nothing does.

    Args:
        state: the attachment's.
        silent: seconds since the engine last said something.
    """
    if state != "ready":
        goes_on = "…" if state.startswith("starting") else ""
        return f"{state[:1].upper()}{state[1:]}{goes_on}"
    return "The engine does not answer" if silent > SILENT else ""
