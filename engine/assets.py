"""Files that a patch names: found beside it, never elsewhere, and read off the frame loop."""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from engine.signals import Asset

KEPT = 32
"""How many loaded files are remembered, so that a recompile reads nothing again."""


def load_asset(asset: Asset, name: str, folder: Path | None) -> Any:
    """Returns what the file `name` holds, as the asset's own loader makes it.

    Args:
        folder: where the patch lies; None for a patch that was never saved.

    Raises:
        ValueError: the name leads out of the folder, the ending is not legal, there is no such
            regular file, or its content is wrong.
    """
    if not name.lower().endswith(asset.suffixes):
        raise ValueError(f"{name!r} does not end in {' or '.join(asset.suffixes)}")
    path, status = find_asset(name, folder)
    return _load(asset, path, status.st_mtime_ns, status.st_size)


def find_asset(name: str, folder: Path | None) -> tuple[Path, os.stat_result]:
    """Returns where the file `name` lies, and what the system tells of it.

    Raises:
        ValueError: as `load_asset` does.
    """
    if fault := name_fault(name):
        raise ValueError(f"{name!r} {fault}")
    if folder is None:
        raise ValueError(f"{name!r} lies beside the patch, which was never saved")
    root = Path(os.path.realpath(folder))
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(root):
        raise ValueError(f"{name!r} leads out of the patch's folder")
    try:
        status = path.stat()
    except OSError as error:
        raise ValueError(f"there is no file {name!r} beside the patch: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{name!r} is not a regular file")
    return path, status


@lru_cache(maxsize=KEPT)
def _load(asset: Asset, path: Path, changed: int, size: int) -> Any:
    try:
        return asset.load(path)
    except OSError as error:
        raise ValueError(f"{path.name!r} cannot be read: {error.strerror or error}") from None


def name_fault(name: str) -> str | None:
    """Says why a file's name is refused wherever it may lead, or returns None."""
    if "\0" in name:
        return "has a NUL byte"
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "is an absolute path; assets lie beside the patch"
    if "\\" in name:
        return "has a backslash; folders are divided by /"
    if ".." in PurePosixPath(name).parts:
        return "has '..' in it; assets lie beside the patch or below"
    return None
