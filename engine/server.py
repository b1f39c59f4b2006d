"""The engine as others see it: clients attach, command and watch, and none can hurt the sound.

All of it runs on one thread of its own (asyncio), beside three workers that carry commands out,
each in the order in which they came: one edits, which may take as long as a model to open; one
sees to devices and recordings; one to the rest, which is quick. So panic overtakes what is slow.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from mido.frozen import FrozenMessage

from engine.commands import (
    AnyCommand,
    ChooseDevice,
    ChooseMidi,
    ListDevices,
    Play,
    Recall,
    Record,
    SaveMemory,
    SetPatch,
    SetValue,
    StopRecording,
    Watch,
)
from engine.messages import PROTOCOL, Done, Event, Refused, Reply, Said, Snapshot
from engine.patch import PatchError
from engine.runtime import DIGEST, NONCE, Claim, runtime_folder
from engine.sounding import Sounding
from engine.wire import MAX_MESSAGE, decode_command, decode_request, encode
from engine.worker import Worker

EDITS = (SetPatch, SetValue, Recall)
DEVICES = (ListDevices, ChooseDevice, ChooseMidi, Record, StopRecording, SaveMemory)
"""With `EDITS` what may take seconds; neither waits for the other, nor the rest for them."""

MAX_CLIENTS = 32
PATIENCE = 5.0
"""Seconds a client has to prove who it is, to finish a message, or to take one."""

MAX_BACKLOG = 4 * MAX_MESSAGE
"""The most bytes that wait for a client, snapshots aside, before it is dropped; and the most of
its commands that wait to be carried out."""

MAX_PENDING = 10_000
"""The most commands of a client that wait to be carried out; more are refused."""

LOOK = 0.02
"""Seconds between two looks for a new snapshot, half a frame."""


class Target(Protocol):
    """What a server serves."""

    def handle(self, command: AnyCommand) -> Reply | None:
        """Carries a command out. Called from three threads, see `EDITS` and `DEVICES`.

        `Watch` comes with what all clients together watch.

        Raises:
            PatchError, ValueError, OSError: it changed nothing; the words go to the client.
        """
        ...

    def snapshot(self) -> Snapshot | None:
        """Returns the latest, the same object until there is a newer; at once."""
        ...

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        """Has events told to `callback`, which never blocks, from whatever thread."""
        ...


class Server:
    """Lets clients attach to a target.

    Attributes:
        address: where it listens, and the key.
    """

    def __init__(self, target: Target, folder: Path | None = None, name: str = "default") -> None:
        """Begins to listen.

        Args:
            target: what is served.
            folder: where to say that it runs; None for the user's runtime folder.
            name: which of the user's engines this is.

        Raises:
            EngineRunningError: there is one of that name.
            OSError: the folder is not to be had or not to be trusted.
        """
        self._target = target
        self._claim = Claim(name, folder or runtime_folder(), PROTOCOL)
        self.address = self._claim.address
        self._connected: set[_Client] = set()
        self._clients: set[_Client] = set()  # those that have proved to know the key
        try:
            listener = _listen(self.address.socket)
            self._claim.publish()
        except OSError:
            self._claim.release()
            raise
        self._edits, self._devices, self._rest = (Worker("hocket-commands") for _ in range(3))
        self._faults: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._leaving = asyncio.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name="hocket-server", daemon=True
        )
        self._thread.start()
        target.subscribe(self._tell)

    @property
    def clients(self) -> int:
        """How many are attached."""
        return len(self._clients)

    def close(self) -> None:
        """Sends what waits, within a second, and stops listening."""
        with suppress(RuntimeError):  # the loop is closed: so was the server
            self._loop.call_soon_threadsafe(self._leaving.set)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _tell(self, event: Event) -> None:
        """Hands an event to every client; from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._publish, event)

    def _publish(self, event: Event) -> None:
        data = encode(event) if self._clients else b""
        for client in self._clients:
            client.send(data)

    def _run(self, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main(listener))
        for worker in (self._edits, self._devices, self._rest):
            worker.close()
        self._claim.release()

    async def _main(self, listener: socket.socket) -> None:
        server = await asyncio.start_unix_server(self._serve, sock=listener)
        showing = asyncio.create_task(self._show())
        await self._leaving.wait()
        showing.cancel()
        server.close()
        await _until(lambda: not any(client.busy for client in self._clients))
        for client in self._connected:
            client.drop()
        await _until(lambda: not self._connected)

    async def _show(self) -> None:
        """Sends each new snapshot to whoever is attached; a fault in one is told once."""
        shown, told = None, ""
        while True:
            await asyncio.sleep(LOOK)
            if not self._clients:
                continue
            try:
                snapshot = self._target.snapshot()
                if snapshot is None or snapshot is shown:
                    continue
                data = encode(snapshot)
            except Exception as error:
                fault = f"{type(error).__name__}: {error}"
                if fault != told:
                    told = fault
                    self._publish(Said(f"a fault in hocket: the state cannot be shown: {fault}"))
                continue
            shown = snapshot
            for client in self._clients:
                client.show(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Attends to one client until it leaves, or misbehaves and is dropped."""
        client = _Client(writer)
        self._connected.add(client)
        try:
            async with asyncio.timeout(PATIENCE):
                if not await self._greet(reader, writer):
                    return
            self._clients.add(client)
            async with asyncio.TaskGroup() as both:
                both.create_task(client.write())
                both.create_task(self._read(client, reader))
        except* (OSError, EOFError):
            pass  # it left, or took too long
        finally:
            self._connected.discard(client)
            self._clients.discard(client)
            client.drop()
            self._have(self._rest, partial(self._let_go, client, self._watched()))

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Returns whether the client knows the key, and proves to it that this side does."""
        if len(self._clients) >= MAX_CLIENTS:
            return False
        nonce = os.urandom(NONCE)
        writer.write(nonce)
        proof = await reader.readexactly(DIGEST)
        theirs = await reader.readexactly(NONCE)
        if not hmac.compare_digest(proof, self.address.proof(b"client", nonce)):
            return False
        writer.write(self.address.proof(b"engine", theirs))
        return True

    async def _read(self, client: _Client, reader: asyncio.StreamReader) -> None:
        while True:
            size = int.from_bytes(await reader.readexactly(4))
            if size > MAX_MESSAGE:
                raise EOFError(f"a message of {size:,} bytes")
            async with asyncio.timeout(PATIENCE):
                data = await reader.readexactly(size)
            self._begin(client, data)

    def _begin(self, client: _Client, data: bytes) -> None:
        """Has a request carried out by the worker it belongs to."""
        id = None
        try:
            request = decode_request(data)
            id = request.id
            command: AnyCommand = decode_command(request)
            client.admit(len(data))
        except ValueError as fault:
            client.send(encode(Refused(id, str(fault))))
            return
        if isinstance(command, Watch):
            client.watched = frozenset(command.ports)
            command = self._watched()
        worker = self._rest
        if isinstance(command, EDITS):
            worker = self._edits
        elif isinstance(command, DEVICES):
            worker = self._devices
        self._have(worker, partial(self._carry_out, client, id, len(data), command))

    def _let_go(self, client: _Client, watched: Watch) -> None:
        """Ends the notes that a client which has left still held, and what it alone watched."""
        if notes := client.sounding.release():
            self._carry_out(client, 0, 0, Play(tuple(bytes(each.bin()) for each in notes)))
        if client.watched:
            self._carry_out(client, 0, 0, watched)

    def _carry_out(self, client: _Client, id: int, size: int, command: AnyCommand) -> None:
        try:
            played = command.messages if isinstance(command, Play) else ()
            messages = [FrozenMessage.from_bytes(each) for each in played]
            data = encode(Done(id, self._target.handle(command)))
            for message in messages:
                client.sounding.passes(message)
        except PatchError as error:
            data = encode(Refused(id, str(error), error.problems))
        except (ValueError, OSError) as error:
            data = encode(Refused(id, str(error)))
        except Exception as error:
            what = f"{type(command).__name__}: {type(error).__name__}: {error}"
            data = encode(Refused(id, f"a fault in hocket, please report it: {what}"))
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(client.answer, data, size)

    def _have(self, worker: Worker, job: Callable[[], None]) -> None:
        worker.submit(job).add_done_callback(self._tell_fault)

    def _tell_fault(self, done: Future[None]) -> None:
        """Tells of what nobody thought of, each kind once."""
        fault = done.exception()
        kind = type(fault).__name__
        if fault and kind not in self._faults:
            self._faults.add(kind)
            self._tell(Said(f"a fault in hocket, please report it: {kind}: {fault}"))

    def _watched(self) -> Watch:
        """Returns what all clients together watch."""
        ports = frozenset[str]().union(*(each.watched for each in self._clients))
        return Watch(tuple(sorted(ports)))


async def _until(holds: Callable[[], bool]) -> None:
    """Waits until something holds, for a second at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while not holds():
                await asyncio.sleep(LOOK)


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


class _Client:
    """One attached client: what waits for it, and what it watches.

    Attributes:
        watched: the ports it wants to see.
        sounding: the notes it has played that are on; the worker's own.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.watched: frozenset[str] = frozenset()
        self.sounding = Sounding()
        self._pending = 0
        self._pending_bytes = 0
        self._writer = writer
        # With no buffer between, drain() returns when the system has taken everything.
        writer.transport.set_write_buffer_limits(high=0)
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._snapshot: bytes | None = None
        self._writing = False
        self._wake = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether something waits for it or is being written, snapshots aside."""
        return bool(self._waiting or self._writing or self._pending)

    def admit(self, size: int) -> None:
        """Counts a command of `size` bytes in, or refuses it by ValueError."""
        if self._pending >= MAX_PENDING or self._pending_bytes > MAX_BACKLOG:
            raise ValueError(f"{self._pending:,} commands wait already; the engine is busy")
        self._pending += 1
        self._pending_bytes += size

    def answer(self, data: bytes, size: int) -> None:
        """Sends the answer to a command of `size` bytes that was counted in."""
        self._pending -= 1
        self._pending_bytes -= size
        self.send(data)

    def send(self, data: bytes) -> None:
        """Lets a message wait for it; drops the client where too much does."""
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes > MAX_BACKLOG:
            self.drop()
        self._wake.set()

    def show(self, data: bytes) -> None:
        """Lets a snapshot wait for it, in place of one that does."""
        self._snapshot = data
        self._wake.set()

    def drop(self) -> None:
        """Hangs up; what still waits is not sent."""
        self._writer.transport.abort()

    async def write(self) -> None:
        """Writes what waits; ends by TimeoutError where the client does not read."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (data := self._next()) is not None:
                self._writer.writelines((len(data).to_bytes(4), data))
                async with asyncio.timeout(PATIENCE):
                    await self._writer.drain()

    def _next(self) -> bytes | None:
        if self._waiting:
            self._writing = True
            data = self._waiting.popleft()
            self._bytes -= len(data)
            return data
        self._writing = False
        snapshot, self._snapshot = self._snapshot, None
        return snapshot
