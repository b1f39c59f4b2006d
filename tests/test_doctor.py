"""`hocket devices` and `hocket doctor` against a real sound server, and against none."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from engine.audio.keeper import AudioStatus
from engine.signals import SILENCE
from patcher.terminal import doctor, exits
from patcher.terminal.selftest import Heard, broken_chord, delay
from tests.jack import MISSING, Jack, midi_in, midi_out, tried_again

app = typer.Typer()
app.command()(doctor.devices)
app.command()(doctor.doctor)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_what_is_connected_is_listed(jack: Jack) -> None:
    ports = midi_out("keyboard", "keys"), midi_in("synth", "notes")
    listed = run("devices").stdout
    found = json.loads(run("devices", "--json").stdout)
    for port in ports:
        port.delete()
    assert "audio out * system  2 ch, 48000 Hz" in listed
    assert "audio in  * system  2 ch, 48000 Hz" in listed
    assert [each["name"] for each in found if each["kind"] == "midi_in" if "key" in each["name"]]
    assert [each["name"] for each in found if each["kind"] == "midi_out" if "syn" in each["name"]]
    assert {
        "kind": "output",
        "name": "system",
        "default": True,
        "rate": 48000.0,
        "channels": 2,
    } in (found)


def test_the_doctor_plays_and_says_how_it_went(jack: Jack) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert "good     PortAudio is there" in result.stdout
    assert "good     audio out: system (default)" in result.stdout
    assert "played 2 s through system at 48000 Hz" in result.stdout
    assert "the queue of 60 ms" in result.stdout
    assert "system did not hear it" in result.stdout


@tried_again
def test_the_doctor_hears_itself_through_a_cable(jack: Jack) -> None:
    stop = threading.Event()

    def plug() -> None:
        while not stop.wait(0.05):
            connections = jack.connections()
            for number in (0, 1):
                out, into = f"PortAudio:out_{number}", f"PortAudio:in_{number}"
                if out in connections and into in connections and into not in connections[out]:
                    # The doctor may be done between the look and the plug.
                    with contextlib.suppress(subprocess.CalledProcessError):
                        jack.connect(out, into)

    plugging = threading.Thread(target=plug)
    plugging.start()
    try:
        result = run("doctor")
    finally:
        stop.set()
        plugging.join()
    assert "system heard it" in result.stdout, result.output


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_without_a_device_the_doctor_says_what_to_type(monkeypatch) -> None:
    with Jack() as server, monkeypatch.context() as patched:
        patched.setenv("JACK_DEFAULT_SERVER", f"{server.name}-not")
        result = run("doctor")
    assert result.exit_code == exits.UNAVAILABLE
    assert "missing  audio out: no device" in result.stdout
    assert "jackd" in result.stdout
    assert "played" not in result.stdout


def test_an_output_that_does_not_open_is_said_with_its_reason(jack: Jack) -> None:
    result = run("doctor", "--output", "no such thing")
    reason = "audio out: there is no audio output 'no such thing'; there are: system"
    assert reason in result.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PortAudio comes with sounddevice")
def test_without_portaudio_the_doctor_says_what_to_type() -> None:
    code = (
        "import ctypes.util, typer; ctypes.util.find_library = lambda name: None;"
        "from patcher.terminal import doctor; typer.run(doctor.doctor)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == exits.UNAVAILABLE, ran.stderr
    assert "missing  PortAudio" in ran.stdout
    assert "sudo apt install libportaudio2" in ran.stdout


def test_a_cache_folder_that_cannot_be_written_is_said(monkeypatch, tmp_path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    found = doctor._cache()
    assert "Not a directory" in found.text
    assert "chown" in found.mend


def test_what_is_heard_late_is_measured_and_noise_is_not_taken_for_it() -> None:
    played = broken_chord()
    late = np.concatenate([SILENCE, SILENCE, played])[: len(played)] * np.float32(0.1)
    noise = np.random.default_rng(1).normal(0.0, 0.01, played.shape).astype(np.float32)
    assert delay(played, late + 0.1 * noise) == pytest.approx(0.08, abs=1e-4)
    assert delay(played, noise) is None
    assert delay(played, np.zeros_like(played)) is None


def test_underruns_are_said_with_what_helps() -> None:
    out = AudioStatus("Scarlett", 48_000, 256, 0.0053, alive=True)
    words = Heard(out, AudioStatus(), 2, None).words()
    assert "ran empty 2 times" in words[1]
    assert "--latency safe" in words[1]
    assert Heard(AudioStatus("x"), AudioStatus(), 0, None, said=("it burns",)).words() == [
        "not played: it burns"
    ]
    assert words[2] == "nothing was recorded: there is no audio input"
