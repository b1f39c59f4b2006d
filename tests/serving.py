"""A toy that a server can serve, alone or as a process of its own: `python -m tests.serving`."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.commands import (
    AnyCommand,
    GetPatch,
    ListDevices,
    Panic,
    Play,
    Quit,
    SaveMemory,
    SetPatch,
    SetValue,
    Watch,
)
from engine.messages import (
    Device,
    DeviceList,
    Event,
    GeneratorState,
    Meter,
    PatchChanged,
    Reply,
    Said,
    Snapshot,
    TransportState,
    ValueChanged,
)
from engine.patch import PatchError, Problem
from engine.server import Server

METER = Meter(0.5, 0.25, 0.1)
NOTES = bytes([255] * 60 + [2] + [255] * 67)


class Toy:
    """Counts frames while it is open, keeps what it was told, and refuses what is called bad."""

    def __init__(self) -> None:
        self.frame = 0
        self.values: dict[str, Any] = {}
        self.played: list[bytes] = []
        self.watched: tuple[str, ...] = ()
        self.patch = PatchChanged(1, "{}", title="first")
        self.opening = threading.Event()
        self.opened = threading.Event()
        self.quit = threading.Event()
        self.callbacks: list[Callable[[Event], None]] = []
        self.shown: Snapshot | None = None
        self.broken = False

    def handle(self, command: AnyCommand) -> Reply | None:
        match command:
            case SetPatch(text="bad"):
                raise PatchError([Problem("a.b", "is bad"), Problem("c", "is worse")])
            case SetPatch(text="slow"):
                self.opening.set()
                self.opened.wait(60)
                return self.patch
            case SetPatch(text=text, path=path):
                self.patch = PatchChanged(self.patch.revision + 1, text, path=path, title="next")
                self.tell(self.patch)
                return self.patch
            case GetPatch():
                return self.patch
            case SetValue(node="broken"):
                raise KeyError("a fault of the toy")
            case SetValue(node=node, port=port, value=value):
                if node == "bad":
                    raise ValueError(f"{node}.{port}: {value!r} is outside 0..1")
                self.values[f"{node}.{port}"] = value
                self.tell(ValueChanged(node, port, value))
            case Play(messages=messages):
                self.played.extend(messages)
            case Panic():
                self.tell(Said("every note was ended"))
            case ListDevices():
                return DeviceList((Device("output", "Toy Phones", True, 48_000, 2),))
            case Watch(ports=ports):
                self.watched = ports
            case SaveMemory(node="lead", file=file):
                Path(file).write_bytes(b"what it remembers")
            case SaveMemory(node=node):
                raise ValueError(f"{node!r} is no generator that plays")
            case Quit():
                self.quit.set()
        return None

    def snapshot(self) -> Snapshot | None:
        if self.broken:
            raise ZeroDivisionError("a fault of the toy")
        return self.shown

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        self.callbacks.append(callback)

    def tell(self, event: Event) -> None:
        for callback in self.callbacks:
            callback(event)

    def step(self) -> None:
        """Goes on by a frame."""
        self.frame += 1
        self.shown = Snapshot(
            frame=self.frame,
            revision=self.patch.revision,
            transport=TransportState(self.frame / 12.5, 120.0, True, 4.0),
            generators={"lead": GeneratorState("sketch", NOTES, -1, bytes(1536))},
            output=METER,
            meters={"lead": METER},
            frame_ms=3.5,
            load=0.1,
            queued=0.02,
            margin_ms=8.0,
            underruns=0,
            latency_ms=42.0,
            seen=dict.fromkeys(self.watched, 0.5),
        )


@contextmanager
def short_folder() -> Iterator[Path]:
    """A runtime folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="hkt", dir="/tmp") as folder:
        yield Path(folder) / "run"


@contextmanager
def serving(toy: Toy, folder: Path, name: str = "default") -> Iterator[Server]:
    server = Server(toy, folder, name)
    try:
        yield server
    finally:
        toy.opened.set()
        server.close()


def main() -> None:
    """Serves a toy that plays 25 frames a second until it is told to quit."""
    toy = Toy()
    with serving(toy, Path(sys.argv[1])):
        print("serving", flush=True)
        while not toy.quit.wait(0.04):
            toy.step()
            if toy.frame % 25 == 0:
                toy.tell(Said(f"frame {toy.frame}"))


if __name__ == "__main__":
    main()
