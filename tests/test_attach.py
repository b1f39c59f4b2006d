"""`hocket attach`: what it shows of a running engine, and that leaving touches nothing."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from engine.client import Client
from engine.commands import SetValue
from engine.messages import (
    AudioSeen,
    DeviceState,
    GeneratorState,
    Meter,
    MidiSeen,
    NotesSeen,
    Recording,
    Said,
    StyleSeen,
)
from patcher.terminal import status
from tests.serving import NOTES, Toy, short_folder

ATTACH = [
    sys.executable,
    "-c",
    "import typer; from patcher.terminal.attach import attach; typer.run(attach)",
]


@pytest.fixture
def runtime() -> Iterator[dict[str, str]]:
    """An environment whose runtime folder is the test's own."""
    with short_folder() as folder:
        folder.mkdir(mode=0o700)
        yield {**os.environ, "XDG_RUNTIME_DIR": str(folder), "COLUMNS": "120", "LINES": "40"}


@pytest.fixture
def engine(runtime: dict[str, str]) -> Iterator[Path]:
    """A toy engine of its own process; yields where it says that it runs."""
    folder = Path(runtime["XDG_RUNTIME_DIR"]) / "hocket"
    command = [sys.executable, "-m", "tests.serving", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"serving\n"
        yield folder
        process.kill()


def run(runtime: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ATTACH, *arguments], env=runtime, capture_output=True, text=True, timeout=120
    )


def still_plays(folder: Path) -> bool:
    with Client.connect(folder=folder, timeout=60) as client:
        frame = client.wait_for_frame(0, 60).frame
        return client.wait_for_frame(frame + 3, 60) is not None


def test_with_no_engine_it_says_how_to_start_one(runtime):
    done = run(runtime)
    assert done.returncode == 69
    assert done.stderr == "no engine named 'default' is running: start one by `hocket run`\n"


def test_one_line_says_all_where_there_is_no_terminal(runtime, engine):
    done = run(runtime, "--once")
    assert done.returncode == 0, done.stderr
    assert "120.0 bpm" in done.stdout
    assert "frame 3.5 ms, load 10 %, queue 20 ms, margin 8 ms, latency 42 ms" in done.stdout
    assert "0 underruns, output -6 dB" in done.stdout
    assert "lead: sketch playing, notes C4* (127 free), -6 dB" in done.stdout
    assert done.stdout.count("\n") == 1
    assert still_plays(engine)


def test_json_holds_everything_as_numbers(runtime, engine):
    done = run(runtime, "--once", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["transport"]["tempo"] == 120
    assert found["generators"]["lead"]["notes"][60] == 2
    assert len(found["generators"]["lead"]["style"]) == 768


def test_a_watched_outlet_is_shown(runtime, engine):
    done = run(runtime, "--once", "--watch", "lfo.value", "--watch", "gain.value")
    assert done.returncode == 0, done.stderr
    assert "| gain.value: 0.500 | lfo.value: 0.500" in done.stdout
    done = run(runtime, "--once", "--json", "--watch", "lfo.value")
    assert json.loads(done.stdout)["seen"] == {"lfo.value": 0.5}


def test_panic_ends_every_note_and_leaves(runtime, engine):
    with Client.connect(folder=engine, timeout=60) as client:
        done = run(runtime, "--panic")
        assert done.returncode == 0, done.stderr
        assert done.stderr == "every note was ended; the engine plays on\n"
        while Said("every note was ended") not in (events := client.events(60)):
            assert events
    assert still_plays(engine)


def test_a_memory_is_saved_where_the_user_stands(runtime, engine, tmp_path):
    command = [*ATTACH, "--save-memory", "lead", "then.memory"]
    done = subprocess.run(command, env=runtime, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "then.memory holds what lead remembers; it plays on\n"
    assert (tmp_path / "then.memory").read_bytes() == b"what it remembers"


def test_a_memory_that_cannot_be_saved_is_refused_in_a_line(runtime, engine, tmp_path):
    done = run(runtime, "--save-memory", "bass", str(tmp_path / "then.memory"))
    assert done.returncode == 65
    assert done.stderr == "'bass' is no generator that plays\n"


def test_that_the_engine_hangs_is_said(runtime, engine):
    with Client.connect(folder=engine, timeout=60) as client:
        pid = client.address.pid
    with subprocess.Popen(ATTACH, env=runtime, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while b"bpm" not in (line := process.stdout.readline()):
            assert line  # it may be told of events first, where it was slow to start
        os.kill(pid, signal.SIGSTOP)
        while b"the engine hangs" not in (line := process.stdout.readline()):
            assert line
        os.kill(pid, signal.SIGCONT)
        while b"the engine hangs" in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_lines_go_on_until_the_engine_goes(runtime, engine):
    with subprocess.Popen([*ATTACH, "--json"], env=runtime, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        frames, said = [], []
        while len(frames) < 2 or not said:
            line: dict[str, Any] = json.loads(process.stdout.readline())
            (said if line["type"] == "Said" else frames).append(line)
        assert frames[0]["frame"] < frames[1]["frame"]
        assert said[0]["text"].startswith("frame ")
        with Client.connect(folder=engine, timeout=60) as client:
            client.request(SetValue("lead", "top_k", 5))
            while said[-1]["text"] != "lead.top_k is now 5":
                line = json.loads(process.stdout.readline())
                said += [line] if line["type"] == "Said" else []
            os.kill(client.address.pid, signal.SIGKILL)
        assert process.wait(60) == 69


def test_on_a_terminal_it_is_a_table_and_ctrl_c_leaves_the_engine_playing(runtime, engine):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ATTACH, env={**runtime, "TERM": "xterm"}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with process:
        while not re.search(rb"frame \d+", shown):
            shown += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        try:
            while part := os.read(ours, 65_536):
                shown += part
        except OSError:
            pass  # a pseudo terminal ends by an error once nobody writes to it
        assert process.wait(60) == 0
    os.close(ours)
    text = shown.decode()
    for words in ("first", "generator", "lead", "C4* (127 free)", "none", "█", "120.0 bpm"):
        assert words in text
    assert "the engine plays on" in text
    assert "Traceback" not in text
    assert still_plays(engine)


def notes(**states: int) -> bytes:
    values = [states.get("rest", 0)] * 128
    for name, state in states.items():
        if name != "rest":
            values[int(name[1:])] = state
    return struct.pack("128b", *values)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (notes(rest=-1), "free"),
        (notes(), "none"),
        (notes(p60=2, p64=1, p67=3), "C4* E4 G4"),
        (notes(rest=-1, p0=1, p61=0), "C-1 (126 free)"),
        (notes(rest=1), "C-1 C#-1 D-1 D#-1 E-1 F-1 F#-1 G-1 +120"),
        (NOTES, "C4* (127 free)"),
    ],
)
def test_notes_have_names(states, words):
    assert status.notes_words(states) == words


def test_a_style_is_drawn_and_no_style_is_said():
    assert status.style_strip(bytes(1536)) == "none"
    vector = [1.0] * 64 + [-1.0] * 64 + [0.0] * 640
    strip = status.style_strip(struct.pack("<768e", *vector))
    assert len(strip) == 12
    assert strip.startswith("█▁")


def test_whatever_is_watched_has_words_and_numbers():
    toy = Toy()
    toy.step()
    wave = struct.pack("<192e", *[0.25] * 192)
    seen = {
        "a.audio": AudioSeen(Meter(0.5, 0.1, 0.2), wave),
        "b.notes": NotesSeen(NOTES),
        "c.style": StyleSeen(bytes(1536)),
        "d.midi": MidiSeen((b"\x90\x3c\x64", b"\x80\x3c\x00")),
        "e.text": "a warm pad\x1b[2J",
        "f.value": -1.25,
    }
    shown = msgspec.structs.replace(toy.shown, seen=seen, heard=(bytes([0xB0, 7, 127]),))
    page = Console(record=True, file=io.StringIO(), width=100)
    page.print(status.view(toy.patch, shown, ()))
    assert "b.notes: C4* (127 free)" in page.export_text()
    assert status.seen_words(shown) == {
        "a.audio": "-6 dB",
        "b.notes": "C4* (127 free)",
        "c.style": "none",
        "d.midi": "903c64 803c00",
        "e.text": "a warm pad\\x1b[2J",
        "f.value": "-1.250",
    }
    plain = json.loads(json.dumps(status.as_json(shown)))
    assert plain["heard"] == ["b0077f"]
    found = plain["seen"]
    assert found["a.audio"]["wave"] == [0.25] * 192
    assert found["b.notes"][60] == 2
    assert found["d.midi"] == ["903c64", "803c00"]
    assert found["f.value"] == -1.25


def test_the_name_of_a_model_is_shown_as_it_is():
    toy = Toy()
    toy.step()
    state = GeneratorState("[red]mine[/x]", NOTES, -1, bytes(1536))
    shown = msgspec.structs.replace(toy.shown, generators={"lead": state})
    page = Console(record=True, file=io.StringIO(), width=120)
    page.print(status.view(toy.patch, shown, ()))
    assert "[red]mine[/x]" in page.export_text()


def test_what_is_wrong_stands_in_the_line_and_no_escape_reaches_the_terminal():
    toy = Toy()
    toy.step()
    assert toy.shown is not None
    shown = msgspec.structs.replace(
        toy.shown,
        underruns=1,
        output=Meter(0.0, 0.0, 0.0),
        generators={"lead": GeneratorState("sketch", NOTES, -1, bytes(1536), "failed")},
        faults={"pad": "muted\x1b[2J", "Keys": ""},
        recording=Recording("/tmp/a.wav", 61.2),
        devices=(
            DeviceState("output", "Toy Phones", True),
            DeviceState("midi_in", "Keys", False),
            DeviceState("input", "", False),
        ),
    )
    line = status.line(shown)
    assert "1 underrun, output silent" in line
    assert "lead: sketch failed" in line
    told = [
        "recording 61 s to /tmp/a.wav",
        "MIDI in: Keys is missing",
        "audio in: a device is missing",
        "pad: muted\\x1b[2J",
    ]
    assert line.endswith(" | ".join(told))
    console = Console(record=True, file=io.StringIO(), width=100)
    console.print(status.view(toy.patch, shown, ("something happened",)))
    page = console.export_text()
    for each in (*told, "audio out: Toy Phones", "failed", "first", "something happened"):
        assert each in page
