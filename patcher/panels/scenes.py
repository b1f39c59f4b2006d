"""The tab of scenes: snapshots of all values, to go to at once or over some beats."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.patch import Patch
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.glide import Glide
from patcher.panels.panel import Region
from patcher.panels.patching.adding import spot
from patcher.ui.buttons import add_action, add_button, light
from patcher.ui.colours import rgba

CHOOSE, STORE = "Go to a scene…", "Store a scene"
"""Actions that the stage has buttons of, too."""
NUMBERED = 9
"""Scenes that have a shortcut of their own."""
EMPTY = (
    "A scene is a snapshot of all values of the patch.\n\n"
    "Store one, turn some knobs, store another: then go from one to the other at once, or have "
    "the values glide there over some beats."
)


class Scenes:
    """Stores, recalls, renames and deletes scenes."""

    region: ClassVar[Region] = "right"
    title: ClassVar[str] = "Scenes"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas
        self._scenery = editor.scenery
        self._glide = Glide(editor)
        self._patch: Patch | None = None
        self._names: tuple[str, ...] = ()
        self._current: str | None = None
        self._buttons: dict[str, int] = {}

    def build(self, parent: int | str) -> None:
        scenery, add = self._scenery, self._editor.actions.add
        add(STORE, scenery.store, "Ctrl+Alt+S", menu="Play")
        for number in range(1, NUMBERED + 1):
            run = partial(scenery.recall_number, number)
            add(f"Recall scene {number}", run, f"Ctrl+{number}")

        def possible() -> bool:
            return bool(self._editor.patch.scenes)

        add(CHOOSE, self._choose, "Ctrl+Alt+G", menu="Play", possible=possible)
        add("Change a scene…", self._change, menu="Play", possible=possible)
        add("Glide to scenes over…", self._ask_beats, "Ctrl+Alt+B", menu="Play")
        store = self._editor.actions.titled(STORE)
        add_action(parent, STORE, store, "Keeps a snapshot of all values", width=-1)
        self._glide.build_beats(parent, -1)
        self._glide.build_way(parent, -1, self._editor.look.px(5))
        self._list = int(dpg.add_group(parent=parent))
        self._patch = None

    def refresh(self) -> None:
        scenery, patch = self._scenery, self._editor.patch
        scenery.follow()
        if not self._glide.visible:
            return
        self._glide.refresh()
        if patch is self._patch and scenery.current == self._current:
            return
        names = tuple(patch.scenes)
        if self._patch is None or names != self._names:
            self._names = names
            self._fill()
        self._patch, self._current = patch, scenery.current
        self._mark()

    def _fill(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        self._buttons = {}
        if not self._names:
            faint = rgba(self._editor.look.palette.faint)
            dpg.add_text(EMPTY, parent=self._list, wrap=0, color=faint)
        for number, name in enumerate(self._names, 1):
            self._add_row(number, name)

    def _add_row(self, number: int, name: str) -> None:
        scenery, px = self._scenery, self._editor.look.px
        side, gap = px(30), px(4)
        with dpg.group(parent=self._list, horizontal=True, horizontal_spacing=gap) as row:
            keys = f" (Ctrl+{number})" if number <= NUMBERED else ""
            run = partial(scenery.recall, name)
            tip = f"Go to this scene{keys}"
            self._buttons[name] = add_button(row, name, run, tip, width=-3 * (side + gap))
            tip = "Keep all values as they are now as this scene"
            add_button(row, "↻", partial(scenery.update, name), tip, width=side)
            add_button(row, "✎", partial(self._ask, name), "Rename", width=side)
            add_button(row, "×", partial(scenery.remove, name), "Delete", width=side)

    def _mark(self) -> None:
        """Lights the scene that the values are of, and says where they have left it."""
        changed = self._scenery.changed()
        for number, (name, button) in enumerate(self._buttons.items(), 1):
            current = name == self._current
            words = f"{number}  {name}" + (", changed since" if current and changed else "")
            dpg.configure_item(button, label=words)
            light(self._editor.look, button, self._editor.look.palette.good if current else None)

    def _ask(self, name: str) -> None:
        """Asks for another name of a scene."""

        def taken(text: str) -> None:
            if text.strip() not in ("", name):
                self._scenery.rename(name, text.strip())

        self._editor.popups.asking.ask(spot(self._canvas), name, taken)

    def _ask_beats(self) -> None:
        self._glide.ask(spot(self._canvas))

    def _choose(self) -> None:
        """Lists all scenes, to go to."""
        recall = self._scenery.recall
        self._editor.popups.choosing.offer(
            "Which scene?",
            [
                (name, f"Ctrl+{number}" if number <= NUMBERED else "", partial(recall, name))
                for number, name in enumerate(self._editor.patch.scenes, 1)
            ],
        )

    def _change(self) -> None:
        """Lists what else can be done with each scene."""
        ways = {
            "Rename": self._ask,
            "Keep all values as": self._scenery.update,
            "Delete": self._scenery.remove,
        }
        self._editor.popups.choosing.offer(
            "Do what with which scene?",
            [
                (f"{way} {name}", "", partial(run, name))
                for way, run in ways.items()
                for name in self._editor.patch.scenes
            ],
        )
