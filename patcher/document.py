"""The document: the patch that is edited, the steps that led to it, and its file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from engine.compiler import modernise
from engine.files import SUFFIX
from engine.patch import Node, Patch
from engine.registry import Registry
from patcher.patchfile import DocumentError, PatchFile
from patcher.shown import shown
from patcher.state import digest


class ExistsError(DocumentError):
    """There is a file of that name already."""


@dataclass(frozen=True)
class Step:
    """One edit, as it is told to the musician.

    Attributes:
        before: what undoing it gives back.
        after: what it made.
    """

    name: str
    before: Patch
    after: Patch


class Document:
    """A patch that is edited, with undo and redo without limit, and its file.

    Undoing a step gives back what that step changed, and nothing else. So a value that was
    changed elsewhere, by a MIDI controller or another client, stays as it is, unless the step
    itself had set it.

    Attributes:
        version: grows with each change of the patch or of its file.
    """

    def __init__(self, registry: Registry, patch: Patch) -> None:
        """Begins with a patch that is as good as saved and has no file."""
        self.version = 0
        self._registry = registry
        self._patch = patch
        self._saved: Patch | None = patch
        self._steps: list[Step] = []
        self._position = 0
        self._merging: str | None = None
        self._followed: set[tuple[str, str]] = set()
        self._name = "Untitled"
        self._file: PatchFile | None = None
        self._folder: Path | None = None

    @classmethod
    def new(
        cls, registry: Registry, patch: Patch | None = None, folder: Path | None = None
    ) -> Self:
        """Begins an untitled document.

        Args:
            patch: what it begins with, such as a shipped patch; None for an empty one.
            folder: where the files lie that the patch names.
        """
        document = cls(registry, modernise(patch or Patch(), registry))
        document._folder = folder
        return document

    @classmethod
    def recovered(cls, registry: Registry, patch: Patch, name: str, folder: Path | None) -> Self:
        """Begins an untitled document with work that was never saved."""
        document = cls.new(registry, patch, folder)
        document._name = f"Recovered {name.removeprefix('Recovered ')}"
        document._saved = None
        return document

    @classmethod
    def open(cls, registry: Registry, path: Path) -> Self:
        """Opens a patch file, read-only where another editor has it.

        Raises:
            PatchError: it is no legal patch.
            DocumentError: it cannot be read.
        """
        file = PatchFile(path)
        try:
            document = cls(registry, modernise(file.read(), registry))
        except BaseException:
            file.close()
            raise
        document._file = file
        return document

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self._patch

    @property
    def path(self) -> Path | None:
        """The file, None while there is none."""
        return self._file.path if self._file else None

    @property
    def folder(self) -> Path | None:
        """Where the files lie that the patch names."""
        return self._file.path.parent if self._file else self._folder

    @property
    def read_only(self) -> bool:
        """Whether another editor has the file."""
        return self._file is not None and self._file.read_only

    @property
    def title(self) -> str:
        """What the document is called: the patch's title, else the name of the file."""
        if self._file:
            return self._patch.title or shown(self._file.path.stem)
        return self._name if self._saved is None else self._patch.title or self._name

    @property
    def unsaved(self) -> bool:
        """Whether the patch is another than the file has, or was never saved."""
        return self._patch is not self._saved and self._patch != self._saved

    @property
    def undo_name(self) -> str | None:
        """The name of the step that would be undone; None where there is none."""
        return self._steps[self._position - 1].name if self._position else None

    @property
    def redo_name(self) -> str | None:
        """The name of the step that would be done again; None where there is none."""
        return self._steps[self._position].name if self._position < len(self._steps) else None

    def do(self, name: str, patch: Patch, merge: str | None = None) -> None:
        """Takes a step; a patch that equals the present one is none.

        Args:
            name: what it does, in plain words.
            merge: what is being done, such as a drag: steps with the same key that follow each
                other become one, until `seal`.
        """
        if patch == self._patch:
            return
        del self._steps[self._position :]
        merging = merge is not None and merge == self._merging
        before = self._undone(self._steps.pop()) if merging else self._patch
        self._merging = None
        if patch != before:
            self._steps.append(Step(name, before, patch))
            self._merging = merge
        self._position = len(self._steps)
        self._show(patch)

    def seal(self) -> None:
        """Ends a merged step: the mouse was released."""
        self._merging = None

    def undo(self) -> str | None:
        """Takes a step back and returns its name; None where there is none."""
        if not self._position:
            return None
        self.seal()
        self._position -= 1
        step = self._steps[self._position]
        self._show(self._undone(step))
        return step.name

    def redo(self) -> str | None:
        """Does an undone step again and returns its name; None where there is none."""
        if self._position == len(self._steps):
            return None
        step = self._steps[self._position]
        self._position += 1
        self._show(self._keeping(step.before, step.after))
        return step.name

    def follow(self, node: str, port: str, value: Any) -> None:
        """Shows a value that was changed elsewhere; no step is taken."""
        held = self._patch.nodes.get(node)
        if held is None or held.values.get(port) == value:
            return
        self._followed.add((node, port))
        changed = replace(held, values={**held.values, port: value})
        self._show(replace(self._patch, nodes={**self._patch.nodes, node: changed}))

    def save(self, anyway: bool = False) -> None:
        """Writes the file; raises as `PatchFile.write` does, and where there is no file yet."""
        if self._file is None:
            raise DocumentError("The patch has no file yet. Choose one with Save as.")
        self._file.write(self._patch, anyway)
        self._note_saved()

    def save_as(self, path: Path, anyway: bool = False) -> None:
        """Writes another file, which is the document's from then on.

        Args:
            path: where; `.hocket` is added if it does not end so.
            anyway: over a file that is there.

        Raises:
            ExistsError: there is a file.
            DocumentError, PatchError: as `PatchFile.write` does.
        """
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
        if self._file and digest(path) == digest(self._file.path):
            self.save(anyway)
            return
        if not anyway and os.path.lexists(path):
            raise ExistsError(f"There is a file {path.name} already. Replace it?")
        file = PatchFile(path)
        try:
            file.write(self._patch, anyway=True)
        except BaseException:
            file.close()
            raise
        self.close()
        self._file = file
        self._note_saved()

    def revert(self) -> None:
        """Goes back to what the file holds now, as a step that can be undone.

        Raises:
            DocumentError: there is no file, or it cannot be read.
            PatchError: it is no legal patch any more.
        """
        if self._file is None:
            raise DocumentError("The patch has no file to go back to.")
        self.do(f"Revert to {self._file.path.name}", modernise(self._file.read(), self._registry))
        self._note_saved()

    def begin_elsewhere(self, name: str, patch: Patch) -> None:
        """Takes the step to a patch that did not begin with what the file holds.

        Where they differ the next save is refused, as it is where another program wrote the file.
        """
        if patch != self._patch and self._file:
            self._file.unsee()
        self.do(name, patch)

    def changed_on_disk(self) -> bool:
        """Says whether the file holds something that this editor neither read nor wrote."""
        try:
            return self._file is not None and self._file.changed()
        except DocumentError:  # it cannot be read just now
            return False

    def close(self) -> None:
        """Lets other editors have the file."""
        if self._file:
            self._file.close()

    def _show(self, patch: Patch) -> None:
        self._patch = patch
        self.version += 1

    def _undone(self, step: Step) -> Patch:
        return self._keeping(step.after, step.before)

    def _keeping(self, start: Patch, end: Patch) -> Patch:
        """Returns `end` with the values followed that are the same in both, as they are now."""
        nodes: dict[str, Node] = {}
        for name, port in self._followed:
            if not all(name in each.nodes for each in (start, end, self._patch)):
                continue
            ends, now = (each.nodes[name].values for each in (end, self._patch))
            if port in now and start.nodes[name].values.get(port) == ends.get(port) != now[port]:
                node = nodes.get(name, end.nodes[name])
                nodes[name] = replace(node, values={**node.values, port: now[port]})
        return replace(end, nodes={**end.nodes, **nodes}) if nodes else end

    def _note_saved(self) -> None:
        self.seal()
        self._saved = self._patch
        self.version += 1
