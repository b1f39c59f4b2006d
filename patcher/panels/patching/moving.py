"""Moving by hand: nodes and comments, the corner of a frame, and a box that selects."""

from __future__ import annotations

from dataclasses import replace

from engine import edits
from engine.comments import move_comments, put_comment
from engine.fitting import insert
from engine.patch import Cable, Patch, PatchError
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import carried
from patcher.panels.patching.picking import course
from patcher.ui.curves import Rect, enters, overlap, spanned, within
from patcher.ui.overlay import Overlay
from patcher.ui.view import Point
from patcher.widgets.comments import SMALLEST
from patcher.words import counted


class Move:
    """Moves what is selected, and what lies in the selected frames.

    A lone node without cables that is dropped on a cable it fits into is put into it.
    """

    def __init__(self, editor: Editor, canvas: Canvas, overlay: Overlay, mouse: Point) -> None:
        self._editor = editor
        self._canvas = canvas
        self._overlay = overlay
        self._grabbed = canvas.view.from_screen(mouse)
        nodes, comments = with_framed(canvas, editor.selection.nodes, editor.selection.comments)
        patch = editor.patch
        self._nodes = {name: patch.nodes[name].at for name in nodes}
        self._comments = {name: patch.comments[name].at for name in comments}
        self._courses: dict[Cable, list[Point]] | None = None
        self._fit: dict[Cable, bool] = {}
        self._into: Cable | None = None

    def move(self, mouse: Point) -> None:
        for name, at in self._moved(self._nodes, mouse).items():
            if name in self._canvas.boxes:
                self._canvas.put(name, at)
        for name, at in self._moved(self._comments, mouse).items():
            if name in self._canvas.comments.shown:
                self._canvas.comments.put(name, at)
        self._aim(mouse)
        if self._into:
            words = f"Drop to put it into {self._into}"
            self._editor.hint = words
            self._overlay.words(mouse, words)

    def finish(self, mouse: Point) -> None:
        self.move(mouse)
        nodes = self._moved(self._nodes, mouse)
        comments = self._moved(self._comments, mouse)
        into = self._into if self._into in self._editor.patch.cables else None
        self.cancel()
        moved = [*nodes, *comments]
        first = moved[0]

        def change(patch: Patch) -> Patch:
            patch = move_comments(edits.move(patch, nodes), comments)
            return insert(patch, self._editor.registry, first, into) if into else patch

        what = counted(moved, "things")
        self._editor.edit(f"Put {what} into {into}" if into else f"Move {what}", change)

    def cancel(self) -> None:
        self._light(None)
        self._canvas.place()

    def _moved(self, places: dict[str, Point], mouse: Point) -> dict[str, Point]:
        x, y = self._canvas.view.from_screen(mouse)
        dx, dy = round(x - self._grabbed[0]), round(y - self._grabbed[1])
        return {name: (left + dx, top + dy) for name, (left, top) in places.items()}

    def _fitting(self) -> dict[Cable, list[Point]]:
        """Returns the cables whose signal a lone node gives on, by their points in the patch."""
        patch, canvas = self._editor.patch, self._canvas
        if len(self._nodes) != 1 or self._comments:
            return {}
        (name,) = self._nodes
        if name not in patch.nodes or any(
            name in (each.source, each.target) for each in patch.cables
        ):
            return {}
        registry = self._editor.registry
        declared = registry.find(patch.nodes[name].type)
        given = [each.signal for each in declared.outlets] if declared else []
        return {
            cable: [canvas.view.from_screen(each) for each in course(canvas, cable)]
            for cable in patch.cables
            if cable in canvas.cables and carried(patch, registry, cable) in given
        }

    def _fits(self, name: str, cable: Cable) -> bool:
        """Whether a node fits into a cable; tried once, as that looks for cycles."""
        if cable not in self._fit:
            try:
                insert(self._editor.patch, self._editor.registry, name, cable)
                self._fit[cable] = True
            except PatchError:
                self._fit[cable] = False
        return self._fit[cable]

    def _aim(self, mouse: Point) -> None:
        """Finds the cable that lies under the node, and lights it up."""
        into = None
        if self._courses is None:
            self._courses = self._fitting()
        for name, at in self._moved(self._nodes, mouse).items() if self._courses else ():
            if name not in self._canvas.boxes:
                continue
            (left, top), (right, bottom) = self._canvas.corners(name)
            rect = at, (at[0] + right - left, at[1] + bottom - top)
            under = (each for each, path in self._courses.items() if enters(path, rect))
            into = next((each for each in under if self._fits(name, each)), None)
        self._light(into)

    def _light(self, into: Cable | None) -> None:
        canvas = self._canvas
        if self._into in canvas.cables and self._into != into:
            canvas.light(self._into, canvas.colour(self._into))
        self._into = into
        if into in canvas.cables:
            canvas.light(into, self._editor.look.palette.accent)


class Resize:
    """Moves the lower right corner of a frame."""

    def __init__(self, editor: Editor, canvas: Canvas, mouse: Point, name: str) -> None:
        self._editor = editor
        self._canvas = canvas
        self._name = name
        self._comment = editor.patch.comments[name]
        self._grabbed = canvas.view.from_screen(mouse)

    def move(self, mouse: Point) -> None:
        if self._name in self._canvas.comments.shown:
            self._canvas.comments.put(self._name, self._comment.at, self._size(mouse))

    def finish(self, mouse: Point) -> None:
        resized = replace(self._comment, size=self._size(mouse))
        self._editor.edit(
            f"Resize {self._name}", lambda patch: put_comment(patch, self._name, resized)
        )

    def cancel(self) -> None:
        self._canvas.place()

    def _size(self, mouse: Point) -> Point:
        assert self._comment.size
        x, y = self._canvas.view.from_screen(mouse)
        width, height = self._comment.size
        return (
            max(round(width + x - self._grabbed[0]), SMALLEST[0]),
            max(round(height + y - self._grabbed[1]), SMALLEST[1]),
        )


class Boxing:
    """Selects what a box touches; frames only if they lie in it whole."""

    def __init__(
        self, editor: Editor, canvas: Canvas, overlay: Overlay, mouse: Point, add: bool
    ) -> None:
        self._editor = editor
        self._canvas = canvas
        self._overlay = overlay
        self._from = canvas.view.from_screen(mouse)
        selection = editor.selection
        self._before = (set(selection.nodes), set(selection.comments))
        self._kept = self._before if add else (set(), set())
        self._nodes = {name: canvas.corners(name) for name in canvas.boxes}
        self._comments = {name: canvas.comments.rect(name) for name in canvas.comments.shown}

    def move(self, mouse: Point) -> None:
        view = self._canvas.view
        box = spanned(self._from, view.from_screen(mouse))
        self._overlay.box(
            (view.to_screen(box[0]), view.to_screen(box[1])), self._editor.look.palette.accent
        )
        nodes = {name for name, rect in self._nodes.items() if overlap(rect, box)}
        comments = {name for name, rect in self._comments.items() if within(rect, box)}
        patch = self._editor.patch
        self._editor.selection.set(self._kept[0] | nodes, comments=self._kept[1] | comments)
        self._editor.selection.keep(patch)

    def finish(self, mouse: Point) -> None:
        self.move(mouse)

    def cancel(self) -> None:
        self._editor.selection.set(self._before[0], comments=self._before[1])


def with_framed(canvas: Canvas, nodes: set[str], comments: set[str]) -> tuple[set[str], set[str]]:
    """Returns nodes and comments, and those as well that lie in the frames among them."""
    frames: list[Rect] = [
        canvas.comments.rect(name) for name in comments if canvas.comments.shown[name].size
    ]
    if not frames:
        return set(nodes), set(comments)

    def framed(rect: Rect) -> bool:
        return any(within(rect, frame) for frame in frames)

    return (
        nodes | {name for name in canvas.boxes if framed(canvas.corners(name))},
        comments | {name for name in canvas.comments.shown if framed(canvas.comments.rect(name))},
    )
