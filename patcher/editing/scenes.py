"""The scenes of the patch: stored, recalled, and how far the way to one is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import scenes
from engine.patch import Patch
from engine.signals import FRAME_RATE

if TYPE_CHECKING:
    from patcher.editing.editor import Editor

BEATS = 4.0
"""How long the way to a scene takes until somebody says otherwise."""


class Scenery:
    """What the player does with scenes, wherever they are shown.

    Attributes:
        beats: how long the way to a scene takes, in quarter notes; 0 for at once.
        current: the scene that was stored or recalled last; None before the first.
        way: how far the way to it is gone, 0..1.
    """

    def __init__(self, editor: Editor) -> None:
        self.beats = BEATS
        self.current: str | None = None
        self.way = 1.0
        self._editor = editor
        self._over = 0.0
        self._frame: int | None = None

    def another(self) -> None:
        """Forgets where it was in the scenes of another document."""
        self.current, self.way = None, 1.0

    def store(self) -> None:
        """Keeps all values as a new scene."""
        number = len(self._editor.patch.scenes) + 1
        while (name := f"Scene {number}") in self._editor.patch.scenes:
            number += 1
        self.update(name)

    def update(self, name: str) -> None:
        """Keeps all values as a scene, in place of what it was."""

        def change(patch: Patch) -> Patch:
            return scenes.store_scene(patch, self._editor.registry, name)

        if self._editor.edit(f"Store {name}", change):
            self.current, self.way = name, 1.0
            self._editor.say(f"Stored {name}")

    def rename(self, old: str, new: str) -> None:
        """Gives a scene another name."""
        renamed = self._editor.edit(
            f"Rename {old}", lambda patch: scenes.rename_scene(patch, old, new)
        )
        if renamed and self.current == old:
            self.current = new

    def remove(self, name: str) -> None:
        """Forgets a scene."""
        self._editor.edit(f"Delete {name}", lambda patch: scenes.remove_scene(patch, name))

    def recall(self, name: str) -> None:
        """Goes to a scene."""
        if self._editor.recall(name, self.beats):
            self.current, self._over, self._frame = name, self.beats, None
            self.way = 0.0 if self.beats and self._editor.attachment.ready else 1.0

    def recall_number(self, number: int) -> None:
        """Goes to a scene by its place among the others, from 1."""
        names = list(self._editor.patch.scenes)
        if number <= len(names):
            self.recall(names[number - 1])
        else:
            self._editor.say(f"There is no scene {number} yet", bad=True)

    def follow(self) -> None:
        """Takes in how far the way is gone; once a drawn frame."""
        snapshot = self._editor.snapshot
        if self.way < 1.0 and snapshot and snapshot.frame != self._frame:
            frames = snapshot.frame - self._frame if self._frame is not None else 0
            self._frame = snapshot.frame
            beats = frames * snapshot.transport.tempo / (60.0 * FRAME_RATE)
            self.way = min(self.way + max(beats, 0.0) / self._over, 1.0)

    def changed(self) -> bool:
        """Says whether a value has been changed since the present scene was stored or recalled."""
        editor, name = self._editor, self.current
        known = name is not None and name in editor.patch.scenes
        return known and bool(scenes.changes(editor.patch, editor.registry, str(name)))
