"""Whether an instance plays as it should."""

from __future__ import annotations

from engine.conditioning import Conditioning
from engine.signals import AudioArray


class Health:
    """Placeholder until the real one lands."""

    def hear(self, sound: AudioArray, heard: Conditioning) -> str:
        return ""

    def begin(self) -> None:
        return None
