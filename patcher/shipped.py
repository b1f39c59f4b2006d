"""The patches that come with Hocket."""

from __future__ import annotations

from pathlib import Path

from engine.files import SUFFIX


def shipped_patches() -> Path:
    """Returns the folder of the patches that come with Hocket."""
    import patches

    return Path(next(iter(patches.__path__)))


def is_shipped(folder: Path) -> bool:
    """Says whether a folder is of those whose patches come with Hocket."""
    return folder.resolve().is_relative_to(shipped_patches().resolve())


def help_patch(type_: str) -> Path | None:
    """Returns the patch that comes with Hocket and shows a node type; None where none does."""
    return next(
        (each for each in (shipped_patches() / "help").glob(f"*{SUFFIX}") if each.stem == type_),
        None,
    )
