"""The MIDI system of this machine: whether it answers, what its ports are called."""

from __future__ import annotations

import ctypes
import itertools
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import rtmidi

ALSA_SEQUENCER = Path("/dev/snd/seq")
ALSA_NUMBERS = re.compile(r"\s\d+:\d+\Z")
OURS = "Hocket"
"""What our own ports are called, which nobody of ours listens to."""
LOOPBACK = re.compile(r"midi through", re.IGNORECASE)
"""ALSA's port that sends back whatever it gets; it has to be asked for by name."""

PROBE = "import rtmidi; rtmidi.MidiIn(rtmidi.API_UNIX_JACK).delete()"
"""Leaves in good order: a client that opens just when JACK learns of another's end may take its
place among JACK's semaphores and wait for the wrong one for ever."""
PROBE_SECONDS = 20.0

CHOICE = "HOCKET_MIDI"
"""The environment variable that chooses the MIDI system; else ALSA goes before JACK."""

BEAT = bytes([0xF6])
"""A tune request: a message of one byte that rtmidi does not filter."""

_numbers = itertools.count(1)

MidiError = (rtmidi.RtMidiError, OSError)
"""What ports fail with."""


def find_api(name: str | None = None) -> int | None:
    """Returns the MIDI system to use, as rtmidi counts them, or None where none answers.

    Args:
        name: "alsa", "jack", "core" or "winmm"; None for what the environment variable
            HOCKET_MIDI says, and without it for the first that answers.
    """
    name = name or os.environ.get(CHOICE) or None
    for api in rtmidi.get_compiled_api():
        if name in (None, rtmidi.get_api_name(api)) and answers(api):
            return int(api)
    return None


def answers(api: int) -> bool:
    """Says whether a MIDI system is running, without waking its complaints on the terminal."""
    if api == rtmidi.API_LINUX_ALSA:
        return os.access(ALSA_SEQUENCER, os.R_OK | os.W_OK)
    if api == rtmidi.API_UNIX_JACK:
        # In a process of its own: a JACK server that is about to end holds up its clients for
        # 5 s, and rtmidi would hold up every thread of ours with it.
        try:
            ran = subprocess.run(
                [sys.executable, "-c", PROBE], capture_output=True, timeout=PROBE_SECONDS
            )
        except subprocess.TimeoutExpired:
            return False
        return ran.returncode == 0
    return True


def plain_names(raw: Iterable[str]) -> list[str]:
    """Returns the names of ports without the numbers that ALSA appends.

    They stay when a device is plugged in elsewhere. Of several that are alike all but the first
    get a number: `Keys`, `Keys (2)`.
    """
    seen: Counter[str] = Counter()
    names = []
    for each in raw:
        name = ALSA_NUMBERS.sub("", each)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def match(wanted: str, names: Sequence[str]) -> str | None:
    """Returns the port that is meant: of this name, or the first with it as a part."""
    if wanted in names:
        return wanted
    part = wanted.casefold()
    return next((name for name in names if part in name.casefold()), None)


class PortList:
    """The ports there are in one direction, other than our own.

    Attributes:
        names: plain names to the system's own, as they were at the last look.
    """

    def __init__(self, client: Any, ours: str) -> None:
        """Lists what `client`, a MidiIn or MidiOut, could connect to, but for ports of `ours`."""
        self.names: dict[str, str] = {}
        self._client = client
        # CoreMIDI says the name of a port alone, the others that of its client before it.
        self._ours = re.compile(rf"{re.escape(ours)}((-\d+)?:.*)?\Z")

    def look(self) -> None:
        """Looks again. Raises MidiError."""
        # A port that vanishes between being counted and being named is called None.
        there = [each for each in self._client.get_ports() if each is not None]
        raw = [each for each in there if not self._ours.match(each)]
        self.names = dict(zip(plain_names(raw), raw, strict=True))

    def open(self, midi: Any, name: str) -> None:
        """Opens a port by its plain name for `midi`, a MidiIn or MidiOut. Raises MidiError."""
        raw = self.names[name]
        for index in range(midi.get_port_count()):
            if midi.get_port_name(index) == raw:
                midi.open_port(index, name)
                return
        raise OSError(f"{name} went away again")


class Heartbeat:
    """Messages from us to us through a JACK server, which else is silent about its end.

    Attributes:
        missed: how many beats did not arrive one after another.
    """

    def __init__(self, into: Any, out: Any) -> None:
        """Connects a MidiOut to a MidiIn, neither of them open. Raises MidiError."""
        self.missed = 0
        self._into, self._out = into, out
        # A name of its own: the port of one that was given up may still be there.
        port = f"watch {os.getpid()} {next(_numbers)}"
        into.open_virtual_port(port)
        names = [name is not None and name.endswith(f":{port}") for name in out.get_ports()]
        if True not in names:
            raise OSError("a port of our own is not there")
        out.open_port(names.index(True), "beat")
        out.send_message(BEAT)

    def beat(self) -> int:
        """Counts the last beat if it did not arrive, and sends the next; returns `missed`.

        A busy server loses some, so the next is sent whether the last came or not.
        """
        self.missed = 0 if self._came() else self.missed + 1
        self._out.send_message(BEAT)
        return self.missed

    def beats_within(self, seconds: float) -> bool:
        """Sends one more beat and waits for any; says whether one came."""
        end = time.monotonic() + seconds
        self._out.send_message(BEAT)
        while not (came := self._came()) and time.monotonic() < end:
            time.sleep(0.01)
        return came

    def _came(self) -> bool:
        """Says whether a beat arrived since it was last asked."""
        came = False
        while self._into.get_message():
            came = True
        return came


def leave_alone(midi: Any) -> None:
    """Forgets a port of a server that died, without closing it.

    libjack frees the clients of a dead server by itself; to close one after that crashes.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(midi))
