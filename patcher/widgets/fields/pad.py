"""A pad: a cursor among points, moved in two directions at once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import dearpygui.dearpygui as dpg

from engine.nodetype import NodeType
from engine.patch import Patch
from patcher.editing.editor import Editor
from patcher.ui.colours import rgba
from patcher.ui.menu import Row
from patcher.ui.view import Point
from patcher.widgets.fields.number import FINE
from patcher.widgets.fields.offers import on_stage
from patcher.widgets.fields.widget import Widget

CURSOR = ("cursor_x", "cursor_y")
"""The inlets of a node type that is shown with a pad; its points lie at x1 and y1, x2 and y2, …"""

NUMBERED = re.compile(r"[a-z_]+?(\d+)\Z")
POINT = re.compile(r"[xy]\d+\Z")

MIDDLE: Point = (0.5, 0.5)
ARROWS = {"Left": (-1, 0), "Right": (1, 0), "Down": (0, -1), "Up": (0, 1)}
STEP = 0.01
"""How far an arrow key goes, as a part of the side."""

REACH = 0.8
"""How near a press has to be to a point to take it, in heights of letters."""


def has_pad(declared: NodeType | None) -> bool:
    """Whether a node of a type is shown with a pad."""
    return declared is not None and all(declared.inlet(each) for each in CURSOR)


def on_pad(port: str) -> bool:
    """Whether a pad shows the value of a port."""
    return port in CURSOR or POINT.match(port) is not None


def points(patch: Patch, node: str) -> dict[str, str]:
    """Returns what is patched into each numbered point of a pad: its prompt, else its node."""
    found = {}
    for cable in patch.cables:
        number = NUMBERED.match(cable.inlet) if cable.target == node else None
        if number and not POINT.match(cable.inlet):
            source = patch.nodes.get(cable.source)
            text = source.values.get("text") if source else None
            found[number[1]] = text if isinstance(text, str) and text else cable.source
    return found


class Pad(Widget):
    """A cursor and points on a square, x from left to right and y from bottom to top, 0..1.

    A press takes the point it hits, else the cursor, which jumps there.

    Args:
        editor: what it is a part of.
        node: whose values it turns.

    Attributes:
        places: where each lies, by the ports of its x and y.
        names: what stands at a point, by the ports of its x and y.
        fed: the ports that cables feed, which no hand moves.
        focused: whether the keyboard moves what is on it.
    """

    def __init__(self, editor: Editor, node: str) -> None:
        super().__init__(editor, node)
        self.places: dict[tuple[str, str], Point] = {CURSOR: MIDDLE}
        self.names: dict[tuple[str, str], str] = {}
        self.fed: frozenset[str] = frozenset()
        self.focused = False
        self._taken = CURSOR
        self._at: Point = MIDDLE
        self._cross: list[int] = []
        self._ring: list[int] = []

    def show(
        self, values: Mapping[str, Any], names: Mapping[str, str], fed: frozenset[str]
    ) -> None:
        """Shows where everything lies, unless a hand is on it.

        Args:
            values: by port; those that something moves, where they are just now.
            names: what each point is, by its number.
        """
        if self.held:
            return
        called = {(f"x{number}", f"y{number}"): name for number, name in names.items()}
        places = {
            pair: (_part(values.get(pair[0])), _part(values.get(pair[1])))
            for pair in (CURSOR, *called)
        }
        if (called, fed) == (self.names, self.fed) and places.keys() == self.places.keys():
            moved = {pair for pair in places if places[pair] != self.places[pair]}
        else:
            moved = set(places)
        self.places, self.names, self.fed = places, called, fed
        if self._taken not in places:
            self._taken = CURSOR
        if moved == {CURSOR} and self._cross:
            self._move_cursor()
        elif moved:
            self.draw()

    def ask(self) -> None:
        self.editor.popups.menu.open(self.rows(), dpg.get_mouse_pos(local=False))

    def rows(self) -> list[Row]:
        centre = Row("Centre the cursor", lambda: self._move(CURSOR, MIDDLE))
        return [centre, on_stage(self.editor, self.node)]

    def focus(self, on: bool) -> None:
        """Shows whether the keyboard moves what is on it."""
        if on != self.focused:
            self.focused, self._taken = on, CURSOR
            self.draw()

    def arrow(self, key: str, fine: bool) -> bool:
        dx, dy = ARROWS[key]
        step, (x, y) = STEP * (FINE if fine else 1.0), self.places[self._taken]
        self._move(self._taken, (x + dx * step, y + dy * step), released=False)
        return True

    def enter(self) -> None:
        """Has the keyboard move the next point, after the last the cursor."""
        if self.focused:
            self.editor.document.seal()
            pairs = list(self.places)
            self._taken = pairs[(pairs.index(self._taken) + 1) % len(pairs)]
            self.draw()

    def reset(self) -> None:
        self._move(self._taken, MIDDLE)

    def _grab(self) -> None:
        left, top = dpg.get_item_rect_min(self.input)
        at = (self._mouse[0] - left, self._mouse[1] - top)
        near = {pair: math.dist(at, self._to_pixels(place)) for pair, place in self.places.items()}
        self._taken = min(near, key=lambda pair: near[pair])
        if near[self._taken] <= REACH * self._size[2]:
            self._at = self.places[self._taken]
        else:
            self._taken, self._at = CURSOR, self._from_pixels(at)
            self._move(CURSOR, self._at, released=False)

    def _drag(self, dx: float, dy: float, fine: bool) -> None:
        across, down = self._span
        pace = FINE if fine else 1.0
        self._at = (self._at[0] + pace * dx / across, self._at[1] - pace * dy / down)
        self._move(self._taken, self._at, released=False)

    def _drop(self) -> None:
        self.editor.document.seal()

    def _click(self) -> None:
        self.editor.document.seal()

    def _move(self, pair: tuple[str, str], place: Point, released: bool = True) -> None:
        x, y = (round(min(max(each, 0.0), 1.0), 4) for each in place)
        values = {port: at for port, at in zip(pair, (x, y), strict=True) if port not in self.fed}
        if not values:
            self.editor.say(f"cables move {self.node}.{pair[0]} and {pair[1]}; pull them first")
        elif self.editor.turn(self.node, values, released):
            held = self.places[pair]
            self.places[pair] = (values.get(pair[0], held[0]), values.get(pair[1], held[1]))
            self.draw()

    @property
    def _edge(self) -> float:
        """Room at the sides for what lies at 0 and 1."""
        return self._size[2] / 2

    @property
    def _span(self) -> Point:
        width, height, _ = self._size
        return width - 2 * self._edge, height - 2 * self._edge

    def _to_pixels(self, place: Point) -> Point:
        (across, down), edge = self._span, self._edge
        x, y = (min(max(each, 0.0), 1.0) for each in place)
        return edge + x * across, edge + (1.0 - y) * down

    def _from_pixels(self, at: Point) -> Point:
        (across, down), edge = self._span, self._edge
        return (at[0] - edge) / across, 1.0 - (at[1] - edge) / down

    def _draw(self) -> None:
        width, height, size = self._size
        palette = self.look.palette
        for part in (0.0, 0.25, 0.5, 0.75, 1.0):
            x, y = self._to_pixels((part, part))
            self._line((x, self._edge), (x, height - self._edge), rgba(palette.raised))
            self._line((self._edge, y), (width - self._edge, y), rgba(palette.raised))
        for pair, name in self.names.items():
            self._draw_point(self._to_pixels(self.places[pair]), name)
        colour = palette.warn if self.fed & set(CURSOR) else palette.accent
        nowhere = (0.0, 0.0)
        self._cross = [self._line(nowhere, nowhere, rgba(colour, 90)) for _ in range(2)]
        self._ring = [
            self._dot(nowhere, 0.45 * size, rgba(colour)),
            self._dot(nowhere, 0.2 * size, rgba(palette.field)),
        ]
        self._move_cursor()
        if self.focused:
            self._draw_focus()

    def _draw_focus(self) -> None:
        """Draws an edge, and a ring round the point that the keyboard moves."""
        width, height, size = self._size
        accent = rgba(self.look.palette.accent)
        self._box((1, 1), (width - 1, height - 1), line=accent)
        if self._taken != CURSOR:
            at, side = self._to_pixels(self.places[self._taken]), 0.5 * size
            corners = (at[0] - side, at[1] - side), (at[0] + side, at[1] + side)
            self._box(*corners, line=accent, rounding=side)

    def _move_cursor(self) -> None:
        """Shows the cursor where it is now."""
        width, height, _ = self._size
        x, y = self._to_pixels(self.places[CURSOR])
        for line, start, end in zip(
            self._cross, ((x, 0.0), (0.0, y)), ((x, height), (width, y)), strict=True
        ):
            dpg.configure_item(line, p1=start, p2=end)
        for dot in self._ring:
            dpg.configure_item(dot, center=(x, y))

    def _draw_point(self, at: Point, name: str) -> None:
        """Draws a point and its name, which stays on the pad."""
        width, height, size = self._size
        small = 0.85 * size
        self._dot(at, 0.3 * size, rgba(self.look.colour("Style")))
        words = self.look.fitted(name, small, 0.6 * width)
        room = width - self.look.width(words, small) - size / 4
        left = min(max(at[0] - self.look.width(words, small) / 2, size / 4), room)
        above = at[1] - 1.5 * small if at[1] > height / 2 else at[1] + 0.5 * small
        self._write(words, left, above, self.look.palette.ink, small)


def _part(value: object) -> float:
    """Returns a place along a side; the middle where none is set, or what is set is no number."""
    return float(value) if isinstance(value, int | float) else 0.5
