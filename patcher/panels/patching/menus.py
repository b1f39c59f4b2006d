"""Menus of what is on the canvas: what can be done with what was clicked on, or is selected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import dearpygui.dearpygui as dpg

from engine.patch import COLOURS, Cable
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import Pin
from patcher.editing.steps import pull
from patcher.panels.patching.adding import Adding, spot
from patcher.panels.patching.changing import Changing
from patcher.panels.patching.picking import OnComment, OnNode, Target
from patcher.ui.actions import Action
from patcher.ui.choosing import Choosing
from patcher.ui.keys import named
from patcher.ui.popup import Popup
from patcher.ui.view import Point

ON_CANVAS = ("Paste", "Comment", "", "Select all", "Tidy", "Fit", "Find a node…")
ON_NODES = ("Cut", "Copy", "Duplicate", "", "Bypass", "Rename…", "Frame the selection", "Help")
COLOUR = "Colour"


@dataclass(frozen=True)
class Entry:
    """A line of a menu; one without a title parts those above it from those below.

    Attributes:
        run: what it does.
        under: the title of the menu that it is in within the menu; empty for none.
    """

    title: str = ""
    run: Callable[[], object] = lambda: None
    shortcut: str = ""
    possible: bool = True
    under: str = ""


class Menus:
    """One window, filled anew for each click, and for the keyboard a list to choose from."""

    def __init__(
        self,
        editor: Editor,
        canvas: Canvas,
        adding: Adding,
        changing: Changing,
        choosing: Choosing,
    ) -> None:
        self._editor = editor
        self._canvas = canvas
        self._adding = adding
        self._changing = changing
        self._choosing = choosing
        self._popup = Popup()

    def build(self) -> None:
        """Makes the window, hidden."""
        self._popup.build()

    @property
    def shown(self) -> bool:
        """Whether the window is open."""
        return self._popup.shown

    def actions(self) -> Iterator[Action]:
        """Yields what keys do."""
        yield Action("What can be done with it…", self.offer, ("Shift+F10",), "Edit")

    def refresh(self) -> None:
        """Looks after the window while it is open."""
        if self._popup.shown:
            self._popup.refresh()

    def open(self, target: Target, at: Point) -> None:
        """Opens the menu of what is at a place of the screen."""
        dpg.delete_item(self._popup.item, children_only=True)
        self._fill(list(self._entries(target, at)))
        self._popup.open(at)

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
        self._choosing.offer(
            "Do what?",
            [
                (f"{each.under} {each.title}".strip(), each.shortcut, each.run)
                for each in self._entries(target, spot(self._canvas))
                if each.title and each.possible
            ],
        )

    def _entries(self, target: Target, at: Point) -> Iterator[Entry]:
        changing, adding = self._changing, self._adding
        if isinstance(target, Cable):
            yield Entry("Put a node into it…", lambda: adding.ask(at, cable=target))
            yield Entry("Delete", lambda: pull(self._editor, target))
        elif isinstance(target, OnComment):
            yield from self._known("Duplicate")
            yield Entry("Write…", lambda: changing.edit_comment(target.name))
            for each in COLOURS:
                yield Entry(each.capitalize(), partial(changing.colour, each), under=COLOUR)
            yield from self._known("", "Delete")
        elif isinstance(target, OnNode | Pin):
            yield from self._known(*ON_NODES)
            yield Entry("Show on the perform panel", changing.show_on_panel)
            yield from self._known("", "Delete")
        else:
            # Where it was clicked: by then the mouse is elsewhere, on the menu.
            yield Entry("Add a node…", lambda: adding.ask(at))
            yield from self._known(*ON_CANVAS)

    def _known(self, *titles: str) -> Iterator[Entry]:
        """Yields the entries of actions of the table; an empty title parts them."""
        actions = {each.title: each for each in self._editor.actions}
        for title in titles:
            if not title:
                yield Entry()
            elif action := actions.get(title):
                shortcut = named(action.keys[0]) if action.keys else ""
                yield Entry(title, action.run, shortcut, action.possible())

    def _fill(self, entries: Sequence[Entry]) -> None:
        menus: dict[str, int] = {"": self._popup.item}
        for entry in entries:
            if entry.under not in menus:
                menus[entry.under] = int(dpg.add_menu(label=entry.under, parent=self._popup.item))
            parent = menus[entry.under]
            if entry.title:
                self._add(parent, entry)
            else:
                dpg.add_separator(parent=parent)

    def _add(self, parent: int, entry: Entry) -> None:
        def chosen() -> None:
            self._popup.close()
            entry.run()

        dpg.add_menu_item(
            label=entry.title,
            shortcut=entry.shortcut,
            enabled=entry.possible,
            parent=parent,
            callback=lambda: chosen(),
        )
