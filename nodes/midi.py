"""MIDI: where notes come from, which of them pass, and controllers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from mido.frozen import FrozenMessage

from engine.frame import EVERY_PORT, Frame
from engine.node import node
from engine.signals import Asset, Control, Midi, MidiPort, Pitch, Range, Semitones, Unit
from engine.song import Song, read_song
from engine.sounding import Sounding

SongFile: TypeAlias = Annotated[Song | None, Asset(read_song, (".mid", ".midi"))]
Channel: TypeAlias = Annotated[int, Range(0, 16)]
Velocity: TypeAlias = Annotated[Control, Range(1, 127)]
Messages: TypeAlias = tuple[FrozenMessage, ...]


NEAR = 1e-6
"""Beats by which a frame may come off the end of the one before: they are added up."""


def on_channel(message: FrozenMessage, channel: int) -> bool:
    """Says whether a message is on a channel 1..16; channel 0 means any."""
    return channel == 0 or getattr(message, "channel", None) == channel - 1


@node("midi.input")
class Input:
    """Brings in what is played on a keyboard, or the MIDI file that is rendered.

    Several ports play together in the order of their names; on the same channel they are one
    keyboard. When port or channel is set anew, all that is held is let go.

    Args:
        port: the port that is heard; empty for all of them.
        channel: the channel that is heard, 1..16; 0 for all.
    """

    def __init__(self) -> None:
        self.sounding = Sounding()
        self.source = (EVERY_PORT, 0)

    def __call__(self, frame: Frame, port: MidiPort = EVERY_PORT, channel: Channel = 0) -> Midi:
        released: Messages = ()
        if (port, channel) != self.source:
            released = self.sounding.release()
            self.source = (port, channel)
        arrived = _merged(frame, port)
        if not arrived:
            return released
        passes = self.sounding.passes
        return released + tuple(each for each in arrived if passes(each, on_channel(each, channel)))


def _merged(frame: Frame, port: str) -> Iterable[FrozenMessage]:
    """Returns what reaches a port, or all ports, by time; at one time in the order of the ports."""
    heard = frame.midi if port == EVERY_PORT else {EVERY_PORT, port} & frame.midi.keys()
    names = sorted(heard)
    if len(names) == 1:
        return frame.midi[names[0]]
    messages = [each for name in names for each in frame.midi[name]]
    return sorted(messages, key=lambda each: each.time)


@node("midi.file")
class File:
    """Plays a MIDI file, at its own tempo from the first frame on, or by the transport.

    Synced, it begins at the transport's beat 0, goes at its tempo, stands while it stands and
    jumps with it. What is still on at the end, where it stands or where it jumps, is let go.
    Transposed, a note ends at the pitch at which it began; one that leaves 0..127 is left out.

    Args:
        file: the file, of type 0 or 1.
        loop: play it round and round, to the end of its last track.
        start: how much of its beginning is skipped, in the first pass and in the loop.
        transpose: by how much every note is moved.
        sync: whether it follows the transport's beat instead of its own tempo.
    """

    def __init__(self) -> None:
        self.sounding = Sounding()
        self.pitches: dict[tuple[int, int], int] = {}
        self.song: Song | None = None
        self.next = 0.0
        self.way = (0.0, False, False)

    def __call__(
        self,
        frame: Frame,
        file: SongFile,
        loop: bool = False,
        start: Annotated[float, Range(0, 86_400, "s")] = 0.0,
        transpose: Semitones = 0.0,
        sync: bool = False,
    ) -> Midi:
        way = (start, loop, sync)
        transport = frame.transport
        at, length = (transport.beat, transport.beats_per_frame) if sync else (frame.number, 1.0)
        released: Messages = ()
        if not length or self._jumps(file, at, way):
            self.pitches.clear()
            released = self.sounding.release()
        self.song, self.next, self.way = file, at + length, way
        if file is None:
            return released
        if sync:
            messages = file.follow(at, length, start, loop)
        else:
            messages = file.messages(frame.number, start, loop)
        if not messages:
            return released
        shift = round(transpose)
        moved = [each for message in messages for each in self._moved(message, shift)]
        return released + tuple(each for each in moved if self.sounding.passes(each, True))

    def _jumps(self, song: Song | None, at: float, way: tuple[float, bool, bool]) -> bool:
        """Says whether a frame at a beat, or of a number, goes on elsewhere than the last ended."""
        if song is not self.song or abs(at - self.next) > NEAR:
            return True
        if song is None or way == self.way:
            return False
        free = not (way[2] or self.way[2])
        number = round(at)
        return not free or song.position(number, *way[:2]) != song.position(number, *self.way[:2])

    def _moved(self, message: FrozenMessage, shift: int) -> Iterable[FrozenMessage]:
        """Yields a message at the pitch where it is to sound."""
        kind = message.type
        if kind not in ("note_on", "note_off", "polytouch"):
            yield message
            return
        channel, pitch = key = message.channel, message.note
        before = self.pitches.get(key)
        if kind == "polytouch":
            if before is not None:
                yield message.copy(skip_checks=True, note=before)
            return
        on = kind == "note_on" and message.velocity > 0
        if before is not None and (not on or before != pitch + shift):
            del self.pitches[key]
            # Transposed differently, another key may still hold the same pitch.
            still = ((other[0], each) for other, each in self.pitches.items())
            if (channel, before) not in still:
                ending = message
                if on:
                    ending = FrozenMessage("note_off", channel=channel, time=message.time)
                yield ending.copy(skip_checks=True, note=before)
        if on and 0 <= pitch + shift <= 127:
            self.pitches[key] = pitch + shift
            yield message.copy(skip_checks=True, note=pitch + shift) if shift else message


@node("midi.filter")
class Filter:
    """Lets some notes through: those of a channel, of a range of pitches, of a range of touch.

    A note that passed can always end, whatever is set in the meantime. Controllers and all else
    have no pitch and pass by channel alone; all-notes-off, all-sound-off and reset always pass.

    Args:
        channel: the channel that passes, 1..16; 0 for all.
        skip: a channel that does not pass, 0 for none; 10 is drums in General MIDI.
        low: the lowest pitch that passes.
        high: the highest pitch that passes.
        softest: the lowest velocity that passes.
        loudest: the highest velocity that passes.
    """

    def __init__(self) -> None:
        self.sounding = Sounding()
        self.released: Messages = ()

    def __call__(
        self,
        midi: Midi,
        channel: Channel = 0,
        skip: Channel = 0,
        low: Pitch = 0.0,
        high: Pitch = 127.0,
        softest: Velocity = 1.0,
        loudest: Velocity = 127.0,
    ) -> Midi:
        released, self.released = self.released, ()
        if not midi:
            return released
        pitches = range(round(low), round(high) + 1)
        velocities = range(round(softest), round(loudest) + 1)

        def passes(message: FrozenMessage) -> bool:
            allowed = on_channel(message, channel) and not (skip and on_channel(message, skip))
            if allowed and message.type == "note_on":
                allowed = message.note in pitches and message.velocity in velocities
            return self.sounding.passes(message, allowed)

        return released + tuple(filter(passes, midi))

    def release(self) -> None:
        """Ends every note that passed, in the next frame."""
        self.released += self.sounding.release()


@node("midi.control")
class Controller:
    """Makes a control of a knob, wheel or pedal: 0 at one end, 1 at the other.

    It keeps its last value; set to another controller or channel it starts anew.

    Args:
        number: the controller; 1 is the modulation wheel, 7 volume, 11 expression, 64 sustain.
        channel: the channel that is heard, 1..16; 0 for all.
        initial: the value until the controller is moved.
    """

    def __init__(self) -> None:
        self.value: float | None = None
        self.source = (1, 0)

    def __call__(
        self,
        midi: Midi,
        number: Annotated[int, Range(0, 127)] = 1,
        channel: Channel = 0,
        initial: Unit = 0.0,
    ) -> Control:
        if (number, channel) != self.source:
            self.source = (number, channel)
            self.value = None
        for message in midi:
            if (
                message.type == "control_change"
                and message.control == number
                and on_channel(message, channel)
            ):
                self.value = message.value / 127
        return initial if self.value is None else self.value
