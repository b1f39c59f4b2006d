"""Which patch shows what a node type does."""

from __future__ import annotations

from pathlib import Path

from engine.files import SUFFIX
from patcher.arguments import shipped_patches


def help_patch(type_: str) -> Path | None:
    """Returns the patch that comes with Hocket and shows a node type; None where none does."""
    return next(
        (each for each in (shipped_patches() / "help").glob(f"*{SUFFIX}") if each.stem == type_),
        None,
    )
