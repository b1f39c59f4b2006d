"""What the perform panel shows of a patch, and where it puts it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.patch import Patch
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.signals import TEXT
from patcher.editing.ports import turnable, used
from patcher.widgets.fields.field import Place
from patcher.widgets.fields.pad import has_pad

Kind = Literal["surface", "fader", "switch", "choice", "text", "line"]
"""How a value is played: a pad for two values at once, a fader, one pad for on and off, a pad for
each choice, a text, or the field that nodes have, enlarged."""

MOST_PADS = 4
"""Choices that have a pad each; more are a list."""
UNITS: dict[Kind, int] = {
    "surface": 3,
    "fader": 1,
    "switch": 1,
    "choice": 2,
    "text": 3,
    "line": 2,
}
"""How wide each is, in widths of a fader."""
TALL = ("surface", "fader", "choice")
"""Those that take the height of a row; of the others `STACK` lie on top of each other."""
STACK = 3
WIDEST, NARROWEST, SHORTEST, TALLEST = 150, 96, 230, 520
"""Of a fader's width and a row's height, in pixels at a scale of 1."""


@dataclass(frozen=True)
class Control:
    """Something on the panel.

    Attributes:
        entry: how the patch names it.
        node: whose it is.
        place: the value that it turns; None for a surface, which turns several.
    """

    entry: str
    node: str
    kind: Kind
    place: Place | None = None

    @property
    def turned(self) -> str:
        """What is turned on it: a value, as `node.port`, or the node of a surface."""
        return str(self.place or self.node)


class Rect(NamedTuple):
    """A place on the panel, in pixels."""

    x: int
    y: int
    width: int
    height: int


def controls(patch: Patch, registry: Registry) -> list[Control]:
    """Returns what the panel of a patch shows; of what is there no more, nothing.

    A node stands for its surface if it has one, else for all its values.
    """
    found = []
    for entry in patch.panel:
        name, _, port = entry.partition(".")
        node = patch.nodes.get(name)
        declared = registry.find(node.type) if node else None
        if declared is None:
            continue
        if not port and has_pad(declared):
            found.append(Control(entry, name, "surface"))
            continue
        for each in [port] if port else turnable(declared, used(patch, name)):
            if known := declared.value(each):
                found.append(Control(entry, name, kind(known), Place(name, each, known)))
    return found


def kind(port: Inlet | Setting) -> Kind:
    """Returns how a value is played."""
    if isinstance(port, Inlet):
        if port.signal is TEXT:
            return "text"
        if port.range and port.range.unit == "off/on":
            return "switch"
    elif port.choices:
        return "choice" if len(port.choices) <= MOST_PADS else "line"
    elif port.kind is bool:
        return "switch"
    elif port.kind not in (int, float):
        return "line"
    return "fader" if port.range else "line"


def arrange(
    kinds: Sequence[Kind], width: int, height: int, gap: int, scale: float = 1.0
) -> list[Rect]:
    """Returns a place for each control, in rows, as large as they can be.

    Where there is no room for the smallest that a finger hits they go on below the height.

    Args:
        width, height: of the panel, in pixels.
        gap: between two controls.
    """
    columns = list(_columns(kinds))
    widths = [max(UNITS[kinds[at]] for at in column) for column in columns]
    shortest, tallest = round(SHORTEST * scale), round(TALLEST * scale)
    most = max((height + gap) // (shortest + gap), 1)
    unit, rows = _fitting(widths, width, most, gap, scale)
    high = min(max((height + gap) // max(len(rows), 1) - gap, shortest), tallest)
    places: dict[int, Rect] = {}
    for number, row in enumerate(rows):
        taken = sum(_wide(widths[at], unit, gap) + gap for at in row) - gap
        x = (width - taken) // 2
        for at in row:
            wide = _wide(widths[at], unit, gap)
            each = (high + gap) // len(columns[at]) - gap
            if kinds[columns[at][0]] not in TALL:
                each = (high + gap) // STACK - gap
            for depth, control in enumerate(columns[at]):
                top = number * (high + gap) + depth * (each + gap)
                places[control] = Rect(x, top, wide, each)
            x += wide + gap
    return [places[at] for at in range(len(kinds))]


def aim(controls: Sequence[tuple[Kind, Rect]], at: tuple[float, float]) -> tuple[int, bool]:
    """Returns which control is nearest to a place on the panel, and whether that is beyond it.

    Beyond a tall one is to the right of its middle; beyond another, below it or to the right.
    """

    def away(rect: Rect) -> float:
        x = max(rect.x - at[0], 0.0, at[0] - rect.x - rect.width)
        y = max(rect.y - at[1], 0.0, at[1] - rect.y - rect.height)
        return math.hypot(x, y)

    nearest = min(range(len(controls)), key=lambda each: away(controls[each][1]))
    kind, rect = controls[nearest]
    across, down = (at[0] - rect.x) / rect.width - 0.5, (at[1] - rect.y) / rect.height - 0.5
    return nearest, (across if kind in TALL else across + down) > 0.0


def _columns(kinds: Sequence[Kind]) -> Iterator[list[int]]:
    """Yields the numbers of the controls that lie on top of each other."""
    column: list[int] = []
    for at, each in enumerate(kinds):
        short = each not in TALL and column and kinds[column[0]] not in TALL
        if short and len(column) < STACK:
            column.append(at)
            continue
        if column:
            yield column
        column = [at]
    if column:
        yield column


def _fitting(
    widths: Sequence[int], width: int, most: int, gap: int, scale: float
) -> tuple[int, list[list[int]]]:
    """Returns how wide a fader is and what lies in each row, for as few rows as there can be."""
    narrowest = round(NARROWEST * scale)
    units = max(widths, default=1)
    widest = min(round(WIDEST * scale), (width - (units - 1) * gap) // units)
    for count in range(1, most + 1):
        for unit in range(widest, narrowest - 1, -1):
            rows = _rows(widths, width, unit, gap)
            if len(rows) <= count:
                return unit, rows
    return narrowest, _rows(widths, width, narrowest, gap)


def _rows(widths: Sequence[int], width: int, unit: int, gap: int) -> list[list[int]]:
    """Returns which columns lie in each row."""
    rows: list[list[int]] = []
    left = 0
    for at, units in enumerate(widths):
        need = _wide(units, unit, gap)
        if not rows or left + need > width:
            rows.append([])
            left = 0
        rows[-1].append(at)
        left += need + gap
    return rows


def _wide(units: int, unit: int, gap: int) -> int:
    return units * unit + (units - 1) * gap
