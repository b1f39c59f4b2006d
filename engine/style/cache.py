"""Embeddings kept on disk, so that what was asked once is never waited for again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.regular import open_regular, write_whole
from engine.signals import STYLE_SIZE, StyleArray
from engine.style import Encoder, Samples

MOST = 2048
"""Styles of texts that are kept, and as many of sounds, 3 kB each; those longest not asked for go
first. Apart, for a node that listens asks for a new sound every second and would drive out all
the texts."""
OVER = 128
"""How many more there may be before the folder is looked through."""

STYLE = np.dtype("<f4")
SUFFIX = ".style"


class CachedEncoder:
    """An encoder whose embeddings are kept in a folder, by what was asked and who embedded it.

    A file that is broken is made anew. Where the folder cannot be written, everything is embedded.

    Args:
        encoder: what embeds.
        files: what it embeds by; with other files of these names nothing of it is used again.
        folder: where the styles are kept, in one folder for texts and one for sounds.

    Raises:
        OSError: one of `files` cannot be looked at.
    """

    def __init__(self, encoder: Encoder, files: Iterable[Path], folder: Path) -> None:
        self.stand_in = encoder.stand_in
        self._encoder = encoder
        self._by = repr([_signature(file) for file in files]).encode()
        self._folder = folder
        self._kept: dict[Path, int] = {}

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, float32[768]."""
        asked = text.encode("utf-8", "surrogatepass")
        return self._get("texts", asked, lambda: self._encoder.text(text))

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, float32[768]."""
        asked = np.ascontiguousarray(samples, STYLE).data
        return self._get("sounds", asked, lambda: self._encoder.sound(samples))

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        """Returns the 12 tokens of a style, int32[12] in 0..1023, coarsest first."""
        return self._encoder.tokens(style)

    def _get(
        self, kind: str, asked: bytes | memoryview, make: Callable[[], StyleArray]
    ) -> StyleArray:
        content = hashlib.sha256(self._by)
        content.update(asked)
        path = self._folder / kind / f"{content.hexdigest()}{SUFFIX}"
        style = _read(path)
        if style is None:
            style = make()
            with suppress(OSError):  # a full disk, say: it is embedded again the next time
                self._keep(path, style)
        return style

    def _keep(self, path: Path, style: StyleArray) -> None:
        folder = path.parent
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, style.astype(STYLE).tobytes(), lasting=False)
        kept = self._kept.get(folder, MOST + OVER) + 1
        self._kept[folder] = kept if kept <= MOST + OVER else _trimmed(folder)


def _signature(file: Path) -> tuple[str, int, int]:
    found = file.stat()
    return file.name, found.st_size, found.st_mtime_ns


def _read(path: Path) -> StyleArray | None:
    """Returns a style that is kept, and notes that it was asked for; None for one that is not."""
    try:
        with open_regular(path) as file:
            data = file.read(STYLE_SIZE * STYLE.itemsize + 1)
    except OSError:
        return None
    if len(data) != STYLE_SIZE * STYLE.itemsize:
        return None
    style = np.frombuffer(data, STYLE).astype(np.float32)
    if not np.isfinite(style).all():
        return None
    with suppress(OSError):
        os.utime(path)
    return style


def _trimmed(folder: Path) -> int:
    """Deletes all but the last `MOST` files of a folder; returns how many there are."""
    with os.scandir(folder) as entries:
        found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_file()]
    for _, path in sorted(found)[:-MOST]:
        with suppress(FileNotFoundError):  # another engine was faster
            os.unlink(path)
    return min(len(found), MOST)
