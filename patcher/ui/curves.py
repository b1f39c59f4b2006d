"""The curves of cables, and what lies on them: arithmetic of points on one plane."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from patcher.ui.view import Point

Rect = tuple[Point, Point]
"""Top left and bottom right."""

PIECES = 16
"""Straight pieces that a cable is taken for; at 600 pixels they are 1 pixel off at most."""


def handles(start: Point, end: Point) -> tuple[Point, Point, Point, Point]:
    """Returns the Bézier curve of a cable as Dear PyGui draws it, from outlet to inlet.

    Its handles lie level with its ends, a quarter of their distance away.
    """
    reach = 0.25 * ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def curve(start: Point, end: Point) -> list[Point]:
    """Returns points along a cable, both ends among them."""
    found = []
    points = handles(start, end)
    for step in range(PIECES + 1):
        t = step / PIECES
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        found.append(
            (
                sum(weight * x for weight, (x, _) in zip(weights, points, strict=True)),
                sum(weight * y for weight, (_, y) in zip(weights, points, strict=True)),
            )
        )
    return found


def crosses(path: Sequence[Point], start: Point, end: Point) -> bool:
    """Whether a straight line crosses a path."""
    return any(_cross(a, b, start, end) for a, b in pairwise(path))


def enters(path: Sequence[Point], rect: Rect) -> bool:
    """Whether a path has a part inside a rectangle."""
    (left, top), (right, bottom) = rect
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    return any(within((point, point), rect) for point in path) or any(
        crosses(path, a, b) for a, b in pairwise(corners)
    )


def spanned(one: Point, other: Point) -> Rect:
    """Returns the rectangle between two opposite corners, whichever they are."""
    (x, y), (u, v) = one, other
    return (min(x, u), min(y, v)), (max(x, u), max(y, v))


def within(inner: Rect, outer: Rect) -> bool:
    """Whether a rectangle lies in another whole."""
    (left, top), (right, bottom) = inner
    (x, y), (u, v) = outer
    return x <= left and y <= top and right <= u and bottom <= v


def overlap(one: Rect, other: Rect) -> bool:
    """Whether two rectangles have a part in common."""
    (left, top), (right, bottom) = one
    (x, y), (u, v) = other
    return left < u and x < right and top < v and y < bottom


def around(rects: Sequence[Rect], margin: float = 0.0) -> Rect:
    """Returns the rectangle around all of them, with a margin; there must be one."""
    return (
        (min(rect[0][0] for rect in rects) - margin, min(rect[0][1] for rect in rects) - margin),
        (max(rect[1][0] for rect in rects) + margin, max(rect[1][1] for rect in rects) + margin),
    )


def middle(rect: Rect) -> Point:
    """Returns the middle of a rectangle."""
    (left, top), (right, bottom) = rect
    return (left + right) / 2, (top + bottom) / 2


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) != _side(a, b, d) and _side(c, d, a) != _side(c, d, b)


def _side(a: Point, b: Point, point: Point) -> bool:
    return (b[0] - a[0]) * (point[1] - a[1]) > (b[1] - a[1]) * (point[0] - a[0])
