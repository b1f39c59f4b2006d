"""OSC: values, notes and the transport from controllers on the network, and controls to them."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Full, Queue
from types import MappingProxyType
from typing import Protocol

from mido.frozen import FrozenMessage
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from engine.frame import NO_OSC
from engine.osc.packet import MAX_MESSAGES, read_packet
from engine.patch import PatchError
from engine.signals import FRAME_RATE
from engine.transport import FASTEST, LAST_BEAT, SLOWEST

HOST, PORT = "127.0.0.1", 8377
OURS = "/hocket/"
ERROR = OURS + "error"
SET = OURS + "set/"

RETRY = 1.0
"""Seconds between two attempts to get a port that is taken; an engine that ends gives it back."""
CLOSE_SECONDS = 2.0
"""How long the end waits for a value that is being set."""
MAX_BYTES = 65_535
"""The most that one UDP packet can carry."""
MAX_ADDRESS = 256
"""The most characters of an address."""
MAX_ADDRESSES = 256
"""The most addresses whose numbers are kept."""
MAX_WORDS = 500
"""The most characters of an answer, as what it quotes may be long."""
MAX_VALUES = 1_024
"""The most values that wait to be set while a patch compiles; ten faders send 600 a second."""

Argument = float | bool | str | None
Sender = tuple[str, int]

PATTERN = frozenset(" #*,?[]{}")
"""What the format reserves for patterns and so never stands in an address."""


class OscTarget(Protocol):
    """What OSC plays.

    `set_value` is called from a thread of its own and may wait, as while a patch compiles. The
    rest is called from the thread that listens and must not block it for long.

    What is not legal raises `PatchError` or `ValueError`, whose text goes back to the sender.
    A value that names a file is not legal: nothing that comes by OSC makes Hocket read a file.
    """

    def set_value(self, node: str, port: str, value: float | bool | str) -> None: ...
    def play(self, messages: Sequence[FrozenMessage]) -> None: ...
    def panic(self) -> None: ...
    def set_tempo(self, tempo: float) -> None: ...
    def start_transport(self) -> None: ...
    def stop_transport(self) -> None: ...
    def locate(self, beat: float) -> None: ...
    def tap(self) -> None: ...


class OscServer:
    """Listens for OSC on a UDP port (IPv4), and sends it.

    One thread listens and plays; another sets values, in the order in which they came, so that
    one that has to wait holds up no note and no panic.

    A message that is wrong is answered with `/hocket/error` and a text, and changes nothing.
    A bundle that cannot be read is refused whole; the messages of one that can are taken one by
    one, and those of them that are wrong are answered as any other. It is taken at once whatever
    time it bears: what waited for its time would pile up. If the port cannot be had, an event
    says so, only sending works, and it is tried again every second.

    Attributes:
        port: where it listens, None while it does not.
    """

    def __init__(
        self,
        target: OscTarget,
        *,
        host: str = HOST,
        port: int = PORT,
        on_event: Callable[[str], None],
    ) -> None:
        """Begins to listen.

        Args:
            host: the interface; 127.0.0.1 hears this computer only, 0.0.0.0 the whole network.
            port: 0 for any that is free.
            on_event: hears in a sentence what went wrong, at most once a second.
        """
        self.port: int | None = None
        self._place = (host, port)
        self._target = target
        self._on_event = on_event
        self._last_event = -math.inf
        self._latest: dict[str, tuple[float, ...]] = {}
        self._values = NO_OSC
        self._values_due: Queue[tuple[OscMessage, Sender] | None] = Queue(MAX_VALUES)
        self._closing = threading.Event()
        self._outgoing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._outgoing.setblocking(False)
        self._incoming = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._incoming.settimeout(0.2)  # how long closing may take
        with suppress(OSError, OverflowError):  # said once it has failed again
            self._bind()
        self._thread = threading.Thread(target=self._run, name="OSC", daemon=True)
        self._thread.start()
        self._setter = threading.Thread(target=self._set_values, name="OSC values", daemon=True)
        self._setter.start()

    def values(self) -> Mapping[str, tuple[float, ...]]:
        """Returns the numbers last received, by address, without those that Hocket itself reads.

        It is replaced when something changed and never written to. Of more than 256 addresses
        those not heard from for longest are forgotten.
        """
        return self._values

    def send(self, to: tuple[str, int], address: str, values: Sequence[float]) -> None:
        """Sends one message of float32 numbers; never waits: what cannot leave is lost and said.

        Args:
            to: a numeric host and port, see `destination`; a name would have to be looked up.
        """
        try:
            builder = OscMessageBuilder(address)
            for value in values:
                builder.add_arg(value, OscMessageBuilder.ARG_TYPE_FLOAT)
            self._outgoing.sendto(builder.build().dgram, to)
        except (OSError, OverflowError, BuildError) as fault:
            self._say(f"cannot send {address} to {to[0]}:{to[1]} ({fault})")

    def close(self) -> None:
        """Stops listening and sending."""
        self._closing.set()
        with suppress(OSError):  # without it the thread wakes up by itself, but later
            self._outgoing.sendto(b"", self._incoming.getsockname())
        with suppress(Full):  # then it is awake
            self._values_due.put_nowait(None)
        self._thread.join()
        self._setter.join(CLOSE_SECONDS)
        self._incoming.close()
        self._outgoing.close()

    def _bind(self) -> None:
        self._incoming.bind(self._place)
        self.port = self._incoming.getsockname()[1]

    def _run(self) -> None:
        host, port = self._place
        said = False
        while self.port is None and not self._closing.wait(RETRY):
            try:
                self._bind()
            except (OSError, OverflowError) as fault:
                if not said:
                    self._on_event(f"OSC: cannot listen at {host}:{port} ({fault}); it is retried")
                    said = True
        if self.port is None:
            return
        opened = "" if host.startswith("127.") else "; whoever reaches it can play along"
        if said or opened:
            self._on_event(f"OSC: listening at {host}:{self.port}{opened}")
        self._listen()

    def _listen(self) -> None:
        began, handled = time.monotonic(), 0
        while not self._closing.is_set():
            try:
                data, sender = self._incoming.recvfrom(MAX_BYTES)
            except TimeoutError:
                continue
            except OSError:  # such as Windows reporting that nobody took an answer of ours
                self._closing.wait(0.01)
                continue
            if self._closing.is_set():
                break
            now = time.monotonic()
            if now - began >= 1 / FRAME_RATE:
                began, handled = now, 0
            handled += self._take(data, sender)
            if handled >= MAX_MESSAGES:  # the rest waits with the system, which bounds it
                self._closing.wait(began + handled / MAX_MESSAGES / FRAME_RATE - now)

    def _take(self, data: bytes, sender: Sender) -> int:
        """Handles a packet; returns how many messages were in it."""
        try:
            messages = read_packet(data)
        except ValueError as fault:
            self._complain(f"a packet is not OSC: {fault}", sender)
            return 1
        for message in messages:
            if not message.address.startswith(SET):
                self._attempt(self._handle, message, sender)
                continue
            try:
                self._values_due.put_nowait((message, sender))
            except Full:
                words = f"{MAX_VALUES:,} values wait to be set already; the engine is busy"
                self._complain(f"{message.address}: {words}", sender)
        return len(messages)

    def _set_values(self) -> None:
        while (due := self._values_due.get()) and not self._closing.is_set():
            self._attempt(self._set, *due)

    def _attempt(
        self, do: Callable[[str, list[Argument]], None], message: OscMessage, sender: Sender
    ) -> None:
        """Does what a message asks for, or answers why not."""
        try:
            do(message.address, message.params)
        except (PatchError, ValueError) as fault:
            self._complain(f"{message.address}: {fault}", sender)
        except Exception as fault:  # whatever it is must not end the thread that listens or sets
            kind = type(fault).__name__
            self._complain(f"{message.address} failed: {kind}: {fault}", sender)

    def _handle(self, address: str, arguments: list[Argument]) -> None:
        if address == ERROR:
            return  # answering an answer would never end
        if address.startswith(OURS):
            command = COMMANDS.get(address)
            if command is None:
                legal = ", ".join([SET + "NODE/INLET", *COMMANDS])
                raise ValueError(f"is not known; legal are {legal}")
            command(self._target, arguments)
        else:
            self._keep(address, arguments)

    def _set(self, address: str, arguments: list[Argument]) -> None:
        parts = address.removeprefix(SET).split("/")
        if len(parts) != 2 or len(arguments) != 1 or arguments[0] is None:
            raise ValueError(f"takes one value, as in {SET}NODE/INLET 0.5")
        node, port = parts
        faults = []
        for reading in _readings(arguments[0]):
            try:
                self._target.set_value(node, port, reading)
                return
            except PatchError as fault:
                faults.append(fault)
        raise faults[0]

    def _keep(self, address: str, arguments: list[Argument]) -> None:
        if len(address) > MAX_ADDRESS or not PATTERN.isdisjoint(address):
            raise ValueError(f"is no address: up to {MAX_ADDRESS} characters, no patterns")
        numbers = tuple(_number(each) for each in arguments)
        if self._latest.pop(address, None) is None and len(self._latest) >= MAX_ADDRESSES:
            del self._latest[next(iter(self._latest))]
        self._latest[address] = numbers
        self._values = MappingProxyType(dict(self._latest))

    def _complain(self, words: str, sender: Sender) -> None:
        words = words[:MAX_WORDS]
        self._say(f"{words} (from {sender[0]})")
        builder = OscMessageBuilder(ERROR)
        builder.add_arg(words)
        try:
            self._incoming.sendto(builder.build().dgram, sender)
        except OSError as fault:
            self._say(f"cannot answer {sender[0]} ({fault})")

    def _say(self, words: str) -> None:
        """Says it unless something was said within the last second: a fader sends 60 a second."""
        now = time.monotonic()
        if now - self._last_event >= 1.0:
            self._last_event = now
            self._on_event(f"OSC: {words}")


def destination(where: str) -> tuple[str, int]:
    """Returns the numeric host and port of "HOST:PORT"; looks a name up, which may take seconds.

    Raises:
        ValueError: it is not of that form, or the name is not known.
    """
    host, _, port = where.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"{where!r} is not HOST:PORT, such as 192.168.1.20:9000")
    try:
        return socket.gethostbyname(host), int(port)
    except (OSError, UnicodeError) as fault:
        raise ValueError(f"{host!r} is not known on this network ({fault})") from None


def _readings(value: float | bool | str) -> list[float | bool | str]:
    """Returns what may be meant: some controllers know no switches but send 0 and 1, others
    nothing but true and false."""
    if isinstance(value, bool):
        return [value, float(value)]
    return [value, bool(value)] if value in (0, 1) else [value]


def _number(value: Argument) -> float:
    if not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is not a number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return float(value)


def _numbers(arguments: list[Argument], *ranges: tuple[str, float, float]) -> list[float]:
    """Returns the arguments as numbers of these names, lowest and highest values."""
    if len(arguments) != len(ranges):
        names = ", ".join(name for name, _, _ in ranges)
        raise ValueError(f"takes {names}; there are {len(arguments)} arguments")
    numbers = [_number(each) for each in arguments]
    for number, (name, low, high) in zip(numbers, ranges, strict=True):
        if not low <= number <= high:
            raise ValueError(f"{name} {number:g} is outside {low:g}..{high:g}")
    return numbers


def _pressed(arguments: list[Argument]) -> bool:
    """Whether a button went down; most send 1 and, when let go of, 0."""
    return arguments[:1] != [0]


def _channel(arguments: list[Argument]) -> list[Argument]:
    """Returns the arguments with channel 1 added where there is none."""
    return [*arguments, 1] if len(arguments) == 2 else arguments


def _note(target: OscTarget, arguments: list[Argument]) -> None:
    ranges = ("pitch", 0, 127), ("velocity", 0, 127), ("channel", 1, 16)
    pitch, velocity, channel = map(round, _numbers(_channel(arguments), *ranges))
    kind = "note_on" if velocity else "note_off"
    target.play((FrozenMessage(kind, note=pitch, velocity=velocity, channel=channel - 1),))


def _controller(target: OscTarget, arguments: list[Argument]) -> None:
    ranges = ("controller", 0, 127), ("value", 0, 127), ("channel", 1, 16)
    control, value, channel = map(round, _numbers(_channel(arguments), *ranges))
    message = FrozenMessage("control_change", control=control, value=value, channel=channel - 1)
    target.play((message,))


def _tempo(target: OscTarget, arguments: list[Argument]) -> None:
    target.set_tempo(*_numbers(arguments, ("tempo", SLOWEST, FASTEST)))


def _locate(target: OscTarget, arguments: list[Argument]) -> None:
    target.locate(*_numbers(arguments, ("beat", 0.0, LAST_BEAT)))


def _button(press: Callable[[OscTarget], None]) -> Callable[[OscTarget, list[Argument]], None]:
    def pressed(target: OscTarget, arguments: list[Argument]) -> None:
        if _pressed(arguments):
            press(target)

    return pressed


COMMANDS: Mapping[str, Callable[[OscTarget, list[Argument]], None]] = {
    OURS + "note": _note,
    OURS + "cc": _controller,
    OURS + "transport/play": _button(lambda target: target.start_transport()),
    OURS + "transport/stop": _button(lambda target: target.stop_transport()),
    OURS + "transport/tempo": _tempo,
    OURS + "transport/locate": _locate,
    OURS + "transport/tap": _button(lambda target: target.tap()),
    OURS + "panic": _button(lambda target: target.panic()),
}
