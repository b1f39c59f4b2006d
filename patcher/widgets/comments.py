"""Comments and coloured frames: drawn on the ground of the canvas, under nodes and cables."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

import dearpygui.dearpygui as dpg

from engine.patch import Comment
from patcher.ui.colours import CLEAR, COMMENT_COLOURS, rgba
from patcher.ui.curves import Rect, within
from patcher.ui.look import TEXT, Look
from patcher.ui.view import Point, View

Part = Literal["title", "corner"]
"""Where a comment can be taken hold of; a text without a frame is all title."""

EDGE = 8
"""Pixels between the text and the edge, at a scale of 1, as all lengths here."""
TITLE = TEXT + 2 * EDGE - 4
CORNER = 16
SMALLEST = (120.0, 80.0)
"""Of a frame."""
COLUMN = 56
"""Letters in a line of a text without a frame."""


class Comments:
    """What the canvas shows of a patch's comments.

    Attributes:
        shown: the comments by id, as they lie now, in the middle of a drag as well.
    """

    def __init__(self, look: Look, view: View, area: int | str) -> None:
        self.shown: Mapping[str, Comment] = {}
        self._look = look
        self._view = view
        self._area = area
        self._selected: frozenset[str] = frozenset()
        self._sheet = int(dpg.add_drawlist(1, 1, parent=area, pos=(0, 0)))
        self._ground = int(dpg.add_draw_node(parent=self._sheet))
        self._drawn: tuple[object, ...] = ()
        self._size: tuple[int, ...] = ()
        self._at: Point | None = None

    def show(self, comments: Mapping[str, Comment], selected: Collection[str]) -> None:
        """Shows these comments; the selected ones stand out."""
        self.shown, self._selected = comments, frozenset(selected)

    def put(self, name: str, at: Point, size: Point | None = None) -> None:
        """Shows a comment elsewhere or, with a size, larger, until the patch changes."""
        comment = self.shown[name]
        changed = replace(comment, at=at, size=size or comment.size)
        self.shown = {**self.shown, name: changed}

    def refresh(self) -> None:
        """Draws what has changed, and follows the view."""
        size = tuple(dpg.get_item_rect_size(self._area))
        if size != self._size:
            self._size = size
            dpg.configure_item(self._sheet, width=int(size[0]), height=int(size[1]))
        drawn = (self.shown, self._selected, self._view.zoom)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw()
        if not self.shown:
            return
        (left, top), (x, y) = dpg.get_item_pos(self._area), self._view.to_screen((0.0, 0.0))
        if (x - left, y - top) != self._at:
            self._at = x - left, y - top
            dpg.apply_transform(self._ground, dpg.create_translation_matrix([*self._at, 0.0]))

    def rect(self, name: str) -> Rect:
        """Returns where a comment lies in the patch."""
        comment = self.shown[name]
        x, y = comment.at
        if comment.size:
            return (x, y), (x + comment.size[0], y + comment.size[1])
        lines = _lines(comment)
        width = max(self._look.width(line, TEXT) for line in lines)
        return (x, y), (x + width + 2 * EDGE, y + len(lines) * TEXT * 1.25 + 2 * EDGE)

    def under(self, at: Point) -> tuple[str, Part] | None:
        """Returns the comment at a point of the patch, and what of it; the smallest of several."""
        found = []
        for name, comment in self.shown.items():
            (left, top), (right, bottom) = self.rect(name)
            if not within((at, at), ((left, top), (right, bottom))):
                continue
            part: Part | None = "title"
            if comment.size:
                corner = at[0] > right - CORNER and at[1] > bottom - CORNER
                part = "corner" if corner else "title" if at[1] < top + TITLE else None
            if part:
                found.append(((right - left) * (bottom - top), name, part))
        return min(found)[1:] if found else None

    def _draw(self) -> None:
        dpg.delete_item(self._ground, children_only=True)
        # The larger lie under the smaller.
        sizes = {name: -(each.size or (0, 0))[0] for name, each in self.shown.items()}
        for name in sorted(self.shown, key=lambda name: sizes[name]):
            self._draw_one(name, self.shown[name])

    def _draw_one(self, name: str, comment: Comment) -> None:
        zoom, palette = self._view.zoom, self._look.palette
        colour = COMMENT_COLOURS.get(comment.colour, COMMENT_COLOURS["grey"])
        outline = rgba(palette.accent) if name in self._selected else rgba(colour, 150)
        start, end = (tuple(part * zoom for part in point) for point in self.rect(name))
        framed = comment.size is not None
        dpg.draw_rectangle(
            start,
            end,
            color=outline,
            fill=rgba(colour, 34 if framed else 64),
            rounding=6 * zoom,
            thickness=2 if name in self._selected else 1,
            parent=self._ground,
        )
        if framed:
            strip = (end[0], start[1] + TITLE * zoom)
            dpg.draw_rectangle(
                start,
                strip,
                color=CLEAR,
                fill=rgba(colour, 90),
                rounding=6 * zoom,
                parent=self._ground,
            )
            for inset in (4, 8):
                dpg.draw_line(
                    (end[0] - inset * zoom, end[1] - 2 * zoom),
                    (end[0] - 2 * zoom, end[1] - inset * zoom),
                    color=rgba(colour),
                    parent=self._ground,
                )
        for number, line in enumerate(_lines(comment)):
            above = (EDGE - 2 if framed else EDGE) + number * TEXT * (1.5 if framed else 1.25)
            room = end[0] - start[0] - 2 * EDGE * zoom
            dpg.draw_text(
                (start[0] + EDGE * zoom, start[1] + above * zoom),
                self._look.fitted(line, TEXT * zoom, room + 1) if framed else line,
                size=TEXT * zoom,
                color=rgba(palette.ink),
                parent=self._ground,
            )


def _lines(comment: Comment) -> list[str]:
    lines = comment.text.splitlines() or [""]
    if comment.size:
        return lines
    return [part for line in lines for part in textwrap.wrap(line, COLUMN) or [""]]
