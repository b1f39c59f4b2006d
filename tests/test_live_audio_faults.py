"""Devices that are not there, and faults: what played plays on, and the process ends in order."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.audio import Speakers
from tests.jack import Jack, tone
from tests.test_live_audio import Loop
from tests.waiting import wait_until


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_device_that_is_not_there_leaves_what_played(jack: Jack, said: list[str]) -> None:
    speakers = Speakers("system", on_event=said.append)
    speakers.start()
    with jack.recording("system:capture_1"), Loop(speakers, tone(500.0, 1.0)) as loop:
        wait_until(lambda: loop.written > 5, "frames are played")
        assert speakers.block > 0
        for _ in range(2):
            said.clear()
            speakers.choose("no such thing")
            wait_until(lambda: len(said) == 2, "what played plays again")
            assert speakers.status().alive
            assert "no audio output 'no such thing'" in said[0]
            assert said[1] == "audio out: system is open"
        speakers.close()
    assert speakers.block == 0


def test_a_device_that_is_named_and_not_there_gives_way_to_the_default(
    jack: Jack, said: list[str]
) -> None:
    speakers = Speakers("no such thing", on_event=said.append)
    speakers.start()
    wait_until(lambda: speakers.status().alive, "the default takes its place")
    speakers.choose(None)
    wait_until(lambda: len(said) == 3, "the default is chosen")
    speakers.close()
    assert said[1].startswith("audio out: system is open in place of no such thing, and stays")
    assert said[2] == "audio out: system is open"


class Brittle(Speakers):
    """Speakers with faults in them: one name breaks the opening, and a loss breaks the closing."""

    def opened(self, device):
        if device == "cursed":
            raise ValueError("cursed")
        return super().opened(device)

    def lose(self, stream) -> None:
        super().lose(stream)
        close = stream.close

        def broken() -> None:
            close()
            raise RuntimeError("closing")

        stream.close = broken


def test_a_fault_nobody_thought_of_leaves_the_device_watched(jack: Jack, said: list[str]) -> None:
    with Jack() as server:
        speakers = Brittle(None, on_event=said.append)
        speakers.start()
        for count in (2, 3):
            speakers.choose("cursed")
            wait_until(lambda due=count: len(said) == due, "what played plays again")
        with Loop(speakers, tone(500.0, 1.0)):
            server.kill()
            wait_until(lambda: not speakers.status().alive, "the device is missed")
            server.start()
            wait_until(lambda: speakers.status().alive, "the device is open again")
        speakers.close()
    assert said[:4] == [
        "audio out: a fault in hocket, please report it: ValueError: cursed",
        "audio out: system is open",
        "audio out: system is open",
        "audio out: a fault in hocket, please report it: RuntimeError: closing",
    ]
    assert said[-1] == "audio out: system is open"


def playing(code: str) -> subprocess.Popen[str]:
    """Starts a program that says when it plays, and waits for that."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "plays\n"
    return process


def test_a_server_that_dies_just_before_the_end_aborts_nothing(jack: Jack) -> None:
    code = (
        "import os, signal, sys; from engine.audio import Speakers;"
        "from engine.signals import SILENCE;"
        "speakers = Speakers(None, on_event=print); speakers.start();"
        "speakers.write(SILENCE); assert speakers.status().alive;"
        "print('plays', flush=True); sys.stdin.readline();"
        "speakers.write(SILENCE); speakers.close(); print('closed', flush=True)"
    )
    with Jack() as server:
        process = playing(code)
        server.kill()
        said, faults = process.communicate("\n", timeout=30)
    assert process.returncode == 0, faults
    assert said.endswith("closed\n")


def test_a_server_that_stood_still_crashes_nothing_at_the_end(jack: Jack) -> None:
    code = (
        "import sys, time\n"
        "from engine.audio import Speakers\n"
        "from engine.signals import SILENCE\n"
        "speakers = Speakers(None, on_event=str); speakers.start()\n"
        "assert speakers.status().alive; print('plays', flush=True)\n"
        "while speakers.status().alive: speakers.write(SILENCE); time.sleep(0.04)\n"
        "print('missed', flush=True); sys.stdin.readline()\n"
        "speakers.close(); print('closed', flush=True)"
    )
    with Jack() as server:
        process = playing(code)
        server.freeze()
        assert process.stdout
        missed = process.stdout.readline()
        server.thaw()
        said, faults = process.communicate("\n", timeout=30)
    assert missed == "missed\n"
    assert process.returncode == 0, faults
    assert said.endswith("closed\n")


def test_a_device_that_hangs_while_it_is_closed_is_not_waited_for(jack: Jack) -> None:
    code = (
        "import threading; from engine.audio import Speakers;"
        "Speakers.leave = lambda self, stream: threading.Event().wait();"
        "speakers = Speakers(None, on_event=print); speakers.start();"
        "assert speakers.status().alive; speakers.close(); print('closed', flush=True)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "closed\n"


def test_portaudio_that_does_not_start_is_no_device(tmp_path, said: list[str]) -> None:
    (tmp_path / "sounddevice.py").write_text(
        "class PortAudioError(Exception): pass\n"
        "raise PortAudioError('Error initializing PortAudio: no server')\n"
    )
    code = (
        "from engine.audio import Speakers;"
        "speakers = Speakers(None, on_event=print); speakers.start();"
        "print(speakers.status().alive); speakers.close()"
    )
    path = os.pathsep.join([str(tmp_path), os.getcwd()])
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "PortAudio does not start: Error initializing PortAudio: no server" in ran.stdout
    assert ran.stdout.endswith("False\n")
