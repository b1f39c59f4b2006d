"""MIDI out: what the patch plays on other instruments."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt
from mido.frozen import FrozenMessage

from engine.frame import EVERY_PORT
from engine.node import SentMidi, node
from engine.signals import (
    MASKED,
    ONSET,
    PITCHES,
    Midi,
    MidiPort,
    Notes,
    NotesArray,
    Range,
    Unit,
    clip,
)
from engine.sounding import Sounding
from nodes.midi import Channel, Velocity

NONE_ON: npt.NDArray[np.bool_] = np.zeros(PITCHES, np.bool_)


@node("midi.output")
class MidiOutput:
    """Plays other instruments: sends out messages as they come, and notes as they are held.

    Notes are struck where they are 2, or on after they were not, and let go of where they are off
    or masked. Clock and other messages without a channel stay inside. When port or channel is set
    anew, what sounds ends, and what `notes` still holds is struck there.

    Args:
        midi: the messages that are sent.
        notes: the notes that are sent, on channel 1 where none is set.
        velocity: how hard `notes` are struck.
        port: the port, by its name or a part of it; empty for all of them.
        channel: the channel that all is sent on, 1..16; 0 for their own.
    """

    def __init__(self) -> None:
        self.sounding = Sounding()
        self.released: Midi = ()
        self.on = NONE_ON
        self.place = (EVERY_PORT, 0)

    def __call__(
        self,
        midi: Midi,
        notes: Notes = MASKED,
        velocity: Velocity = 100.0,
        port: MidiPort = EVERY_PORT,
        channel: Channel = 0,
    ) -> SentMidi:
        released, self.released = self.released, ()
        if (port, channel) != self.place:
            released += self.sounding.release() + self._played(MASKED, 0)
            self.place = (port, channel)
        sent = [each for each in self._moved(midi, channel) if self.sounding.passes(each)]
        return SentMidi(port, (*released, *self._played(notes, round(velocity)), *sent))

    def release(self) -> None:
        """Ends every note that came as a message, in the next frame."""
        self.released += self.sounding.release()

    def _moved(self, midi: Midi, channel: int) -> list[FrozenMessage]:
        """Returns the messages that have a channel, on the one they are sent on."""
        messages = [each for each in midi if hasattr(each, "channel")]
        if channel:
            messages = [each.copy(skip_checks=True, channel=channel - 1) for each in messages]
        return messages

    def _played(self, notes: NotesArray, velocity: int) -> Midi:
        """Returns what ends and strikes notes since the last frame, at its start."""
        on = notes > 0
        struck = (notes == ONSET) | (on & ~self.on)
        ended = self.on & (struck | ~on)
        self.on = on
        channel = max(self.place[1], 1) - 1
        return (
            *(
                FrozenMessage("note_off", channel=channel, note=pitch)
                for pitch in np.flatnonzero(ended).tolist()
            ),
            *(
                FrozenMessage("note_on", channel=channel, note=pitch, velocity=velocity)
                for pitch in np.flatnonzero(struck).tolist()
            ),
        )


@node("midi.control_output")
class ControlOutput:
    """Turns a knob of another instrument: sends a controller whenever the control moves.

    Args:
        control: 0 sends 0, 1 sends 127.
        number: the controller; 1 is the modulation wheel, 7 volume, 74 often the filter.
        channel: the channel, 1..16.
        port: the port, by its name or a part of it; empty for all of them.
    """

    def __init__(self) -> None:
        self.last: tuple[str, int, int, int] | None = None

    def __call__(
        self,
        control: Unit,
        number: Annotated[int, Range(0, 127)] = 1,
        channel: Annotated[int, Range(1, 16)] = 1,
        port: MidiPort = EVERY_PORT,
    ) -> SentMidi:
        value = round(127 * clip(control, 0.0, 1.0))
        if (port, channel, number, value) == self.last:
            return SentMidi(port, ())
        self.last = (port, channel, number, value)
        message = FrozenMessage("control_change", channel=channel - 1, control=number, value=value)
        return SentMidi(port, (message,))
