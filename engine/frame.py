"""One frame's inputs, and where in the music it lies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mido.frozen import FrozenMessage

from engine.signals import FRAME_RATE, SILENCE, AudioArray, MidiPort

EVERY_PORT = MidiPort("")
"""The name of no port: what is under it reaches all; as a setting it stands for all."""

NO_OSC: Mapping[str, tuple[float, ...]] = MappingProxyType({})
NO_MIDI: Mapping[str, tuple[FrozenMessage, ...]] = MappingProxyType({})


class Transport(NamedTuple):
    """Where the music is at the start of a frame.

    Attributes:
        beat: quarter notes since the start.
        tempo: quarter notes a minute.
        playing: whether beats advance.
        bar: quarter notes in a bar.
    """

    beat: float = 0.0
    tempo: float = 120.0
    playing: bool = True
    bar: float = 4.0

    @property
    def beats_per_frame(self) -> float:
        return self.tempo / (60.0 * FRAME_RATE) if self.playing else 0.0


class Frame(NamedTuple):
    """The inputs of one frame of 40 ms; immutable.

    Attributes:
        number: frames since the start.
        seed: what every random choice of the performance starts from.
        midi: what arrived since the last frame, by port name; what is under the empty name
            reaches every `midi.input`, whichever port it listens to.
        audio: float32[1920, 2], what the audio input heard.
        osc: the numbers last received by OSC, by address.
        transport: the position at the start of this frame.
    """

    number: int = 0
    seed: int = 0
    midi: Mapping[str, tuple[FrozenMessage, ...]] = NO_MIDI
    audio: AudioArray = SILENCE
    transport: Transport = Transport()
    osc: Mapping[str, tuple[float, ...]] = NO_OSC

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self.number / FRAME_RATE
