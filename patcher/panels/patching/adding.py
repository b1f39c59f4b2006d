"""Adding nodes: at a place, at the end of a cable, or into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeAlias

import dearpygui.dearpygui as dpg

from engine import edits
from engine.fitting import free_inlet, insert
from engine.nodetype import NodeType
from engine.patch import Cable, Patch
from engine.registry import Registry
from engine.signals import SignalType
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import Pin, ends, signal_of
from patcher.panels.patching.palette import Fits
from patcher.state import note_added
from patcher.ui.actions import Action
from patcher.ui.curves import middle
from patcher.ui.view import Point
from patcher.widgets.box import WIDTH

TO_PORT = 40
"""Pixels from the top of a node to its first port."""

Open: TypeAlias = Callable[[Point, Callable[[NodeType], None], Fits], None]
"""Opens a list of node types at a place of the screen; told what was chosen, and what fits."""


def patch_to(patch: Patch, registry: Registry, name: str, pin: Pin) -> Patch:
    """Patches a node to a port, by its first port for the signal; a cable there goes."""
    own = fitting_pin(patch, registry, name, pin)
    if own is None:
        return patch
    start, end = (pin, own) if pin.kind == "outlet" else (own, pin)
    return edits.connect(patch, registry, str(start), str(end), instead=True)


def fitting_pin(patch: Patch, registry: Registry, name: str, pin: Pin) -> Pin | None:
    """Returns the first port of a node that could be patched to another's, if one is free."""
    signal = signal_of(patch, registry, pin)
    declared = registry.find(patch.nodes[name].type)
    if signal is None or declared is None:
        return None
    if pin.kind == "outlet":
        inlet = free_inlet(patch, declared, name, signal)
        return Pin("inlet", name, inlet) if inlet else None
    outlet = _outlet(declared, signal)
    return Pin("outlet", name, outlet) if outlet else None


class Adding:
    """Asks which node to add, and adds it.

    Args:
        open_list: the palette's.
    """

    def __init__(self, editor: Editor, canvas: Canvas, open_list: Open) -> None:
        self._editor = editor
        self._canvas = canvas
        self._open_list = open_list

    def actions(self) -> Iterator[Action]:
        """Yields what keys and menus do."""
        yield Action("Add a node…", lambda: self.ask(spot(self._canvas)), ("Tab", "N"), "Edit")

    def ask(self, at: Point, pin: Pin | None = None, cable: Cable | None = None) -> None:
        """Asks for a node type at a place of the screen.

        Args:
            pin: what the new node is patched to; only node types are offered that fit.
            cable: what it is put into.
        """
        patch, registry = self._editor.patch, self._editor.registry
        if cable:
            pin, _ = ends(cable)
        signal = signal_of(patch, registry, pin) if pin else None

        def fits(declared: NodeType) -> str | None:
            if signal is None or pin is None:
                return ""
            inlet = free_inlet(patch, declared, "", signal)
            outlet = _outlet(declared, signal)
            if cable and outlet is None:
                return None
            if pin.kind == "inlet":
                return outlet and f"{outlet} →"
            return inlet and f"→ {inlet}"

        def chosen(declared: NodeType) -> None:
            add_node(self._editor, self._canvas, declared, at, pin, cable)

        self._open_list(at, chosen, fits)


def add_node(
    editor: Editor,
    canvas: Canvas,
    declared: NodeType,
    at: Point,
    pin: Pin | None = None,
    cable: Cable | None = None,
) -> None:
    """Adds a node at a place of the screen, patched to a port or put into a cable, if given."""
    x, y = canvas.view.from_screen(at)
    if pin:  # the port that is patched comes to lie near the place
        x, y = (x if pin.kind == "outlet" else x - WIDTH), y - TO_PORT
    name = edits.fresh_name(editor.patch, declared.name)

    def change(patch: Patch) -> Patch:
        patch = edits.add(patch, editor.registry, declared.name, name, (round(x), round(y)))
        if cable:
            return insert(patch, editor.registry, name, cable)
        return patch_to(patch, editor.registry, name, pin) if pin else patch

    if editor.edit(f"Add {declared.name}", change):
        editor.selection.set(nodes={name})
        with suppress(OSError):  # then lists have it no earlier than before
            note_added(declared.name)


def spot(canvas: Canvas) -> Point:
    """Returns the mouse's place on the canvas, the canvas's middle where it is elsewhere."""
    if canvas.hovered():
        x, y = dpg.get_mouse_pos(local=False)
        return x, y
    return middle(canvas.area())


def _outlet(declared: NodeType, signal: SignalType) -> str | None:
    return next((each.name for each in declared.outlets if each.signal is signal), None)
