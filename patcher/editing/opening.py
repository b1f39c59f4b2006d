"""How documents are begun: from files, from patches that come with Hocket, from what plays."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from engine.compiler import modernise
from engine.files import SUFFIX, load_patch
from engine.messages import PatchChanged
from engine.patch import Patch, PatchError
from engine.registry import Registry
from patcher.document import Document
from patcher.patchfile import DocumentError
from patcher.shipped import is_shipped
from patcher.state import digest

MOST_LETTERS = 60
"""Of a file's name, for a disk takes 255 bytes and UTF-8 as many as 4 for a letter."""


def open_document(registry: Registry, path: Path) -> Document:
    """Opens a patch file; one that comes with Hocket as an untitled copy, so that it stays whole.

    Raises:
        PatchError: it is no legal patch.
        DocumentError: it cannot be read.
    """
    if not is_shipped(path.parent):
        return Document.open(registry, path)
    try:
        return Document.new(registry, load_patch(path), path.parent)
    except OSError as error:
        raise DocumentError(f"{path.name} could not be read: {error.strerror}") from error


def same_file(one: Path | None, other: Path | str | None) -> bool:
    """Says whether both are paths, and of the same file."""
    return one is not None and other is not None and digest(one) == digest(Path(other))


def file_name(title: str) -> str:
    """Returns a title as the name of a file, without its suffix."""
    kept = "".join(each if each.isalnum() or each in " -_" else " " for each in title)
    return "_".join(kept[:MOST_LETTERS].lower().split()) or "untitled"


def playing_document(registry: Registry, played: PatchChanged, patch: Patch) -> Document:
    """Returns the document that an engine plays, with what its file holds.

    Args:
        patch: what plays, which tells an untitled copy of a shipped patch.
    """
    folder = Path(played.folder) if played.folder else None
    paths = [Path(played.path)] if played.path else []
    if folder and is_shipped(folder):
        paths += folder.glob(f"*{SUFFIX}")
    for path in paths:
        with suppress(DocumentError, PatchError, OSError):
            if played.path or modernise(load_patch(path), registry) == patch:
                return open_document(registry, path)
    return Document.new(registry, folder=folder)
