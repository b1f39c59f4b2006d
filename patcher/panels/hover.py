"""Help beside the mouse while it rests on a node, a port, a value or a cable."""

from __future__ import annotations

import time
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.patch import Cable
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.explaining import Told, about_cable, about_node, about_port
from patcher.editing.ports import Pin
from patcher.panels.panel import Region
from patcher.panels.patching.picking import OnNode, under
from patcher.ui.card import draw_card
from patcher.ui.view import Point
from patcher.widgets.fields import Field, under_mouse
from patcher.widgets.fields.text import wrapped

HINT, CARD = 0.1, 0.5
"""Seconds that the mouse rests until the status line, and then a card beside it, say what it is
on."""
STILL = 3
"""Pixels that a resting mouse may move."""
WIDTH = 360
"""Of the lines on the card, in pixels at a scale of 1."""
MOST = 8
"""Lines of a text that are shown; the tab Node has all."""


class Hover:
    """Says what the mouse is on. It is only drawn, so that it takes nothing from the mouse."""

    region: ClassVar[Region] = "over"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas
        self._sheet = 0
        self._mouse: Point = (0.0, 0.0)
        self._since = 0.0
        self._told: Told | None = None
        self._asked = self._shown = False

    def build(self, parent: int | str) -> None:
        self._sheet = int(dpg.add_viewport_drawlist(front=True))

    def refresh(self) -> None:
        mouse: Point = tuple(dpg.get_mouse_pos(local=False))
        now = time.monotonic()
        moved = max(abs(mouse[0] - self._mouse[0]), abs(mouse[1] - self._mouse[1])) > STILL
        if moved or self._busy():
            self._mouse, self._since = mouse, now
            self._forget()
        elif not self._asked and now - self._since > HINT:
            self._ask(mouse)
        elif self._told and not self._shown and now - self._since > CARD:
            self._shown = True
            self._draw(self._told)

    def _busy(self) -> bool:
        """Says whether the hands do something else."""
        editor = self._editor
        pressed = any(map(dpg.is_mouse_button_down, range(3)))
        return pressed or editor.typing or editor.popups.menu.shown or self._canvas.locked

    def _forget(self) -> None:
        if self._told and self._editor.hint == str(self._told):
            self._editor.hint = ""
        if self._shown:
            dpg.delete_item(self._sheet, children_only=True)
        self._told, self._asked, self._shown = None, False, False

    def _ask(self, mouse: Point) -> None:
        self._asked = True
        if self._canvas.hovered():
            self._told = self._find(mouse)
        if self._told:
            self._editor.hint = str(self._told)

    def _find(self, mouse: Point) -> Told | None:
        """Returns what there is to say of what is under the mouse."""
        patch, registry = self._editor.patch, self._editor.registry
        target = under(self._canvas, mouse)
        if isinstance(target, Cable):
            return about_cable(target, patch, registry)
        if not isinstance(target, OnNode | Pin):
            return None
        name = target.name if isinstance(target, OnNode) else target.node
        node = patch.nodes[name]
        declared = registry.find(node.type)
        widget = under_mouse()
        if isinstance(target, Pin) and declared:
            find = declared.outlet if target.kind == "outlet" else declared.inlet
            port = find(target.port)
            return about_port(str(target), port) if port else None
        if isinstance(widget, Field):
            return about_port(str(widget.place), widget.place.port)
        return about_node(name, node.type, declared, self._canvas.faults.get(name, ()))

    def _draw(self, told: Told) -> None:
        look, palette = self._editor.look, self._editor.look.palette
        parts = (
            (told.title, palette.ink),
            (told.facts, palette.faint),
            (told.fault, palette.bad),
            (told.text, palette.ink),
        )
        lines = [
            (line, colour)
            for text, colour in parts
            for part in text.splitlines()
            for line in wrapped(look, part, look.text, look.px(WIDTH), MOST)
        ]
        draw_card(look, self._sheet, self._mouse, lines, palette.outline)
