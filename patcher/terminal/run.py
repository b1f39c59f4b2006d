"""`hocket run`: the engine plays a patch until it is told to stop."""

from __future__ import annotations

import os
import queue
import signal
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from patcher.terminal import exits
from patcher.terminal.arguments import PATCH, Fallback, naming, node_types, read_patch
from patcher.terminal.exits import InputError, guarded, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.messages import Event
    from engine.patch import Patch
    from engine.session import Options, Session

T = TypeVar("T")

STARTER = "first_light"
"""The patch that plays where none is named."""
LOOK = 0.25
"""Seconds between two looks at a watched file."""
MOST_WAITING = 1_000
"""Events that wait for the terminal."""


Device = Annotated[
    str | None, typer.Option("--output", "-o", help="The audio device, or a part of its name.")
]
Microphone = Annotated[
    str | None, typer.Option("--input", "-i", help="The audio device to listen to.")
]
Latency = Annotated[
    str, typer.Option(help="safe, balanced or tight, or the queue's fill in milliseconds.")
]
Block = Annotated[
    int | None, typer.Option(min=16, max=8192, help="Samples the device takes at a time.")
]
Midi = Annotated[
    list[str] | None, typer.Option(help="A MIDI input to listen to; repeatable. Else all.")
]
Tempo = Annotated[float, typer.Option(min=20, max=400, help="Beats a minute.")]
Lead = Annotated[
    Literal["internal", "midi"], typer.Option(help="Who leads: Hocket, or a MIDI clock.")
]
Seed = Annotated[int, typer.Option(min=0, help="What random choices start from.")]
OscHere = Annotated[str, typer.Option(help="HOST:PORT to hear OSC at, or off.")]
OscThere = Annotated[str | None, typer.Option(help="HOST:PORT to send OSC to.")]
Watch = Annotated[bool, typer.Option("--watch", help="Reload the patch when it is saved.")]
Idle = Annotated[bool, typer.Option("--idle", help="Play nothing until a client sets a patch.")]
Takes = Annotated[
    Path | None, typer.Option(help="A folder to record into, from the first frame on.")
]
Format = Annotated[Literal["wav", "flac"], typer.Option(help="Of what is recorded.")]
Name = Annotated[str, typer.Option(help="The engine's name, where several run.")]


@guarded
def run(
    patch: Annotated[str | None, typer.Argument(help=f"{PATCH} Else {STARTER}.")] = None,
    output: Device = None,
    input_: Microphone = None,
    latency: Latency = "balanced",
    block: Block = None,
    midi: Midi = None,
    tempo: Tempo = 120.0,
    clock: Lead = "internal",
    seed: Seed = 0,
    osc: OscHere = "127.0.0.1:8377",
    osc_to: OscThere = None,
    watch: Watch = False,
    idle: Idle = False,
    record: Takes = None,
    record_format: Format = "wav",
    fallback: Fallback = None,
    name: Name = "default",
) -> None:
    """Play a patch live, until Ctrl-C."""
    from engine.margin import parse
    from engine.osc import destination
    from engine.session import Options

    if idle and (patch or watch):
        exits.leave(exits.USAGE, "--idle waits for a patch; it goes with neither PATCH nor --watch")
    options = Options(
        output=output,
        input=input_,
        block=block,
        latency=_read(parse, latency),
        midi=tuple(midi) if midi else None,
        osc=None if osc == "off" else _read(destination, osc),
        osc_to=_read(destination, osc_to) if osc_to else None,
        clock=clock,
        tempo=tempo,
        seed=seed,
        fallback=fallback,
    )
    first = None if idle else read_patch(patch or STARTER)
    saved = _saved(first[0]) if first else 0
    leaving = threading.Event()
    _on_signals(leaving)
    with _serving(options, name) as session:
        if first:
            with naming(patch or STARTER):
                session.open(*first)
        if record:
            session.record(record, record_format)
        session.start()
        say(f"{_doing(first)}; Ctrl-C ends it")
        _wait(session, leaving, first[0] if first and watch else None, saved)


@contextmanager
def _serving(options: Options, name: str) -> Iterator[Session]:
    """Has an engine that others can attach to, and closes it in the end."""
    from engine.runtime import EngineRunningError
    from engine.server import Server
    from engine.session import Session

    with ExitStack() as stack:
        session = Session(node_types(), options)
        stack.callback(session.close)
        session.subscribe(Printer().put)
        try:
            server = Server(session, name=name)
        except EngineRunningError as error:
            exits.leave(exits.UNAVAILABLE, str(error))
        except ValueError as error:
            raise InputError(str(error)) from None
        stack.callback(server.close)
        yield session


def _doing(first: tuple[Path, Patch] | None) -> str:
    if first is None:
        return "waiting for a patch"
    path, document = first
    return f"playing {document.title or path.stem}"


def _wait(session: Session, leaving: threading.Event, watched: Path | None, saved: int) -> None:
    """Returns when the end is asked for; until then reloads a file each time it is saved."""
    while not (leaving.is_set() or session.ended.is_set()):
        leaving.wait(LOOK)
        if watched:
            saved = _reload(session, watched, saved)


def _read(reader: Callable[[str], T], text: str) -> T:
    """Returns what an option means."""
    try:
        return reader(text)
    except ValueError as error:
        raise InputError(str(error)) from None


def _on_signals(leaving: threading.Event) -> None:
    """Has the usual ways to end a process end it in good order, the sound faded out.

    The second time it ends at once.
    """
    usual = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))

    def leave(number: int, frame: FrameType | None) -> None:
        leaving.set()
        for each in usual:
            signal.signal(each, signal.SIG_DFL)

    for each in usual:
        signal.signal(each, leave)


class Printer:
    """Prints events on a thread of its own: a terminal that is stopped must not stop the music.

    It has a handle of its own too, as looking for audio devices closes standard error for moments.
    """

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue(maxsize=MOST_WAITING)
        self._out = os.fdopen(os.dup(2), "w", buffering=1, errors="replace")
        threading.Thread(target=self._run, name="printer", daemon=True).start()

    def put(self, event: Event) -> None:
        """Has an event printed; at once, from any thread. What comes in floods is left out."""
        with suppress(queue.Full):
            self._events.put_nowait(event)

    def _run(self) -> None:
        while True:
            for line in _lines(self._events.get()):
                with suppress(OSError, ValueError):  # nobody reads any more
                    self._out.write(f"{line}\n")


def _lines(event: Event) -> list[str]:
    from engine.messages import PatchChanged, Said

    if isinstance(event, Said):
        return [event.text]
    if isinstance(event, PatchChanged):
        return [f"{event.title}: {problem}" for problem in event.problems]
    return []


def _saved(path: Path) -> int:
    """Returns when a file was saved, 0 where it is not there just now."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _reload(session: Session, path: Path, saved: int) -> int:
    """Plays what the file holds now, if it was saved; one that is wrong changes nothing."""
    from engine.files import load_patch

    now = _saved(path)
    if now in (0, saved):
        return saved
    try:
        session.reload(path, load_patch(path))
        session.say(f"reloaded {path.name}")
    except Exception as error:  # whatever is wrong with it, what plays plays on
        session.say(f"{path.name}: {error}; what played plays on")
    return now
