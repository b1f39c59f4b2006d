"""The patches that can be opened without looking for a file: shipped ones, help, recent ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.files import SUFFIX, load_patch
from engine.patch import PatchError
from patcher.shipped import shipped_patches
from patcher.shown import shown
from patcher.state import recent_files

SHIPPED, RECENT, HELP = "Patches", "Recent", "Help for nodes"


@dataclass(frozen=True)
class Shelved:
    """A patch to be opened.

    Attributes:
        kind: `SHIPPED`, `RECENT` or `HELP`.
    """

    path: Path
    kind: str
    title: str
    description: str
    tags: tuple[str, ...]


def shelf() -> list[Shelved]:
    """Returns all of them; what cannot be read is left out."""
    folder = shipped_patches()
    places = (
        (SHIPPED, sorted(folder.glob(f"*{SUFFIX}"))),
        (RECENT, recent_files()),
        (HELP, sorted((folder / "help").glob(f"*{SUFFIX}"))),
    )
    return [found for kind, paths in places for path in paths if (found := _shelved(path, kind))]


def narrowed(shelf: Iterable[Shelved], typed: str, tag: str = "") -> list[Shelved]:
    """Returns the patches that have a tag and every typed word; by title before by description."""
    words = typed.lower().split()

    def has(each: Shelved, word: str) -> bool:
        return any(word in text.lower() for text in (each.title, each.description, *each.tags))

    found = [
        each
        for each in shelf
        if (not tag or tag in each.tags) and all(has(each, word) for word in words)
    ]
    if words:
        found.sort(key=lambda each: not all(word in each.title.lower() for word in words))
    return found


def tags_of(shelf: Sequence[Shelved]) -> list[str]:
    """Returns the tags that patches have, in the order of the alphabet."""
    return sorted({tag for each in shelf for tag in each.tags})


def _shelved(path: Path, kind: str) -> Shelved | None:
    try:
        patch = load_patch(path)
    except (OSError, PatchError):
        return None
    return Shelved(path, kind, patch.title or shown(path.stem), patch.description, patch.tags)
