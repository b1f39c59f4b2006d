"""The files that a patch names go with it where it goes: they always lie beside it."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.assets import find_asset
from engine.patch import Patch
from engine.ports import names_a_file
from engine.registry import Registry


class OtherFileError(OSError):
    """There is a file of that name, with another content."""


def carry(patch: Patch, registry: Registry, source: Path | None, target: Path) -> list[str]:
    """Copies the files that a patch names from one folder to another.

    What is there already, with the same content, stays; what is missing in the first folder is
    left out, and said at the nodes as before.

    Returns:
        What could not be copied, a line for each file.
    """
    faults = []
    for name in sorted(set(_named(patch, registry))):
        try:
            found, _ = find_asset(name, source)
        except ValueError:
            continue
        try:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            copy(found, target / name)
        except OSError as error:
            faults.append(refusal(name, target, error))
    return faults


def copy(source: Path, target: Path) -> None:
    """Copies a file, whole or not at all; over no other.

    Raises:
        OtherFileError: there is another file.
        OSError: it cannot be read or written.
    """
    if target.exists():
        if not filecmp.cmp(source, target, shallow=False):
            raise OtherFileError
        return
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def refusal(name: str, target: Path, error: OSError) -> str:
    """Says why a file is not copied to a folder."""
    if isinstance(error, OtherFileError):
        return f"{target} has another file {name} already: rename one"
    return f"{name} could not be copied: {error.strerror or error}"


def _named(patch: Patch, registry: Registry) -> Iterator[str]:
    """Gives the files that a patch names; of unknown node types nobody knows which these are."""
    for node in patch.nodes.values():
        declared = registry.find(node.type)
        for port, value in node.values.items():
            if declared and value and names_a_file(declared.value(port)):
                yield str(value)
