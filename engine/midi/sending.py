"""MIDI out: from the frame loop to the ports, in order and in time, without waiting."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from mido.frozen import FrozenMessage

from engine.frame import EVERY_PORT
from engine.midi.ports import LOOPBACK, MidiError, PortList, match
from engine.nodetype import SentMidi
from engine.song import ALL_NOTES_OFF, ALL_SOUND_OFF
from engine.sounding import Sounding, ends

SPACING = 0.001
"""Seconds between messages, as on a MIDI cable. It also keeps rtmidi from waiting for ever, and
every thread of ours with it: that comes after 2,340 messages that a JACK server does not take."""
PAUSE_SECONDS = 0.05
QUEUE_LIMIT, FULL = 2_048, 4_096
"""Messages that wait to be sent: beyond the first only what ends something is taken in, at the
second everything is ended instead."""
CLOSE_SECONDS = 2.0


class Outlets:
    """The ports that are sent to, and a thread that sends.

    Attributes:
        paused: while true nothing is sent; what is queued waits.
    """

    def __init__(self, on_event: Callable[[str], None]) -> None:
        self.paused = False
        self._say = on_event
        self._ports: dict[str, Any] = {}
        self._raw: dict[str, str] = {}
        self._missed: set[str] = set()
        self._idle: set[str] = set()
        self._faults: set[str] = set()
        self._on: dict[Hashable, tuple[str, Sounding]] = {}
        self._queue: deque[tuple[float, str, bytes]] = deque()
        self._flooded = False
        self._wake = threading.Event()
        self._closing = False
        # Between the sender and who opens and closes ports; the frame loop never takes it.
        self._lock = threading.Lock()
        self._sender = threading.Thread(target=self._run, name="midi out", daemon=True)
        self._sender.start()

    def deliver(self, sent: Mapping[Hashable, SentMidi]) -> None:
        """Queues what the senders have for this frame; ends the notes of those that left."""
        if not sent and not self._on:
            return
        now = time.monotonic()
        for sender, (port, sounding) in list(self._on.items()):
            if sender not in sent or sent[sender].port != port:
                self.send(port, sounding.release(), now)
                del self._on[sender]
        for sender, (port, messages) in sent.items():
            if sender not in self._on:
                self._on[sender] = (port, Sounding())
            sounding = self._on[sender][1]
            if messages:
                self.send(port, [each for each in messages if sounding.passes(each)], now)

    def send(self, port: str, messages: Sequence[FrozenMessage], now: float) -> None:
        """Queues messages, each to go out at `now` and its own `time`, in seconds."""
        for message in messages:
            if len(self._queue) >= QUEUE_LIMIT and not ends(message):
                if not self._flooded:
                    self._flooded = True
                    self._say("MIDI: too much to send; only what ends notes goes out for now")
                continue
            if len(self._queue) >= FULL:
                self._queue.clear()
                self.send(EVERY_PORT, LET_GO, now)
            self._queue.append((now + message.time, port, bytes(message.bytes())))
        if messages:
            self._wake.set()

    def panic(self) -> None:
        """Ends everything at every port, instead of what was queued; for the frame loop."""
        self._queue.clear()
        now = time.monotonic()
        for port, sounding in self._on.values():
            self.send(port, sounding.release(), now)
        self.send(EVERY_PORT, LET_GO, now)

    def names(self) -> list[str]:
        """Returns the ports that are open."""
        return list(self._ports)

    def missed(self) -> list[str]:
        """Returns the ports that something is sent to and that are not there."""
        return sorted(self._missed)

    def add(self, name: str, midi: Any) -> None:
        """Adds an open port, an `rtmidi.MidiOut`."""
        with self._lock:
            self._ports[name] = midi

    def bind(self, ports: PortList, make: Callable[[], Any]) -> None:
        """Opens the wanted ports that there are, closes those that went or are not wanted.

        Args:
            make: makes an `rtmidi.MidiOut` that is not open yet.
        """
        for name, raw in list(self._raw.items()):
            if ports.names.get(name) != raw:
                self._close_port(name)
                self._say(f"MIDI: {name} went away; nothing is sent to it")
        known = [*self._ports, *(each for each in ports.names if each not in self._ports)]
        wanted = {port for port, _ in list(self._on.values())}
        used: set[str] = set()
        for each in wanted:
            found = self._find(each, known)
            used.update(found)
            for name in found:
                if name not in self._ports:
                    self._open_port(name, ports, make())
        self._missed &= wanted | used
        # A look later, so that the note-off that was last taken from the queue has gone out too.
        idle = set() if self._queue else self._raw.keys() - used
        for name in idle & self._idle:
            self._close_port(name)
        self._idle = idle

    def _find(self, wanted: str, known: list[str]) -> list[str]:
        """Returns the ports that a name means; says it where there is none."""
        if wanted == EVERY_PORT:
            return [each for each in known if not LOOPBACK.search(each)]
        name = match(wanted, known)
        if name:
            self._missed.discard(wanted)
            return [name]
        if wanted not in self._missed:
            self._missed.add(wanted)
            self._say(f"MIDI: there is no output {wanted}; what is sent to it is lost")
        return []

    def _open_port(self, name: str, ports: PortList, midi: Any) -> None:
        try:
            ports.open(midi, name)
        except MidiError as error:
            if name not in self._missed:
                self._missed.add(name)
                self._say(f"MIDI: {name} cannot be opened: {error}")
            return
        self._missed.discard(name)
        self._raw[name] = ports.names[name]
        self.add(name, midi)
        self._say(f"MIDI: sending to {name}")

    def _close_port(self, name: str) -> None:
        with self._lock:
            del self._raw[name]
            self._ports.pop(name).delete()

    def forget(self) -> list[Any]:
        """Gives up every port without closing it, and returns them."""
        with self._lock:
            ports = list(self._ports.values())
            self._ports, self._raw = {}, {}
        return ports

    def close(self) -> None:
        """Ends what was sent, and closes the ports; nothing can be sent afterwards."""
        self.deliver({})
        if self.paused:
            self._queue.clear()
        self._closing = True
        self._wake.set()
        self._sender.join(CLOSE_SECONDS)
        for midi in self.forget():
            midi.delete()

    def _run(self) -> None:
        while not self._closing or self._queue:
            if self.paused and not self._closing:
                time.sleep(PAUSE_SECONDS)
                continue
            try:
                due, port, data = self._queue.popleft()
            except IndexError:
                self._flooded = False
                self._wake.wait()
                self._wake.clear()
                continue
            time.sleep(max(SPACING, due - time.monotonic()))
            with self._lock:
                for midi in self._targets(port):
                    try:
                        midi.send_message(data)
                    except Exception as fault:  # whatever it is must not end the thread that sends
                        kind = type(fault).__name__
                        if kind not in self._faults:
                            self._faults.add(kind)
                            self._say(f"MIDI: a message was not sent: {kind}: {fault}")

    def _targets(self, port: str) -> list[Any]:
        if port == EVERY_PORT:
            return list(self._ports.values())
        name = match(port, list(self._ports))
        return [self._ports[name]] if name else []


LET_GO = tuple(
    FrozenMessage("control_change", channel=channel, control=control, value=0)
    for channel in range(16)
    for control in (ALL_NOTES_OFF, ALL_SOUND_OFF)
)
