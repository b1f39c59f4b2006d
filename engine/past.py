"""What an instance takes itself to have played before it begins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PastData:
    """A past: a sound, or a memory that an instance had once. At most one of the two is there.

    Attributes:
        key: stands for the content, so that pasts with equal keys are equal; empty for none.
        sound: float32[n, 2] at 48 kHz, read-only.
        memory: what `Host.save` returned, or a memory bank of Magenta RealTime 2's live apps.
    """

    key: str = ""
    sound: npt.NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    memory: bytes = field(default=b"", repr=False, compare=False)


LONGEST_SOUND = 28
"""Seconds of a sound that can be a past, as in Magenta RealTime 2's live apps."""
NO_PAST = PastData()
"""That of an instance which has played nothing."""

MEMORY_SUFFIXES = (".safetensors", ".memory")
"""Of files that hold a memory: an MRT2 model's, and the sketch's."""
MOST_BYTES = 256 * 2**20
"""An instance of `mrt2_base` has 17 MB."""


def read_memory(path: Path) -> PastData:
    """Reads a memory that was saved; whether a model can have it, its host says.

    Raises:
        ValueError: the file is empty, or larger than 256 MB.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        memory = file.read(MOST_BYTES + 1)
    if not 0 < len(memory) <= MOST_BYTES:
        raise ValueError(f"{path.name!r} is no memory: it is empty, or larger than 256 MB")
    return PastData(f"memory {hashlib.blake2b(memory, digest_size=16).hexdigest()}", memory=memory)
