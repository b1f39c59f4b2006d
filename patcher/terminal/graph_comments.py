"""The comments of a patch in its picture: texts, and coloured frames round what lies in them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.patch import Comment, Patch
from patcher.terminal import svg
from patcher.ui.colours import COMMENT_COLOURS, INK
from patcher.ui.layout import LARGEST, Point, Size

EDGE, LEADING = 8.0, 16.0
"""Pixels between text and edge, and from line to line."""
COLUMN = 56
"""Letters in a line of a text without a frame."""
MOST_LINES = 24
"""Of one comment; a text of 65,536 characters would be all that is seen."""


@dataclass(frozen=True)
class Note:
    """A comment as it is drawn."""

    lines: tuple[str, ...]
    colour: str
    at: Point
    size: Size
    framed: bool

    @property
    def end(self) -> Point:
        return self.at[0] + self.size.width, self.at[1] + self.size.height


def lay_comments(
    patch: Patch,
    sizes: Mapping[str, Size],
    places: Mapping[str, Point],
    shift: Point | None,
    bottom: float,
) -> list[Note]:
    """Returns the comments of a patch, the larger before the smaller.

    Args:
        sizes, places: of the boxes of the nodes.
        shift: how far the boxes lie from where the patch has them; None where they lie in
            columns. Comments then stand as texts below them, as do those that lie too far off.
        bottom: how far down boxes and cables reach.
    """
    found = []
    for comment in patch.comments.values():
        note = _placed(comment, patch, sizes, places, shift) if shift else None
        if note is None:
            note = _text(comment, (0.0, bottom + 2 * EDGE))
            bottom = note.end[1]
        found.append(note)
    return sorted(found, key=lambda each: -each.size.width * each.size.height)


def _placed(
    comment: Comment,
    patch: Patch,
    sizes: Mapping[str, Size],
    places: Mapping[str, Point],
    shift: Point,
) -> Note | None:
    """Returns a comment where the patch has it; a frame takes in the boxes that begin in it."""
    left, top = comment.at[0] + shift[0], comment.at[1] + shift[1]
    if comment.size is None:
        return _text(comment, (left, top)) if _is_near((left, top)) else None
    right, bottom = left + comment.size[0], top + comment.size[1]
    if not (_is_near((left, top)) and _is_near((right, bottom))):
        return None
    for name, (x, y) in places.items():
        if left <= x < right and top <= y < bottom:
            right = max(right, x + sizes[name].width + EDGE)
            bottom = max(bottom, y + sizes[name].height + EDGE)
    lines = tuple(comment.text.splitlines()[:MOST_LINES])
    return Note(lines, _colour(comment), (left, top), Size(right - left, bottom - top), True)


def _is_near(point: Point) -> bool:
    return all(abs(part) <= LARGEST for part in point)


def _text(comment: Comment, at: Point) -> Note:
    """Returns a comment without a frame, as wide as its text."""
    lines = [part for line in comment.text.splitlines() for part in textwrap.wrap(line, COLUMN)]
    lines = lines[:MOST_LINES]
    width = max((svg.width(line) for line in lines), default=0.0)
    size = Size(width + 2 * EDGE, LEADING * max(1, len(lines)) + EDGE)
    return Note(tuple(lines), _colour(comment), at, size, False)


def _colour(comment: Comment) -> str:
    return COMMENT_COLOURS.get(comment.colour, COMMENT_COLOURS["grey"])


def draw_comment(note: Note) -> Iterator[str]:
    """Yields the elements of a comment, to be drawn under all else."""
    (x, y), (width, height) = note.at, note.size
    yield f'<g class="comment" transform="translate({x:g} {y:g})">'
    yield (
        f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{note.colour}" '
        f'fill-opacity="{0.13 if note.framed else 0.25}" stroke="{note.colour}"/>'
    )
    letters = int((width - 2 * EDGE) / svg.width("m")) + 1
    for number, text in enumerate(note.lines[: max(1, int(height / LEADING))]):
        yield svg.line(EDGE, LEADING * (number + 1), svg.cut(text, letters), svg.SMALL, INK)
    yield "</g>"
