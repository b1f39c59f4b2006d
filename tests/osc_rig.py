"""What the tests of OSC share: a server, what it plays, and a controller that sends to it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Sequence

from mido.frozen import FrozenMessage
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from engine.osc import OscServer
from engine.patch import PatchError
from tests.waiting import wait_until


class Instrument:
    """Writes down what OSC plays; its only value is `filter.cutoff`, 0..1, its only switch on.

    `filter.slow` is set once `free` is.
    """

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.free = threading.Event()
        self.free.set()

    def set_value(self, node: str, port: str, value: float | bool | str) -> None:
        if port == "slow":
            assert self.free.wait(60)
        if (node, port) == ("filter", "on") and not isinstance(value, bool):
            raise PatchError.at("filter.on", f"{value!r} is not true or false")
        if (node, port) == ("filter", "cutoff"):
            if isinstance(value, bool) or not 0 <= float(value) <= 1:
                raise PatchError.at("filter.cutoff", f"{value!r} is outside 0..1")
        elif node != "filter":
            raise PatchError.at(f"{node}.{port}", "is no value of a running node")
        if port == "broken":
            raise RuntimeError("no such luck")
        self.done.append(("set", node, port, value))

    def play(self, messages: Sequence[FrozenMessage]) -> None:
        self.done += [("play", message) for message in messages]

    def panic(self) -> None:
        self.done.append(("panic",))

    def set_tempo(self, tempo: float) -> None:
        self.done.append(("tempo", tempo))

    def start_transport(self) -> None:
        self.done.append(("start",))

    def stop_transport(self) -> None:
        self.done.append(("stop",))

    def locate(self, beat: float) -> None:
        self.done.append(("locate", beat))

    def tap(self) -> None:
        self.done.append(("tap",))


class Rig:
    """A server, what it plays, what it said, and a controller that sends to it and hears it."""

    def __init__(self) -> None:
        self.played = Instrument()
        self.said: list[str] = []
        self.osc = OscServer(self.played, port=0, on_event=self.said.append)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(20)

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        self.osc.close()
        self.socket.close()

    def send(self, address: str, *values: object) -> None:
        self.raw(packet(address, *values))

    def raw(self, data: bytes) -> None:
        assert self.osc.port
        self.socket.sendto(data, ("127.0.0.1", self.osc.port))

    def answer(self) -> str:
        message = OscMessage(self.socket.recv(65_535))
        assert message.address == "/hocket/error"
        return str(message.params[0])

    def plays(self, *expected: tuple[object, ...]) -> None:
        """Asserts that exactly this was played; what is sent last arrives last on one machine.

        The values that are set and what is played are each in their order.
        """
        last = ("locate", 99.0), ("set", "filter", "last", 99.0)
        self.send("/hocket/transport/locate", 99.0)
        self.send("/hocket/set/filter/last", 99.0)
        wait_until(lambda: set(last) <= set(self.played.done))
        found, wanted = ([], []), ([], [])
        for lists, events in ((found, self.played.done), (wanted, [*expected, *last])):
            for event in events:
                lists[event[0] == "set"].append(event)
        assert found == wanted

    def hears(self, address: str, *numbers: float) -> None:
        wait_until(lambda: self.osc.values().get(address) == numbers)


def packet(address: str, *values: object) -> bytes:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram


def bundle(*parts: bytes, time: int = 1) -> bytes:
    """A bundle for an NTP time; 1 means at once."""
    elements = b"".join(struct.pack(">i", len(part)) + part for part in parts)
    return b"#bundle\0" + struct.pack(">Q", time) + elements


def message(kind: str, **values: int) -> tuple[str, FrozenMessage]:
    return "play", FrozenMessage(kind, **values)
