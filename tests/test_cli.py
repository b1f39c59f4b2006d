"""The command line as a user meets it: real processes, real files, words and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import mido
import pytest
import soundfile

COMMAND = [sys.executable, "-m", "patcher.cli"]
ROOT = Path(__file__).parent.parent

TONE = {
    "format": 1,
    "title": "Tone",
    "nodes": {
        "held": {"type": "notes.held"},
        "keys": {"type": "midi.input"},
        "model": {"type": "generator.model", "values": {"drums": 0, "temperature": 0}},
        "out": {"type": "audio.output"},
    },
    "cables": [
        ["keys.midi", "held.midi"],
        ["held.notes", "model.notes"],
        ["model.audio", "out.audio"],
    ],
}


def hocket(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs the command; its environment has no HOCKET_DEBUG."""
    environment = {key: value for key, value in os.environ.items() if key != "HOCKET_DEBUG"}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True
    )


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.hocket"
    path.write_text(json.dumps(TONE))
    return path


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Middle C for half a second after half a second of silence, at 120 beats a minute."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    track.append(mido.Message("note_on", note=60, velocity=90, time=480))
    track.append(mido.Message("note_off", note=60, time=480))
    file.tracks.append(track)
    path = tmp_path / "song.mid"
    file.save(path)
    return path


def test_render_writes_the_note_where_the_midi_file_has_it(tone, song, tmp_path):
    out = tmp_path / "out.wav"
    done = hocket("render", tone, "--midi", song, "-o", out, "--seconds", "2", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] == [str(out)]
    assert report["seconds"] == 2.0
    assert report["stand_ins"] == ["sketch"]
    assert report["first_sound_s"] == pytest.approx(0.5, abs=0.025)
    samples, rate = soundfile.read(out)
    assert (rate, samples.shape) == (48_000, (96_000, 2))
    assert abs(samples[:23_000]).max() == 0.0
    assert abs(samples[24_000:48_000]).max() > 0.01


def test_render_prints_the_files_and_says_the_rest_on_standard_error(tone, tmp_path):
    out, picture, stems = tmp_path / "o.wav", tmp_path / "o.png", tmp_path / "stems"
    done = hocket(
        "render", tone, "-o", out, "--seconds", "1", "--picture", picture, "--stems", stems
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(out), str(stems / "model.wav"), str(picture)]
    assert "silence" in done.stderr
    assert "played by the sketch, a stand-in for a real model" in done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert all(path.exists() for path in (out, stems / "model.wav"))


def test_equal_seeds_give_equal_bytes(tmp_path):
    paths = [tmp_path / f"{number}.wav" for number in range(3)]
    for path, seed in zip(paths, (7, 7, 8), strict=True):
        done = hocket(
            "render", "first_light", "--seconds", "3", "--seed", seed, "-o", path, "--midi",
            ROOT / "patches" / "first_light.mid",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    first, second, other = (path.read_bytes() for path in paths)
    assert first == second
    assert first != other


def test_set_changes_a_value(tone, song, tmp_path):
    quiet = tmp_path / "quiet.wav"
    done = hocket("render", tone, "--midi", song, "-o", quiet, "--set", "out.level=-60", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["peak_db"] is None


@pytest.mark.parametrize("text", ["808", "true"])
def test_set_takes_any_text_where_a_text_is_wanted(tmp_path, text):
    done = hocket(
        "render", "sound_check", "--set", f"prompt.text={text}", "--seconds", "0.04",
        "-o", tmp_path / "said.wav",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["render", "{tone}", "--set", "model.temperature=9"], 65, "9 is outside 0..3"),
        (["render", "{tone}", "--set", "nobody.level=1"], 65, "there is no node 'nobody'"),
        (["render", "{tone}", "--set", "temperature"], 2, "is not NODE.INLET=VALUE"),
        (["render", "{tone}", "-o", "out.mp3"], 2, "ends neither in .wav nor in .flac"),
        (["render", "{tone}", "--picture", "out.svg"], 2, "does not end in .png"),
        (["render", "{tone}", "--seconds", "-1"], 2, "seconds"),
        (["render", "nowhere.hocket"], 66, "there is no file nowhere.hocket"),
        (["render", "{tone}", "--midi", "nowhere.mid"], 66, "there is no file nowhere.mid"),
        (["render", "{tone}", "--midi", "{tone}"], 65, "tone.hocket"),
        (["render", "{tone}", "--audio-in", "{tone}"], 65, "is no sound file"),
        (["render", "{tone}", "--set", "model.model=mrt9"], 69, "model.model: no model"),
        (["render", "{tone}", "-o", "/proc/nothing/out.wav"], 66, "/proc/nothing"),
        (["render", "{tone}", "-o", "{folder}"], 2, "ends neither in"),
        (["check", "{folder}"], 74, "directory"),
        (["render", "{tone}", "--audio-in", "{pipe}"], 74, "is not a regular file"),
        (["render", "{tone}", "--midi", "{pipe}"], 74, "is not a regular file"),
        (["render", "{pipe}"], 74, "is not a regular file"),
        (["render", "first_ligt"], 66, "shipped: cover_version, first_light, harmoniser"),
        (["nodes", "control.lof"], 2, "did you mean control.lfo"),
        (["play"], 2, "play"),
    ],
)
def test_bad_input_gets_a_code_and_words_and_no_traceback(
    tone, song, tmp_path, arguments, code, words
):
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    given = [each.format(tone=tone, folder=tmp_path, pipe=pipe) for each in arguments]
    done = hocket(*given, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_check_says_everything_at_once(tmp_path):
    path = tmp_path / "bad.hocket"
    bad = json.loads(json.dumps(TONE))
    bad["nodes"]["model"]["values"] = {"temperature": 9, "colour": "red"}
    bad["cables"].append(["keys.midi", "model.style"])
    path.write_text(json.dumps(bad))
    done = hocket("check", path, "first_light")
    assert done.returncode == 65
    lines = done.stdout.splitlines()
    assert f"{path}: cannot patch keys.midi (Midi) into model.style (Style)" in lines
    assert f"{path}: model.temperature: 9 is outside 0..3" in lines
    assert any(line.startswith(f"{path}: model.colour: ") for line in lines)
    assert lines[-1] == "first_light: good"


def test_an_unknown_node_type_is_a_warning_and_the_rest_plays(tone, song, tmp_path):
    bad = json.loads(tone.read_text())
    bad["nodes"]["blip"] = {"type": "other.blip", "values": {"x": [1, 2]}}
    tone.write_text(json.dumps(bad))
    done = hocket("render", tone, "--midi", song, "-o", tmp_path / "o.wav", "--json")
    assert done.returncode == 0
    assert "warning: blip: unknown node type 'other.blip'" in done.stderr
    assert json.loads(done.stdout)["peak_db"] > -60


def test_show_prints_the_plan_the_code_and_the_picture(tmp_path):
    plan = hocket("show", "first_light")
    assert plan.returncode == 0, plan.stderr
    assert "condition\n" in plan.stdout
    assert "generator.model" in plan.stdout
    code = hocket("show", "first_light", "--code").stdout
    assert code.startswith("def condition(frame, v, s):\n")
    compile(code, "shown", "exec")
    picture = tmp_path / "graph.svg"
    assert hocket("show", "first_light", "--graph", picture).returncode == 0
    assert picture.read_text().startswith("<")


def test_schema_holds_for_every_shipped_patch():
    schema = json.loads(hocket("schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    shipped = sorted((ROOT / "patches").glob("*.hocket"))
    assert len(shipped) >= 4
    for path in shipped:
        validator.validate(json.loads(path.read_text()))
    assert not validator.is_valid({"nodes": {}})


def test_nodes_lists_explains_and_gives_json():
    listed = hocket("nodes")
    assert listed.returncode == 0
    assert "mask.solo " in listed.stdout
    page = hocket("nodes", "mask.unmask_width").stdout
    assert "width" in page
    assert "0..127 semitones" in page
    (found,) = json.loads(hocket("nodes", "mask.unmask_width", "--json").stdout)
    assert found["name"] == "mask.unmask_width"
    width = next(each for each in found["inlets"] if each["name"] == "width")
    assert width["range"] == [0, 127]
    family = json.loads(hocket("nodes", "mask", "--json").stdout)
    assert {each["name"].split(".")[0] for each in family} == {"mask"}


def test_an_interrupted_render_leaves_no_file_and_says_so(tone, tmp_path):
    out = tmp_path / "long.wav"
    out.write_bytes(b"what was here before")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = ["render", str(tone), "--seconds", "36000", "-o", str(out)]
    process = subprocess.Popen([*COMMAND, *arguments], env=environment, stderr=subprocess.PIPE)
    part = tmp_path / ".long.wav.part"
    for _ in range(600):
        if part.exists() and part.stat().st_size > 100_000:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130
    assert words.decode().strip().endswith("interrupted")
    assert out.read_bytes() == b"what was here before"
    assert not part.exists()


def test_a_full_disk_is_an_io_error_and_the_old_file_stays(tone, tmp_path):
    out = tmp_path / "out.wav"
    out.write_bytes(b"old")
    limited = f"ulimit -f 64; exec {' '.join(COMMAND)} render {tone} --seconds 20 -o {out}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; {limited}"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 74, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_bytes() == b"old"
    assert not (tmp_path / ".out.wav.part").exists()


def test_a_reader_that_has_seen_enough_is_no_fault():
    command = f"{' '.join(COMMAND)} nodes | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("audio.gain")
    assert done.stderr == ""
