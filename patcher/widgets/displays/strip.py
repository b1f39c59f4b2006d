"""The notes of an outlet as a strip of 128 keys."""

from __future__ import annotations

from itertools import groupby

import dearpygui.dearpygui as dpg

from engine.messages import NotesSeen, Snapshot
from engine.signals import MASK, OFF, ON, ONSET, PITCHES, SUSTAIN
from patcher.ui.colours import CLEAR, blend, rgba
from patcher.ui.look import Look
from patcher.widgets.displays.display import Display

ROW = 13
"""The height of a strip, in pixels at a zoom and a scale of 1."""
LEAST_KEY = 1.5
"""Pixels; what is narrower is not seen on every screen."""
HEIGHTS = {MASK: (0.72, 0.86), SUSTAIN: (0.15, 1.0), ONSET: (0.0, 1.0), ON: (0.15, 0.6)}
"""From where to where in the height a state is drawn: told apart without colours."""


class Strip(Display):
    """What each pitch is, the lowest at the left.

    Off is empty, masked a thin line, held a bar, struck a brighter one that is taller, and on
    (held, and the model decides when to strike) a short one.

    Args:
        ports: one strip each, from the top.
    """

    def __init__(self, look: Look, ports: tuple[str, ...]) -> None:
        super().__init__(look, ports, ROW * len(ports))
        self._states = {port: bytes(PITCHES) for port in ports}
        self._layers: dict[str, int] = {}

    def take(self, snapshot: Snapshot) -> bool:
        moves = False
        for port, before in self._states.items():
            seen = snapshot.seen.get(port)
            if isinstance(seen, NotesSeen) and seen.states != before:
                self._states[port] = seen.states
                moves = True
        return moves

    def _draw(self) -> None:
        scale = self.scale
        for octave in range(1, 11):
            x = self._x(12 * octave)
            self.line((x, 0), (x, self.height), self.look.palette.panel, max(scale, 1))
        for number in range(1, len(self._states)):
            y = number * ROW * scale
            self.line((0, y), (self.width, y), self.look.palette.panel, 2 * scale)
        self._layers = {port: dpg.add_draw_layer(parent=self.drawing) for port in self._states}

    def _show(self) -> None:
        palette = self.look.palette
        colour = self.look.colour("Notes")
        shades = {
            MASK: palette.faint,
            SUSTAIN: colour,
            ONSET: blend(colour, palette.ink, 0.75),
            ON: colour,
        }
        for number, (port, states) in enumerate(self._states.items()):
            layer = self._layers[port]
            dpg.delete_item(layer, children_only=True)
            top, high = number * ROW * self.scale, ROW * self.scale
            for state, first, end in runs(states):
                above, below = HEIGHTS[state]
                left, gap = self._x(first), 0.0 if state == MASK else 0.5 * self.scale
                dpg.draw_rectangle(
                    (left, top + above * high),
                    (max(self._x(end) - gap, left + LEAST_KEY), top + below * high),
                    fill=rgba(shades[state]),
                    color=CLEAR,
                    parent=layer,
                )

    def _x(self, pitch: int) -> float:
        return pitch * self.width / PITCHES


def runs(states: bytes) -> list[tuple[int, int, int]]:
    """Returns what is not off: state, first pitch and the one after the last.

    Neighbours that are masked are one run; keys stay one by one.
    """
    found = []
    numbered = enumerate(memoryview(states).cast("b"))
    for state, group in groupby(numbered, lambda each: each[1]):
        pitches = [pitch for pitch, _ in group]
        if state == MASK:
            found.append((state, pitches[0], pitches[-1] + 1))
        elif state in HEIGHTS and state != OFF:
            found += [(state, pitch, pitch + 1) for pitch in pitches]
    return found
