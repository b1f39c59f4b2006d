"""From MIDI messages to notes: what a keyboard holds down in each frame."""

from __future__ import annotations

import numpy as np
from mido.frozen import FrozenMessage

from engine.node import node
from engine.signals import ONSET, PITCHES, SILENT, Midi, Notes, NotesArray, frozen
from engine.song import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    RESET_CONTROLLERS,
    SOSTENUTO_PEDAL,
    SUSTAIN_PEDAL,
)

PEDAL_DOWN = 64
"""Pedals are down from this controller value up (MIDI 1.0, table 3)."""


class _Keyboard:
    """One channel's keys and pedals; pitches are the bits of a number.

    Attributes:
        keys: held by a finger.
        sustained: let go of while the sustain pedal is down.
        caught: held by the sostenuto pedal: what sounded when it went down.
    """

    __slots__ = ("caught", "keys", "sostenuto", "sustain", "sustained")

    def __init__(self) -> None:
        self.keys = self.sustained = self.caught = 0
        self.sustain = self.sostenuto = False

    @property
    def sounding(self) -> int:
        return self.keys | self.sustained | self.caught

    def lift(self, keys: int) -> None:
        """Takes the fingers off; the sustain pedal holds what was down."""
        if self.sustain:
            self.sustained |= self.keys & keys
        self.keys &= ~keys

    def control(self, number: int, value: int) -> None:
        """Moves a pedal, or obeys a channel mode message."""
        down = value >= PEDAL_DOWN
        if number == SUSTAIN_PEDAL:
            self.sustain = down
            if not down:
                self.sustained = 0
        elif number == SOSTENUTO_PEDAL:
            if down and not self.sostenuto:
                self.caught = self.sounding
            elif not down:
                self.caught = 0
            self.sostenuto = down
        elif number == ALL_SOUND_OFF:
            self.keys = self.sustained = self.caught = 0
        elif number == RESET_CONTROLLERS:
            self.control(SUSTAIN_PEDAL, 0)
            self.control(SOSTENUTO_PEDAL, 0)
        elif number >= ALL_NOTES_OFF:
            # 124..127 change the mode and do the same as 123 (MIDI 1.0, channel mode messages).
            self.lift(self.keys)


@node("notes.held")
class Held:
    """Turns what is played into notes: each is struck once, then held for as long as you hold it.

    A note is 2 in its first frame, then 1; every other pitch is 0. One that is pressed and let go
    of within a frame is still struck in that frame, and one that is pressed again is struck again.
    The sustain pedal (64) keeps what is let go of, the sostenuto pedal (66) what sounded when it
    went down. Channels are keyboards of their own: a pitch sounds while any of them holds it.
    All-notes-off (123) lifts the keys and respects the pedals, all-sound-off (120) does not,
    reset (121) lifts the pedals.
    """

    def __init__(self) -> None:
        self.keyboards: dict[int, _Keyboard] = {}
        self.sounding = 0
        self.notes: NotesArray = SILENT
        self.struck = 0

    def __call__(self, midi: Midi) -> Notes:
        if not midi and not self.struck:
            return self.notes
        struck = 0
        for message in midi:
            struck |= self._take(message)
        sounding = 0
        for keyboard in self.keyboards.values():
            sounding |= keyboard.sounding
        if struck or self.struck or sounding != self.sounding:
            self.notes = _notes(sounding, struck)
        self.sounding, self.struck = sounding, struck
        return self.notes

    def _take(self, message: FrozenMessage) -> int:
        """Obeys a message; returns the bit of the pitch it strikes, or 0."""
        kind = message.type
        if kind not in ("note_on", "note_off", "control_change"):
            return 0
        keyboard = self.keyboards.get(message.channel)
        if keyboard is None:
            keyboard = self.keyboards[message.channel] = _Keyboard()
        if kind == "control_change":
            keyboard.control(message.control, message.value)
            return 0
        key: int = 1 << message.note
        if kind == "note_off" or message.velocity == 0:
            keyboard.lift(key)
            return 0
        keyboard.keys |= key
        return key

    def release(self) -> None:
        """Lets go of every key and pedal."""
        self.keyboards.clear()
        self.sounding = self.struck = 0
        self.notes = SILENT


def _notes(sounding: int, struck: int) -> NotesArray:
    """Returns 2 where a bit of `struck` is set, 1 where only `sounding` is, else 0."""
    notes = _bits(sounding | struck)
    if struck:
        notes = np.maximum(notes, _bits(struck) * np.int8(ONSET))
    return frozen(notes)


def _bits(pitches: int) -> NotesArray:
    """Returns the bits of a number as int8[128], lowest first."""
    data = np.frombuffer(pitches.to_bytes(PITCHES // 8, "little"), np.uint8)
    return np.unpackbits(data, bitorder="little").view(np.int8)
