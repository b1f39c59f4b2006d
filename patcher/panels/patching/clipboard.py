"""Copies of nodes, as text: what is copied can be pasted into a chat, and back from there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import dearpygui.dearpygui as dpg

from engine.copying import corner, fragment, paste
from engine.files import dumps, loads
from engine.patch import Patch, PatchError
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.patching.adding import spot
from patcher.panels.patching.changing import Changing
from patcher.panels.patching.moving import with_framed
from patcher.ui.actions import Action
from patcher.ui.view import Point
from patcher.words import counted

BESIDE = 40
"""Pixels between a node and its duplicate, to the right and down."""


def patch_in(text: str) -> Patch:
    """Returns the patch that a text holds, whatever is written around it.

    Raises:
        PatchError: there is none, or it is not legal.
    """
    start, end = text.find("{"), text.rfind("}")
    if not -1 < start < end:
        raise PatchError.at("", "the clipboard holds no patch: copy nodes first, or a patch's text")
    return loads(text[start : end + 1].encode())


class Clipboard:
    """Copies, cuts, pastes and duplicates nodes and comments."""

    def __init__(self, editor: Editor, canvas: Canvas, changing: Changing) -> None:
        self._editor = editor
        self._canvas = canvas
        self._changing = changing

    def actions(self) -> Iterator[Action]:
        """Yields what keys and menus do."""

        def some() -> bool:
            return bool(self._editor.selection.nodes or self._editor.selection.comments)

        yield Action("Cut", self.cut, ("Ctrl+X",), "Edit", some)
        yield Action("Copy", self.copy, ("Ctrl+C",), "Edit", some)
        yield Action("Paste", self.paste, ("Ctrl+V",), "Edit")
        again = partial(self.paste, incoming=True)
        yield Action("Paste with incoming cables", again, ("Ctrl+Shift+V",), "Edit")
        yield Action("Duplicate", self.duplicate, ("Ctrl+D",), "Edit", some)
        again = partial(self.duplicate, incoming=True)
        yield Action("Duplicate with incoming cables", again, ("Ctrl+Shift+D",), "Edit", some)

    def copy(self) -> bool:
        """Puts what is selected on the system's clipboard; says whether that could be done."""
        try:
            dpg.set_clipboard_text(dumps(self._selected()).decode())
        except PatchError as error:
            self._editor.say(str(error), bad=True)
            return False
        return True

    def cut(self) -> None:
        """Copies what is selected, and deletes it."""
        if self.copy():
            self._changing.delete()

    def paste(self, incoming: bool = False) -> None:
        """Pastes at the mouse what the system's clipboard holds.

        Args:
            incoming: whether the cables that came from other nodes are patched again.
        """
        try:
            found = patch_in(dpg.get_clipboard_text() or "")
        except PatchError as error:
            self._editor.say(str(error.problems[0]), bad=True)
            return
        at = self._canvas.view.from_screen(spot(self._canvas))
        self._put("Paste", found, at, incoming)

    def duplicate(self, incoming: bool = False) -> None:
        """Puts a copy of what is selected beside it."""
        found = self._selected()
        x, y = corner(found)
        self._put("Duplicate", found, (x + BESIDE, y + BESIDE), incoming)

    def _selected(self) -> Patch:
        selection = self._editor.selection
        nodes, comments = with_framed(self._canvas, selection.nodes, selection.comments)
        return fragment(self._editor.patch, nodes, comments)

    def _put(self, doing: str, found: Patch, at: Point, incoming: bool) -> None:
        editor = self._editor
        before = editor.patch
        place = round(at[0]), round(at[1])
        what = counted(found.nodes, "nodes") if found.nodes else "comments"

        def change(patch: Patch) -> Patch:
            return paste(patch, editor.registry, found, place, incoming)[0]

        if editor.edit(f"{doing} {what}", change):
            editor.selection.set(
                nodes=set(editor.patch.nodes) - set(before.nodes),
                comments=set(editor.patch.comments) - set(before.comments),
            )
