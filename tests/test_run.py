"""`hocket run` as a player starts it: a process, MIDI in, sound out, all through a sound server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from measure import cents, hertz, level, pitch

from bench.rig import keys_patch
from engine import edits
from engine.client import Client
from engine.commands import ChooseMidi, Panic, Play, Recall, SetPatch, SetValue
from engine.files import dumps, loads, save_patch
from engine.messages import Event, PatchChanged, Said, ValueChanged
from engine.patch import Patch
from engine.registry import load_registry
from engine.signals import SAMPLE_RATE
from tests.jack import Jack, midi_out
from tests.waiting import wait_until

REGISTRY = load_registry()


class Engine:
    """A running `hocket run`.

    Attributes:
        said: what it printed for people, line by line.
    """

    def __init__(self, jack: Jack, runtime: Path, *arguments: str) -> None:
        self.jack = jack
        self.runtime = runtime
        before = set(jack.ports())
        self.process = subprocess.Popen(
            [sys.executable, "-m", "patcher.cli", "run", *arguments],
            env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        wait_until(lambda: "Ctrl-C" in " ".join(self.said) or self.ended, "it plays")
        assert not self.ended, self.said
        self.port: str = wait_until(lambda: self._out(before), "it has an audio port")

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line.strip())

    def _out(self, before: set[str]) -> str | None:
        for port, targets in self.jack.connections().items():
            if port not in before and "system:playback_1" in targets:
                return port
        return None

    def end(self) -> None:
        """Ends it in good order: a JACK server is held up by a client that is killed."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.join()
        assert self.process.stderr
        self.process.stderr.close()

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def level(self, seconds: float = 0.3) -> float:
        """What it sounds like just now, in dBFS."""
        return level(self.sound(seconds))

    def sound(self, seconds: float = 0.3) -> np.ndarray:
        with self.jack.recording(self.port) as recording:
            threading.Event().wait(seconds)
        return recording.sound

    def sounds(self) -> bool:
        return self.level() > -50

    def silent(self) -> bool:
        return self.level() < -90

    def client(self) -> Client:
        return Client.connect(folder=self.runtime / "hocket")


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def running(jack: Jack, runtime: Path, *arguments: str) -> Iterator[Engine]:
    engine = Engine(jack, runtime, *arguments, "--osc", "off", "--latency", "safe")
    try:
        yield engine
    finally:
        engine.end()


def organ(level: float = 0.0) -> Patch:
    return edits.set_value(keys_patch(REGISTRY, "organ"), REGISTRY, "out", "level", level)


@pytest.fixture
def patch_file(tmp_path: Path) -> Path:
    path = tmp_path / "organ.hocket"
    save_patch(organ(), path)
    return path


@pytest.fixture
def keyboard(jack: Jack) -> Iterator[object]:
    out = midi_out("keyboard", "keys")
    yield out
    out.close_port()
    out.delete()


def test_a_key_is_heard_at_its_pitch_and_ctrl_c_ends_it_in_good_order(
    jack, runtime, patch_file, keyboard
):
    with running(jack, runtime, str(patch_file)) as engine:
        assert engine.silent()
        keyboard.send_message([0x90, 69, 100])
        wait_until(engine.sounds, "the key is heard")
        assert abs(cents(pitch(engine.sound(1.0), 400, 480), hertz(69))) < 5
        keyboard.send_message([0x80, 69, 0])
        wait_until(engine.silent, "it is silent again")
        engine.process.send_signal(signal.SIGINT)
        assert engine.process.wait(20) == 0
        assert not any("Traceback" in each for each in engine.said), engine.said
        assert not list((runtime / "hocket").glob("*.json"))


def test_a_saved_file_is_heard_at_once_and_a_broken_one_changes_nothing(
    jack, runtime, patch_file, keyboard
):
    with running(jack, runtime, str(patch_file), "--watch") as engine:
        keyboard.send_message([0x90, 60, 100])
        wait_until(engine.sounds, "the key is heard")
        patch_file.write_text('{"format": 1, "nodes": {"a": {"type": 7}}}')
        wait_until(lambda: any("plays on" in each for each in engine.said), "it says what is wrong")
        assert engine.sounds()
        save_patch(organ(level=-60.0), patch_file)
        wait_until(engine.silent, "the level is taken over")
        save_patch(organ(), patch_file)
        wait_until(engine.sounds, "the key was held all the time")


def test_a_second_engine_is_refused_and_the_first_plays_on(jack, runtime, patch_file):
    with running(jack, runtime, str(patch_file)) as engine:
        second = subprocess.run(
            [sys.executable, "-m", "patcher.cli", "run", str(patch_file), "--osc", "off"],
            env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 69
        assert f"plays already (process {engine.process.pid})" in second.stderr
        assert not engine.ended


def test_clients_play_and_set_values_and_one_that_is_killed_leaves_no_note_behind(
    jack, runtime, patch_file
):
    """Row 26 of the faults."""
    with running(jack, runtime, str(patch_file)) as engine:
        client = engine.client()
        client.request(Play((bytes([0x90, 60, 100]),)))
        wait_until(engine.sounds, "the client's key is heard")
        client.request(SetValue("out", "level", -60.0))
        wait_until(engine.silent, "its value is set")
        client.request(SetValue("out", "level", 0.0))
        wait_until(engine.sounds, "and set again")
        client.request(Panic())
        wait_until(engine.silent, "panic ends the note")
        code = (
            "import os, signal, sys; from pathlib import Path\n"
            "from engine.client import Client; from engine.commands import Play\n"
            "client = Client.connect(folder=Path(sys.argv[1]))\n"
            "client.request(Play((bytes([0x90, 64, 100]),)))\n"
            "print('played', flush=True); signal.pause()\n"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", code, str(runtime / "hocket")], stdout=subprocess.PIPE
        )
        assert other.stdout
        other.stdout.readline()
        wait_until(engine.sounds, "the other client's key is heard")
        other.kill()
        other.communicate()
        wait_until(engine.silent, "its note ends with it")
        client.close()


def test_an_engine_without_a_patch_is_silent_until_a_client_sets_one(jack, runtime):
    with running(jack, runtime, "--idle") as engine, engine.client() as client:
        assert "waiting for a patch; Ctrl-C ends it" in engine.said
        assert engine.silent()
        client.request(SetPatch(dumps(organ()).decode()))
        client.request(Play((bytes([0x90, 60, 100]),)))
        wait_until(engine.sounds, "the patch plays")


def test_a_client_knows_its_own_changes_from_those_of_another(jack, runtime):
    text = dumps(organ()).decode()
    with (
        running(jack, runtime, "--idle") as engine,
        engine.client() as editor,
        engine.client() as other,
    ):
        editor.request(SetPatch(text, by="editor"))
        editor.request(SetValue("out", "level", -6.0, by="editor"))
        other.request(SetValue("out", "level", -9.0))
        for client in (editor, other):
            opened, *values = told(client, 3)
            assert (opened.text, opened.by) == (text, "editor")
            assert values == [
                ValueChanged("out", "level", -6.0, "editor"),
                ValueChanged("out", "level", -9.0),
            ]


def test_a_client_recalls_scenes_and_chooses_the_midi_inputs(jack, runtime, patch_file, keyboard):
    scenes = {"Silent": {"out.level": -60.0}, "Loud": {"out.level": 0.0}}
    save_patch(replace(organ(), scenes=scenes), patch_file)
    with running(jack, runtime, str(patch_file)) as engine, engine.client() as client:
        keyboard.send_message([0x90, 60, 100])
        wait_until(engine.sounds, "the key is heard")
        reply = client.request(Recall("Silent", 0.5, "me"))
        assert isinstance(reply, PatchChanged)
        assert reply.by == "me"
        assert loads(reply.text.encode()).nodes["out"].values["level"] == -60.0
        wait_until(engine.silent, "the scene is reached")
        client.request(Recall("Loud"))
        wait_until(engine.sounds, "the other is there at once")
        client.request(ChooseMidi(("no such keyboard",)))
        wait_until(engine.silent, "the keyboard is let go, and its key")


def told(client: Client, count: int) -> list[Event]:
    """Returns the next events that a client is told, what is said aside."""
    found: list[Event] = []

    def enough() -> bool:
        found.extend(each for each in client.events() if not isinstance(each, Said))
        return len(found) >= count

    wait_until(enough, f"{count} events are told")
    return found


def test_an_engine_that_was_killed_is_no_hindrance_to_the_next(jack, runtime, patch_file):
    with Jack() as other, running(other, runtime, str(patch_file)) as engine:
        engine.process.kill()
        engine.process.wait()
        other.kill()
    assert list((runtime / "hocket").glob("*.json")), "it could not tidy up"
    with running(jack, runtime, str(patch_file)) as engine, engine.client() as client:
        client.request(Play((bytes([0x90, 60, 100]),)))
        wait_until(engine.sounds, "the next one plays")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere"], 66, "no file or patch 'nowhere'; shipped: cover_version, first_light"),
        (["first_light", "--latency", "fast"], 65, "'fast' is neither safe, balanced, tight nor"),
        (["first_light", "--osc", "here"], 65, "'here' is not HOST:PORT"),
        (["first_light", "--name", "a b"], 65, "'a b' is no name of an engine"),
        (["first_light", "--idle"], 2, "it goes with neither PATCH nor --watch"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(runtime, arguments, code, words):
    ran = subprocess.run(
        [sys.executable, "-m", "patcher.cli", "run", *arguments],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_the_device_got_is_what_a_replay_renders_sample_for_sample(
    jack, runtime, patch_file, keyboard, tmp_path
):
    """The sound at the device's ports, the recording and the replay are one and the same."""
    folder = tmp_path / "takes"
    with running(jack, runtime, str(patch_file), "--record", str(folder)) as engine:
        with jack.recording(engine.port) as captured:
            for key in (60, 64, 67):
                keyboard.send_message([0x90, key, 100])
                threading.Event().wait(0.3)
            with engine.client() as client:
                client.request(SetValue("out", "level", -6.0))
            for key in (60, 64, 67):
                keyboard.send_message([0x80, key, 0])
            threading.Event().wait(1.0)
        engine.process.send_signal(signal.SIGTERM)
        assert engine.process.wait(20) == 0
    (take,) = folder.iterdir()
    out = tmp_path / "again.wav"
    ran = subprocess.run(
        [sys.executable, "-m", "patcher.cli", "replay", str(take), "-o", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    recorded = soundfile.read(take / "mix.wav", dtype="int32")[0]
    replayed = soundfile.read(out, dtype="int32")[0]
    assert np.array_equal(recorded, replayed)
    difference = aligned(captured.sound[:, 0], replayed[:, 0] / 2**31)
    assert level(replayed / 2**31) > -50
    assert np.abs(difference).max() < 2**-22, "24 bits in the file, 32 at the port"


def aligned(captured: np.ndarray, rendered: np.ndarray) -> np.ndarray:
    """Subtracts a rendering from what was captured of it, from the first key to the last."""
    first, start = (int(np.flatnonzero(np.abs(each) > 1e-3)[0]) for each in (captured, rendered))
    length = round(1.5 * SAMPLE_RATE)
    return captured[first : first + length] - rendered[start : start + length]
