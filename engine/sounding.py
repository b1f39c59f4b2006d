"""Which notes of a stream of MIDI are on, so that all of them can end, or be struck again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mido.frozen import FrozenMessage

from engine.frame import EVERY_PORT
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
        # What switched each on; None where all notes were ended since, by a panic for example.
        self._on: dict[tuple[int, int], FrozenMessage | None] = {}

    def __bool__(self) -> bool:
        return bool(self._on)

    def passes(self, message: FrozenMessage, allowed: bool = True) -> bool:
        """Says whether a message passes, and follows what it switches on or off.

        What switches on passes if `allowed`; what ends a note passes if the note did.
        """
        kind = message.type
        if kind == "note_on" or kind == "note_off":
            on = kind == "note_on" and message.velocity > 0
            return self._switch((message.channel, message.note), message, on, allowed)
        if kind == "polytouch":
            return (message.channel, message.note) in self._on
        if kind == "control_change":
            if message.control in PEDALS:
                pedal = (message.channel, PEDAL + message.control)
                return self._switch(pedal, message, message.value >= 64, allowed) or allowed
            self._obey(message)
            return allowed or message.control in LETTING_GO
        return allowed

    def _switch(
        self, key: tuple[int, int], message: FrozenMessage, on: bool, allowed: bool
    ) -> bool:
        if on:
            if allowed:
                self._on.pop(key, None)  # so that they stay in the order in which they came
                self._on[key] = message
            return allowed
        if key in self._on:
            del self._on[key]
            return True
        return False

    def _obey(self, message: FrozenMessage) -> None:
        """Has what a channel mode message ends not be struck again."""
        lifts = message.control == RESET_CONTROLLERS
        if not lifts and message.control not in (ALL_SOUND_OFF, *range(ALL_NOTES_OFF, 128)):
            return
        for channel, number in self._on:
            if channel == message.channel and lifts == (number >= PEDAL):
                self._on[channel, number] = None

    def release(self) -> Midi:
        """Returns the messages that end everything at the start of a frame."""
        ending = tuple(_ending(self._on))
        self._on.clear()
        return ending

    def again(self) -> Midi:
        """Returns the messages that switch on, at the start of a frame, all that is on."""
        held = (each.copy(skip_checks=True, time=0.0) for each in self._on.values() if each)
        return tuple(held)


class HeldKeys:
    """Which keys and pedals are held at each port."""

    def __init__(self) -> None:
        self._ports: dict[str, Sounding] = {}

    def follow(self, midi: Mapping[str, Midi]) -> None:
        """Takes in what arrived in a frame, by port."""
        for port, messages in midi.items():
            keys = self._ports.setdefault(port, Sounding())
            for each in messages:
                keys.passes(each)
            if port == EVERY_PORT:
                self._end_everywhere(messages)

    def _end_everywhere(self, messages: Midi) -> None:
        for message in filter(ends, messages):
            for keys in self._ports.values():
                keys.passes(message)

    def again(self) -> dict[str, Midi]:
        """Returns the messages that switch on all that is held, by port."""
        return {port: found for port, keys in self._ports.items() if (found := keys.again())}


def _ending(on: Iterable[tuple[int, int]]) -> Iterator[FrozenMessage]:
    for channel, number in sorted(on):
        if number < PEDAL:
            yield FrozenMessage("note_off", channel=channel, note=number)
        else:
            yield FrozenMessage("control_change", channel=channel, control=number - PEDAL, value=0)
