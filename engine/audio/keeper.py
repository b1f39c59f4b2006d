"""Keeps one audio device open: watches it, and finds it again when it has gone."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from engine.audio import portaudio
from engine.audio.portaudio import NoDeviceError
from engine.signals import SAMPLE_RATE

LOOK = 0.05
"""Seconds between two looks at whether the device still works."""
RETRY = 1.0
"""Seconds between two tries to open a device."""
PATIENCE = 3
"""Tries for a device that was named before the default one is taken instead."""
CLOSING = 2.0
"""Seconds that closing may take; a second of sound may still be queued."""


class AudioStatus(NamedTuple):
    """What is known of one direction of audio.

    Attributes:
        name: the device in use or waited for; empty where none ever was.
        rate: samples a second.
        block: samples a callback asks for.
        latency: seconds that the device itself needs.
        alive: whether a device is at work.
    """

    name: str = ""
    rate: float = SAMPLE_RATE
    block: int = 0
    latency: float = 0.0
    alive: bool = False


class Stream(Protocol):
    """An open device."""

    name: str
    rate: int
    block: int
    latency: float

    def alive(self) -> bool:
        """Says whether the device still works."""

    def close(self) -> None:
        """Closes it at once."""


Device = TypeVar("Device", bound=Stream)


class Keeper(Generic[Device]):
    """Holds a device open on a thread of its own, and says in words what happens to it.

    Who derives from it says how a device is opened, taken into use, and left.

    Attributes:
        wanted: whether a device is to be open.
    """

    def __init__(self, what: str, device: str | None, on_event: Callable[[str], None]) -> None:
        self.wanted = True
        self._what = what
        self._device = device
        self._chosen: deque[str | None] = deque()
        self._say = on_event
        self._faults: set[str] = set()
        self._stream: Device | None = None
        self._played: str | None = None
        self._status = AudioStatus(device or "")
        self._complained = False
        self._announcing = False
        self._tries = 0
        self._changed = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=what, daemon=True)

    def opened(self, device: str | None) -> Device:
        """Returns a device, open.

        Raises:
            NoDeviceError: there is no such device, or it does not open.
        """
        raise NotImplementedError

    def take(self, stream: Device) -> None:
        """Goes over to a device that is open."""
        raise NotImplementedError

    def lose(self, stream: Device) -> None:
        """Goes on without a device that has ended by itself."""
        raise NotImplementedError

    def leave(self, stream: Device) -> None:
        """Goes on without a device that still works, and lets it sound to its end."""
        raise NotImplementedError

    def choose(self, device: str | None) -> None:
        """Goes over to another device, by name or a part of it; None for the system's default.

        Where it does not open, what played plays on.
        """
        self._chosen.append(device)
        self._changed.set()

    def status(self) -> AudioStatus:
        """Returns what is known of the device."""
        return self._status

    def close(self) -> None:
        """Leaves the device, for good. One that hangs is not waited for."""
        self._closed.set()
        self._changed.set()
        if self._thread.ident:
            self._thread.join(CLOSING)
            stream = self._stream
            # One that still works must end with PortAudio, or it plays from memory that is gone.
            if self._thread.is_alive() and not (stream and stream.alive()):
                portaudio.leave_running()

    def _keep(self) -> None:
        while not self._closed.is_set():
            changed = self._changed.wait(self._pause())
            self._changed.clear()
            try:
                if not self._closed.is_set():
                    self._look(changed)
            except Exception as fault:
                self._unforeseen(fault)
        try:
            if self._stream:
                self._left(self._stream)
        except Exception as fault:
            self._unforeseen(fault)

    def _look(self, changed: bool) -> None:
        """Sees to the device once; `changed` says that something was asked for."""
        left = False
        if self._stream:
            if not self._stream.alive():
                self._lost(self._stream)
            elif changed:
                self._left(self._stream)
                left = True
            else:
                return
            self._tries = 0
        chosen = self._choice()
        if not self.wanted:
            return
        portaudio.restart_if_idle()
        if self._open(self._device):
            return
        if chosen and left:
            self._device = self._played
            self._open(self._device)
        elif self._device and self._tries >= PATIENCE:
            self._open(None)
        self._tries += 1

    def _choice(self) -> bool:
        """Takes over the device that was chosen last, and says whether one was."""
        if not self._chosen:
            return False
        while self._chosen:
            self._device = self._chosen.popleft()
        self._complained = False
        self._announcing = True
        self._tries = 0
        return True

    def _pause(self) -> float | None:
        """Returns the seconds until something is to be looked at again."""
        if self._stream:
            return LOOK
        return RETRY if self.wanted else None

    def _open(self, device: str | None) -> bool:
        """Takes a device if it opens, and says whether it did."""
        try:
            stream = self.opened(device)
        except Exception as error:
            if not isinstance(error, NoDeviceError):
                self._unforeseen(error)
            elif not self._complained:
                self._say(f"{self._what}: {error}")
            self._complained = self._announcing = True
            self._status = AudioStatus(device or self._status.name)
            return False
        if device != self._device:
            self._say(
                f"{self._what}: {stream.name} is open in place of {self._device}, "
                "and stays until a device is chosen"
            )
        elif self._announcing:
            self._say(f"{self._what}: {stream.name} is open")
        self._played = device
        self._complained = self._announcing = False
        self._status = AudioStatus(
            stream.name, stream.rate, stream.block, stream.latency, alive=True
        )
        self._stream = stream
        self.take(stream)
        return True

    def _lost(self, stream: Device) -> None:
        self._announcing = True
        self.lose(stream)
        self._end(stream)
        then = (
            "if it is not back in some seconds, the default takes its place"
            if self._device
            else "it is taken again when it returns"
        )
        self._say(f"{self._what}: {stream.name} went away; {then}")

    def _left(self, stream: Device) -> None:
        self.leave(stream)
        self._end(stream)

    def _end(self, stream: Device) -> None:
        self._stream = None
        self._status = self._status._replace(alive=False)
        stream.close()

    def _unforeseen(self, fault: Exception) -> None:
        """Says a fault that nothing was prepared for, each kind once; the device is seen to on."""
        kind = type(fault).__name__
        if kind not in self._faults:
            self._faults.add(kind)
            self._say(f"{self._what}: a fault in hocket, please report it: {kind}: {fault}")
