"""A patch as an SVG picture: boxes, cables coloured by what they carry, a legend."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from engine.patch import Cable, Node, Patch
from engine.registry import Registry
from patcher.colours import BACKGROUND, FAINT, INK, OUTLINE, PANEL, SIGNAL_COLOURS, UNKNOWN
from patcher.layout import Size, place

HEAD, ROW, PAD = 46.0, 18.0, 12.0
"""Heights of a box's title and of one port, and the space around text, in pixels."""
MARGIN, LEGEND = 28.0, 36.0
MIN_WIDTH = 120.0
LONGEST = 24
"""The most characters of a value that are shown."""
ID_SIZE, TYPE_SIZE, PORT_SIZE = 14, 11, 11
CHARACTER = 0.58
"""A generous width of one character, in parts of the font size: no font can be measured here."""

FONT = "font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\""
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, escaped or not."""


@dataclass(frozen=True)
class _Row:
    """One line of a box: a port or a setting."""

    name: str
    signal: str = ""
    value: str = ""
    patched: bool = False


@dataclass(frozen=True)
class _Box:
    name: str
    type: str
    known: bool
    inlets: tuple[_Row, ...]
    settings: tuple[_Row, ...]
    outlets: tuple[_Row, ...]
    at: tuple[float, float] = field(default=(0.0, 0.0))

    @property
    def size(self) -> Size:
        left = [*self.inlets, *self.settings]
        rows = max(len(left), len(self.outlets))
        port = PORT_SIZE * CHARACTER
        widths = [len(f"{row.name}  {row.value}") * port for row in left]
        outlets = [len(row.name) * port for row in self.outlets]
        sides = max(widths, default=0) + max(outlets, default=0) + 2 * PAD
        title = len(self.name) * ID_SIZE * (CHARACTER + 0.04)
        subtitle = (len(self.type) + 16 * (not self.known)) * TYPE_SIZE * CHARACTER
        width = max(MIN_WIDTH, sides + 2 * PAD, max(title, subtitle) + 2 * PAD)
        return Size(round(width), HEAD + ROW * rows + (PAD if rows else 0))

    def inlet_at(self, port: str) -> tuple[float, float]:
        names = [row.name for row in self.inlets]
        return self.at[0], self._row(names.index(port))

    def outlet_at(self, port: str) -> tuple[float, float]:
        names = [row.name for row in self.outlets]
        return self.at[0] + self.size.width, self._row(names.index(port))

    def _row(self, number: int) -> float:
        return self.at[1] + HEAD + ROW * (number + 0.5)


def draw_graph(patch: Patch, registry: Registry) -> str:
    """Returns a picture of a patch as the text of an SVG file.

    Boxes lie where the patch has them, or in columns from sources to outputs where those places
    would overlap. Node types that are not installed, and ports that do not exist, are dashed.
    """
    boxes = {name: _box(patch, name, registry) for name in patch.nodes}
    wanted = {name: node.at for name, node in patch.nodes.items()}
    edges = [(each.source, each.target) for each in patch.cables if _both(each, patch)]
    places = place({name: box.size for name, box in boxes.items()}, wanted, edges)
    boxes = {name: _moved(box, places[name]) for name, box in boxes.items()}
    right = max((box.at[0] + box.size.width for box in boxes.values()), default=0.0)
    bottom = max((box.at[1] + box.size.height for box in boxes.values()), default=0.0)
    width = max(right, len(patch.title) * 20 * CHARACTER, 6 * 90.0) + 2 * MARGIN
    top = MARGIN + 44
    height = top + bottom + LEGEND + MARGIN
    cables = [_cable(each, boxes, patch, registry) for each in patch.cables if _both(each, patch)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}" {FONT}>',
            f'<rect width="100%" height="100%" fill="{BACKGROUND}"/>',
            _text(MARGIN, MARGIN + 18, patch.title, 20, INK, "bold"),
            f'<g transform="translate({MARGIN:g} {top:g})">',
            *cables,
            *(line for box in boxes.values() for line in _draw(box)),
            "</g>",
            *_legend(patch, registry, height - MARGIN),
            "</svg>\n",
        ]
    )
