"""What is said about the patch: title, author, license, description, tags, and its problems."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg

from engine import edits
from engine.patch import Patch
from patcher.editing.editor import Editor
from patcher.ui.colours import rgba
from patcher.ui.flowing import flowed, unflowed
from patcher.ui.look import TEXT

WORDS = ("title", "author", "license", "description", "tags")
LINES = 7
"""Of the description that are seen."""
EDGES = 36
"""Left and right of the description, its scroll bar with them, in pixels at a scale of 1."""
HINTS = {"license": "such as CC0-1.0", "tags": "separated by commas"}


class PatchPage:
    """The page of the patch, shown while no node is selected.

    Attributes:
        faults: the group for what is wrong with it.
    """

    def __init__(self, editor: Editor) -> None:
        self.faults = 0
        self._editor = editor
        self._inputs: dict[str, int] = {}
        self._count = 0
        self._room = 0.0
        self._left = 0

    def listen(self) -> None:
        """Makes the handler that all pages of this window share."""
        with dpg.item_handler_registry() as self._left:
            dpg.add_item_deactivated_after_edit_handler(
                callback=lambda _, item: self._take(dpg.get_item_user_data(item))
            )

    def build(self, parent: int, width: float) -> None:
        """Makes the items in a width of some pixels."""
        look = self._editor.look
        self._room = width - look.px(EDGES)
        faint = rgba(look.palette.faint)
        for word in WORDS:
            dpg.add_text(word.capitalize(), parent=parent, color=faint)
            several = word == "description"
            item = dpg.add_input_text(
                parent=parent,
                width=-1,
                hint=HINTS.get(word, ""),
                multiline=several,
                height=look.px(LINES * (TEXT + 3)) if several else 0,
                user_data=word,
            )
            dpg.bind_item_handler_registry(item, self._left)
            self._inputs[word] = int(item)
        self._count = dpg.add_text("", parent=parent, color=faint)
        self.faults = int(dpg.add_group(parent=parent))

    def show(self, patch: Patch) -> None:
        """Shows what is said about a patch; what is being typed stays."""
        for word, item in self._inputs.items():
            if not dpg.is_item_active(item):
                dpg.set_value(item, self._shown(word, getattr(patch, word)))
        dpg.set_value(self._count, f"{len(patch.nodes)} nodes, {len(patch.cables)} cables")

    def _shown(self, word: str, said: Any) -> str:
        """Returns what is said as it is typed; Dear PyGui breaks no lines of its own."""
        if word == "tags":
            return ", ".join(said)
        if word == "description":
            look = self._editor.look
            return flowed(said, lambda text: look.width(text, look.text) <= self._room)
        return str(said)

    def _take(self, word: str) -> None:
        """Takes over what was typed."""
        typed: str = dpg.get_value(self._inputs[word])
        said: dict[str, Any] = {word: typed}
        if word == "tags":
            said = {word: [each.strip() for each in typed.split(",") if each.strip()]}
        elif word == "description":
            said = {word: unflowed(typed)}
        self._editor.edit(f"Set the {word}", lambda patch: edits.describe(patch, **said))
