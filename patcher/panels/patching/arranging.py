"""Where things lie and what is seen: tidy, nudge, find, fit, zoom."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import dearpygui.dearpygui as dpg

from engine import edits
from engine.comments import put_comment
from engine.patch import Comment, Patch
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.patching.adding import spot
from patcher.panels.patching.changing import framing
from patcher.panels.patching.moving import with_framed
from patcher.ui.actions import Action
from patcher.ui.choosing import Choice
from patcher.ui.curves import Rect, around, middle
from patcher.ui.layout import Size, columns
from patcher.ui.view import Point
from patcher.words import counted

ARROWS = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
FAR = 10
"""Pixels of a nudge with Shift."""
KEY_STEPS = 2
"""Steps of the zoom at a key: a fifth."""
ROOM = 40
"""Pixels round what is fitted into the canvas."""


def neighbour(places: dict[str, Rect], name: str, way: tuple[int, int]) -> str | None:
    """Returns the box that is next to another in a direction, None where none is.

    Those that lie rather ahead than aside come first; else a pixel aside counts as two ahead.
    """
    x, y = middle(places[name])
    found = []
    for other, rect in places.items():
        u, v = middle(rect)
        ahead = (u - x) * way[0] + (v - y) * way[1]
        aside = abs((u - x) * way[1]) + abs((v - y) * way[0])
        if other != name and ahead > 0:
            found.append((aside > ahead, ahead + 2 * aside, other))
    return min(found)[2] if found else None


class Arranging:
    """Moves nodes, and what is seen of them, by keys and menus."""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas

    def actions(self) -> Iterator[Action]:
        """Yields what keys and menus do."""
        yield Action("Select all", self.select_all, ("Ctrl+A",), "Edit")
        yield Action("Tidy", self.tidy, ("Ctrl+L",), "Edit")
        yield Action("Find a node…", self.find, ("Ctrl+F",), "Edit")
        yield Action("Fit", self.fit, ("F",), "View")
        yield Action("Zoom in", partial(self._zoom, KEY_STEPS), ("Ctrl+=",), "View")
        yield Action("Zoom out", partial(self._zoom, -KEY_STEPS), ("Ctrl+-",), "View")
        yield Action("Zoom to normal", partial(self._zoom, 0), ("Ctrl+0",), "View")
        yield Action("Overview map", self._toggle_map, (), "View")
        for key, way in ARROWS.items():
            aside = key.lower()
            yield Action(f"Nudge {aside}", partial(self.nudge, way), (key,))
            yield Action(f"Nudge {aside} far", partial(self.nudge, way, FAR), (f"Shift+{key}",))
            yield Action(f"Go to the node {aside}", partial(self.walk, way), (f"Alt+{key}",))

    def select_all(self) -> None:
        """Selects every node, cable and comment."""
        patch = self._editor.patch
        self._editor.selection.set(set(patch.nodes), set(patch.cables), set(patch.comments))

    def tidy(self) -> None:
        """Lays the selected nodes out in columns from left to right; all if not two are."""
        editor, canvas = self._editor, self._canvas
        chosen = editor.selection.nodes
        names = chosen if len(chosen) > 1 else set(canvas.boxes)
        rects = {name: canvas.corners(name) for name in sorted(names) if name in canvas.boxes}
        if not rects:
            return
        sizes = {
            name: Size(right - left, bottom - top)
            for name, ((left, top), (right, bottom)) in rects.items()
        }
        ways = {(each.source, each.target) for each in editor.patch.cables}
        found = columns(sizes, [each for each in ways if names.issuperset(each)])
        (left, top), _ = around(list(rects.values()))
        upmost = min(y for _, y in found.values())
        places: dict[str, Point] = {
            name: (round(left + x), round(top + y - upmost)) for name, (x, y) in found.items()
        }
        what = counted(rects, "nodes") if names is chosen else "the patch"
        frames = self._reframed(places)

        def change(patch: Patch) -> Patch:
            for name, frame in frames.items():
                patch = put_comment(patch, name, frame)
            return edits.move(patch, places)

        editor.edit(f"Tidy {what}", change)

    def _reframed(self, places: dict[str, Point]) -> dict[str, Comment]:
        """Returns the frames round nodes that go to new places, drawn round them there."""
        canvas, found = self._canvas, {}
        for name, comment in canvas.comments.shown.items():
            held, _ = with_framed(canvas, set(), {name})
            if not held or not held <= places.keys():
                continue
            rects = []
            for each in held:
                (left, top), (right, bottom) = canvas.corners(each)
                x, y = places[each]
                rects.append(((x, y), (x + right - left, y + bottom - top)))
            found[name] = framing(rects, comment)
        return found

    def nudge(self, way: tuple[int, int], far: int = 1) -> None:
        """Moves what is selected by some pixels; nudges in a row are one step."""
        editor = self._editor
        nodes = editor.selection.nodes
        if not nodes:
            return
        places = {
            name: (
                editor.patch.nodes[name].at[0] + way[0] * far,
                editor.patch.nodes[name].at[1] + way[1] * far,
            )
            for name in nodes
        }
        merge = f"nudge {' '.join(sorted(nodes))}"
        editor.edit(
            f"Nudge {counted(nodes, 'nodes')}", lambda patch: edits.move(patch, places), merge
        )

    def walk(self, way: tuple[int, int]) -> None:
        """Selects the next node in a direction, and shows it."""
        canvas, selection = self._canvas, self._editor.selection
        places = {name: canvas.corners(name) for name in canvas.boxes}
        if not places:
            return
        start = (
            min(selection.nodes) if selection.nodes else min(places, key=lambda name: places[name])
        )
        found = neighbour(places, start, way) if selection.nodes else start
        if found:
            selection.set(nodes={found})
            self._reveal(places[found])

    def find(self) -> None:
        """Asks for a node by its name, its type or a text on it, and goes there."""
        patch = self._editor.patch
        choices = [
            Choice(name, node.type, name, " ".join(filter(_is_text, node.values.values())))
            for name, node in patch.nodes.items()
        ]

        def taken(name: str) -> None:
            if name in self._canvas.boxes:
                self._editor.selection.set(nodes={name})
                self._reveal(self._canvas.corners(name))

        (left, top), (right, _) = self._canvas.area()
        at = (left + right) / 2 - self._editor.look.px(230), top + self._editor.look.px(60)
        self._editor.popups.choosing.ask(at, "Find a node", choices, taken)

    def fit(self) -> None:
        """Brings what is selected into the canvas; all if nothing is."""
        canvas, selection = self._canvas, self._editor.selection
        nodes = selection.nodes or set(canvas.boxes)
        comments = selection.comments or (() if selection.nodes else canvas.comments.shown)
        rects = [canvas.corners(name) for name in nodes if name in canvas.boxes]
        rects += [canvas.comments.rect(name) for name in comments]
        if not rects:
            return
        (left, top), (right, bottom) = canvas.area()
        edge = self._editor.look.px(ROOM)
        canvas.fit(rects, ((left + edge, top + edge), (right - edge, bottom - edge)))

    def _reveal(self, rect: Rect) -> None:
        """Moves what is seen so that a rectangle of the patch is in it, if it is not."""
        canvas = self._canvas
        (left, top), (right, bottom) = canvas.area()
        (x, y), (u, v) = canvas.view.to_screen(rect[0]), canvas.view.to_screen(rect[1])
        if x < left or y < top or u > right or v > bottom:
            canvas.pan((left + right - x - u) / 2, (top + bottom - y - v) / 2)

    def _zoom(self, steps: int) -> None:
        self._canvas.zoom_by(steps or self._canvas.view.from_normal(), spot(self._canvas))

    def _toggle_map(self) -> None:
        editor = self._canvas.editor
        shown = dpg.get_item_configuration(editor)["minimap"]
        dpg.configure_item(editor, minimap=not shown)


def _is_text(value: object) -> bool:
    return isinstance(value, str)
