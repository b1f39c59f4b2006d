"""Reading and writing what a user names: regular files only, no wait, and never half a file."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """Opens a file for reading.

    Raises:
        OSError: it cannot be opened, or is a folder, a FIFO, a device or the like. A FIFO that
            nobody writes to would make a plain open() wait for ever.
    """
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(f"{path}: is not a regular file")
    return file


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_whole(path: Path, data: bytes, lasting: bool = True) -> None:
    """Writes a file so that it holds the old bytes or the new, never a mixture.

    The bytes go to a temporary file beside it, to the disk, then in place of the old file, whose
    mode stays. A symbolic link stays one, and its target is written.

    Args:
        lasting: whether to wait until the disk has it, some tens of ms, so that it outlives a
            loss of power.

    Raises:
        OSError: the disk is full, the folder cannot be written, or what is there is not a
            regular file; the old file is intact.
    """
    path = Path(os.path.realpath(path))
    mode = _mode(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:32]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    if lasting:
        _sync_folder(path.parent)


def _mode(path: Path) -> int:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    if not stat.S_ISREG(mode):
        raise OSError(f"{path}: is not a regular file")
    return stat.S_IMODE(mode)


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
