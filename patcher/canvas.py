"""The canvas: makes Dear PyGui's node editor show a patch, by the difference to what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from engine.patch import Cable, Patch
from patcher.box import Box, Shape, shape_of
from patcher.colours import blend, rgba
from patcher.editor import Editor
from patcher.look import TEXT
from patcher.selection import Selection
from patcher.view import Point, View

THICKNESS = 3.0
"""Of cables, in pixels at a zoom of 1."""


class Canvas:
    """Shows a patch. It keeps what is on the screen; the patch itself is the document's.

    Attributes:
        editor: the item of the node editor.
        boxes: by the name of the node.
        cables: the items of the cables.
        view: where the patch lies on the screen.
        locked: whether the patch is performed: the stage stands in place of the canvas.
    """

    def __init__(self, editor: Editor) -> None:
        self.look = editor.look
        self.boxes: dict[str, Box] = {}
        self.cables: dict[Cable, int] = {}
        self.editor = 0
        self.view: View
        self.locked = False
        self._window: int | str = 0
        self._editor = editor
        self._registry = editor.registry
        self._patch = Patch()
        self._painted: dict[str, tuple[bool, bool, bool]] = {}
        self._lit: dict[Cable, str] = {}

    def build(self, parent: int | str) -> None:
        """Makes the node editor inside the window `parent`, which takes on its look.

        Dear PyGui applies no theme that is bound to the node editor itself.
        """
        self._window = parent
        self.editor = dpg.add_node_editor(
            parent=parent,
            minimap=True,
            minimap_location=dpg.mvNodeMiniMap_Location_BottomRight,
        )
        self.view = View(self.look, self.editor)
        self._resize()

    def show(self, patch: Patch) -> None:
        """Makes what is shown the same as a patch."""
        if patch is self._patch:
            return
        shapes = self._shapes(patch)
        stale = {name for name, box in self.boxes.items() if shapes.get(name) != box.shape}
        # A node that goes while cables are at it takes Dear PyGui down: they go first.
        for cable in list(self.cables):
            ends = {cable.source, cable.target}
            if cable not in patch.cables or ends & stale:
                dpg.delete_item(self.cables.pop(cable))
                self._lit.pop(cable, None)
        for name in stale:
            dpg.delete_item(self.boxes.pop(name).item)
            self._painted.pop(name, None)
        for name, shape in shapes.items():
            self._show_node(name, shape, patch)
        for cable in patch.cables:
            if (
                cable not in self.cables
                and cable.source in self.boxes
                and cable.target in self.boxes
            ):
                self._show_cable(cable)
        self._patch = patch

    def select(self, selection: Selection, faults: Mapping[str, Any], bypassed: set[str]) -> None:
        """Shows which nodes and cables are selected, and what is wrong with which."""
        for name, box in self.boxes.items():
            faint = name in bypassed or self._registry.find(box.shape.type) is None
            state = (name in selection.nodes, name in faults, faint)
            if self._painted.get(name) != state:
                self._painted[name] = state
                box.paint(*state)
        for cable in self.cables:
            colour = self._colour(cable)
            if cable in selection.cables:
                colour = blend(colour, self.look.palette.ink, 0.6)
            self.light(cable, colour)

    def light(self, cable: Cable, colour: str) -> None:
        """Gives a cable a colour."""
        if self._lit.get(cable) == colour:
            return
        self._lit[cable] = colour
        hovered = blend(colour, self.look.palette.ink, 0.4)
        theme = self.look.theme(
            ("cable", colour),
            node_colours={
                dpg.mvNodeCol_Link: rgba(colour),
                dpg.mvNodeCol_LinkHovered: rgba(hovered),
                dpg.mvNodeCol_LinkSelected: rgba(hovered),
            },
        )
        dpg.bind_item_theme(self.cables[cable], theme)

    def watched(self) -> set[str]:
        """Returns the outlets that nodes show."""
        return {port for box in self.boxes.values() for each in box.displays for port in each.ports}

    def display(self, snapshot: Snapshot) -> None:
        """Shows on the nodes what a frame carried."""
        for box in self.boxes.values():
            for each in box.displays:
                each.show(snapshot)

    def place(self) -> None:
        """Puts every node where the patch and the view have it."""
        for name, box in self.boxes.items():
            x, y = self.view.to_grid(self._patch.nodes[name].at)
            dpg.set_item_pos(box.item, [int(x), int(y)])

    def zoom_by(self, steps: int, at: Point) -> None:
        """Zooms in or out, what is at a place of the screen staying there."""
        if self.view.zoom_by(steps, at):
            self._resize()
            self.place()

    def pan(self, dx: float, dy: float) -> None:
        """Moves what is seen by pixels of the screen."""
        self.view.pan(dx, dy)
        self.place()

    def fit(self, names: set[str], area: tuple[Point, Point]) -> None:
        """Brings nodes into an area of the screen."""
        self.view.fit([self.corners(name) for name in names if name in self.boxes], area)
        self._resize()
        self.place()

    def corners(self, name: str) -> tuple[Point, Point]:
        """Returns a node's top left and bottom right in the patch."""
        x, y = self._patch.nodes[name].at
        width, height = dpg.get_item_rect_size(self.boxes[name].item)
        return (x, y), (x + width / self.view.zoom, y + height / self.view.zoom)

    def placed(self, name: str) -> Point:
        """Returns where a node is now in the patch's pixels, in the middle of a drag as well."""
        x, y = dpg.get_item_pos(self.boxes[name].item)
        return self.view.from_grid((x, y))

    def _shapes(self, patch: Patch) -> dict[str, Shape]:
        inlets: defaultdict[str, set[str]] = defaultdict(set)
        outlets: defaultdict[str, set[str]] = defaultdict(set)
        for cable in patch.cables:
            outlets[cable.source].add(cable.outlet)
            inlets[cable.target].add(cable.inlet)
        return {
            name: shape_of(node, self._registry.find(node.type), inlets[name], outlets[name])
            for name, node in patch.nodes.items()
        }

    def _show_node(self, name: str, shape: Shape, patch: Patch) -> None:
        node, before = patch.nodes[name], self._patch.nodes.get(name)
        box = self.boxes.get(name)
        x, y = self.view.to_grid(node.at)
        if box is None:
            declared = self._registry.find(node.type)
            box = self.boxes[name] = Box(self._editor, name, shape, declared)
            box.build(self.editor, (x, y), self.view.level)
        elif before is node:
            return
        elif before is None or before.at != node.at:
            dpg.set_item_pos(box.item, [int(x), int(y)])
        box.show(node.values)

    def _show_cable(self, cable: Cable) -> None:
        source, target = self.boxes.get(cable.source), self.boxes.get(cable.target)
        start = source and source.pins.get(("outlet", cable.outlet))
        end = target and target.pins.get(("inlet", cable.inlet))
        if start and end:
            self.cables[cable] = int(dpg.add_node_link(start, end, parent=self.editor))

    def _colour(self, cable: Cable) -> str:
        node = self._patch.nodes.get(cable.source)
        declared = self._registry.find(node.type) if node else None
        outlet = declared.outlet(cable.outlet) if declared else None
        return self.look.colour(outlet.signal.name if outlet else "")

    def _resize(self) -> None:
        level, scale, palette = self.view.level, self.look.scale, self.look.palette
        zoom = level * scale
        dpg.bind_item_font(self._window, self.look.font(TEXT * zoom))
        theme = self.look.theme(
            ("canvas", level),
            sizes={
                dpg.mvStyleVar_ItemSpacing: (4 * zoom, 4 * zoom),
                dpg.mvStyleVar_FramePadding: (4 * zoom, 3 * zoom),
                dpg.mvStyleVar_FrameRounding: (4 * zoom,),
            },
            node_colours={
                dpg.mvNodeCol_GridBackground: rgba(palette.canvas),
                dpg.mvNodeCol_GridLine: rgba(palette.grid),
                dpg.mvNodesCol_GridLinePrimary: rgba(palette.grid),
                dpg.mvNodeCol_NodeBackground: rgba(palette.panel),
                dpg.mvNodeCol_NodeBackgroundHovered: rgba(palette.panel),
                dpg.mvNodeCol_NodeBackgroundSelected: rgba(palette.panel),
                dpg.mvNodeCol_BoxSelector: rgba(palette.accent, 40),
                dpg.mvNodeCol_BoxSelectorOutline: rgba(palette.accent),
                dpg.mvNodesCol_MiniMapBackground: rgba(palette.panel, 200),
                dpg.mvNodesCol_MiniMapBackgroundHovered: rgba(palette.panel, 240),
                dpg.mvNodesCol_MiniMapOutline: rgba(palette.outline),
                dpg.mvNodesCol_MiniMapCanvas: rgba(palette.ink, 20),
            },
            node_sizes={
                dpg.mvNodeStyleVar_NodePadding: (8 * zoom, 6 * zoom),
                dpg.mvNodeStyleVar_NodeCornerRounding: (5 * zoom,),
                dpg.mvNodeStyleVar_PinCircleRadius: (5 * zoom,),
                dpg.mvNodeStyleVar_PinHoverRadius: (max(11 * zoom, 8),),
                dpg.mvNodeStyleVar_LinkThickness: (max(THICKNESS * zoom, 1.5),),
                dpg.mvNodeStyleVar_LinkHoverDistance: (max(8 * zoom, 6),),
                dpg.mvNodeStyleVar_GridSpacing: (24 * zoom,),
            },
        )
        dpg.bind_item_theme(self._window, theme)
        for box in self.boxes.values():
            box.resize(level)
