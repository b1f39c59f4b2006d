"""MusicCoCa through the library: the embeddings and tokens that MRT2 was trained on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.generators import ModelUnavailableError
from engine.generators.mrt2 import installed
from engine.signals import SAMPLE_RATE, StyleArray
from engine.style import Samples

LEAST = 3
"""Samples that make one at 16 kHz; the library resamples no fewer."""
MAPPER_SEED = 0
"""What the mapper's noise is drawn from: always the same, so that a text has one style."""


class MusicCoCaEncoder:
    """Embeds texts and sounds by MusicCoCa, on the CPU.

    A text that is mapped into the space of sounds has length 1. What is not mapped, and every
    sound, has the length that the network gives it.

    Args:
        library: what embeds; None for what is installed, which is loaded when first needed.
        mapped: whether texts go through the mapper, as in the live apps.

    Raises:
        ModelUnavailableError: by every method, where the installed files cannot be used.
    """

    stand_in = False

    def __init__(self, library: Any = None, mapped: bool = False) -> None:
        if library is not None:
            self._library = library
        self._mapped = mapped
        # An interpreter serves one thread at a time. The quantiser is one of its own and has a
        # lock of its own: a frame that needs tokens does not wait for a sound to be embedded.
        self._embedding = threading.Lock()
        self._quantising = threading.Lock()

    @cached_property
    def _library(self) -> Any:
        from magenta_rt.musiccoca import MusicCoCa

        return MusicCoCa(installed.encoder())

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, float32[768]."""
        with self._embedding, _worded():
            style = self._library.embed(text, use_mapper=self._mapped, seed=MAPPER_SEED)
        return np.asarray(style, np.float32)

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound: the mean over its clips of 10 s.

        The last clip is filled up with silence.
        """
        with self._embedding, _worded():
            from magenta_rt.audio import Waveform

            filled = np.pad(samples, ((0, max(0, LEAST - len(samples))), (0, 0)))
            style = self._library.embed(Waveform(filled, SAMPLE_RATE))
        return np.asarray(style, np.float32)

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        """Returns the 12 tokens of a style, int32[12] in 0..1023, coarsest first."""
        with self._quantising, _worded():
            return np.asarray(self._library.tokenize(style), np.int32)


@contextmanager
def _worded() -> Iterator[None]:
    """Has what the library fails at said with what to do about it."""
    try:
        yield
    except Exception as error:
        again = f"`{installed.GET_ENCODER}` fetches its files again"
        raise ModelUnavailableError(f"MusicCoCa fails: {error}; {again}") from error
