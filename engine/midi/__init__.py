"""MIDI in and out while playing: ports that come and go, and notes that always end."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import rtmidi

from engine.midi.ports import (
    LOOPBACK,
    OURS,
    Heartbeat,
    MidiError,
    PortList,
    answers,
    find_api,
    leave_alone,
    match,
)
from engine.midi.sending import Outlets
from engine.midi.stream import QUEUE, MidiStream
from engine.nodetype import SentMidi
from engine.signals import Midi

LOOK_SECONDS = 0.5
"""How often ports that come and go are looked for."""
RETRY_SECONDS = 5.0
"""How often a MIDI system that does not answer is asked again. An audio device of the same server
has been closed by then; were it closed later, libjack would crash."""
PAUSE_BEATS, MISSED_BEATS, LOST_BEATS = 2, 5, 20
"""Looks that a JACK server may leave unanswered: 1 s before nothing is sent to it, 2.5 s before it
is asked whether it is there, 10 s before it is given up whatever it says."""
FIRST_SECONDS = 2.0
"""How long the first look is waited for; a system that hangs holds it up for 20 s."""
CLOSE_SECONDS, LAST_SECONDS = 2.0, 1.0
"""How long the end waits for the look that is under way, and for a last beat."""
FLOOD_SECONDS = 5.0
"""How long nothing more is said about a flood."""
NO_SYSTEM = "MIDI: no MIDI system answers; the music goes on without, and it is looked for"


class PortStatus(NamedTuple):
    """One port, as the user sees it.

    Attributes:
        name: without the numbers of the system.
        direction: "in" or "out", seen from here.
        present: whether it is there now.
    """

    name: str
    direction: Literal["in", "out"]
    present: bool


class MidiPorts:
    """The MIDI ports of a performance.

    Where ports are looked for, opened and closed is a thread of its own; `poll` and `deliver`
    belong to the frame loop and never wait. A port that vanishes has its notes ended and is bound
    again, by name, when it returns. Without a MIDI system all goes on, and it is looked for.

    SysEx is not read. With JACK, rtmidi holds up every thread for some 15 ms when a port is opened,
    and passes nothing on after a SysEx that does not end, until one does or the port is plugged in
    again.

    Args:
        inputs: the ports to listen to, by name or by part of it; None for all, but for ALSA's
            "Midi Through".
        virtual: the name of a port in each direction that other programs can connect to, where
            the system allows it. Ports of this name are taken to be ours and left out.
        on_event: called, on any thread, with a sentence for the user.
        api: "alsa", "jack", "core" or "winmm"; None for what HOCKET_MIDI in the environment says,
            and without it for the first that answers.
    """

    def __init__(
        self,
        inputs: Sequence[str] | None = None,
        *,
        virtual: str = OURS,
        on_event: Callable[[str], None],
        api: str | None = None,
    ) -> None:
        self.choose(inputs)
        self._virtual = virtual
        self._say = on_event
        self._api_name = api
        self._outlets = Outlets(on_event)
        # Of the frame loop; the watcher hands over what came and went.
        self._streams: dict[str, MidiStream] = {}
        self._changes: deque[tuple[str, MidiStream | None]] = deque()
        self._closable: deque[Any] = deque()
        self._panic = False
        self._flooded = float("-inf")
        self._polled = time.monotonic()
        # Of the watcher.
        self._api: int | None = None
        self._lists: tuple[PortList, PortList] | None = None
        self._clients: list[Any] = []
        self._heartbeat: Heartbeat | None = None
        self._open: dict[str, tuple[str, Any]] = {}
        self._missed: set[str] = set()
        self._unmatched: set[str] = set()
        self._dead: list[Any] = []
        self._told: set[str] = set()
        self._status: tuple[PortStatus, ...] = ()
        self._closing = threading.Event()
        self._looked = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="midi ports", daemon=True)
        self._watcher.start()

    def wait(self) -> None:
        """Waits until ports have been looked for once, for 2 s at most."""
        self._looked.wait(FIRST_SECONDS)

    def poll(self) -> Mapping[str, Midi]:
        """Returns everything that arrived since the last poll, by port name, in order.

        `time` is seconds from the frame's start, 0 up to 0.04. Of more than 512 messages from a
        port only the last of each key and controller stay.
        """
        start, now = self._polled, time.monotonic()
        self._polled = now
        found: dict[str, Midi] = {}
        panic, self._panic = self._panic, False
        if panic:
            self._outlets.panic()
        while self._changes:
            name, came = self._changes.popleft()
            stream = self._streams.pop(name, None)
            if stream:
                found[name] = found.get(name, ()) + stream.release()
                self._closable.append(stream.source)
            if came:
                self._streams[name] = came
        for name, stream in self._streams.items():
            messages = stream.poll(start, now)
            if panic:
                messages += stream.release()
            if messages:
                found[name] = found.get(name, ()) + messages
            if stream.dropped and now - self._flooded > FLOOD_SECONDS:
                self._flooded = now
                self._say(f"MIDI: too much from {name}; notes were left out")
            if stream.silenced:
                self._say(f"MIDI: {name} fell silent; its notes were let go")
        return {name: messages for name, messages in found.items() if messages}

    def deliver(self, sent: Mapping[Hashable, SentMidi]) -> None:
        """Sends what the senders of a patch have for this frame; to be called in each.

        Args:
            sent: by sender; one that is missing has left, or has another port now, and every note
                it left on is ended. The port is matched as inputs are; empty means all.
        """
        self._outlets.deliver(sent)

    def panic(self) -> None:
        """Ends every note with the next poll: those held at inputs and those that were sent out."""
        self._panic = True

    def choose(self, inputs: Sequence[str] | None) -> None:
        """Listens to other inputs from the next look on, named as at the start; at once."""
        self._wanted = None if inputs is None else tuple(inputs)

    def status(self) -> tuple[PortStatus, ...]:
        """Returns the ports there are and those that are missed."""
        return self._status

    def close(self) -> None:
        """Ends what was sent and closes the ports; to be called when no frame is computed."""
        self._closing.set()
        self._watcher.join(CLOSE_SECONDS)
        # A system that holds up the look, or does not answer, is gone; its ports cannot be closed.
        heart = self._heartbeat
        if self._watcher.is_alive() or (heart and not heart.beats_within(LAST_SECONDS)):
            self._abandon()
        self._outlets.close()
        for name in list(self._open):
            self._lose(name)
        self.poll()
        self._close_left()
        for midi in self._clients:
            midi.delete()

    def _watch(self) -> None:
        # The first look too: CoreMIDI tells of ports only on the thread that it was opened on.
        self._look()
        self._looked.set()
        while not self._closing.wait(LOOK_SECONDS if self._lists else RETRY_SECONDS):
            self._look()

    def _look(self) -> None:
        """Opens what came, gives up what went."""
        try:
            works = self._answers() if self._lists else self._connect()
            if works and self._lists:
                inputs, outputs = self._lists
                inputs.look()
                outputs.look()
                self._close_left()
                self._bind_inputs(inputs)
                self._outlets.bind(outputs, self._new_output)
        except MidiError as error:
            self._tell_once(f"MIDI: {error}")
        except Exception as fault:  # whatever it is must not end the thread that looks
            kind = type(fault).__name__
            self._tell_once(f"a fault in hocket, please report it: MIDI: {kind}: {fault}", kind)
        self._update_status()

    def _answers(self) -> bool:
        """Says whether the system works; one that has not for a while is given up."""
        missed = self._heartbeat.beat() if self._heartbeat else 0
        self._outlets.paused = missed >= PAUSE_BEATS
        assert self._api is not None
        # A server that only stands still for a while still answers; one that was started anew
        # does too, and knows nothing of us.
        if missed > LOST_BEATS or (missed == MISSED_BEATS and not answers(self._api)):
            self._abandon()
            self._say("MIDI: the MIDI system went away; it is looked for")
        return missed == 0

    def _connect(self) -> bool:
        """Opens the system and our own ports, if it answers; says whether it does."""
        self._api = find_api(self._api_name)
        if self._closing.is_set():
            return False
        if self._api is None:
            self._tell_once(NO_SYSTEM)
            return False
        into, out = self._new_input(), self._new_output()
        clients = [self._new_input(), self._new_output()]
        try:
            heartbeat = Heartbeat(*clients) if self._api == rtmidi.API_UNIX_JACK else None
            self._open_virtual(into, out)
        except MidiError:
            for midi in (into, out, *clients):
                midi.delete()
            raise
        self._clients, self._heartbeat = clients, heartbeat
        self._lists = PortList(clients[0], self._virtual), PortList(clients[1], self._virtual)
        self._outlets.paused = False
        self._told.clear()
        return True

    def _open_virtual(self, into: Any, out: Any) -> None:
        """Opens the ports that others see us by, where the system has such."""
        try:
            core = self._api == rtmidi.API_MACOSX_CORE  # it says the name of the port alone
            into.open_virtual_port(self._virtual if core else "in")
            out.open_virtual_port(self._virtual if core else "out")
        except rtmidi.UnsupportedOperationError:
            return
        self._open[self._virtual] = ("", into)
        self._changes.append((self._virtual, MidiStream(self._virtual, into)))
        self._outlets.add(self._virtual, out)

    def _new_output(self) -> Any:
        return rtmidi.MidiOut(self._api, self._virtual)

    def _new_input(self) -> Any:
        midi = rtmidi.MidiIn(self._api, self._virtual, QUEUE)
        midi.ignore_types(sysex=True, timing=False, active_sense=False)
        return midi

    def _bind_inputs(self, inputs: PortList) -> None:
        names = inputs.names
        for name, (raw, _) in list(self._open.items()):
            if raw and names.get(name) != raw:
                self._lose(name)
                self._missed.add(name)
                self._say(f"MIDI: {name} went away; its notes were let go")
        chosen = self._chosen(list(names))
        for name in self._open.keys() - {*chosen, self._virtual}:
            self._lose(name)
            self._say(f"MIDI: no longer hearing {name}")
        for name in chosen:
            if name in self._open:
                continue
            midi = self._new_input()
            try:
                inputs.open(midi, name)
            except MidiError as error:
                self._tell_once(f"MIDI: {name} cannot be opened: {error}")
                continue
            self._open[name] = (names[name], midi)
            self._changes.append((name, MidiStream(name, midi)))
            self._say(f"MIDI: {name} is back" if name in self._missed else f"MIDI: hearing {name}")
            self._missed.discard(name)

    def _chosen(self, names: list[str]) -> list[str]:
        """Returns the inputs to listen to of those that there are; notes those that are missed."""
        choice = self._wanted
        if choice is None:
            self._unmatched.clear()
            return [name for name in names if not LOOPBACK.search(name)]
        self._unmatched.intersection_update(choice)
        self._missed = {
            name for name in self._missed if any(match(each, [name]) for each in choice)
        }
        chosen = []
        for wanted in choice:
            name = match(wanted, names)
            if name:
                chosen.append(name)
                self._unmatched.discard(wanted)
            elif not match(wanted, list(self._missed)):
                self._unmatched.add(wanted)
                self._tell_once(f"MIDI: there is no input {wanted}; it is waited for")
        return list(dict.fromkeys(chosen))

    def _lose(self, name: str) -> None:
        del self._open[name]
        self._changes.append((name, None))

    def _abandon(self) -> None:
        """Gives up a system that ended, and with it every port."""
        left = self._clients + self._outlets.forget()
        left += [midi for _, midi in self._open.values()]
        self._clients, self._lists, self._heartbeat = [], None, None
        for midi in left:
            leave_alone(midi)
        self._dead += left
        for name, (raw, _) in list(self._open.items()):
            self._lose(name)
            if raw:
                self._missed.add(name)

    def _close_left(self) -> None:
        """Closes the inputs that the frame loop no longer reads."""
        while self._closable:
            midi = self._closable.popleft()
            if not any(midi is each for each in self._dead):
                midi.delete()

    def _tell_once(self, text: str, kind: str = "") -> None:
        """Says something unless it, or something of its kind, was said already."""
        if (kind or text) not in self._told:
            self._told.add(kind or text)
            self._say(text)

    def _update_status(self) -> None:
        absent = sorted(self._missed | self._unmatched)
        self._status = (
            *(PortStatus(name, "in", True) for name in self._open),
            *(PortStatus(name, "in", False) for name in absent),
            *(PortStatus(name, "out", True) for name in self._outlets.names()),
            *(PortStatus(name, "out", False) for name in self._outlets.missed()),
        )
