"""What keys and menus do to what is selected: delete, bypass, rename, comment and frame it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from engine import edits
from engine.comments import put_comment, remove_comments
from engine.patch import Comment, Patch
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.steps import rename, show_on_stage, without
from patcher.panels.patching.adding import spot
from patcher.panels.patching.picking import outline
from patcher.ui.actions import Action
from patcher.ui.curves import Rect, around
from patcher.widgets.comments import TITLE
from patcher.words import counted

MARGIN = 24
"""Pixels between a new frame and what it is drawn round."""
FRAME, COMMENT = "blue", "yellow"
"""Colours of new ones."""


def framing(rects: Sequence[Rect], frame: Comment) -> Comment:
    """Returns a frame drawn round rectangles of the patch, its title above them."""
    (left, top), (right, bottom) = around(rects, MARGIN)
    top -= TITLE
    size = round(right - left), round(bottom - top)
    return replace(frame, at=(round(left), round(top)), size=size)


class Changing:
    """Changes what is selected, each time as one step."""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas

    def actions(self) -> Iterator[Action]:
        """Yields what keys and menus do."""

        def some() -> bool:
            return bool(self._editor.selection)

        def nodes() -> bool:
            return bool(self._editor.selection.nodes)

        yield Action("Delete", self.delete, ("Delete", "Backspace"), "Edit", some)
        yield Action("Bypass", self.bypass, ("M",), "Edit", nodes)
        yield Action("Rename…", self.rename, ("F2",), "Edit", nodes)
        yield Action("Comment", self.comment, ("C",), "Edit")
        yield Action("Frame the selection", self.frame, ("Ctrl+G",), "Edit", some)

    def delete(self) -> None:
        """Takes away what is selected."""
        selection = self._editor.selection
        nodes, cables = sorted(selection.nodes), sorted(selection.cables)
        comments = sorted(selection.comments)

        def change(patch: Patch) -> Patch:
            return remove_comments(edits.remove(without(patch, *cables), *nodes), *comments)

        things = [*nodes, *cables, *comments]
        if things:
            self._editor.edit(f"Delete {counted(things, 'things')}", change)

    def bypass(self) -> None:
        """Takes the selected nodes out, or puts them in again if all of them are out."""
        editor = self._editor
        names = sorted(editor.selection.nodes)
        on = not all(editor.patch.nodes[name].bypass for name in names)
        what = counted(names, "nodes")
        editor.edit(
            f"Bypass {what}" if on else f"Put {what} in again",
            lambda patch: edits.bypass(patch, editor.registry, names, on),
        )

    def rename(self, name: str = "") -> None:
        """Asks for another name of a node; of the selected one if none is given."""
        name = name or min(self._editor.selection.nodes)
        at, _ = outline(self._canvas, name)
        taken = partial(rename, self._editor, name)
        self._editor.popups.asking.ask(at, name, taken, hint="a-z, 0-9 and _")

    def comment(self) -> None:
        """Puts a comment at the mouse, and asks for its text."""
        x, y = self._canvas.view.from_screen(spot(self._canvas))
        self._put("comment", Comment("", (round(x), round(y)), None, COMMENT))

    def frame(self) -> None:
        """Draws a frame round what is selected, and asks for its title."""
        canvas, selection = self._canvas, self._editor.selection
        rects = [canvas.corners(name) for name in selection.nodes]
        rects += [canvas.comments.rect(name) for name in selection.comments]
        self._put("frame", framing(rects, Comment("", colour=FRAME)))

    def edit_comment(self, name: str, step: str = "") -> None:
        """Asks for another text of a comment; one left without text and frame goes.

        Args:
            step: the name of the step; that before it, if of the same name, becomes one with it.
        """
        editor = self._editor
        comment = editor.patch.comments[name]
        at = self._canvas.view.to_screen(comment.at)
        step = step or f"Write {name}"

        def written(patch: Patch, text: str) -> Patch:
            if not text and not comment.size:
                return remove_comments(patch, name)
            return put_comment(patch, name, replace(patch.comments[name], text=text))

        def taken(text: str) -> None:
            editor.edit(step, lambda patch: written(patch, text), merge=step)
            editor.document.seal()

        self._editor.popups.asking.ask(at, comment.text, taken, lines=1 if comment.size else 5)

    def colour(self, colour: str) -> None:
        """Gives the selected comments a colour."""

        def change(patch: Patch) -> Patch:
            for name in self._editor.selection.comments:
                patch = put_comment(patch, name, replace(patch.comments[name], colour=colour))
            return patch

        self._editor.edit(f"Colour it {colour}", change)

    def show_on_panel(self) -> None:
        """Shows the selected nodes on the perform panel, those that are there already left."""
        names = sorted(self._editor.selection.nodes - set(self._editor.patch.panel))
        if names:
            show_on_stage(self._editor, names)

    def _put(self, stem: str, comment: Comment) -> None:
        editor = self._editor
        name = edits.first_free(stem, editor.patch.comments)
        step = f"Add {name}"
        if editor.edit(step, lambda patch: put_comment(patch, name, comment), merge=step):
            editor.selection.set(comments={name})
            self.edit_comment(name, step)
