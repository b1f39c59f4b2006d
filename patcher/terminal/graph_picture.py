"""A patch as an SVG picture: boxes, cables coloured by what they carry, a legend."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from engine.nodetype import NodeType
from engine.patch import Cable, Node, Patch
from engine.registry import Registry
from patcher.terminal import svg
from patcher.terminal.graph_comments import draw_comment, lay_comments
from patcher.terminal.svg import BIG, NORMAL, SMALL
from patcher.ui.colours import BACKGROUND, FAINT, INK, OUTLINE, PANEL, SIGNAL_COLOURS, UNKNOWN
from patcher.ui.layout import Point, Size, fit, place

HEAD, ROW, PAD = 48.0, 19.0, 14.0
"""Heights of a box's title and of one port, and the space around text, in pixels."""
MARGIN, TITLE, LEGEND = 32.0, 44.0, 46.0
MIN_WIDTH, LEGEND_STEP, BACK_STEP = 130.0, 92.0, 16.0
LONGEST_VALUE = 26
"""The most characters that are shown of a value."""
NOT_INSTALLED, BYPASSED = " · not installed", " · bypassed"
DIMMED = 0.6
"""How much is seen of a bypassed node; its title and type stay 5 : 1 against the panel."""

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Port:
    """One line of a box: an inlet, an outlet, or a setting, which carries no signal.

    Attributes:
        signal: the name of its type; empty where that is not known.
        value: what is set on it, as text; empty for nothing, or while a cable feeds it.
    """

    name: str
    signal: str = ""
    value: str = ""
    patched: bool = False


@dataclass(frozen=True)
class Box:
    """A node as it is drawn."""

    name: str
    type: str
    known: bool
    bypassed: bool
    inlets: tuple[Port, ...]
    settings: tuple[Port, ...]
    outlets: tuple[Port, ...]

    @property
    def subtitle(self) -> str:
        words = "" if self.known else NOT_INSTALLED
        return self.type + words + (BYPASSED if self.bypassed else "")

    @cached_property
    def size(self) -> Size:
        left = [svg.width(f"{port.name} {port.value}") for port in (*self.inlets, *self.settings)]
        right = [svg.width(port.name) for port in self.outlets]
        ports = max(left, default=0) + max(right, default=0) + PAD
        title = max(svg.width(self.name, NORMAL), svg.width(self.subtitle))
        rows = max(len(left), len(right))
        width = max(MIN_WIDTH, max(ports, title) + 2 * PAD)
        return Size(round(width), HEAD + ROW * rows + (PAD / 2 if rows else 0))

    def row(self, ports: Iterable[Port], name: str) -> float:
        """Returns the height of a port's middle, from the top of the box."""
        return HEAD + ROW * ([port.name for port in ports].index(name) + 0.5)


def draw_graph(patch: Patch, registry: Registry) -> str:
    """Returns a picture of a patch as the text of an SVG file.

    Boxes lie where the patch has them, or in columns from sources to outputs where they would
    overlap there. What is not installed, or not a port of its node, is dashed; what is bypassed
    is dimmed. A cable from or to a node that does not exist is left out.
    """
    cables = [each for each in patch.cables if {each.source, each.target} <= patch.nodes.keys()]
    into: dict[str, list[str]] = {name: [] for name in patch.nodes}
    out: dict[str, list[str]] = {name: [] for name in patch.nodes}
    for each in cables:
        into[each.target].append(each.inlet)
        out[each.source].append(each.outlet)
    boxes = {
        name: _box(name, node, registry.find(node.type), into[name], out[name])
        for name, node in patch.nodes.items()
    }
    sizes = {name: box.size for name, box in boxes.items()}
    wanted = {name: node.at for name, node in patch.nodes.items()}
    places = place(sizes, wanted, [(each.source, each.target) for each in cables])
    signals = [_signal(each, boxes) for each in cables]
    shown = [name for name in (*SIGNAL_COLOURS, "") if name in signals]
    paths, bottom = _routes(cables, boxes, places)

    comments = lay_comments(patch, sizes, places, _shift(sizes, wanted, places), bottom)
    left = min((0.0, *(each.at[0] for each in comments)))
    top = min((0.0, *(each.at[1] for each in comments)))
    right = max(
        (
            *(places[name][0] + sizes[name].width for name in boxes),
            *(each.end[0] for each in comments),
        ),
        default=0.0,
    )
    bottom = max((bottom, *(each.end[1] for each in comments)))

    title = TITLE if patch.title else 0.0
    across = max(right - left, svg.width(patch.title, BIG), LEGEND_STEP * len(shown))
    width = 2 * MARGIN + across
    height = 2 * MARGIN + title + bottom - top + LEGEND
    body = [
        *chain.from_iterable(map(draw_comment, comments)),
        *map(_draw_cable, cables, signals, paths),
        *(_draw_box(box, places[name]) for name, box in boxes.items()),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}" font-family="{FONT}">',
            f'<rect width="100%" height="100%" fill="{BACKGROUND}"/>',
            svg.line(MARGIN, MARGIN + BIG, patch.title, BIG, INK, "bold"),
            f'<g transform="translate({MARGIN - left:g} {MARGIN + title - top:g})">',
            *body,
            "</g>",
            *_draw_legend(shown, height - MARGIN),
            "</svg>\n",
        ]
    )


def _shift(
    sizes: Mapping[str, Size], wanted: Mapping[str, Point], places: Mapping[str, Point]
) -> Point | None:
    """Returns how far all boxes were moved together; None where each was moved by itself."""
    if not fit(sizes, wanted):
        return None
    return next(
        ((places[name][0] - x, places[name][1] - y) for name, (x, y) in wanted.items()), (0.0, 0.0)
    )


def _box(name: str, node: Node, declared: NodeType | None, into: list[str], out: list[str]) -> Box:
    """Makes the box of a node, given the inlets and outlets that have cables."""
    inlets = [inlet.name for inlet in declared.inlets] if declared else []
    outlets = [outlet.name for outlet in declared.outlets] if declared else []
    numbered = [port for port in node.values if declared and declared.inlet(port)]
    settings = [port for port in node.values if port not in {*inlets, *into, *numbered}]
    return Box(
        name,
        node.type,
        declared is not None,
        node.bypass,
        tuple(
            Port(
                port,
                _inlet_signal(declared, port),
                _value(node.values[port]) if port in node.values and port not in into else "",
                port in into,
            )
            for port in dict.fromkeys([*inlets, *sorted({*into, *numbered}, key=_numerically)])
        ),
        tuple(Port(port, value=_value(node.values[port])) for port in settings),
        tuple(
            Port(port, _outlet_signal(declared, port), patched=port in out)
            for port in dict.fromkeys([*outlets, *out])
        ),
    )


def _inlet_signal(declared: NodeType | None, port: str) -> str:
    inlet = declared.inlet(port) if declared else None
    return inlet.signal.name if inlet else ""


def _outlet_signal(declared: NodeType | None, port: str) -> str:
    outlet = declared.outlet(port) if declared else None
    return outlet.signal.name if outlet else ""


def _numerically(port: str) -> tuple[int, str, str]:
    """Sorts the ports of a group: `style1`, `weight1`, `style2`, …, `style10`."""
    name = port.rstrip("0123456789")
    number = port[len(name) :]
    return len(number), number, name


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return svg.cut(text, LONGEST_VALUE)


def _signal(cable: Cable, boxes: dict[str, Box]) -> str:
    """Returns what a cable carries, from either end that is known."""
    outlets, inlets = boxes[cable.source].outlets, boxes[cable.target].inlets
    start = next(port.signal for port in outlets if port.name == cable.outlet)
    return start or next(port.signal for port in inlets if port.name == cable.inlet)


def _draw_cable(cable: Cable, signal: str, path: str) -> str:
    return (
        f'<path class="cable" d="{path}" fill="none" {_stroke(signal)}>'
        f"<title>{svg.escaped(cable.start)} → {svg.escaped(cable.end)}</title></path>"
    )


def _routes(
    cables: list[Cable], boxes: dict[str, Box], places: dict[str, Point]
) -> tuple[list[str], float]:
    """Returns the path of each cable, and how far down the picture reaches.

    A cable leaves and arrives level. One that leads back to a box on the left runs below all
    that lies between, each such cable below the one before.
    """
    paths = []
    ends = {name: y + boxes[name].size.height for name, (_, y) in places.items()}
    bottom = max(ends.values(), default=0.0)
    backward = 0
    for cable in cables:
        source, target = boxes[cable.source], boxes[cable.target]
        left, (x2, y2) = places[cable.source][0], places[cable.target]
        x1, y1 = left + source.size.width, places[cable.source][1]
        y1 += source.row(source.outlets, cable.outlet)
        y2 += target.row(target.inlets, cable.inlet)
        bend = max(40.0, abs(x2 - x1) / 2 if x2 > x1 else min(120.0, (x1 - x2) / 2))
        if cable.source != cable.target and x2 + target.size.width >= left:
            paths.append(f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}")
            continue
        backward += 1
        between = [
            ends[name]
            for name, (x, _) in places.items()
            if x <= x1 and x + boxes[name].size.width >= x2
        ]
        low = max(between) + BACK_STEP * backward
        bottom = max(bottom, low)
        paths.append(
            f"M{x1:g} {y1:g}C{x1 + 40:g} {y1:g} {x1 + 40:g} {low:g} {x1 - 20:g} {low:g}"
            f"H{x2 + 20:g}C{x2 - 40:g} {low:g} {x2 - 40:g} {y2:g} {x2:g} {y2:g}"
        )
    return paths, bottom


def _stroke(signal: str) -> str:
    """Returns how a cable is drawn: sound is thick, what is not known is dashed."""
    width = 3.5 if signal == "Audio" else 2
    dashes = "" if signal else ' stroke-dasharray="5 4"'
    return f'stroke="{SIGNAL_COLOURS.get(signal, UNKNOWN)}" stroke-width="{width}"{dashes}'


def _draw_box(box: Box, at: Point) -> str:
    width, height = box.size
    dashes = "" if box.known else ' stroke-dasharray="6 4"'
    dimmed = f' opacity="{DIMMED}"' if box.bypassed else ""
    lines = [
        f'<g class="node" transform="translate({at[0]:g} {at[1]:g})"{dimmed}>',
        f'<rect width="{width:g}" height="{height:g}" rx="7" fill="{PANEL}" '
        f'stroke="{OUTLINE if box.known else UNKNOWN}" stroke-width="1.5"{dashes}/>',
        svg.line(PAD, 20, box.name, NORMAL, INK, "bold"),
        svg.line(PAD, 37, box.subtitle, SMALL, INK if box.bypassed else FAINT),
    ]
    for number, port in enumerate((*box.inlets, *box.settings)):
        middle = HEAD + ROW * (number + 0.5)
        if number < len(box.inlets):
            lines.append(_dot(0, middle, port))
        lines.append(
            f'<text x="{PAD:g}" y="{middle + 4:g}" font-size="{SMALL}" '
            f'fill="{INK if port.patched else FAINT}">{svg.escaped(port.name)}'
            + (f' <tspan fill="{INK}">{svg.escaped(port.value)}</tspan>' if port.value else "")
            + "</text>"
        )
    for number, port in enumerate(box.outlets):
        middle = HEAD + ROW * (number + 0.5)
        colour = INK if port.patched else FAINT
        lines.append(_dot(width, middle, port))
        lines.append(svg.line(width - PAD, middle + 4, port.name, SMALL, colour, anchor="end"))
    return "\n".join([*lines, "</g>"])


def _dot(x: float, y: float, port: Port) -> str:
    """Draws a port: full with a cable, a ring without."""
    colour = SIGNAL_COLOURS.get(port.signal, UNKNOWN)
    fill = colour if port.patched else BACKGROUND
    return f'<circle cx="{x:g}" cy="{y:g}" r="4.5" fill="{fill}" stroke="{colour}"/>'


def _draw_legend(signals: list[str], y: float) -> Iterator[str]:
    for number, signal in enumerate(signals):
        x = MARGIN + LEGEND_STEP * number
        yield f'<path d="M{x:g} {y - 4:g}h22" {_stroke(signal)}/>'
        yield svg.line(x + 30, y, signal or "unknown", SMALL, FAINT)
