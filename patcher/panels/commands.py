"""The list of all actions: what is in menus, and what is done by buttons alone."""

from __future__ import annotations

from typing import ClassVar

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.panel import Region
from patcher.ui.keys import named


class Commands:
    """Has an action chosen by some letters of its title."""

    region: ClassVar[Region] = "over"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor

    def build(self, parent: int | str) -> None:
        self._editor.actions.add("Do…", self._ask, "F10", menu="Edit")

    def refresh(self) -> None:
        """Nothing of it changes."""

    def _ask(self) -> None:
        """Lists what can be done now."""
        self._editor.popups.choosing.offer(
            "Do what?",
            [
                (each.words, named(", ".join(each.keys)), each.do)
                for each in self._editor.actions
                if each.run != self._ask and each.possible()
            ],
        )
