"""`hocket attach`: the live state of a running engine. Leaving it does not touch the engine."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patcher.terminal import exits
from patcher.terminal.exits import guarded, say

if TYPE_CHECKING:
    from engine.client import Client
    from engine.messages import Event, PatchChanged, Snapshot

LOOKS = 0.1
"""Seconds between two pictures on a terminal."""

EVERY = 1.0
"""Seconds between two lines elsewhere."""

STILL = 2.0
"""Seconds without a new frame after which that is said."""

WORDS = 8
"""How many of the latest events a terminal shows."""

AHEAD = 3
"""Frames that may still be under way from before the engine knew what is watched."""

PATIENCE = 10.0
"""Seconds an attached engine may take to show its first frame."""


@guarded
def attach(
    name: Annotated[str, typer.Option(help="Which engine, where several run.")] = "default",
    watch: Annotated[
        list[str] | None,
        typer.Option(metavar="NODE.OUTLET", help="An outlet to show as well; repeatable."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the state once and leave.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON object a line: now, or once a second.")
    ] = False,
    panic: Annotated[bool, typer.Option("--panic", help="End every note and leave.")] = False,
    save_memory: Annotated[
        tuple[str, Path] | None,
        typer.Option(metavar="NODE FILE", help="Save what a generator remembers and leave."),
    ] = None,
) -> None:
    """Show what a running engine plays; Ctrl-C leaves it playing."""
    from engine.client import Client, EngineGoneError, RefusedError
    from engine.commands import Panic, SaveMemory, Watch

    try:
        with Client.connect(name) as client:
            if panic:
                client.request(Panic())
                say("every note was ended; the engine plays on")
                return
            if save_memory:
                node, file = save_memory
                client.request(SaveMemory(node, str(file.absolute())))
                say(f"{file} holds what {node} remembers; it plays on")
                return
            client.request(Watch(tuple(watch or ())))
            if once:
                _show_once(client, as_json, AHEAD if watch else 0)
            elif sys.stdout.isatty() and not as_json:
                _show_table(client)
            else:
                _show_lines(client, as_json)
            if client.gone:
                raise EngineGoneError(client.gone)
    except EngineGoneError as error:
        exits.leave(exits.UNAVAILABLE, str(error))
    except RefusedError as error:
        exits.leave(exits.INVALID, str(error))
    except KeyboardInterrupt:
        say("left; the engine plays on")


def _show_once(client: Client, as_json: bool, ahead: int) -> None:
    from rich.console import Console

    from patcher.terminal import status

    patch, snapshot = _patch(client), _first(client)
    snapshot = client.wait_for_frame(snapshot.frame + ahead, PATIENCE) or snapshot
    if as_json:
        print(json.dumps(status.as_json(snapshot)))
    elif sys.stdout.isatty():
        Console().print(status.view(patch, snapshot, ()))
    else:
        print(status.line(snapshot))


def _show_table(client: Client) -> None:
    from rich.live import Live

    from engine.messages import PatchChanged, ValueChanged
    from patcher.terminal import status

    patch = _patch(client)
    words: deque[str] = deque(maxlen=WORDS)
    pulse = _Pulse()
    with Live(auto_refresh=False, vertical_overflow="crop") as live:
        while not client.gone:
            for event in client.events():
                if isinstance(event, PatchChanged):
                    patch = event
                if not isinstance(event, ValueChanged):  # a knob that turns would fill the page
                    words.append(_worded(event))
            snapshot = client.latest()
            live.update(status.view(patch, snapshot, [*words, *pulse.words(snapshot)]))
            live.refresh()
            time.sleep(LOOKS)


def _show_lines(client: Client, as_json: bool) -> None:
    from patcher.terminal import status

    _first(client)
    pulse = _Pulse()
    due = time.monotonic()
    while not client.gone:
        for event in client.events(max(due - time.monotonic(), 0.0)):
            _print_words(_worded(event), as_json)
        if time.monotonic() < due:
            continue
        due = max(due + EVERY, time.monotonic())  # after a sleep of the machine one line will do
        snapshot = client.latest()
        for text in pulse.words(snapshot):
            _print_words(text, as_json)
        if snapshot is not None:
            found = json.dumps(status.as_json(snapshot)) if as_json else status.line(snapshot)
            print(found, flush=True)


def _print_words(text: str, as_json: bool) -> None:
    print(json.dumps({"type": "Said", "text": text}) if as_json else text, flush=True)


class _Pulse:
    """Notices that the frames stop coming."""

    def __init__(self) -> None:
        self._frame = -1
        self._since = time.monotonic()

    def words(self, snapshot: Snapshot | None) -> list[str]:
        """Returns what to say about it, nothing while they come."""
        now = time.monotonic()
        if snapshot is not None and snapshot.frame != self._frame:
            self._frame, self._since = snapshot.frame, now
        still = now - self._since
        return [f"no new frame for {still:.0f} s: the engine hangs"] if still > STILL else []


def _patch(client: Client) -> PatchChanged:
    from engine.commands import GetPatch
    from engine.messages import PatchChanged

    reply = client.request(GetPatch())
    assert isinstance(reply, PatchChanged)
    return reply


def _first(client: Client) -> Snapshot:
    from engine.client import EngineGoneError

    snapshot = client.wait_for_frame(0, PATIENCE)
    if snapshot is None:
        raise EngineGoneError(client.gone or "the engine shows no frame: it seems to hang")
    return snapshot


def _worded(event: Event) -> str:
    from engine.messages import Said, ValueChanged
    from engine.patch import short

    if isinstance(event, Said):
        return short(event.text)
    if isinstance(event, ValueChanged):
        return short(f"{event.node}.{event.port} is now {event.value!r}")
    return f"the patch is now {short(event.title or event.path or 'untitled')}"
