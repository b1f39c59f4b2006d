"""Styles: the embedding of a text or a sound, made off the frame loop and remembered."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.node import Service
from engine.signals import StyleArray

Samples = npt.NDArray[np.float32]
"""float32[n, 2], stereo at 48 kHz."""


class Encoder(Protocol):
    """What embeds texts and sounds into one space of 768 dimensions."""

    stand_in: bool
    """True where it only stands in for MusicCoCa; its vectors never reach an MRT2 model."""

    def text(self, text: str) -> StyleArray:
        """Returns the style of a text, float32[768], of length 1."""

    def sound(self, samples: Samples) -> StyleArray:
        """Returns the style of at least one sample of sound, float32[768]."""

    def tokens(self, style: StyleArray) -> npt.NDArray[np.int32]:
        """Returns the 12 tokens of a style, int32[12] in 0..1023, coarsest first."""


class Styles(Service):
    """Embeds for the nodes, off the frame loop; replaced below."""
