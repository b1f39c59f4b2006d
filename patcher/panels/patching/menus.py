"""Menus of what is on the canvas: what can be done with what was clicked on, or is selected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from engine.patch import COLOURS, Cable
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import Pin
from patcher.editing.steps import pull
from patcher.panels.patching.adding import Adding, spot
from patcher.panels.patching.changing import Changing
from patcher.panels.patching.picking import OnComment, OnNode, Target
from patcher.panels.patching.remembering import SAVE, Remembering
from patcher.ui.actions import Action
from patcher.ui.keys import named
from patcher.ui.menu import Row
from patcher.ui.view import Point

ON_CANVAS = ("Paste", "Comment", "", "Select all", "Tidy", "Fit", "Find a node…")
ON_NODES = ("Cut", "Copy", "Duplicate", "", "Bypass", "Rename…", "Frame the selection", "Help")
COLOUR = "Colour"


class Menus:
    """A menu for the mouse, and for the keyboard a list to choose from."""

    def __init__(
        self,
        editor: Editor,
        canvas: Canvas,
        adding: Adding,
        changing: Changing,
        remembering: Remembering,
    ) -> None:
        self._editor = editor
        self._canvas = canvas
        self._adding = adding
        self._changing = changing
        self._remembering = remembering

    def actions(self) -> Iterator[Action]:
        """Yields what keys do."""
        yield Action("What can be done with it…", self.offer, ("Shift+F10",), "Edit")

    def open(self, target: Target, at: Point) -> None:
        """Opens the menu of what is at a place of the screen."""
        self._editor.popups.menu.open(self._rows(target, at), at)

    def offer(self) -> None:
        """Lists what can be done with what is selected; where nothing is, with the canvas."""
        selection = self._editor.selection
        target: Target = None
        if selection.nodes:
            target = OnNode(min(selection.nodes), field=False)
        elif selection.comments:
            target = OnComment(min(selection.comments), "title")
        elif selection.cables:
            target = min(selection.cables)
        self._editor.popups.choosing.offer(
            "Do what?",
            [
                (f"{each.under} {each.title}".strip(), each.shortcut, each.run)
                for each in self._rows(target, spot(self._canvas))
                if each.title and each.possible
            ],
        )

    def _rows(self, target: Target, at: Point) -> Iterator[Row]:
        changing, adding = self._changing, self._adding
        if isinstance(target, Cable):
            yield Row("Put a node into it…", lambda: adding.ask(at, cable=target))
            yield Row("Delete", lambda: pull(self._editor, target))
        elif isinstance(target, OnComment):
            yield from self._known("Duplicate")
            yield Row("Write…", lambda: changing.edit_comment(target.name))
            for each in COLOURS:
                yield Row(each.capitalize(), partial(changing.colour, each), under=COLOUR)
            yield from self._known("", "Delete")
        elif isinstance(target, OnNode | Pin):
            yield from self._known(*ON_NODES)
            yield Row("Show on the perform panel", changing.show_on_panel)
            if self._remembering.generator:
                yield from self._known(SAVE)
            yield from self._known("", "Delete")
        else:
            # Where it was clicked: by then the mouse is elsewhere, on the menu.
            yield Row("Add a node…", lambda: adding.ask(at))
            yield from self._known(*ON_CANVAS)

    def _known(self, *titles: str) -> Iterator[Row]:
        """Yields the lines of actions of the table; an empty title parts them."""
        actions = {each.title: each for each in self._editor.actions}
        for title in titles:
            if not title:
                yield Row()
            elif action := actions.get(title):
                shortcut = named(action.keys[0]) if action.keys else ""
                yield Row(title, action.run, shortcut=shortcut, possible=action.possible())
