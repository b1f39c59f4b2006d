"""The log of a performance: what it takes to play it again, message after message.

A file begins with `MAGIC`; each message is its length in 4 bytes, lowest first, and a msgpack of
one of the types below. Whatever ends the writing, all messages but the last are whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from engine.conditioning import Conditioning
from engine.fade import SILENT, Fade
from engine.past import PastData
from engine.regular import open_regular
from engine.signals import PITCHES, STYLE_SIZE

SUFFIX = ".hocketlog"
MAGIC = b"hocket log 1\n"
LENGTH = struct.Struct("<I")
MOST_INSTANCES = 256
LARGEST = 1 << 30
"""No message has a gigabyte; a length beyond says that the file is broken."""


class LogError(ValueError):
    """A file is no log of a performance, or is broken; the message does not name the file."""


class Message(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Base of what a log holds."""


class Header(Message, frozen=True, tag="header"):
    """Which program wrote it, and when.

    Attributes:
        version: Hocket's.
        started: date and time, ISO 8601.
        rate: samples a second.
    """

    version: str
    started: str
    rate: int


class Remark(Message, frozen=True, tag="remark"):
    """What the engine said while it played, such as an underrun."""

    text: str


class Saved(msgspec.Struct, frozen=True):
    """An instance as it was before a frame.

    Attributes:
        model: whose it is.
        memory: what `Host.save` gave; empty for one that has not played yet.
        last: the sound of its last frame, float32[1920, 2] as bytes; empty for silence.
    """

    model: str
    memory: bytes
    last: bytes


class DeckBegins(Message, frozen=True, tag="deck"):
    """A deck as it was before a frame; whatever was known of it is void.

    Attributes:
        deck: its number.
        first: the number of the frame that is its frame 0.
        text, folder: the patch, and where the files lie that it names.
        values: what is set, by `node.port`.
        memory: packed, of the nodes that mix.
        instances: by generator node.
        last: the sound of its last frame, as bytes.
        muted: the nodes that failed too often.
        widths: how many instances each model has had at a time.
        stand_in: whether the stand-in for MusicCoCa made the styles.
    """

    deck: int
    first: int
    text: str
    folder: str | None
    values: dict[str, Any]
    memory: dict[str, Any] = {}
    instances: dict[str, Saved] = {}
    last: bytes = b""
    muted: tuple[str, ...] = ()
    widths: dict[str, Annotated[int, Meta(ge=0, le=MOST_INSTANCES)]] = {}
    stand_in: bool = True


class PlanChanges(Message, frozen=True, tag="plan"):
    """An edited patch takes over on a deck before a frame; nodes that stay keep their memory.

    Attributes:
        memory: of the nodes that mix now and did not before; otherwise as in `DeckBegins`.
    """

    deck: int
    text: str
    folder: str | None
    values: dict[str, Any]
    memory: dict[str, Any] = {}


class TurnChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an instance does in a frame and, but for `fresh`, in those after.

    Attributes:
        model: whose it is.
        stepped: whether it plays at all.
        fresh: whether it begins anew from its seed, in this frame alone.
        fade: what is heard of it.
        heard: what its conditioning differs in from the last; arrays as bytes.
    """

    model: str
    stepped: bool = True
    fresh: bool = False
    fade: Fade = Fade()
    heard: dict[str, Any] = {}


class Inputs(msgspec.Struct, frozen=True, omit_defaults=True):
    """The frame, where a node that mixes is handed it.

    Attributes:
        seed: the performance's.
        transport: its fields in order.
        midi, audio: packed; None for nothing, and for silence.
        osc: packed; None where it is as before.
    """

    seed: int
    transport: tuple[float, float, bool, float]
    midi: Any = None
    audio: Any = None
    osc: Any = None


class DeckFrame(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a deck did in a frame; what is not there is as in the frame before.

    Attributes:
        turns: by generator node.
        results: packed, of the nodes before the generators that `mix` reads.
        values: what was set, by `node.port`.
        muted: the nodes that are muted after this frame.
        fade: what was heard of it.
    """

    deck: int
    turns: dict[str, TurnChange] = {}
    results: dict[str, Any] = {}
    values: dict[str, Any] = {}
    muted: tuple[str, ...] | None = None
    fade: Fade | None = None
    inputs: Inputs | None = None


class FramePlayed(Message, frozen=True, tag="frame"):
    """One frame was played. A number left out is a frame that was lost to the log."""

    number: int
    decks: tuple[DeckFrame, ...] = ()


AnyMessage = Header | Remark | DeckBegins | PlanChanges | FramePlayed


class LogWriter:
    """Writes a log; every message is in the file when `write` returns.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb", buffering=0)  # noqa: SIM115 - closed by close()
        self._encoder = msgspec.msgpack.Encoder()
        self.size = self._file.write(MAGIC)

    def write(self, message: AnyMessage) -> None:
        """Appends a message; raises OSError, leaving those before it, where the disk is full."""
        data = self._encoder.encode(message)
        left = memoryview(LENGTH.pack(len(data)) + data)
        whole = self.size + len(left)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.truncate(self.size)
            raise
        self.size = whole

    def close(self) -> None:
        self._file.close()


def find_log(path: Path) -> Path:
    """Returns the log that a path names, or that lies in the folder that it names.

    Raises:
        LogError: there is none in the folder, or there are several.
    """
    if not path.is_dir():
        return path
    logs = sorted(path.glob(f"*{SUFFIX}"))
    if len(logs) != 1:
        raise LogError(f"is no recording: it holds {len(logs)} logs, not one")
    return logs[0]


def read_log(path: Path) -> Iterator[tuple[AnyMessage, int]]:
    """Yields the messages of a log, each with the place in the file where it ends.

    A last message that is cut off is left out: the writing was ended by force.

    Raises:
        LogError: it is no log, or is broken; the message says where.
        OSError: it cannot be read.
    """
    decoder = msgspec.msgpack.Decoder(AnyMessage)
    with open_regular(path) as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise LogError("is no log of a performance that this version reads")
        place = len(MAGIC)
        while len(head := file.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(head)
            if length > LARGEST:
                raise LogError(f"byte {place:,}: is broken: no message has {length:,} bytes")
            data = file.read(length)
            if len(data) < length:
                return
            try:
                message = decoder.decode(data)
            # A text that is no UTF-8 is a ValueError of Python's own.
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                raise LogError(f"byte {place:,}: is broken: {error}") from None
            place += LENGTH.size + length
            yield message, place


ARRAYS = {"style": (np.float32, STYLE_SIZE), "notes": (np.int8, PITCHES)}
"""The fields of a conditioning that are arrays, and of what."""


def heard_changes(now: Conditioning, before: Conditioning) -> dict[str, Any]:
    """Returns the fields in which a conditioning differs from another, arrays as bytes."""
    changes: dict[str, Any] = {}
    for name, new, old in zip(Conditioning._fields, now, before, strict=True):
        if new is old:
            continue
        if name in ARRAYS:
            data = np.asarray(new, ARRAYS[name][0]).tobytes()
            if data != np.asarray(old, ARRAYS[name][0]).tobytes():
                changes[name] = data
        elif isinstance(new, PastData):
            if new != old:
                sound = None if new.sound is None else new.sound.tobytes()
                changes[name] = (new.key, sound, new.memory)
        elif new != old:
            changes[name] = new.item() if isinstance(new, np.generic) else new
    return changes


def heard_after(before: Conditioning, changes: dict[str, Any]) -> Conditioning:
    """Returns the conditioning that differs from `before` in `changes`.

    Raises:
        LogError: they are no fields of a conditioning.
    """
    fields = dict(changes)
    try:
        for name in ARRAYS.keys() & fields.keys():
            kind, size = ARRAYS[name]
            fields[name] = np.frombuffer(fields[name], kind).reshape(size)
        if "past" in fields:
            key, sound, memory = fields["past"]
            heard = None if sound is None else np.frombuffer(sound, np.float32).reshape(-1, 2)
            fields["past"] = PastData(key, heard, memory)
        return before._replace(**fields)
    except (TypeError, ValueError) as error:
        raise LogError(f"the log holds no conditioning: {error}") from None


def stem_name(deck: int, node: str) -> str:
    """Returns what a generator's own sound file is called: the first deck's have plain names."""
    return node if deck == 0 else f"{node} ({deck + 1})"


NEVER = TurnChange("", stepped=False, fade=SILENT)
"""What an instance did before its first frame."""
