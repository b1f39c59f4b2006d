"""What the mouse does on the canvas, turned into steps of editing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from engine import edits
from engine.graph import cable_fault
from engine.patch import Cable
from patcher.canvas import Canvas
from patcher.editor import Editor
from patcher.view import Point

LEFT, RIGHT, MIDDLE = dpg.mvMouseButton_Left, dpg.mvMouseButton_Right, dpg.mvMouseButton_Middle

STILL = 4
"""Pixels the mouse may move and a press is still a click."""


@dataclass(frozen=True)
class Pin:
    """A port on the canvas: kind is `inlet` or `outlet`."""

    kind: str
    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


class Gestures:
    """Watches the mouse over the canvas, once a drawn frame.

    Args:
        inside: whether the mouse is over the canvas and nothing lies above it.
        add_here: opens the list of node types at a place of the screen; what is chosen goes to
            the point of the patch, with a cable to or from the pin if one is given.
    """

    def __init__(
        self,
        editor: Editor,
        canvas: Canvas,
        inside: Callable[[], bool],
        add_here: Callable[[Point, Pin | None], None],
    ) -> None:
        self._editor = editor
        self._canvas = canvas
        self._inside = inside
        self._add_here = add_here
        self._from: Pin | None = None
        self._down = False
        self._pressed_at: Point = (0.0, 0.0)
        self._selected: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        dpg.configure_item(canvas.editor, callback=self._linked)

    def watch(self) -> None:
        """Looks at the mouse and does what it means."""
        down = dpg.is_mouse_button_down(LEFT)
        if down and not self._down and self._inside():
            self._pressed()
        elif self._down and not down:
            self._released()
        elif down and self._from:
            self._say_fit()
        self._down = down
        self._take_selection()

    def hovered_pin(self) -> Pin | None:
        """Returns the port under the mouse."""
        for name, box in self._canvas.boxes.items():
            for (kind, port), item in box.pins.items():
                if dpg.is_item_hovered(item):
                    return Pin(kind, name, port)
        return None

    def hovered_node(self) -> str | None:
        """Returns the node under the mouse."""
        for name, box in self._canvas.boxes.items():
            if dpg.is_item_hovered(box.item):
                return name
        return None

    def _pressed(self) -> None:
        self._pressed_at = dpg.get_mouse_pos(local=False)
        self._from = self.hovered_pin()
        if self._from:
            self._dim(self._from)

    def _released(self) -> None:
        if self._from:
            start, self._from = self._from, None
            for box in self._canvas.boxes.values():
                box.dim(None)
            self._editor.hint = ""
            end = self.hovered_pin()
            if end:
                self._connect(start, end)
            elif not self.hovered_node() and self._inside():
                self._add_here(dpg.get_mouse_pos(local=False), start)
            return
        self._take_moves()
        self._editor.document.seal()

    def _take_moves(self) -> None:
        patch = self._editor.patch
        moved = {}
        for name in self._canvas.boxes:
            x, y = self._canvas.placed(name)
            at = patch.nodes[name].at
            if abs(x - at[0]) + abs(y - at[1]) > 1.0 / self._canvas.view.zoom:
                moved[name] = (round(x), round(y))
        if moved:
            what = next(iter(moved)) if len(moved) == 1 else f"{len(moved)} nodes"
            self._editor.edit(f"Move {what}", lambda patch: edits.move(patch, moved))

    def _linked(self, _: int, pins: tuple[int, int]) -> None:
        """What the node editor calls; releases are looked at by `_released`, which knows more."""

    def _connect(self, one: Pin, other: Pin) -> None:
        if one == other:
            return
        start, end = (one, other) if one.kind == "outlet" else (other, one)
        self._editor.edit(
            f"Connect {start} to {end}",
            lambda patch: edits.connect(
                patch, self._editor.registry, str(start), str(end), instead=True
            ),
        )

    def _dim(self, start: Pin) -> None:
        for name, box in self._canvas.boxes.items():
            fits = {
                (kind, port)
                for kind, port in box.pins
                if self._why_not(start, Pin(kind, name, port)) is None
            }
            box.dim(fits | ({(start.kind, start.port)} if name == start.node else set()))

    def _say_fit(self) -> None:
        assert self._from is not None
        over = self.hovered_pin()
        if over is None or over == self._from:
            self._editor.hint = ""
            return
        fault = self._why_not(self._from, over)
        self._editor.hint = fault or f"{self._from} to {over}"

    def _why_not(self, one: Pin, other: Pin) -> str | None:
        if one.kind == other.kind:
            return f"a cable goes from an outlet to an inlet; both are {one.kind}s"
        start, end = (one, other) if one.kind == "outlet" else (other, one)
        cable = Cable(start.node, start.port, end.node, end.port)
        return cable_fault(self._editor.patch, cable, self._editor.registry)

    def _take_selection(self) -> None:
        canvas, selection = self._canvas, self._editor.selection
        found = (
            frozenset(dpg.get_selected_nodes(canvas.editor)),
            frozenset(dpg.get_selected_links(canvas.editor)),
        )
        if found != self._selected:
            self._selected = found
            nodes = {name for name, box in canvas.boxes.items() if box.item in found[0]}
            cables = {cable for cable, item in canvas.cables.items() if item in found[1]}
            selection.set(nodes, cables)
