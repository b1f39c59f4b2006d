"""The memory of a generator, saved into a file from which `generator.bank` brings it back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine.commands import SaveMemory
from engine.messages import GeneratorState
from engine.past import MEMORY_SUFFIXES
from patcher.editing.editor import Editor
from patcher.ui.actions import Action

SAVE = "Save memory…"


class Remembering:
    """Saves what the selected generator remembers."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def actions(self) -> Iterator[Action]:
        """Yields what keys and menus do."""
        yield Action(SAVE, self.save, possible=lambda: self._playing() is not None)

    @property
    def generator(self) -> str:
        """The selected node, if it is one alone and a generator; else empty."""
        editor, selected = self._editor, self._editor.selection.nodes
        if len(selected) != 1:
            return ""
        name = min(selected)
        declared = editor.registry.find(editor.patch.nodes[name].type)
        return name if declared and declared.role == "generator" else ""

    def save(self) -> None:
        """Asks for a file and saves the memory there, as it is once the file is chosen."""
        name, playing = self.generator, self._playing()
        if playing:
            # The sketch may play for a model that is not installed.
            of_model, of_sketch = MEMORY_SUFFIXES
            suffix = of_sketch if playing.model == "sketch" else of_model
            self._ask(name, self._editor.filing.folder() / f"{name}{suffix}")

    def _playing(self) -> GeneratorState | None:
        """Returns how the generator is; None while it does not play."""
        snapshot = self._editor.snapshot
        return snapshot.generators.get(self.generator) if snapshot else None

    def _ask(self, name: str, path: Path) -> None:
        def chosen(found: Path) -> None:
            if found.suffix.lower() != path.suffix:
                found = found.with_name(found.name + path.suffix)
            if os.path.lexists(found):
                self._editor.dialogs.ask(
                    f"There is a file {found.name} already. Replace it?",
                    "",
                    ("Save elsewhere…", lambda: self._ask(name, found)),
                    ("Replace it", lambda: self._save(name, found)),
                    ("Cancel", lambda: None),
                )
            else:
                self._save(name, found)

        title = f"Save what {name} remembers"
        self._editor.dialogs.save_file(title, path, (path.suffix,), chosen)

    def _save(self, name: str, path: Path) -> None:
        editor = self._editor

        def told(result: object) -> None:
            if isinstance(result, Exception):
                editor.say(f"The memory of {name} is not saved: {result}", bad=True)
            else:
                editor.say(f"Saved the memory of {name} in {path}")

        editor.post(SaveMemory(name, str(path)), told)
