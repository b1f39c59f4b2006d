"""`hocket run`: the engine plays a patch until it is told to stop."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from patcher import exits
from patcher.arguments import PatchPath, node_types, read_patch
from patcher.exits import InputError, guarded, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.messages import Event
    from engine.session import Session

T = TypeVar("T")

LOOK = 0.25
"""Seconds between two looks at a watched file."""


@guarded
def run(
    patch: PatchPath = "first_light",
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="The audio device, or a part of its name.")
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", "-i", help="The audio device to listen to.")
    ] = None,
    latency: Annotated[
        str, typer.Option(help="safe, balanced or tight, or the queue's fill in milliseconds.")
    ] = "balanced",
    block: Annotated[
        int | None, typer.Option(min=16, max=8192, help="Samples the device takes at a time.")
    ] = None,
    midi: Annotated[
        list[str] | None, typer.Option(help="A MIDI input to listen to; repeatable. Else all.")
    ] = None,
    tempo: Annotated[float, typer.Option(min=20, max=400, help="Beats a minute.")] = 120.0,
    clock: Annotated[
        Literal["internal", "midi"], typer.Option(help="Who leads: Hocket, or a MIDI clock.")
    ] = "internal",
    seed: Annotated[int, typer.Option(min=0, help="What random choices start from.")] = 0,
    osc: Annotated[str, typer.Option(help="HOST:PORT to hear OSC at, or off.")] = "127.0.0.1:8377",
    osc_to: Annotated[str | None, typer.Option(help="HOST:PORT to send OSC to.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Reload the patch when it is saved.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="A folder to record into, from the first frame on.")
    ] = None,
    name: Annotated[str, typer.Option(help="The engine's name, where several run.")] = "default",
) -> None:
    """Play a patch live, until Ctrl-C."""
    from engine.margin import parse
    from engine.osc import destination
    from engine.runtime import EngineRunningError
    from engine.server import Server
    from engine.session import Options, Session

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
    )
    path, document = read_patch(patch)
    leaving = threading.Event()
    _on_signals(leaving)
    with ExitStack() as stack:
        session = Session(node_types(), options)
        stack.callback(session.close)
        session.subscribe(_print)
        try:
            server = Server(session, name=name)
        except EngineRunningError as error:
            exits.leave(exits.UNAVAILABLE, str(error))
        except ValueError as error:
            raise InputError(str(error)) from None
        stack.callback(server.close)
        session.open(path, document)
        if record:
            session.record(record)
        session.start()
        say(f"playing {document.title or path.stem}; Ctrl-C ends it")
        saved = path.stat().st_mtime_ns if watch else 0
        while not (leaving.is_set() or session.ended.is_set()):
            leaving.wait(LOOK)
            if watch:
                saved = _reload(session, path, saved)


def _read(reader: Callable[[str], T], text: str) -> T:
    """Returns what an option means."""
    try:
        return reader(text)
    except ValueError as error:
        raise InputError(str(error)) from None


def _on_signals(leaving: threading.Event) -> None:
    """Has the usual ways to end a process end it in good order, the sound faded out."""

    def leave(number: int, frame: FrameType | None) -> None:
        leaving.set()

    for each in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(each, leave)


def _print(event: Event) -> None:
    from engine.messages import PatchChanged, Said

    if isinstance(event, Said):
        say(event.text)
    elif isinstance(event, PatchChanged):
        for problem in event.problems:
            say(f"{event.title}: {problem}")


def _reload(session: Session, path: Path, saved: int) -> int:
    """Plays what the file holds now, if it was saved; one that is wrong changes nothing."""
    from engine.files import load_patch
    from engine.patch import PatchError

    try:
        now = path.stat().st_mtime_ns
        if now == saved:
            return saved
        session.reload(path, load_patch(path))
        say(f"reloaded {path.name}")
    except FileNotFoundError:
        return saved  # in the middle of being saved
    except (PatchError, OSError) as error:
        say(f"{path.name}: {error}; what played plays on")
    return now
