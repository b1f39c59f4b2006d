"""Arrays kept on disk, so that what was worked out once is never waited for again."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.regular import open_regular, write_whole

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Kind:
    """What is kept.

    Attributes:
        suffix: of the files.
        stored: the type of a number in them.
        legal: says whether an array can be one of these; what is read is broken where it cannot.
    """

    suffix: str
    stored: np.dtype[Any]
    legal: Callable[[Array], bool]


class Kept:
    """Arrays in a folder, each found by what it was made of.

    A file that is broken is made anew. Where the folder cannot be written, everything is made.

    Args:
        folder: where they are kept.
        by: the files they are made by; with other files of these names nothing is used again.
        most: how many are kept; those longest not asked for go first.
        over: how many more there may be before the folder is looked through.

    Raises:
        OSError: one of `by` cannot be looked at.
    """

    def __init__(
        self, folder: Path, kind: Kind, by: Iterable[Path], most: int, over: int = 0
    ) -> None:
        self._folder = folder
        self._kind = kind
        self._by = repr([_signature(file) for file in by]).encode()
        self._most, self._over = most, over
        self._count = most + over  # at most; who keeps the first has the folder looked through

    def get(
        self, asked: bytes | memoryview, shape: tuple[int, ...], make: Callable[[], Array]
    ) -> Array:
        """Returns what was made of what is asked, or makes it.

        Args:
            asked: what it is made of.
            shape: that of the array.
        """
        content = hashlib.sha256(self._by)
        content.update(asked)
        path = self._folder / f"{content.hexdigest()}{self._kind.suffix}"
        array = self._read(path, shape)
        if array is None:
            array = make()
            with suppress(OSError):  # a full disk, say: it is made again the next time
                self._keep(path, array)
        return array

    def _read(self, path: Path, shape: tuple[int, ...]) -> Array | None:
        """Returns what is kept, and notes that it was asked for; None where it is not there."""
        stored = self._kind.stored
        size = math.prod(shape) * stored.itemsize
        try:
            with open_regular(path) as file:
                data = file.read(size + 1)
        except OSError:
            return None
        if len(data) != size:
            return None
        array = np.frombuffer(data, stored).astype(stored.newbyteorder("=")).reshape(shape)
        if not self._kind.legal(array):
            return None
        with suppress(OSError):
            os.utime(path)
        return array

    def _keep(self, path: Path, array: Array) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, array.astype(self._kind.stored).tobytes(), lasting=False)
        self._count += 1
        if self._count > self._most + self._over:
            self._count = self._trimmed()

    def _trimmed(self) -> int:
        """Deletes all but the last `most` files; returns how many there are."""
        with os.scandir(self._folder) as entries:
            found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_file()]
        for _, path in sorted(found)[: -self._most]:
            with suppress(FileNotFoundError):  # another engine was faster
                os.unlink(path)
        return min(len(found), self._most)


def _signature(file: Path) -> tuple[str, int, int]:
    found = file.stat()
    return file.name, found.st_size, found.st_mtime_ns
