"""What the mouse does on the canvas: each press is the beginning of one gesture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol

import dearpygui.dearpygui as dpg

from engine.patch import Cable
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import Pin, ends
from patcher.panels.patching.adding import Adding
from patcher.panels.patching.cabling import CableDrag
from patcher.panels.patching.changing import Changing
from patcher.panels.patching.cutting import Cut
from patcher.panels.patching.menus import Menus
from patcher.panels.patching.moving import Boxing, Move, Resize
from patcher.panels.patching.picking import OnComment, OnNode, Target, pin_at, under
from patcher.ui import keys
from patcher.ui.actions import Action
from patcher.ui.overlay import Overlay
from patcher.ui.view import Point

LEFT, RIGHT = dpg.mvMouseButton_Left, dpg.mvMouseButton_Right

STILL = 4
"""Pixels the mouse may move and a press is still a click."""
TWICE = 0.5
"""Seconds between two presses that are a double click; Dear PyGui's 0.3 are few where it lags."""


class Gesture(Protocol):
    """Something that the mouse does from a press to the release."""

    def move(self, mouse: Point) -> None:
        """The mouse is at a place of the screen, a click's distance or more from the press."""

    def finish(self, mouse: Point) -> None:
        """The button was released after a move."""

    def cancel(self) -> None:
        """There was no move, or it was thought better of: all is as it was before."""


class Pan:
    """Moves what is seen."""

    def __init__(self, canvas: Canvas, mouse: Point) -> None:
        self._canvas = canvas
        self._at = mouse

    def move(self, mouse: Point) -> None:
        self._canvas.pan(mouse[0] - self._at[0], mouse[1] - self._at[1])
        self._at = mouse

    def finish(self, mouse: Point) -> None:
        self.move(mouse)

    def cancel(self) -> None:
        pass


class Gestures:
    """Watches the mouse over the canvas, once a drawn frame."""

    def __init__(
        self, editor: Editor, canvas: Canvas, adding: Adding, changing: Changing, menus: Menus
    ) -> None:
        self._editor = editor
        self._canvas = canvas
        self._adding = adding
        self._changing = changing
        self._menus = menus
        self._overlay = Overlay(editor.look)
        self._gesture: Gesture | None = None
        self._button = LEFT
        self._down = {LEFT: False, RIGHT: False}
        self._pressed_at: Point = (0.0, 0.0)
        self._pressed_when = 0.0
        self._target: Target = None
        self._was_selected = False
        self._moved = False

    def actions(self) -> Iterator[Action]:
        """Yields what keys do."""

        def possible() -> bool:
            return bool(self._editor.selection)

        yield Action("Select nothing", self._editor.selection.set, ("Esc",), "Edit", possible)

    def watch(self) -> None:
        """Looks at the mouse and does what it means."""
        mouse: Point = tuple(dpg.get_mouse_pos(local=False))
        for button, was_down in self._down.items():
            down = self._down[button] = dpg.is_mouse_button_down(button)
            if self._gesture and button == self._button:
                self._go_on(mouse) if down else self._release(mouse)
            elif down and not was_down and not self._gesture and self._open():
                self._press(button, mouse)

    def _open(self) -> bool:
        return self._canvas.hovered() and not self._canvas.locked

    def _press(self, button: int, mouse: Point) -> None:
        ctrl, shift, _ = keys.held()
        target, now = under(self._canvas, mouse), time.monotonic()
        again = (
            button == self._button == LEFT
            and not self._moved
            and self._near(mouse)
            and now - self._pressed_when < TWICE
        )
        self._button, self._target, self._moved = button, target, False
        self._pressed_at, self._pressed_when = mouse, 0.0 if again else now
        if button == RIGHT:
            more = (self._editor, self._canvas, self._overlay, mouse)
            self._gesture = Cut(*more) if ctrl else Pan(self._canvas, mouse)
        elif again:
            self._double_click(target, mouse)
        else:
            self._gesture = self._begin(target, mouse, add=ctrl or shift)

    def _begin(self, target: Target, mouse: Point, add: bool) -> Gesture | None:
        editor, canvas, overlay = self._editor, self._canvas, self._overlay
        context = (editor, canvas, overlay)
        if isinstance(target, Pin):
            fed = editor.patch.cable_into(target.node, target.port)
            taken = fed if target.kind == "inlet" else None
            return CableDrag(*context, self._adding, ends(taken)[0] if taken else target, taken)
        if isinstance(target, Cable):
            self._press_on(target, add)
            return CableDrag(*context, self._adding, self._far_end(target, mouse), target)
        if target is None:
            return Boxing(*context, mouse, add)
        self._press_on(target, add)
        if isinstance(target, OnNode):
            return None if target.field or editor.typing else Move(*context, mouse)
        if target.part == "corner":
            return Resize(editor, canvas, mouse, target.name)
        return Move(*context, mouse)

    def _go_on(self, mouse: Point) -> None:
        assert self._gesture
        self._moved |= not self._near(mouse)
        if self._moved:
            self._overlay.clear()
            self._gesture.move(mouse)

    def _near(self, mouse: Point) -> bool:
        """Whether the mouse is where it was pressed last."""
        x, y = self._pressed_at
        return abs(mouse[0] - x) + abs(mouse[1] - y) <= STILL

    def _release(self, mouse: Point) -> None:
        gesture, self._gesture = self._gesture, None
        assert gesture
        if self._moved:
            self._overlay.clear()
            gesture.finish(mouse)
            self._wipe()
            self._editor.document.seal()
            return
        gesture.cancel()
        if self._button == RIGHT:
            if self._target and not self._is_selected(self._target):
                self._select(self._target)
            if not (isinstance(self._target, OnNode) and self._target.field):
                self._menus.open(self._target, mouse)
        elif not any(keys.held()):
            self._select(self._target)
        elif self._was_selected and (held := self._held(self._target)):
            held[0].discard(held[1])

    def take(self, keys: str) -> bool:
        """Has Esc end what the mouse does, as if it had not begun."""
        gesture = self._gesture
        if gesture is None or keys != "Esc":
            return False
        self._gesture = None
        self._wipe()
        gesture.cancel()
        return True

    def _wipe(self) -> None:
        self._overlay.clear()
        self._editor.hint = ""

    def _double_click(self, target: Target, mouse: Point) -> None:
        if isinstance(target, OnComment):
            self._changing.edit_comment(target.name)
        elif isinstance(target, OnNode) and not target.field:
            self._changing.rename(target.name)
        elif isinstance(target, Cable):
            self._adding.ask(mouse, cable=target)
        elif target is None:
            self._adding.ask(mouse)

    def _far_end(self, cable: Cable, mouse: Point) -> Pin:
        """Returns the end of a cable that is farther from the mouse."""
        start, end = ends(cable)
        near = [abs(pin_at(self._canvas, pin)[0] - mouse[0]) for pin in (start, end)]
        return start if near[0] > near[1] else end

    def _press_on(self, target: Target, add: bool) -> None:
        """Selects what is pressed; what is selected already stays so, with all the others."""
        self._was_selected = self._is_selected(target)
        if self._was_selected:
            return
        if not add:
            self._select(target)
        elif held := self._held(target):
            held[0].add(held[1])

    def _select(self, target: Target) -> None:
        self._editor.selection.set()
        if held := self._held(target):
            held[0].add(held[1])

    def _is_selected(self, target: Target) -> bool:
        held = self._held(target)
        return held is not None and held[1] in held[0]

    def _held(self, target: Target) -> tuple[set[Any], Any] | None:
        """Returns the part of the selection that a target belongs to, and what it is there."""
        selection = self._editor.selection
        if isinstance(target, Cable):
            return selection.cables, target
        if isinstance(target, OnComment):
            return selection.comments, target.name
        if isinstance(target, OnNode | Pin):
            return selection.nodes, target.node if isinstance(target, Pin) else target.name
        return None
