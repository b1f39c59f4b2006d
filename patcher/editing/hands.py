"""The notes that a player holds down, and the MIDI messages that come of it."""

from __future__ import annotations

from collections.abc import Hashable

from engine.song import NOTE_OFF, NOTE_ON


class Hands:
    """Notes held by several sources at once: the mouse, and each key of the computer's keyboard.

    A pitch that two sources hold ends when the last of them lets go.
    """

    def __init__(self) -> None:
        self._held: dict[Hashable, int] = {}
        self._messages: list[bytes] = []

    @property
    def pitches(self) -> frozenset[int]:
        """The pitches that are held."""
        return frozenset(self._held.values())

    def holds(self, source: Hashable) -> bool:
        """Says whether a source holds a note."""
        return source in self._held

    def press(self, source: Hashable, pitch: int, velocity: int) -> None:
        """Begins a note; one that the source holds already ends, unless it is the same.

        Args:
            pitch: of MIDI; what lies outside 0..127 is no note.
            velocity: 1..127.
        """
        if self._held.get(source) == pitch:
            return
        self.release(source)
        if 0 <= pitch <= 127:
            self._held[source] = pitch
            self._messages.append(bytes((NOTE_ON, pitch, velocity)))

    def release(self, source: Hashable) -> None:
        """Ends the note of a source, if it holds one."""
        pitch = self._held.pop(source, None)
        if pitch is not None and pitch not in self._held.values():
            self._messages.append(bytes((NOTE_OFF, pitch, 0)))

    def release_all(self) -> None:
        """Ends every note."""
        for source in list(self._held):
            self.release(source)

    def forget(self) -> None:
        """Lets go of every note without a message: whoever played them has ended them."""
        self._held.clear()
        self._messages.clear()

    def take(self) -> tuple[bytes, ...]:
        """Returns what happened since the last call, in order; a chord is in one piece."""
        messages, self._messages = tuple(self._messages), []
        return messages
