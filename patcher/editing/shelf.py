"""The patches that can be opened without looking for a file: shipped, own and recent ones, help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.files import SUFFIX, load_patch
from engine.patch import PatchError
from patcher.shipped import shipped_patches
from patcher.shown import shown
from patcher.state import own_folder, recent_files

SHIPPED, OWN, RECENT, HELP = "With Hocket", "Your folder", "Recent", "Help for nodes"
MOST_OWN = 200
"""Of the player's folder, the first by name: each is read as the list opens, in about 1 ms."""


@dataclass(frozen=True)
class Shelved:
    """A patch to be opened.

    Attributes:
        kind: `SHIPPED`, `OWN`, `RECENT` or `HELP`.
        fault: why it cannot be opened; empty where it can.
    """

    path: Path
    kind: str
    title: str
    description: str
    tags: tuple[str, ...]
    fault: str = ""


def shelf() -> list[Shelved]:
    """Returns all of them."""
    folder, own = shipped_patches(), own_folder()
    places = (
        (SHIPPED, sorted(folder.glob(f"*{SUFFIX}"))),
        (OWN, sorted(own.glob(f"*{SUFFIX}"))[:MOST_OWN] if own else []),
        (RECENT, recent_files()),
        (HELP, sorted((folder / "help").glob(f"*{SUFFIX}"))),
    )
    return [_shelved(path, kind) for kind, paths in places for path in paths]


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


def _shelved(path: Path, kind: str) -> Shelved:
    try:
        patch = load_patch(path)
    except OSError as error:
        return Shelved(path, kind, shown(path.stem), "", (), f"cannot be read: {error.strerror}")
    except PatchError as error:
        return Shelved(path, kind, shown(path.stem), "", (), str(error))
    return Shelved(path, kind, patch.title or shown(path.stem), patch.description, patch.tags)
