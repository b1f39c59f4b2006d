"""A sound server without a sound card: real audio and MIDI ports, recorded and measured.

`Jack` runs a `jackd` of its own with the dummy driver, under a name that no test run beside it
has. While it is entered the environment names it, and PortAudio and rtmidi in this process find
it. Sound is recorded by `jack_rec` and played by a process of
its own, so that a busy test does not make gaps.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from engine.audio.portaudio import restart, shut_down
from tests.waiting import WAIT, wait_until

MISSING = next(
    (
        f"{program} is missing (Debian: apt install jackd2)"
        for program in (
            "setpriv",
            "jackd",
            "jack_lsp",
            "jack_connect",
            "jack_disconnect",
            "jack_rec",
        )
        if not shutil.which(program)
    ),
    "",
)
"""Why no server can run here; empty where one can."""

ANSWER = 8.0
"""Seconds after which a server that has not answered is taken to hang, as jackd does at times."""

LOOKS = 0.25
"""Seconds from one look at the ports to the next. Who looks is a client that comes and goes, and
one that opens just then may take its place and wait for the wrong semaphore for ever."""

NAMES = tuple(f"hocket-test-{number}" for number in range(6))
"""A machine runs at most 8 servers, and the place of a killed one is free again only for its own
name: so names are few, and lent by a lock."""

_numbers = itertools.count(1)


def tried_again(test: Callable[..., None]) -> Callable[..., None]:
    """Has a test three tries: a server on a busy machine leaves out a block now and then.

    For what is to be exact; a test that can judge the longest unbroken stretch does that.
    """

    @functools.wraps(test)
    def wrapped(*arguments: Any, **rest: Any) -> None:
        for _ in range(2):
            with contextlib.suppress(AssertionError):
                return test(*arguments, **rest)
        return test(*arguments, **rest)

    return wrapped


class ServerEndedError(Exception):
    """The server ended by itself; what it said."""


class Jack:
    """One sound server; a context manager.

    Attributes:
        name: what clients find it by (JACK_DEFAULT_SERVER).
        rate: Hz.
        block: samples a period.
        channels: of the device, out and in.
    """

    def __init__(self, rate: int = 48_000, block: int = 256, channels: int = 2) -> None:
        self.name = ""
        self.rate = rate
        self.block = block
        self.channels = channels
        self._folder = Path(tempfile.mkdtemp(prefix="hocket-jack-"))
        self._log = self._folder / "jackd.log"
        self._server: subprocess.Popen[bytes] | None = None
        self._outer: dict[str, str | None] = {}
        self._lock: BinaryIO | None = None
        self._looked = 0.0

    def __enter__(self) -> Jack:
        names = ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER", "HOCKET_MIDI")
        self._outer = {name: os.environ.get(name) for name in names}
        os.environ["HOCKET_MIDI"] = "jack"
        wait_until(self._take_a_name, "a name for a server is free")
        restart()
        return self

    def _take_a_name(self) -> bool:
        """Starts the server under the first name that nobody has; says whether there is one."""
        import fcntl

        for self.name in NAMES:
            lock = Path(tempfile.gettempdir(), f"{self.name}.lock")
            self._lock = lock.open("wb")
            os.environ.update(JACK_DEFAULT_SERVER=self.name, JACK_NO_START_SERVER="1")
            with contextlib.suppress(BlockingIOError, ServerEndedError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.start()
                return True
            self._lock.close()
        return False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # PortAudio must let go of a server before the server ends.
        shut_down()
        self.stop()
        for name, value in self._outer.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        restart()
        shutil.rmtree(self._folder)
        assert self._lock
        self._lock.close()

    def start(self) -> None:
        """Starts the server, again under the same name, and waits until it answers.

        One that hangs is killed and started once more.
        """
        # A server that outlived a killed test run would hold its name.
        command = [
            "setpriv",
            "--pdeathsig",
            "TERM",
            "jackd",
            "-n",
            self.name,
            "-r",
            "-t",
            "5000",
            "-d",
            "dummy",
        ]
        command += ["-r", str(self.rate), "-p", str(self.block)]
        command += ["-C", str(self.channels), "-P", str(self.channels)]
        for patience in (ANSWER, WAIT):
            with self._log.open("ab") as log:
                self._server = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                wait_until(self._answers, "jackd answers", patience)
                return
            except AssertionError:
                self.kill()
        raise AssertionError(f"jackd does not answer; it said: {self._log.read_text()}")

    def _answers(self) -> bool:
        assert self._server is not None
        if self._server.poll() is not None:
            raise ServerEndedError(self._log.read_text())
        return f"system:playback_{self.channels}" in self.ports()

    def stop(self) -> None:
        """Ends the server in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server as a crash would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Makes the server stand still until `thaw`, as one whose sound card hangs."""
        assert self._server
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets the server go on."""
        assert self._server
        self._server.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self.thaw()
            self._server.send_signal(how)
            self._server.wait(WAIT)
            self._server = None

    def restart(self) -> None:
        """Kills the server and starts it again under the same name."""
        self.kill()
        self.start()

    def ports(self, part: str = "") -> list[str]:
        """Returns the full names of all ports, audio and MIDI, that contain `part`."""
        return [name for name in self.connections() if part in name]

    def connections(self) -> dict[str, list[str]]:
        """Returns every port with the ports that it is connected to; none where it hangs."""
        found: dict[str, list[str]] = {}
        time.sleep(max(0.0, self._looked + LOOKS - time.monotonic()))
        self._looked = time.monotonic()
        try:
            ran = subprocess.run(
                ["jack_lsp", "-c"], capture_output=True, text=True, check=False, timeout=ANSWER
            )
        except subprocess.TimeoutExpired:
            return found
        port = ""
        for line in ran.stdout.splitlines():
            if line.startswith(" "):
                found[port].append(line.strip())
            else:
                port = line
                found[port] = []
        return found

    def connect(self, source: str, target: str) -> None:
        """Connects an output port to an input port, both by full name."""
        subprocess.run(["jack_connect", source, target], capture_output=True, check=True)

    def disconnect(self, source: str, target: str) -> None:
        """Takes a connection away."""
        subprocess.run(["jack_disconnect", source, target], capture_output=True, check=True)

    def wait_for_port(self, part: str) -> str:
        """Returns the full name of the first port that contains `part`, once there is one."""
        found: list[str] = wait_until(lambda: self.ports(part), f"there is a port {part!r}")
        return found[0]

    @contextlib.contextmanager
    def recording(self, *ports: str) -> Iterator[Recording]:
        """Records output ports (the full names) while it is entered; read `.sound` after that."""
        file = self._folder / f"{next(_numbers)}.wav"
        before = self.ports("jackrec")
        # A ring of 10 s: a busy disk loses nothing. The sound is 32 bit PCM, clipped at ±1.
        command = ["jack_rec", "-f", str(file), "-d", "3600", "-b", "32", "-B", str(10 * self.rate)]
        process = subprocess.Popen([*command, *ports], stderr=subprocess.PIPE)
        recording = Recording()

        def ready() -> bool:
            assert process.poll() is None, f"jack_rec ended: {process.communicate()[1]!r}"
            fed = [
                port
                for port, sources in self.connections().items()
                if "jackrec" in port and port not in before and sources
            ]
            return len(fed) >= len(ports)

        try:
            wait_until(ready, f"{', '.join(ports)} are recorded")
            yield recording
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=WAIT)
        recording.sound = soundfile.read(file, dtype="float32", always_2d=True)[0]

    @contextlib.contextmanager
    def playing(self, sound: npt.NDArray[np.float32], *ports: str) -> Iterator[None]:
        """Plays float32[n, channels] into input ports, from when it is entered.

        The channels go to the ports in order; one channel goes to all. Ports are full names.
        """
        file = self._folder / f"{next(_numbers)}.npy"
        np.save(file, np.ascontiguousarray(sound.reshape(len(sound), -1)))
        command = [sys.executable, "-m", "tests.jack_play", str(file), str(self.rate)]
        process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout
        assert process.stdin
        try:
            if not (said := process.stdout.readline()):
                raise AssertionError(f"the player ended: {process.communicate()[1].decode()}")
            channels = int(said)
            client = process.stdout.readline().decode().strip()
            for number, port in enumerate(ports):
                self.connect(f"{client}:out_{min(number, channels - 1)}", port)
            process.stdin.write(b"go\n")
            process.stdin.flush()
            yield
        finally:
            process.kill()
            process.communicate()


class Recording:
    """What a recording heard.

    Attributes:
        sound: float32[n, ports]; empty until the recording has ended.
    """

    def __init__(self) -> None:
        self.sound: npt.NDArray[np.float32] = np.zeros((0, 0), np.float32)


def midi_out(name: str, port: str = "out") -> Any:
    """Returns an `rtmidi.MidiOut` with an open port of its own; `send_message` sends at once.

    Others see it as an input that they can listen to, `NAME:PORT`. `close_port` and `delete`
    unplug it.
    """
    import rtmidi

    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name)
    out.open_virtual_port(port)
    return out


def midi_in(name: str, port: str = "in") -> Any:
    """Returns an `rtmidi.MidiIn` with an open port of its own; `get_message` polls it."""
    import rtmidi

    into = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name)
    into.open_virtual_port(port)
    return into


def tone(
    frequency: float, seconds: float, rate: int = 48_000, amplitude: float = 0.5
) -> npt.NDArray[np.float32]:
    """Returns float32[n, 2], a sine that starts at 0."""
    time_ = np.arange(round(seconds * rate)) / rate
    wave = amplitude * np.sin(2 * np.pi * frequency * time_)
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def frames(sound: npt.NDArray[np.float32], size: int = 1920) -> Sequence[npt.NDArray[np.float32]]:
    """Returns `sound` cut into whole frames."""
    return [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]
