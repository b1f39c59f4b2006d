"""One node on the canvas: its title, its ports and the fields of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import dearpygui.dearpygui as dpg

from engine.nodetype import NodeType
from engine.patch import Node, Problem
from engine.ports import Inlet, Setting
from engine.signals import SignalType
from patcher.editing.editor import Editor
from patcher.editing.ports import inlets, turnable, undeclared
from patcher.ui.colours import blend, rgba
from patcher.widgets.displays import displays_for
from patcher.widgets.fields import ROW, Field, Pad, Place, has_pad, make_field, on_pad, text_size
from patcher.words import label

WIDTH = 190
"""Of a node's fields, in pixels at a zoom and a scale of 1."""

MOST_NOTE = 100
"""Letters of what is said at a node's foot."""


@dataclass(frozen=True)
class Row:
    """A line of a node.

    Attributes:
        kind: `outlet`, `inlet` or `setting`.
        signal: what a cable there carries; None for a setting.
        port: what its field turns; None where it has none.
    """

    kind: str
    name: str
    signal: SignalType | None
    port: Inlet | Setting | None


@dataclass(frozen=True)
class Shape:
    """All that a box is made from; another shape is another box."""

    type: str
    rows: tuple[Row, ...]


def shape_of(node: Node, declared: NodeType | None, fed: set[str], outlets: set[str]) -> Shape:
    """Returns the rows of a node, those among them that its type no longer declares.

    Args:
        declared: its type; None where that is not installed.
        fed, outlets: the inlets and outlets that have cables.
    """
    if declared is None:
        out = [Row("outlet", name, None, None) for name in sorted(outlets)]
        into = [Row("inlet", name, None, None) for name in sorted(fed)]
        return Shape(node.type, (*out, *into))
    used = fed | set(node.values)
    out = [Row("outlet", each.name, each.signal, None) for each in declared.outlets]
    out += [
        Row("outlet", name, None, None) for name in sorted(outlets) if not declared.outlet(name)
    ]
    # Those that take a cable alone come first, so that cables run level from node to node.
    ports = sorted(inlets(declared, used).items(), key=lambda each: each[1].signal.valued)
    turned = turnable(declared, used)
    into = [Row("inlet", name, inlet.signal, turned.get(name)) for name, inlet in ports]
    into += [Row("inlet", name, None, None) for name in sorted(fed) if not declared.inlet(name)]
    settings = [Row("setting", each.name, None, each) for each in declared.settings]
    settings += [Row("setting", name, None, None) for name in undeclared(node, declared)]
    rows = [*out, *into, *settings]
    if node.folded:
        shown = fed | {name for name in node.values if not (has_pad(declared) and on_pad(name))}
        rows = [row for row in rows if row.kind == "outlet" or row.name in shown]
    return Shape(node.type, tuple(rows))


class Box:
    """The items of one node.

    Attributes:
        item: the node's.
        shape: what it was made from.
        pins: the items of its ports, by kind (`inlet` or `outlet`) and name.
        fields: by the name of the value.
        pad: where two of its values are turned at once, if it has one.
        displays: what it shows of its signals.
    """

    def __init__(self, editor: Editor, name: str, shape: Shape, declared: NodeType | None) -> None:
        self.look = editor.look
        self.name = name
        self.shape = shape
        self.item = 0
        self.pins: dict[tuple[str, str], int] = {}
        self.fields: dict[str, Field] = {}
        self.pad = Pad(editor, name) if has_pad(declared) else None
        self.displays = displays_for(self.look, name, declared)
        self._labels: dict[tuple[str, str], int] = {}
        self._note = self._note_row = 0
        self._painted: tuple[bool, Sequence[Problem], bool] | None = None
        self._installed = declared is not None
        self._signals = {(row.kind, row.name): row.signal for row in shape.rows}
        self._editor = editor

    def build(self, editor: int, at: tuple[float, float], zoom: float) -> None:
        """Makes the items at a place of the editor's grid."""
        self.item = dpg.add_node(
            label=self.title, parent=editor, pos=[int(at[0]), int(at[1])], draggable=False
        )
        for row in self.shape.rows:
            self._build_row(row, zoom)
        if self.pad:
            width = WIDTH * self.look.scale * zoom
            self.pad.build(self._plain_row(), width, width, text_size(self.look, zoom))
        for display in self.displays:
            attribute = self._plain_row()
            display.build(attribute, WIDTH * self.look.scale * zoom, self.look.scale * zoom)
        self._note_row = dpg.add_node_attribute(
            parent=self.item, attribute_type=dpg.mvNode_Attr_Static, show=False
        )
        self._note = dpg.add_text("", parent=self._note_row)
        self.resize(zoom)

    @property
    def title(self) -> str:
        """What stands above: the node's name, and its type where that does not say it."""
        kind = self.shape.type.rpartition(".")[2]
        return self.name if self.name.startswith(kind) else f"{self.name} · {self.shape.type}"

    def resize(self, zoom: float) -> None:
        """Takes another zoom."""
        size = text_size(self.look, zoom)
        width = WIDTH * self.look.scale * zoom
        for field in self.fields.values():
            field.resize(width, field.ROWS * ROW * self.look.scale * zoom, size)
        if self.pad:
            self.pad.resize(width, width, size)
        for display in self.displays:
            display.resize(width, self.look.scale * zoom)
        for (kind, name), item in self._labels.items():
            room = width - self.look.width(label(name), size)
            dpg.configure_item(item, indent=max(int(room), 1) if kind == "outlet" else 0)
        dpg.configure_item(self._note, wrap=int(width))

    def show(self, values: Mapping[str, Any]) -> None:
        """Shows the values that are set on the node, and elsewhere the defaults."""
        for name, field in self.fields.items():
            field.show(values.get(name, field.place.port.default))

    def paint(self, selected: bool, faults: Sequence[Problem], bypassed: bool) -> None:
        """Shows the state of the node by its colours, and in words at its foot.

        Args:
            faults: what is wrong with it, the worst first.
        """
        state = selected, faults, bypassed
        if state == self._painted:
            return
        self._painted = state
        palette = self.look.palette
        faulty = bool(faults) and not faults[0].warning
        faint = bypassed or not self._installed
        outlets = [row.signal for row in self.shape.rows if row.signal]
        family = self.look.colour(outlets[0].name) if outlets else palette.unknown
        title = blend(palette.raised, family, 0.08 if faint else 0.35)
        outline = palette.bad if faulty else palette.accent if selected else palette.outline
        alpha = 120 if faint else 255
        back = rgba(palette.panel, alpha)
        theme = self.look.theme(
            ("node", title, outline, alpha),
            node_colours={
                dpg.mvNodeCol_TitleBar: rgba(title, alpha),
                dpg.mvNodeCol_TitleBarHovered: rgba(blend(title, palette.ink, 0.1), alpha),
                dpg.mvNodeCol_TitleBarSelected: rgba(title, alpha),
                dpg.mvNodeCol_NodeBackground: back,
                dpg.mvNodeCol_NodeBackgroundHovered: back,
                dpg.mvNodeCol_NodeBackgroundSelected: back,
                dpg.mvNodeCol_NodeOutline: rgba(outline),
            },
            node_sizes={dpg.mvNodeStyleVar_NodeBorderThickness: (2 if selected or faulty else 1,)},
        )
        dpg.bind_item_theme(self.item, theme)
        notes = ["bypassed"] if bypassed else [] if self._installed else ["not installed"]
        notes += [shorten(each.fault, MOST_NOTE, placeholder=" …") for each in faults[:1]]
        colour = palette.bad if faulty else palette.faint
        dpg.configure_item(self._note_row, show=bool(notes))
        dpg.configure_item(self._note, color=rgba(colour), default_value="\n".join(notes))

    def colour(self, kind: str, name: str) -> str:
        """Returns the colour of a port: that of its signal."""
        signal = self._signals.get((kind, name))
        return self.look.colour(signal.name if signal else "")

    def dim(self, fits: set[tuple[str, str]] | None) -> None:
        """Shows which ports can take a cable: those in `fits`; all where that is None."""
        for key, pin in self.pins.items():
            self._paint_pin(pin, self.colour(*key), fits is None or key in fits)

    def _plain_row(self) -> int:
        """Makes a row without a port."""
        static = dpg.mvNode_Attr_Static
        return int(dpg.add_node_attribute(parent=self.item, attribute_type=static))

    def _build_row(self, row: Row, zoom: float) -> None:
        kinds = {"outlet": dpg.mvNode_Attr_Output, "inlet": dpg.mvNode_Attr_Input}
        attribute = dpg.add_node_attribute(
            parent=self.item,
            attribute_type=kinds.get(row.kind, dpg.mvNode_Attr_Static),
            shape=dpg.mvNode_PinShape_CircleFilled,
        )
        if row.kind != "setting":
            self.pins[row.kind, row.name] = attribute
            self._paint_pin(attribute, self.colour(row.kind, row.name), True)
        if row.port:
            field = make_field(self._editor, Place(self.name, row.name, row.port))
            size = text_size(self.look, zoom)
            height = field.ROWS * ROW * self.look.scale * zoom
            field.build(attribute, WIDTH * self.look.scale * zoom, height, size)
            self.fields[row.name] = field
        else:
            text = dpg.add_text(label(row.name), parent=attribute)
            self._labels[row.kind, row.name] = text

    def _paint_pin(self, pin: int, colour: str, fits: bool) -> None:
        if not fits:
            colour = blend(self.look.palette.panel, colour, 0.15)
        theme = self.look.theme(
            ("pin", colour),
            node_colours={
                dpg.mvNodeCol_Pin: rgba(colour),
                dpg.mvNodeCol_PinHovered: rgba(blend(colour, "#ffffff", 0.5)),
            },
        )
        dpg.bind_item_theme(pin, theme)
