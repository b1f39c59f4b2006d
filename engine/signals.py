"""The signals that cables carry, their units and ranges.

Every signal is an `Annotated` alias, so that a node's signature is also its declaration:
`Notes` is a plain NumPy array to the type checker and to the node, and an inlet to Hocket.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from mido.frozen import FrozenMessage

from engine.past import NO_PAST, PastData

SAMPLE_RATE = 48_000
FRAME_RATE = 25
FRAME_SAMPLES = SAMPLE_RATE // FRAME_RATE
PITCHES = 128
STYLE_SIZE = 768

MASK, OFF, SUSTAIN, ONSET, ON = -1, 0, 1, 2, 3
"""What a pitch may be in one frame: masked (the model decides), off, sustained, struck,
or on while the model decides whether to sustain or strike."""


@dataclass(frozen=True)
class SignalType:
    """One kind of cable.

    Attributes:
        name: the word users see, capitalised.
        neutral: what an inlet receives when nothing is patched into it.
        valued: whether an unpatched inlet takes a value set on the node.
    """

    name: str
    neutral: Any = field(repr=False, compare=False)
    valued: bool = False

    @property
    def port(self) -> str:
        """The name of a node's only outlet of this type."""
        return self.name.lower()


@dataclass(frozen=True)
class Range:
    """The values a control or a number may take, both ends legal.

    Attributes:
        low, high: the ends, in `unit`.
        unit: the unit users see; empty for a plain number.
        log: True where equal ratios are equal steps to the ear (frequencies, times).
    """

    low: float
    high: float
    unit: str = ""
    log: bool = False

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.low:g}..{self.high:g}{unit}"

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Asset:
    """A file beside the patch that a setting names; the node receives what `load` returns.

    Attributes:
        load: reads the file, off the frame loop; raises `ValueError` saying what is wrong.
        suffixes: the file name endings that are legal, lower case with the dot.
    """

    load: Callable[[Path], Any]
    suffixes: tuple[str, ...]


class MidiPort(str):
    """The name of a MIDI port, as a setting; empty means every port."""

    __slots__ = ()


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns `array`, made read-only."""
    array.flags.writeable = False
    return array


def all_notes(state: int) -> NotesArray:
    """Returns read-only notes with every pitch in one `state` (−1..3)."""
    return frozen(np.full(PITCHES, state, np.int8))


def clip(value: float, low: float, high: float) -> float:
    """Brings a control into low..high; what is not a number becomes `low`."""
    if low <= value <= high:
        return value
    return high if value > high else low


NotesArray: TypeAlias = npt.NDArray[np.int8]
StyleArray: TypeAlias = npt.NDArray[np.float32]
AudioArray: TypeAlias = npt.NDArray[np.float32]

MASKED: NotesArray = all_notes(MASK)
SILENT: NotesArray = all_notes(OFF)
NO_STYLE: StyleArray = frozen(np.zeros(STYLE_SIZE, np.float32))
SILENCE: AudioArray = frozen(np.zeros((FRAME_SAMPLES, 2), np.float32))

CONTROL = SignalType("Control", 0.0, valued=True)
NOTES = SignalType("Notes", MASKED)
STYLE = SignalType("Style", NO_STYLE)
AUDIO = SignalType("Audio", SILENCE)
MIDI = SignalType("Midi", ())
TEXT = SignalType("Text", "", valued=True)
PAST = SignalType("Past", NO_PAST)

Control: TypeAlias = Annotated[float, CONTROL]
"""A number, one per frame."""
Notes: TypeAlias = Annotated[NotesArray, NOTES]
"""int8[128], one state per MIDI pitch: MASK, OFF, SUSTAIN, ONSET or ON."""
Style: TypeAlias = Annotated[StyleArray, STYLE]
"""float32[768], the embedding of a text or a sound; all zeros where there is none."""
Audio: TypeAlias = Annotated[AudioArray, AUDIO]
"""float32[1920, 2]: one frame of stereo sound at 48 kHz, full scale ±1."""
Midi: TypeAlias = Annotated[tuple[FrozenMessage, ...], MIDI]
"""The messages of one frame in order; `time` is seconds from the start of the frame."""
Text: TypeAlias = Annotated[str, TEXT]
"""A text, such as a prompt."""
Past: TypeAlias = Annotated[PastData, PAST]
"""What an instance takes itself to have played before it begins."""

Unit: TypeAlias = Annotated[Control, Range(0, 1)]
Bipolar: TypeAlias = Annotated[Control, Range(-1, 1)]
Decibels: TypeAlias = Annotated[Control, Range(-60, 12, "dB")]
Seconds: TypeAlias = Annotated[Control, Range(0, 60, "s")]
Beats: TypeAlias = Annotated[Control, Range(1 / 16, 64, "beats", log=True)]
Pitch: TypeAlias = Annotated[Control, Range(0, 127, "MIDI pitch")]
Semitones: TypeAlias = Annotated[Control, Range(-48, 48, "semitones")]
Guidance: TypeAlias = Annotated[Control, Range(-1, 7)]
Switch: TypeAlias = Annotated[Control, Range(0, 1, "off/on")]
"""A control read as a switch: on from 0.5 up."""


def decibels(level: float) -> float:
    """Returns the amplitude factor of a level in dB; −60 dB and below is exact silence."""
    return 0.0 if level <= -60.0 else math.pow(10.0, level / 20.0)
