"""Cutting cables: a line drawn through them."""

from __future__ import annotations

from engine.patch import Cable
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.steps import without
from patcher.panels.patching.picking import course
from patcher.ui.curves import crosses
from patcher.ui.overlay import Overlay
from patcher.ui.view import Point
from patcher.words import counted


class Cut:
    """A line from where the mouse was pressed; the cables that it crosses will go."""

    def __init__(self, editor: Editor, canvas: Canvas, overlay: Overlay, mouse: Point) -> None:
        self._editor = editor
        self._canvas = canvas
        self._overlay = overlay
        # In the patch, as the view may move and zoom on the way.
        self._from = canvas.view.from_screen(mouse)
        self._courses = {
            cable: [canvas.view.from_screen(each) for each in course(canvas, cable)]
            for cable in canvas.cables
        }
        self._crossed: set[Cable] = set()

    def move(self, mouse: Point) -> None:
        bad = self._editor.look.palette.bad
        self._cross(mouse)
        self._overlay.line(self._canvas.view.to_screen(self._from), mouse, bad)
        for cable in self._canvas.cables:
            colour = bad if cable in self._crossed else self._canvas.colour(cable)
            self._canvas.light(cable, colour)
        if self._crossed:
            self._overlay.words(mouse, f"Cuts {counted(self._crossed, 'cables')}")

    def finish(self, mouse: Point) -> None:
        self._cross(mouse)
        cut = [each for each in self._crossed if each in self._editor.patch.cables]
        self.cancel()
        if cut:
            self._editor.edit(f"Cut {counted(cut, 'cables')}", lambda patch: without(patch, *cut))

    def cancel(self) -> None:
        for cable in self._canvas.cables:
            self._canvas.light(cable, self._canvas.colour(cable))

    def _cross(self, mouse: Point) -> None:
        here = self._canvas.view.from_screen(mouse)
        self._crossed = {
            cable for cable, path in self._courses.items() if crosses(path, self._from, here)
        }
