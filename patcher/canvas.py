"""The canvas: makes Dear PyGui's node editor show a patch, by the difference to what it shows."""

from __future__ import annotations

from collections import defaultdict

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from engine.patch import Cable, Patch, Problem
from patcher.editing.editor import Editor
from patcher.editing.faults import faults_of
from patcher.ui.colours import blend, rgba
from patcher.ui.curves import Rect, around, middle
from patcher.ui.look import TEXT
from patcher.ui.view import Point, View
from patcher.widgets.activity import STEPS, Activity
from patcher.widgets.box import Box, Shape, shape_of
from patcher.widgets.comments import Comments
from patcher.widgets.ground import canvas_theme

THICKNESS = 3.0
"""Of cables, in pixels at a zoom of 1."""


class Canvas:
    """Shows a patch. It keeps what is on the screen; the patch itself is the document's.

    Attributes:
        patch: what is shown.
        editor: the item of the node editor.
        boxes: by the name of the node.
        cables: the items of the cables.
        comments: what lies under the nodes.
        view: where the patch lies on the screen.
        locked: whether the patch is performed: the stage stands in place of the canvas.
        faults: what is wrong, by the name of the node.
    """

    def __init__(self, editor: Editor) -> None:
        self.look = editor.look
        self.patch = Patch()
        self.boxes: dict[str, Box] = {}
        self.cables: dict[Cable, int] = {}
        self.editor = 0
        self.comments: Comments
        self.view: View
        self.locked = False
        self.faults: dict[str, list[Problem]] = {}
        self._area: int | str = 0
        self._window: int | str = 0
        self._editor = editor
        self._registry = editor.registry
        self._displayed: Snapshot | None = None
        self._marked: tuple[Patch | None, object] = (None, None)
        self._lit: dict[Cable, str] = {}
        self._activity = Activity()
        self._levels: dict[str, int] = {}
        self._seen_in: Rect = ((0.0, 0.0), (0.0, 0.0))

    def build(self, parent: int | str) -> None:
        """Makes the node editor inside the window `parent`, over a sheet for the comments.

        It has a window of its own, as Dear PyGui applies no theme that is bound to the node
        editor itself.
        """
        self._area = parent
        self._window = dpg.add_child_window(
            parent=parent, pos=(0, 0), border=False, no_scrollbar=True, no_scroll_with_mouse=True
        )
        self.editor = dpg.add_node_editor(
            parent=self._window,
            minimap=True,
            minimap_location=dpg.mvNodeMiniMap_Location_BottomRight,
        )
        self.view = View(self.look, self.editor)
        self.comments = Comments(self.look, self.view, parent)
        ground = {dpg.mvThemeCol_ChildBg: rgba(self.look.palette.canvas)}
        dpg.bind_item_theme(
            parent, self.look.theme("ground", ground, {dpg.mvStyleVar_WindowPadding: (0, 0)})
        )
        self._resize()

    def refresh(self) -> None:
        """Shows how everything is now: the patch, what is selected or wrong, what is heard."""
        editor = self._editor
        self.show(editor.patch)
        self._mark()
        if not self.locked:  # on stage it is hidden, and its place another
            self._seen_in = self.area()
        self.comments.refresh()
        editor.watch("canvas", self.watched())
        snapshot = editor.snapshot
        if snapshot is not None and snapshot is not self._displayed:
            self._displayed = snapshot
            for box in self.boxes.values():
                for each in box.displays:
                    each.show(snapshot)
            self._glow(snapshot)

    def show(self, patch: Patch) -> None:
        """Makes what is shown the same as a patch."""
        if patch is self.patch:
            return
        shapes = self._shapes(patch)
        stale = {name for name, box in self.boxes.items() if shapes.get(name) != box.shape}
        present = set(patch.cables)
        # A node that goes while cables are at it takes Dear PyGui down: they go first.
        for cable in list(self.cables):
            if cable not in present or cable.source in stale or cable.target in stale:
                dpg.delete_item(self.cables.pop(cable))
                self._lit.pop(cable, None)
        for name in stale:
            dpg.delete_item(self.boxes.pop(name).item)
        for name, shape in shapes.items():
            self._show_node(name, shape, patch)
        self.patch = patch
        for cable in patch.cables:
            if cable not in self.cables:
                self._show_cable(cable)

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
                dpg.mvNodeCol_LinkSelected: rgba(colour),
            },
        )
        dpg.bind_item_theme(self.cables[cable], theme)

    @property
    def thickness(self) -> float:
        """Of a cable, in pixels of the screen."""
        return max(THICKNESS * self.view.zoom, 1.5)

    def colour(self, cable: Cable) -> str:
        """Returns the colour of a cable that no gesture is about.

        It is that of its signal, the brighter the more runs through it; brightest while selected.
        """
        palette = self.look.palette
        colour = self.boxes[cable.source].colour("outlet", cable.outlet)
        if cable in self._editor.selection.cables:
            return blend(colour, palette.ink, 0.6)
        level = self._levels.get(cable.start, STEPS / 2) / STEPS
        if level <= 0.5:
            return blend(palette.canvas, colour, 0.5 + level)
        return blend(colour, palette.ink, level - 0.5)

    def watched(self) -> set[str]:
        """Returns the outlets that nodes show, and those that cables start from."""
        shown = (each.ports for box in self.boxes.values() for each in box.displays)
        return {each.start for each in self.cables}.union(*shown)

    def put(self, name: str, at: Point) -> None:
        """Shows a node elsewhere until the patch changes."""
        x, y = self.view.to_grid(at)
        dpg.set_item_pos(self.boxes[name].item, [int(x), int(y)])

    def place(self) -> None:
        """Puts everything where the patch and the view have it."""
        for name in self.boxes:
            self.put(name, self.patch.nodes[name].at)
        self.comments.show(self.patch.comments, self._editor.selection.comments)

    def zoom_by(self, steps: int, at: Point) -> None:
        """Zooms in or out, what is at a place of the screen staying there."""
        if self.view.zoom_by(steps, at):
            self._resize()
            self.place()

    def pan(self, dx: float, dy: float) -> None:
        """Moves what is seen by pixels of the screen."""
        self.view.pan(dx, dy)
        self.place()

    def fit(self, rects: list[Rect], area: Rect) -> None:
        """Brings rectangles of the patch into an area of the screen."""
        if rects:
            self.view.fit(around(rects), area)
            self._resize()
            self.place()

    def sight(self) -> tuple[Point, int]:
        """Returns the point of the patch that is in the middle, and the step of the zoom."""
        return self.view.from_screen(middle(self._seen_in)), self.view.step

    def look_at(self, point: Point, step: int) -> None:
        """Shows what `sight` has told."""
        self.view.look_at(point, step, middle(self.area()))
        self._resize()
        self.place()

    def area(self) -> Rect:
        """Returns where the canvas is on the screen."""
        (x, y), (width, height) = (
            dpg.get_item_pos(self._area),
            dpg.get_item_rect_size(self._area),
        )
        return (x, y), (x + width, y + height)

    def corners(self, name: str) -> Rect:
        """Returns a node's top left and bottom right in the patch."""
        x, y = self.patch.nodes[name].at
        width, height = dpg.get_item_rect_size(self.boxes[name].item)
        return (x, y), (x + width / self.view.zoom, y + height / self.view.zoom)

    def hovered(self) -> bool:
        """Whether the mouse is over the canvas and nothing lies above it."""
        return any(map(dpg.is_item_hovered, (self._area, self._window, self.editor)))

    def _glow(self, snapshot: Snapshot) -> None:
        """Shows how much goes on in the cables, but not in those that a gesture colours."""
        ports = {each.start for each in self.cables}
        levels = self._activity.take(snapshot, ports)
        moved = {port for port in ports if levels.get(port) != self._levels.get(port)}
        free = [
            each
            for each in self.cables
            if each.start in moved and self._lit.get(each) == self.colour(each)
        ]
        self._levels = levels
        for cable in free:
            self.light(cable, self.colour(cable))

    def _mark(self) -> None:
        """Shows which nodes and cables are selected, and what is wrong with which."""
        editor, patch, selection = self._editor, self.patch, self._editor.selection
        snapshot = editor.snapshot
        self.faults = faults_of(patch, editor.problems, snapshot.faults if snapshot else {})
        nodes, cables = frozenset(selection.nodes), frozenset(selection.cables)
        state = (nodes, cables, frozenset(selection.comments), self.faults)
        if self._marked[0] is patch and state == self._marked[1]:
            return
        self._marked = patch, state
        self.comments.show(patch.comments, selection.comments)
        for name, box in self.boxes.items():
            box.paint(name in nodes, self.faults.get(name, []), patch.nodes[name].bypass)
        for cable in self.cables:
            self.light(cable, self.colour(cable))

    def _shapes(self, patch: Patch) -> dict[str, Shape]:
        inlets: defaultdict[str, set[str]] = defaultdict(set)
        outlets: defaultdict[str, set[str]] = defaultdict(set)
        for cable in patch.cables:
            outlets[cable.source].add(cable.outlet)
            inlets[cable.target].add(cable.inlet)
        alike = patch.cables == self.patch.cables
        return {
            name: self.boxes[name].shape
            if alike and self.patch.nodes.get(name) is node
            else shape_of(node, self._registry.find(node.type), inlets[name], outlets[name])
            for name, node in patch.nodes.items()
        }

    def _show_node(self, name: str, shape: Shape, patch: Patch) -> None:
        node, before = patch.nodes[name], self.patch.nodes.get(name)
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

    def _resize(self) -> None:
        dpg.bind_item_font(self._window, self.look.font(TEXT * self.view.zoom))
        theme = canvas_theme(self.look, self.view.zoom, self.thickness)
        dpg.bind_item_theme(self._window, theme)
        for box in self.boxes.values():
            box.resize(self.view.level)
