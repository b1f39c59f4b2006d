"""What several commands take: a patch by its path or name, and the node types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patcher.terminal import exits

if TYPE_CHECKING:
    from engine.patch import Patch
    from engine.registry import Registry

PATCH = "A .hocket file, or the name of a shipped patch."
PatchPath = Annotated[str, typer.Argument(help=PATCH)]


def read_patch(text: str) -> tuple[Path, Patch]:
    """Returns the path of a patch file or of a shipped patch by its name, and the patch."""
    from engine.files import SUFFIX, load_patch
    from patcher.shipped import shipped_patches

    path = Path(text)
    if not path.exists() and path.name == text and not path.suffix:
        names = {each.stem: each for each in sorted(shipped_patches().glob(f"*{SUFFIX}"))}
        if text not in names:
            exits.leave(exits.MISSING, f"no file or patch {text!r}; shipped: {', '.join(names)}")
        path = names[text]
    return path, load_patch(path)


def node_types() -> Registry:
    """Returns every node type that is installed."""
    from engine.registry import load_registry

    return load_registry()
