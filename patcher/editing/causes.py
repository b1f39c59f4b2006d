"""Which nodes made a pitch what it was in a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.messages import MidiSeen, NotesSeen, Snapshot
from engine.patch import Cable, Patch
from engine.registry import Registry
from engine.signals import MIDI, NOTES, OFF
from engine.song import NOTE_OFF, NOTE_ON
from patcher.editing.ports import carried


def upstream(
    patch: Patch, node: str, carries: Callable[[Cable], bool]
) -> dict[str, tuple[Cable, ...]]:
    """Returns the nodes that lead to a node, nearest first, and the cables between.

    Args:
        carries: whether a cable is followed to where it starts.
    """
    found: dict[str, tuple[Cable, ...]] = {}
    waiting = [node]
    for name in waiting:
        into = tuple(each for each in patch.cables if each.target == name and carries(each))
        for cable in into:
            found[cable.source] = (*found.get(cable.source, ()), cable)
            if cable.source not in waiting:
                waiting.append(cable.source)
    return found


def note_outlets(patch: Patch, registry: Registry, generator: str) -> set[str]:
    """Returns the outlets, as `node.outlet`, by which notes come to a generator."""
    found = upstream(
        patch, generator, lambda cable: carried(patch, registry, cable) in (NOTES, MIDI)
    )
    return {cable.start for cables in found.values() for cable in cables}


def causes(
    patch: Patch, registry: Registry, seen: Iterable[Snapshot], generator: str, pitch: int
) -> list[str]:
    """Returns the nodes by which a pitch became what a generator was given, nearest first.

    A node is one of them where its notes had the pitch as the generator got it, held or struck
    being the same, or where its messages had not ended the note. So the last of them, which got
    something else itself, is the one that made it so.

    Args:
        seen: the frame in question and those before it, the latest first; of what was not
            watched then, nothing is known.
    """
    frames = list(seen)
    heard = frames[0].generators.get(generator) if frames else None
    if heard is None:
        return []
    state = _kind(heard.notes, pitch)

    def carries(cable: Cable) -> bool:
        signal = carried(patch, registry, cable)
        if signal is NOTES:
            value = frames[0].seen.get(cable.start)
            return isinstance(value, NotesSeen) and _kind(value.states, pitch) == state
        return signal is MIDI and state > OFF and _sounding(frames, cable.start, pitch)

    return list(upstream(patch, generator, carries))


def _kind(states: bytes, pitch: int) -> int:
    """Returns −1 for masked, 0 for off, 1 for whatever sounds."""
    return min(int.from_bytes(states[pitch : pitch + 1], signed=True), 1)


def _sounding(frames: list[Snapshot], port: str, pitch: int) -> bool:
    """Says whether the last message for a pitch through a Midi outlet began it.

    Where none is known, of a note held for longer or begun in a frame that was missed, it did.
    """
    for each in frames:
        value = each.seen.get(port)
        messages = value.messages if isinstance(value, MidiSeen) else ()
        for message in reversed(messages):
            kind = message[0] & 0xF0
            if kind in (NOTE_OFF, NOTE_ON) and message[1] == pitch:
                return kind == NOTE_ON and message[2] > 0
    return True
