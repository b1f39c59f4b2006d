"""What an instance takes itself to have played before it begins."""

from __future__ import annotations

from dataclasses import dataclass, field

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


NO_PAST = PastData()
"""That of an instance which has played nothing."""
