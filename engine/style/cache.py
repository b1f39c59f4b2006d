"""An encoder whose styles are kept on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.kept import Kept, Kind
from engine.signals import STYLE_SIZE, StyleArray
from engine.style import Encoder, Samples

MOST = 2048
"""Styles of texts that are kept, and as many of sounds, 3 kB each. Apart, for a node that listens
asks for a new sound every second and would drive out all the texts."""
OVER = 128
"""How many more there may be before a folder is looked through."""

STYLES = Kind(".style", np.dtype("<f4"), lambda style: bool(np.isfinite(style).all()))


class CachedEncoder:
    """An encoder whose embeddings are kept in a folder, by what was asked and who embedded it.

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
        by = tuple(files)
        self._texts = Kept(folder / "texts", STYLES, by, MOST, OVER)
        self._sounds = Kept(folder / "sounds", STYLES, by, MOST, OVER)

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, float32[768]."""
        asked = text.encode("utf-8", "surrogatepass")
        return self._texts.get(asked, (STYLE_SIZE,), lambda: self._encoder.text(text))

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, float32[768]."""
        asked = np.ascontiguousarray(samples, STYLES.stored).data
        return self._sounds.get(asked, (STYLE_SIZE,), lambda: self._encoder.sound(samples))

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        """Returns the 12 tokens of a style, int32[12] in 0..1023, coarsest first."""
        return self._encoder.tokens(style)
