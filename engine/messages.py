"""What the engine and its clients say to each other, as frozen msgspec structs.

A client sends a `Request`, one of `engine.commands` under a number of its own choice, and gets
`Done` or `Refused` under that number. Besides, every client is told each `Event` and gets a
`Snapshot` a frame. `engine.wire` says how they travel.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands import Latency, Value
from engine.patch import Problem

PROTOCOL = 1
"""Grows when an engine and a client of before and after can no longer understand each other."""

DeviceKind = Literal["output", "input", "midi_in", "midi_out"]
Id = Annotated[int, Meta(ge=0, le=2**53)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes from a client to the engine."""

    id: Id
    command: msgspec.Raw


class Message(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """What the engine may say."""


class PatchChanged(Message, frozen=True):
    """Another patch, or another version of it, plays.

    Attributes:
        revision: how many there were since the engine started; snapshots bear it too.
        text: the whole patch as a .hocket file has it.
        folder: where the files it names lie.
        path: the file it came from, None while it has not been saved.
        title: the patch's.
        problems: warnings it was compiled with.
        by: what the client that asked for it calls itself; empty where none did.
    """

    revision: int
    text: str
    folder: str | None = None
    path: str | None = None
    title: str = ""
    problems: tuple[Problem, ...] = ()
    by: str = ""


class ValueChanged(Message, frozen=True):
    """A value of the patch that plays was set; `PatchChanged` is not told besides.

    Attributes:
        by: what the client that asked for it calls itself; empty where none did.
    """

    node: str
    port: str
    value: Value
    by: str = ""


class Said(Message, frozen=True):
    """Something happened that the musician should know; one plain sentence."""

    text: str


class Device(msgspec.Struct, frozen=True):
    """An audio device or MIDI port that is connected.

    Attributes:
        default: whether the system takes it where none is named.
        rate: samples a second, 0 for a MIDI port.
        channels: 0 for a MIDI port.
    """

    kind: DeviceKind
    name: str
    default: bool = False
    rate: float = 0.0
    channels: int = 0


class DeviceList(Message, frozen=True):
    """What is connected."""

    devices: tuple[Device, ...]


class Recording(Message, frozen=True):
    """A recording that runs, or has ended.

    Attributes:
        path: the sound file of the mix.
        seconds: how much there is.
    """

    path: str
    seconds: float


class TransportState(msgspec.Struct, frozen=True):
    """Where the music is; see `engine.frame.Transport`.

    Attributes:
        follow: who leads, `internal` or `midi`.
    """

    beat: float
    tempo: float
    playing: bool
    bar: float
    follow: str = "internal"


class GeneratorState(msgspec.Struct, frozen=True):
    """What a generator hears and how it is.

    Attributes:
        model: the name of the model that plays.
        notes: int8[128], as in `Conditioning`.
        drums: −1 the model decides, 0 none, 1 drums.
        style: float16[768], little-endian; all zeros for none.
        state: `playing`, or in a few words what keeps it from it.
    """

    model: str
    notes: bytes
    drums: int
    style: bytes
    state: str = "playing"


class Meter(msgspec.Struct, frozen=True, array_like=True):
    """How loud the last frame was; full scale is 1.

    Attributes:
        left, right: the highest absolute sample of each channel.
        rms: of both channels together.
    """

    left: float
    right: float
    rms: float


class DeviceState(msgspec.Struct, frozen=True):
    """A device that the engine uses or waits for.

    Attributes:
        alive: False while it is missing; the engine takes it again when it returns.
        rate: samples a second, 0 for a MIDI port.
        latency: of the device itself, in seconds.
        note: what else there is to say about it.
    """

    kind: DeviceKind
    name: str
    alive: bool
    rate: float = 0.0
    latency: float = 0.0
    note: str = ""


class NotesSeen(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """Watched Notes: int8[128]."""

    states: bytes


class StyleSeen(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """A watched Style: float16[768], little-endian."""

    vector: bytes


class MidiSeen(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """Watched Midi: the messages of one frame."""

    messages: tuple[bytes, ...]


class AudioSeen(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """Watched Audio.

    Attributes:
        wave: float16[96, 2], little-endian: lowest and highest of each 20 samples of the frame,
            both channels averaged.
    """

    meter: Meter
    wave: bytes


Seen = float | str | NotesSeen | StyleSeen | MidiSeen | AudioSeen


class Snapshot(Message, frozen=True):
    """How everything is after one frame. Of several, a slow client gets the latest.

    Attributes:
        frame: its number.
        revision: that of the patch that plays, see `PatchChanged`.
        generators: by node id.
        output: what was written to the device.
        meters: by node id, of every generator and whatever else has one.
        frame_ms: how long computing the frame took.
        load: frame_ms of late, smoothed, as a part of the 40 ms there are; 1 is all.
        node_us: how long each node took in microseconds, by id; every 25th frame, else None.
        queued: seconds of sound written and not taken by the device yet.
        margin_ms: the fill of the queue at which a frame is begun.
        underruns: how often the device found nothing, since the start.
        latency_ms: from a MIDI message to its sound, the mean to expect.
        devices: those in use.
        faults: what is wrong just now, in words, by node id or device name.
        recording: the one that runs.
        seen: what the watched ports carried, by `node.outlet`.
        moving: the values that MIDI or a scene moved in the last second, by `node.port`.
        heard: the MIDI messages that came in since the snapshot before, clocks left out, at most
            the last 64.
        cpu: CPU seconds a second that the engine takes of late.
        latency: the preset that decides `margin_ms`, or the milliseconds at which it is fixed.
    """

    frame: int
    revision: int
    transport: TransportState
    generators: dict[str, GeneratorState]
    output: Meter
    meters: dict[str, Meter]
    frame_ms: float
    load: float
    queued: float
    margin_ms: float
    underruns: int
    latency_ms: float
    node_us: dict[str, float] | None = None
    devices: tuple[DeviceState, ...] = ()
    faults: dict[str, str] = {}
    recording: Recording | None = None
    seen: dict[str, Seen] = {}
    moving: dict[str, Value] = {}
    heard: tuple[bytes, ...] = ()
    cpu: float = 0.0
    latency: Latency | float = "balanced"


Reply = PatchChanged | DeviceList | Recording
"""What an answer may hold."""

Event = PatchChanged | ValueChanged | Said
"""What every client is told."""


class Done(Message, frozen=True):
    """The command was carried out."""

    id: int
    reply: Reply | None = None


class Refused(Message, frozen=True):
    """The command changed nothing.

    Attributes:
        id: the request's, None where it could not be read.
        error: who, what was wrong, what is legal.
        problems: the same one by one, where it was a patch or an edit of one.
    """

    id: int | None
    error: str
    problems: tuple[Problem, ...] = ()


AnyMessage = Done | Refused | PatchChanged | ValueChanged | Said | Snapshot
