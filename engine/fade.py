"""How a sound comes and goes between two frames, in a form that can be written down."""

from __future__ import annotations

from typing import NamedTuple

from engine.dsp import ramp, scaled
from engine.signals import SILENCE, AudioArray, frozen


class Fade(NamedTuple):
    """What is heard of one frame of sound.

    Attributes:
        start, end: the gains that it fades from and to.
        used: whether the new sound is heard; not where there is none, or it came too late.
        tail: whether the end of what was heard before fades out under it.
    """

    start: float = 1.0
    end: float = 1.0
    used: bool = True
    tail: bool = False

    def sound(self, made: AudioArray | None, last: AudioArray) -> AudioArray:
        """Returns what is heard, float32[1920, 2], read-only.

        Args:
            made: the new sound, None where there is none.
            last: what was heard in the frame before.
        """
        heard = SILENCE
        if made is not None and self.used:
            heard = frozen(scaled(made, self.start, self.end))
        return frozen(heard + fading(last)) if self.tail else heard


SILENT = Fade(0.0, 0.0, used=False)
"""Nothing is heard, and nothing was."""


def fading(last: AudioArray) -> AudioArray:
    """Returns a frame that goes on from the end of `last` without a jump and fades to silence.

    It is `last` backwards, so that it begins at the very sample where that ended.
    """
    return SILENCE if last is SILENCE else frozen(last[::-1] * ramp(1.0, 0.0))
