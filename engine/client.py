"""A client of a running engine: commands in, events and snapshots out."""

from __future__ import annotations

import hmac
import os
import socket
import struct
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Self

from engine.commands import Command
from engine.messages import PROTOCOL, Done, Event, Refused, Reply, Snapshot
from engine.patch import Problem
from engine.runtime import DIGEST, NONCE, Address, find, runtime_folder
from engine.wire import MAX_MESSAGE, decode, encode_request

MAX_EVENTS = 1_000
"""How many events are kept for a client that does not ask for them; the oldest go first."""

MAX_HEARD = 1_000
"""How many MIDI messages are kept for a client that does not ask for them."""

SEND_SECONDS = 5
"""How long an engine may take no command before it counts as gone."""


class EngineGoneError(Exception):
    """There is no engine to talk to, or no longer."""


class RefusedError(Exception):
    """The engine refused a command, which changed nothing.

    Attributes:
        problems: what is wrong, one by one, where it was a patch or an edit of one.
    """

    def __init__(self, error: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(error)
        self.problems = problems


class Client:
    """A connection to an engine; every method may be called from any thread.

    It does not connect again by itself. As a context manager it closes itself.

    Attributes:
        address: the engine's.
    """

    def __init__(self, connection: socket.socket, address: Address) -> None:
        """Takes over a connection on which both sides have proved who they are."""
        self.address = address
        self._socket = connection
        self._numbers = count()
        self._sending = threading.Lock()
        self._news = threading.Condition()
        self._answers: dict[int, Future[Reply | None]] = {}
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._snapshot: Snapshot | None = None
        self._heard: deque[bytes] = deque(maxlen=MAX_HEARD)
        self._gone: str | None = None
        self._reader = threading.Thread(target=self._read, name="hocket-client", daemon=True)
        self._reader.start()

    @classmethod
    def connect(
        cls, name: str = "default", folder: Path | None = None, timeout: float = 5.0
    ) -> Self:
        """Attaches to a running engine.

        Args:
            name: which of the user's engines.
            folder: where engines say that they run; None for the user's runtime folder.
            timeout: seconds to wait for it.

        Raises:
            EngineGoneError: none of that name runs, or it does not answer.
        """
        address = find(name, folder or runtime_folder())
        if address is None:
            raise EngineGoneError(f"no engine named {name!r} is running: start one by `hocket run`")
        if address.protocol != PROTOCOL:
            raise EngineGoneError(
                f"the engine named {name!r} is of another version of hocket: "
                "end it and start it anew"
            )
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(address.socket)
            _greet(connection, address)
        except TimeoutError:
            connection.close()
            raise EngineGoneError(f"the engine named {name!r} does not answer") from None
        except (OSError, EOFError):
            connection.close()
            raise EngineGoneError(
                f"no engine named {name!r} is running: it has gone without a word"
            ) from None
        connection.settimeout(None)
        patience = struct.pack("@ll", SEND_SECONDS, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        return cls(connection, address)

    @property
    def gone(self) -> str | None:
        """Why the engine can no longer be reached; None while it can."""
        return self._gone

    def post(self, command: Command) -> Future[Reply | None]:
        """Sends a command without waiting.

        Returns:
            What becomes of it; fails by `RefusedError`, or by `EngineGoneError`.

        Raises:
            EngineGoneError: the engine has gone.
            ValueError: the command is longer than a message may be.
        """
        number = next(self._numbers)
        data = encode_request(number, command)
        if len(data) > MAX_MESSAGE:
            raise ValueError(f"a command of {len(data):,} bytes; at most {MAX_MESSAGE:,} are legal")
        answer: Future[Reply | None] = Future()
        with self._news:
            if self._gone:
                raise EngineGoneError(self._gone)
            self._answers[number] = answer
        try:
            with self._sending:
                self._socket.sendall(len(data).to_bytes(4, "big") + data)
        except OSError:
            self._leave("the engine has gone, or takes no commands")
        return answer

    def request(self, command: Command, timeout: float | None = 60.0) -> Reply | None:
        """Sends a command and waits for the answer.

        Raises:
            RefusedError: the engine refused it.
            EngineGoneError: the engine has gone.
            TimeoutError: it has not answered within `timeout` seconds.
        """
        try:
            return self.post(command).result(timeout)
        except TimeoutError:
            what = type(command).__name__
            raise TimeoutError(f"the engine has not answered {what} in {timeout:g} s") from None

    def events(self, timeout: float = 0.0) -> list[Event]:
        """Returns what has happened since the last call, waiting up to `timeout` seconds for it.

        It waits no longer once the engine has gone.
        """
        with self._news:
            self._news.wait_for(lambda: self._events or self._gone, timeout)
            events = list(self._events)
            self._events.clear()
        return events

    def latest(self) -> Snapshot | None:
        """Returns the newest snapshot, None before the first."""
        return self._snapshot

    def heard(self) -> tuple[bytes, ...]:
        """Returns the MIDI messages that all snapshots since the last call have told of.

        Who draws seldom misses snapshots, and a key that was struck in one of them.
        """
        with self._news:
            heard = tuple(self._heard)
            self._heard.clear()
        return heard

    def wait_for_frame(self, number: int, timeout: float = 5.0) -> Snapshot | None:
        """Returns a snapshot of frame `number` or later; None where none comes in time."""
        with self._news:
            self._news.wait_for(lambda: self._gone or _reached(self._snapshot, number), timeout)
            return self._snapshot if _reached(self._snapshot, number) else None

    def close(self) -> None:
        """Leaves the engine, which plays on."""
        self._leave("this client has left")
        if threading.current_thread() is not self._reader:
            self._reader.join()
            self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _read(self) -> None:
        reason = "the engine has gone"
        try:
            while True:
                size = int.from_bytes(_exactly(self._socket, 4), "big")
                if size > MAX_MESSAGE:
                    raise ValueError(f"a message of {size:,} bytes")
                self._take(_exactly(self._socket, size))
        except (OSError, EOFError):
            pass  # as said in `reason`
        except ValueError as fault:
            reason = f"the engine is of another version of hocket: {fault}"
        finally:
            self._leave(reason)

    def _take(self, data: bytes) -> None:
        message = decode(data)
        if isinstance(message, Done | Refused):
            self._settle(message)
            return
        with self._news:
            if isinstance(message, Snapshot):
                self._snapshot = message
                self._heard.extend(message.heard)
            else:
                self._events.append(message)
            self._news.notify_all()

    def _settle(self, message: Done | Refused) -> None:
        with self._news:
            answer = self._answers.pop(message.id, None) if message.id is not None else None
        if answer is None or not answer.set_running_or_notify_cancel():
            return  # nobody waits for it any more
        if isinstance(message, Done):
            answer.set_result(message.reply)
        else:
            answer.set_exception(RefusedError(message.error, message.problems))

    def _leave(self, reason: str) -> None:
        with self._news:
            self._gone = self._gone or reason
            waiting, self._answers = self._answers, {}
            self._news.notify_all()
        with suppress(OSError):  # it is shut already
            self._socket.shutdown(socket.SHUT_RDWR)
        for answer in waiting.values():
            if answer.set_running_or_notify_cancel():
                answer.set_exception(EngineGoneError(self._gone))


def _reached(snapshot: Snapshot | None, number: int) -> bool:
    return snapshot is not None and snapshot.frame >= number


def _greet(connection: socket.socket, address: Address) -> None:
    """Proves to the engine that this side knows the key, and has it prove the same.

    Raises:
        OSError, EOFError: it does not.
    """
    theirs = _exactly(connection, NONCE)
    ours = os.urandom(NONCE)
    connection.sendall(address.proof(b"client", theirs) + ours)
    if not hmac.compare_digest(_exactly(connection, DIGEST), address.proof(b"engine", ours)):
        raise EOFError("another program listens where the engine did")


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = connection.recv(min(size - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
