"""What a client may ask of the engine, as frozen msgspec structs; the answers are `messages`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MOST_LETTERS = 1_024
"""Of a name or a path."""
MOST_WATCHED = 4_096
"""Outlets that one client sees."""

Name = Annotated[str, Meta(max_length=MOST_LETTERS)]
RawMidi = Annotated[bytes, Meta(min_length=1, max_length=3)]
Watched = Annotated[tuple[Annotated[str, Meta(max_length=129)], ...], Meta(max_length=MOST_WATCHED)]
Value = bool | int | float | str
Latency = Literal["safe", "balanced", "tight"]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=True):
    """What a client may ask for; the subclasses are all there is."""


class SetPatch(Command, frozen=True):
    """Plays a patch; answered by a `PatchChanged`. One that does not compile changes nothing.

    Values that the same client sets after it are set in it, whether it is answered yet or not.

    Attributes:
        text: the whole patch as a .hocket file has it.
        folder: where the files it names lie; None where it has none.
        path: the file it came from, None while it has not been saved.
        same: True for another version of the document that plays, whose nodes keep their memory;
            False for another document, into which the sound crossfades.
        by: what the client calls itself; the event that comes of it bears it.
    """

    text: str
    folder: Name | None = None
    path: Name | None = None
    same: bool = True
    by: Name = ""


class GetPatch(Command, frozen=True):
    """Asks for the patch that plays; answered by a `PatchChanged`."""


class SetValue(Command, frozen=True):
    """Sets a value of the patch that plays, from the next frame on.

    Attributes:
        by: what the client calls itself; the event that comes of it bears it.
    """

    node: Name
    port: Name
    value: Value
    by: Name = ""


class Recall(Command, frozen=True):
    """Brings back the values of a scene of the patch that plays; answered by a `PatchChanged`.

    The patch has them at once. What is heard moves there, numbers step by step.

    Attributes:
        scene: its name.
        beats: how long that takes, in quarter notes at the transport's tempo, which may stand
            still; 0 for at once.
        by: what the client calls itself; the event that comes of it bears it.
    """

    scene: Name
    beats: Annotated[float, Meta(ge=0, le=1_024)] = 0.0
    by: Name = ""


class Play(Command, frozen=True):
    """Plays MIDI messages as if they had arrived at every port now.

    Attributes:
        messages: complete channel messages as MIDI has them, no running status.
    """

    messages: Annotated[tuple[RawMidi, ...], Meta(max_length=256)]


class SetTransport(Command, frozen=True):
    """Sets what is not None.

    Attributes:
        playing: whether beats advance.
        tempo: quarter notes a minute, 20..400.
        beat: where to go, in quarter notes since the start, up to a million.
        follow: who leads, the engine's own clock or the MIDI clock.
    """

    playing: bool | None = None
    tempo: Annotated[float, Meta(ge=20, le=400)] | None = None
    beat: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    follow: Literal["internal", "midi"] | None = None


class Tap(Command, frozen=True):
    """Beats time: the engine takes the tempo from the last few taps."""


class Panic(Command, frozen=True):
    """Ends every note within a frame."""


class ListDevices(Command, frozen=True):
    """Asks for what is connected; answered by a `DeviceList`."""


class ChooseDevice(Command, frozen=True):
    """Takes another audio device.

    Attributes:
        name: the device's, or a part of it; None for the system's default.
    """

    kind: Literal["output", "input"]
    name: Name | None = None


class ChooseMidi(Command, frozen=True):
    """Says which MIDI inputs are heard, in place of those that were.

    Attributes:
        names: theirs, or parts of them; None for all.
    """

    names: Annotated[tuple[Name, ...], Meta(max_length=64)] | None = None


class SetLatency(Command, frozen=True):
    """Says how late a frame may be begun.

    Attributes:
        mode: a preset, or the fixed fill of the output queue in milliseconds, 1..1,000.
    """

    mode: Latency | Annotated[float, Meta(ge=1, le=1_000)]


class Record(Command, frozen=True):
    """Begins a recording; answered by a `Recording`.

    Attributes:
        folder: where it goes; None for the user's folder of recordings.
        format: of the sound files.
    """

    folder: Name | None = None
    format: Literal["wav", "flac"] = "wav"


class StopRecording(Command, frozen=True):
    """Ends the recording; answered by the `Recording` that it was."""


class SaveMemory(Command, frozen=True):
    """Writes what a generator remembers into a file, from which `generator.bank` brings it back.

    Attributes:
        node: the generator's.
        file: an absolute path; a file that is there is replaced.
    """

    node: Name
    file: Name


class Watch(Command, frozen=True):
    """Says whose values this client wants in the snapshots, in place of what it wanted before.

    Attributes:
        ports: outlets, written `node.outlet`. One that does not exist carries nothing.
    """

    ports: Watched


class Quit(Command, frozen=True):
    """Ends the engine: the sound fades out, recordings are closed."""


AnyCommand = (
    SetPatch
    | GetPatch
    | SetValue
    | Recall
    | Play
    | SetTransport
    | Tap
    | Panic
    | ListDevices
    | ChooseDevice
    | ChooseMidi
    | SetLatency
    | Record
    | StopRecording
    | SaveMemory
    | Watch
    | Quit
)
