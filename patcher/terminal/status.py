"""A running engine's state in words: as a table, as a line, as JSON."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from typing import Any

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.messages import (
    AudioSeen,
    GeneratorState,
    Meter,
    MidiSeen,
    NotesSeen,
    PatchChanged,
    Seen,
    Snapshot,
    StyleSeen,
)
from engine.patch import short
from patcher.words import DEVICE_KINDS, pitch_name

MASKED, ONSET = -1, 2
SHOWN_NOTES = 8
STRIP = "▁▂▃▄▅▆▇█"
STRIP_LENGTH = 12
METER_LENGTH = 15
"""One character is 4 dB, from −60 to 0."""


def notes_words(states: bytes) -> str:
    """Returns the notes a generator is to play, each that begins now with a star.

    What it may choose itself is called free.
    """
    notes = _numbers("b", states)
    held = [pitch for pitch, state in enumerate(notes) if state > 0]
    names = [pitch_name(each) + "*" * (notes[each] == ONSET) for each in held[:SHOWN_NOTES]]
    if len(held) > SHOWN_NOTES:
        names.append(f"+{len(held) - SHOWN_NOTES}")
    free = notes.count(MASKED)
    if free:
        names.append("free" if free == len(notes) else f"({free} free)")
    return " ".join(names) or "none"


def style_strip(style: bytes) -> str:
    """Returns a style as twelve small columns: no names, but it shows that and when it moves."""
    vector = _numbers("e", style)
    width = len(vector) // STRIP_LENGTH
    means = [sum(vector[k * width : (k + 1) * width]) for k in range(STRIP_LENGTH)]
    top = max(map(abs, means))
    if top == 0:
        return "none"
    middle = (len(STRIP) - 1) / 2
    return "".join(STRIP[round(middle + middle * mean / top)] for mean in means)


def decibel_words(level: float) -> str:
    """Returns a level in dB below full scale."""
    return f"{20 * math.log10(level):.0f} dB" if level > 1e-3 else "silent"


def line(snapshot: Snapshot) -> str:
    """Returns the state on one line, for logs."""
    parts = [_transport_words(snapshot), _engine_words(snapshot)]
    for name, state in snapshot.generators.items():
        parts.append(f"{name}: {_generator_words(state, snapshot.meters.get(name))}")
    parts += [f"{place}: {words}" for place, words in seen_words(snapshot).items()]
    parts += _recording_words(snapshot) + fault_words(snapshot)
    return " | ".join(parts)


def view(patch: PatchChanged, snapshot: Snapshot | None, words: Iterable[str]) -> RenderableType:
    """Returns the state as a page for a terminal.

    Args:
        words: what happened lately, oldest first.
    """
    title = Text(short(patch.title or patch.path or "untitled"), "bold")
    parts: list[RenderableType] = [title]
    if snapshot is not None:
        parts += [
            Text(_transport_words(snapshot)),
            _generators(snapshot),
            Text(_engine_words(snapshot)),
            *(
                Text(f"{DEVICE_KINDS[each.kind]}: {short(each.name)}")
                for each in snapshot.devices
                if each.alive
            ),
            *(Text(f"{place}: {seen}") for place, seen in seen_words(snapshot).items()),
            *(Text(each, "red") for each in _recording_words(snapshot)),
            *(Text(each, "yellow") for each in fault_words(snapshot)),
        ]
    parts += [Text(each, "dim") for each in words]
    return Group(*parts)


def fault_words(snapshot: Snapshot) -> list[str]:
    """Returns what is wrong just now, a sentence each; missing devices first."""
    missing = [each for each in snapshot.devices if not each.alive]
    names = {each.name for each in missing}
    return [
        *(
            short(f"{DEVICE_KINDS[each.kind]}: {each.name or 'a device'} is missing")
            for each in missing
        ),
        *(short(f"{who}: {why}") for who, why in snapshot.faults.items() if who not in names),
    ]


def seen_words(snapshot: Snapshot) -> dict[str, str]:
    """Returns what the watched ports carried, by `node.outlet`."""
    return {place: _seen_words(value) for place, value in sorted(snapshot.seen.items())}


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """Returns the state as plain data: notes and styles as lists of numbers, MIDI in hex."""
    plain: dict[str, Any] = msgspec.to_builtins(snapshot)
    for name, state in snapshot.generators.items():
        plain["generators"][name]["notes"] = _numbers("b", state.notes)
        plain["generators"][name]["style"] = _numbers("e", state.style)
    plain["heard"] = [each.hex() for each in snapshot.heard]
    plain["seen"] = {place: _seen_json(value) for place, value in snapshot.seen.items()}
    return plain


def _seen_words(value: Seen) -> str:
    match value:
        case NotesSeen(states):
            return notes_words(states)
        case StyleSeen(vector):
            return style_strip(vector)
        case MidiSeen(messages):
            return " ".join(each.hex() for each in messages) or "none"
        case AudioSeen(meter):
            return decibel_words(max(meter.left, meter.right))
        case str():
            return short(value)
        case _:
            return f"{value:.3f}"


def _seen_json(value: Seen) -> Any:
    match value:
        case NotesSeen(states):
            return _numbers("b", states)
        case StyleSeen(vector):
            return _numbers("e", vector)
        case MidiSeen(messages):
            return [each.hex() for each in messages]
        case AudioSeen(meter, wave):
            return {"meter": list(msgspec.structs.astuple(meter)), "wave": _numbers("e", wave)}
        case _:
            return value


def _numbers(kind: str, data: bytes) -> list[Any]:
    """Returns what bytes hold: `b` for int8, `e` for float16, little-endian."""
    return list(struct.unpack(f"<{len(data) // struct.calcsize(kind)}{kind}", data))


def _transport_words(snapshot: Snapshot) -> str:
    where = snapshot.transport
    bar, beat = divmod(where.beat, where.bar)
    going = "playing" if where.playing else "stopped"
    follows = ", after the MIDI clock" if where.follow == "midi" else ""
    return f"{going} at bar {bar + 1:.0f}, beat {beat + 1:.2f}, {where.tempo:.1f} bpm{follows}"


def _engine_words(snapshot: Snapshot) -> str:
    count = snapshot.underruns
    return (
        f"frame {snapshot.frame_ms:.1f} ms, load {100 * snapshot.load:.0f} %, "
        f"queue {1e3 * snapshot.queued:.0f} ms, margin {snapshot.margin_ms:.0f} ms, "
        f"latency {snapshot.latency_ms:.0f} ms, {count} underrun{'s' * (count != 1)}, "
        f"output {decibel_words(max(snapshot.output.left, snapshot.output.right))}"
    )


def _recording_words(snapshot: Snapshot) -> list[str]:
    recording = snapshot.recording
    return [f"recording {recording.seconds:.0f} s to {short(recording.path)}"] if recording else []


def _generator_words(state: GeneratorState, meter: Meter | None) -> str:
    level = f", {decibel_words(max(meter.left, meter.right))}" if meter else ""
    return f"{state.model} {state.state}, notes {notes_words(state.notes)}{level}"


def _generators(snapshot: Snapshot) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in ("generator", "model", "state", "notes", "style", "drums", "level"):
        table.add_column(heading, no_wrap=heading in ("style", "level"))
    drums = {-1: "free", 0: "none", 1: "on"}
    for name, state in snapshot.generators.items():
        meter = snapshot.meters.get(name)
        table.add_row(
            Text(short(name)),
            Text(short(state.model)),
            Text(state.state, "" if state.state == "playing" else "yellow"),
            notes_words(state.notes),
            style_strip(state.style),
            drums.get(state.drums, str(state.drums)),
            _bar(max(meter.left, meter.right)) if meter else "",
        )
    return table


def _bar(level: float) -> Text:
    """Returns a level as a bar, red where it clips."""
    decibels = 20 * math.log10(level) if level > 1e-3 else -60.0
    length = min(max(round(METER_LENGTH * (1 + decibels / 60)), 0), METER_LENGTH)
    return Text("█" * length + "·" * (METER_LENGTH - length), "red" if level >= 1 else "green")
