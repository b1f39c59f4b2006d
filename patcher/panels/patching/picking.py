"""Where on the screen the parts of a patch are, and which of them the mouse is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import dearpygui.dearpygui as dpg

from engine.patch import Cable
from patcher.editing.ports import Pin, ends
from patcher.ui import curves
from patcher.ui.view import Point
from patcher.widgets.comments import Part
from patcher.widgets.fields.touch import under_mouse

if TYPE_CHECKING:
    from patcher.canvas import Canvas


@dataclass(frozen=True)
class OnNode:
    """A node; `field` says whether the mouse is over one of its values."""

    name: str
    field: bool


@dataclass(frozen=True)
class OnComment:
    """A comment, or what of a frame can be taken hold of."""

    name: str
    part: Part


Target: TypeAlias = Pin | OnNode | Cable | OnComment | None
"""What the mouse can be over; None is the bare canvas."""


def under(canvas: Canvas, mouse: Point) -> Target:
    """Returns what of the patch is under the mouse."""
    if pin := _pin_under(canvas):
        return pin
    if widget := under_mouse():  # while it is held, Dear PyGui takes its node for not hovered
        return OnNode(widget.node, field=True)
    for name, box in canvas.boxes.items():
        if dpg.is_item_hovered(box.item):
            return OnNode(name, field=False)
    for cable, item in canvas.cables.items():
        if dpg.is_item_hovered(item):
            return cable
    found = canvas.comments.under(canvas.view.from_screen(mouse))
    return OnComment(*found) if found else None


def outline(canvas: Canvas, name: str) -> curves.Rect:
    """Returns a node's top left and bottom right, as it lies now."""
    item = canvas.boxes[name].item
    (left, top), (x, y) = canvas.view.origin(), dpg.get_item_pos(item)
    width, height = dpg.get_item_rect_size(item)
    return (left + x, top + y), (left + x + width, top + y + height)


def pin_at(canvas: Canvas, pin: Pin) -> Point:
    """Returns where a port is."""
    (left, _), (right, _) = outline(canvas, pin.node)
    (row,) = dpg.get_item_children(canvas.boxes[pin.node].pins[pin.kind, pin.port], 1)
    top, height = dpg.get_item_rect_min(row)[1], dpg.get_item_rect_size(row)[1]
    return (right if pin.kind == "outlet" else left), top + height / 2


def course(canvas: Canvas, cable: Cable) -> list[Point]:
    """Returns points along a cable."""
    start, end = ends(cable)
    return curves.curve(pin_at(canvas, start), pin_at(canvas, end))


def _pin_under(canvas: Canvas) -> Pin | None:
    """Returns the port under the mouse."""
    for name, box in canvas.boxes.items():
        for (kind, port), item in box.pins.items():
            if dpg.is_item_hovered(item):
                return Pin(kind, name, port)
    return None
