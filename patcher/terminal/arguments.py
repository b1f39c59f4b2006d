"""What several commands take: a patch by its path or name, and the node types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patcher.terminal import exits

if TYPE_CHECKING:
    from engine.patch import Patch, Problem
    from engine.registry import Registry

PATCH = "A .hocket file, or the name of a shipped patch."
PatchPath = Annotated[str, typer.Argument(help=PATCH)]
Fallback = Annotated[
    str | None,
    typer.Option(metavar="MODEL", help="What plays for a model that is not here: sketch."),
]


@contextmanager
def naming(file: str | Path) -> Iterator[None]:
    """Has all that is wrong with a patch said with the name of its file."""
    from engine.patch import PatchError

    try:
        yield
    except PatchError as error:
        told = "\n".join(f"{file}: {worded(each)}" for each in error.problems)
        raise exits.InputError(told) from error


def worded(problem: Problem) -> str:
    """Returns a problem as a line that says whether it is only a warning."""
    return f"warning: {problem}" if problem.warning else str(problem)


def read_patch(text: str) -> tuple[Path, Patch]:
    """Returns the path of a patch file or of a shipped patch by its name, and the patch."""
    from engine.files import load_patch

    path = find_patch(text)
    with naming(text):
        return path, load_patch(path)


def find_patch(text: str) -> Path:
    """Returns the path of a patch file, or of a shipped patch by its name."""
    from engine.files import SUFFIX
    from patcher.shipped import shipped_patches

    path = Path(text)
    if not path.exists() and path.name == text and not path.suffix:
        names = {each.stem: each for each in sorted(shipped_patches().glob(f"*{SUFFIX}"))}
        if text not in names:
            exits.leave(exits.MISSING, f"no file or patch {text!r}; shipped: {', '.join(names)}")
        path = names[text]
    return path


def node_types() -> Registry:
    """Returns every node type that is installed."""
    from engine.registry import load_registry

    return load_registry()


def check_sound(path: Path) -> None:
    """Leaves the command where a sound file to be written has the ending of no format."""
    from engine.wavefile import sound_ending

    try:
        sound_ending(path)
    except ValueError as error:
        exits.leave(exits.USAGE, str(error))
