"""The meter and the scope of a sound."""

from __future__ import annotations

import math
from collections import deque

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from engine.messages import AudioSeen, Meter, Snapshot
from engine.signals import FRAME_RATE
from patcher.ui.colours import CLEAR, blend, rgba
from patcher.ui.look import Look
from patcher.widgets.displays.display import Display

LOWEST = -60.0
"""dB at the left end of a meter; full scale is the right end."""
TICKS = (-6, -18, -30, -42)
FALL = 24.0 / FRAME_RATE
"""How far the bar falls in a frame, in dB; it rises at once."""
HELD = FRAME_RATE
"""Frames that the mark of the highest sample stays."""
METER, WORDS, LETTERS = 13, 38, 10
"""The height of the meter, the width of the words at its end and the height of their letters."""
APART = 2.0
"""Pixels between two points of the wave."""
LEAST = 0.005
"""The amplitude, −46 dB, that still fills the height of the scope; a softer wave is lower."""


CLICKS = "clicks on meters"
"""The handler that all meters of a window share, made with its first."""


class Level(Display):
    """How loud a sound is, and the wave of a frame above it where it is watched.

    The bar is the mean level (RMS), the line the highest sample of the last second. The words at
    the end say CLIP once a sample went beyond full scale, until they are clicked.

    Args:
        node: whose meter is shown where no port is; empty for that of all that is heard.
        port: the outlet that carries the sound, as `node.outlet`; empty for an output's.

    Attributes:
        mean: how far the bar reaches, in dB.
        peak: the highest absolute sample of the last second.
        clipped: whether a sample went beyond full scale since the last click.
    """

    def __init__(self, look: Look, node: str, port: str = "") -> None:
        super().__init__(look, (port,) if port else (), 34 if port else METER)
        self._node, self._port = node, port
        self.mean, self.peak = LOWEST, 0.0
        self._peaks: deque[float] = deque(maxlen=HELD)
        self.clipped = False
        self._said = ""
        self._wave: npt.NDArray[np.float16] = np.zeros((2, 2), np.float16)

    def build(self, parent: int, width: float, scale: float) -> None:
        super().build(parent, width, scale)
        if not dpg.does_item_exist(CLICKS):
            with dpg.item_handler_registry(tag=CLICKS):
                dpg.add_item_clicked_handler(callback=lambda _, event: _clear(event[1]))
        dpg.set_item_user_data(self.drawing, self)
        dpg.bind_item_handler_registry(self.drawing, CLICKS)

    def take(self, snapshot: Snapshot) -> bool:
        seen = snapshot.seen.get(self._port)
        whole = snapshot.meters.get(self._node) if self._node else snapshot.output
        meter = seen.meter if isinstance(seen, AudioSeen) else whole or Meter(0.0, 0.0, 0.0)
        sounded = self.peak > 0.0 or self.mean > LOWEST
        self.mean = max(in_decibels(meter.rms), self.mean - FALL)
        self._peaks.append(max(meter.left, meter.right))
        self.peak = max(self._peaks)
        self.clipped |= self._peaks[-1] > 1.0
        if isinstance(seen, AudioSeen):
            self._wave = np.frombuffer(seen.wave, "<f2").reshape(-1, 2)
        return sounded or self.peak > 0.0

    def _draw(self) -> None:
        palette, scale = self.look.palette, self.scale
        self._said = ""
        colour = self.look.colour("Audio")
        above = self._above
        if self._port:
            middle = (2 * scale + above) / 2
            self.line((0, middle), (self.width, middle), palette.outline)
            self._curve = dpg.draw_polyline(
                [(0, middle)] * 2, color=rgba(colour), thickness=1, parent=self.drawing
            )
        end = self._x(0.0)
        shade = rgba(blend(palette.field, colour, 0.7))
        self._bar = self.rectangle((0, above), (0, self.height), shade)
        for level in TICKS:
            x = self._x(level)
            self.line((x, above), (x, self.height), palette.outline)
        self._mark = self.line((0, above), (0, self.height), palette.ink, max(2 * scale, 1))
        self.line((end, above), (end, self.height), palette.outline)
        self._clip = self.rectangle((end, above), (self.width, self.height), CLEAR)
        self._words = self.text((end + 4 * scale, above), LETTERS, palette.ink)

    def _show(self) -> None:
        above, palette = self._above, self.look.palette
        dpg.configure_item(self._bar, pmax=(self._x(self.mean), self.height))
        peak = in_decibels(self.peak)
        x = self._x(peak)
        dpg.configure_item(self._mark, p1=(x, above), p2=(x, self.height), show=x > 0)
        words = "CLIP" if self.clipped else f"{peak:.0f} dB" if peak > LOWEST else ""
        if words != self._said:
            self._said = words
            fill = rgba(palette.bad) if self.clipped else CLEAR
            ink = palette.field if self.clipped else palette.faint
            dpg.configure_item(self._clip, fill=fill)
            dpg.configure_item(self._words, text=words, color=rgba(ink))
        if self._port:
            top = 2 * self.scale
            points = zigzag(self._wave, self.width, top, above - 2 * top)
            dpg.configure_item(self._curve, points=points)

    @property
    def _above(self) -> float:
        return self.height - METER * self.scale

    def _x(self, level: float) -> float:
        return part_of_meter(level) * (self.width - WORDS * self.scale)

    def clear(self) -> None:
        """Forgets that a sample went beyond full scale."""
        self.clipped, self._stale = False, True


def in_decibels(level: float) -> float:
    """Returns an amplitude in dB, no less than the meter shows."""
    return max(20 * math.log10(level), LOWEST) if level > 0 else LOWEST


def part_of_meter(level: float) -> float:
    """Returns how far along the meter a level in dB lies, 0..1."""
    return min(max(1 - level / LOWEST, 0.0), 1.0)


def zigzag(
    wave: npt.NDArray[np.float16], width: float, top: float, height: float
) -> list[tuple[float, float]]:
    """Returns the points of a line that goes down and up through a wave, no closer than is seen.

    Args:
        wave: the lowest and the highest of each stretch, float16[n, 2], full scale ±1.
        width, top, height: of the picture, in pixels.
    """
    step = max(round(2 * APART * len(wave) / max(width, 1.0)), 1)
    flat = wave[::step].ravel().astype(np.float32)
    loudest = float(np.abs(wave).max())
    if not math.isfinite(loudest):
        flat, loudest = np.zeros_like(flat), 0.0
    half = height / 2
    y = (top + half) - flat * (half / max(loudest, LEAST))
    apart = width / (len(flat) - 1)
    return [(n * apart, each) for n, each in enumerate(y.tolist())]


def _clear(drawing: int) -> None:
    if dpg.does_item_exist(drawing):  # a click may be told after its node has gone
        dpg.get_item_user_data(drawing).clear()
