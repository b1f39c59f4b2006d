"""The engine a window plays through: found running or started, and found again when it is lost.

Nothing here keeps its caller waiting: connecting and sending have a thread of their own.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

from engine.client import Client, EngineGoneError, RefusedError
from engine.commands import AnyCommand, Quit
from engine.messages import Event, Reply, Said, Snapshot
from patcher.share import Share
from patcher.state import ENGINES, note_engine, started_by_editor, state_folder

STARTING = 20.0
"""Seconds that a new engine has to answer; JAX on a slow disk takes some."""
ENDING = 6.0
"""Seconds that an engine has to end, its sound faded out and its recordings closed."""
LOOK = 0.05
"""Seconds between two tries to reach an engine that starts."""
AGAIN = 2.0
"""Seconds until the next try, after one that failed."""
MOST_STARTS = 3
"""How often an engine that keeps ending is started, before somebody has to look."""

Answer: TypeAlias = Callable[[Reply | BaseException | None], None]
"""Told what became of a command: its reply, or why it was refused or lost."""


class Attachment:
    """The connection of a window to an engine; every method is for the window's thread.

    Args:
        name: which of the user's engines.
        log: where an engine started here writes what it would tell a terminal.
        options: what `hocket run` is told besides, where an engine is started here.

    Attributes:
        state: in a few words, `ready` once commands reach an engine.
        trouble: why there is no engine, in a sentence; empty while there is one, or soon will be.
        attached: how often an engine was reached; each time it may know nothing yet.
    """

    def __init__(self, name: str, log: Path, options: Sequence[str] = ()) -> None:
        self.name = name
        self.state = "starting the engine"
        self.trouble = ""
        self.attached = 0
        self._log = log
        self._options = options
        self._share: Share | None = None
        self._client: Client | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._leaving = threading.Event()
        self._wake = threading.Event()
        self._outgoing: queue.SimpleQueue[tuple[AnyCommand, Answer | None] | None]
        self._outgoing = queue.SimpleQueue()
        self._answers: deque[tuple[Answer, Reply | BaseException | None]] = deque()
        self._told: deque[Event] = deque()
        self._thread = threading.Thread(target=self._run, name="hocket-attachment", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether commands reach an engine."""
        client = self._client
        return client is not None and client.gone is None

    @property
    def pid(self) -> int | None:
        """The engine's process."""
        return self._client.address.pid if self._client else None

    @property
    def snapshot(self) -> Snapshot | None:
        """How everything was after the latest frame; None while there is no engine."""
        client = self._client
        return client.latest() if client and client.gone is None else None

    def heard(self) -> tuple[bytes, ...]:
        """Returns the MIDI messages that came in since the last call."""
        client = self._client
        return client.heard() if client else ()

    def post(self, command: AnyCommand, answer: Answer | None = None) -> None:
        """Sends a command; `answer` is called by a later `pump`. Without an engine it is lost."""
        if self.ready:
            self._outgoing.put((command, answer))
        elif answer:
            self._answers.append((answer, EngineGoneError(self.state)))

    def pump(self) -> list[Event]:
        """Calls what waits for answers, and returns what the engine has told since."""
        while self._answers:
            answer, result = self._answers.popleft()
            answer(result)
        client = self._client
        events = client.events() if client else []
        while self._told:
            events.append(self._told.popleft())
        return events

    def restart(self) -> None:
        """Tries again to start an engine, after it has ended too often."""
        self._starts = 0
        self._wake.set()

    def close(self, ends: bool = False) -> None:
        """Leaves the engine, which plays on.

        Args:
            ends: whether it ends instead, if an editor started it and no other window is on it.
        """
        ends = ends and self._last()
        if self._process and not self.ready:
            self._process.terminate()
        self._leaving.set()
        self._wake.set()
        self._outgoing.put(None)
        self._thread.join(ENDING)
        if self._client:
            if ends:
                # Answered before it is left: of who has left, an engine may read nothing more.
                with suppress(EngineGoneError, RefusedError, TimeoutError):
                    self._client.request(Quit(), ENDING)
            self._client.close()
        self._reap(ENDING if ends else 0.0)
        if self._share:
            self._share.release()

    def _last(self) -> bool:
        """Says whether this is the last window on an engine that an editor started."""
        pid, share = self.pid, self._share
        started = self.ready and pid is not None and started_by_editor(self.name, pid)
        return started and share is not None and share.last()

    def _run(self) -> None:
        while not self._leaving.is_set():
            try:
                client = self._reach()
            except (EngineGoneError, OSError, ValueError) as error:
                self.state, self.trouble = "no engine", f"There is no engine: {error}"
                self._wake.wait(AGAIN)
                self._wake.clear()
                continue
            self._join(client.address.pid)
            self._drop_unsent()
            self.state, self.trouble = "ready", ""
            self.attached += 1
            if self.attached > 1:
                self._told.append(Said("The engine is reached again"))
            elif self._options and not self._process:
                told = " ".join(self._options)
                self._told.append(Said(f"The engine played already, and was not told {told}"))
            self._client = client
            self._send(client)
            if not self._leaving.is_set():
                client.close()
                self.state = "the engine has gone"
                self._told.append(Said("The engine is out of reach; it is looked for"))

    def _reach(self) -> Client:
        """Returns a connection to the engine of this name, started if there is none.

        Raises:
            EngineGoneError: it does not start, or has ended too often.
            OSError: it cannot be started.
        """
        with suppress(EngineGoneError):
            return Client.connect(self.name)
        self._start()
        due = time.monotonic() + STARTING
        while not self._leaving.is_set():
            try:
                return Client.connect(self.name)
            except EngineGoneError:
                ended = self._process.poll() if self._process else None
                if ended is not None or time.monotonic() > due:
                    raise EngineGoneError(f"it did not start; {self._log} says why") from None
            self._leaving.wait(LOOK)
        raise EngineGoneError("this window closes")

    def _join(self, pid: int) -> None:
        """Has other windows know of this one, and of the engine if it was started here."""
        with suppress(OSError):  # nothing can be kept; then no window ends the engine
            if self._process is not None and self._process.pid == pid:
                note_engine(self.name, pid)
            self._share = self._share or Share(state_folder() / ENGINES / f"{self.name}.lock")

    def _drop_unsent(self) -> None:
        """Answers what was meant for an engine that has gone: another is not to play it."""
        with suppress(queue.Empty):
            while outgoing := self._outgoing.get_nowait():
                _, answer = outgoing
                if answer:
                    self._answers.append((answer, EngineGoneError("the engine has gone")))
            self._outgoing.put(None)  # this window leaves

    def _start(self) -> None:
        if self._starts == MOST_STARTS:
            raise EngineGoneError(f"it ended {self._starts} times; {self._log} says why")
        self._starts += 1
        self._reap(1.0)
        self.state = "starting the engine"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "patcher.cli", "run", "--idle", "--name", self.name]
        command += self._options
        with open(self._log, "ab") as log:
            # In a session of its own it outlives this window, whatever ends it.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _reap(self, patience: float) -> None:
        """Takes note of the end of the engine that was started here, if it comes in so long."""
        if self._process:
            with suppress(subprocess.TimeoutExpired):  # then it ends by and by
                self._process.wait(patience)

    def _send(self, client: Client) -> None:
        """Sends what is to be sent until the engine has gone or this window leaves."""
        while client.gone is None:
            try:
                outgoing = self._outgoing.get(timeout=0.25)
            except queue.Empty:
                continue
            if outgoing is None:
                return
            command, answer = outgoing
            keep = partial(self._keep, answer)
            try:
                client.post(command).add_done_callback(keep)
            except (EngineGoneError, ValueError) as error:
                lost: Future[Reply | None] = Future()
                lost.set_exception(error)
                keep(lost)

    def _keep(self, answer: Answer | None, future: Future[Reply | None]) -> None:
        if answer:
            self._answers.append((answer, future.exception() or future.result()))
