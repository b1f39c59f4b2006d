"""Which notes of a stream of MIDI are on, so that all of them can end."""

from __future__ import annotations

from collections.abc import Iterator

from mido.frozen import FrozenMessage

from engine.signals import Midi
from engine.song import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    RESET_CONTROLLERS,
    SOSTENUTO_PEDAL,
    SUSTAIN_PEDAL,
)

PEDALS = (SUSTAIN_PEDAL, SOSTENUTO_PEDAL)
LETTING_GO = (ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF)
PEDAL = 128
"""Added to a pedal's controller number, so that it is no pitch."""


def ends(message: FrozenMessage) -> bool:
    """Says whether a message ends a note, lifts a pedal or lets go of a whole channel."""
    kind = message.type
    if kind == "control_change":
        lifts = message.control in PEDALS and message.value < 64
        return bool(lifts or message.control >= ALL_SOUND_OFF)
    return bool(kind == "note_off" or (kind == "note_on" and message.velocity == 0))


class Sounding:
    """Which notes and pedals of a stream are on, so that what ends them passes, and all can end."""

    def __init__(self) -> None:
        self._on: set[tuple[int, int]] = set()

    def __bool__(self) -> bool:
        return bool(self._on)

    def passes(self, message: FrozenMessage, allowed: bool = True) -> bool:
        """Says whether a message passes, and follows what it switches on or off.

        What switches on passes if `allowed`; what ends a note passes if the note did.
        """
        kind = message.type
        if kind == "note_on" or kind == "note_off":
            return self._switch(
                (message.channel, message.note), kind == "note_on" and message.velocity > 0, allowed
            )
        if kind == "polytouch":
            return (message.channel, message.note) in self._on
        if kind == "control_change":
            if message.control in PEDALS:
                pedal = (message.channel, PEDAL + message.control)
                return self._switch(pedal, message.value >= 64, allowed) or allowed
            return allowed or message.control in LETTING_GO
        return allowed

    def _switch(self, key: tuple[int, int], on: bool, allowed: bool) -> bool:
        if on:
            if allowed:
                self._on.add(key)
            return allowed
        if key in self._on:
            self._on.remove(key)
            return True
        return False

    def release(self) -> Midi:
        """Returns the messages that end everything at the start of a frame."""
        ending = tuple(_ending(self._on))
        self._on.clear()
        return ending


def _ending(on: set[tuple[int, int]]) -> Iterator[FrozenMessage]:
    for channel, number in sorted(on):
        if number < PEDAL:
            yield FrozenMessage("note_off", channel=channel, note=number)
        else:
            yield FrozenMessage("control_change", channel=channel, control=number - PEDAL, value=0)
