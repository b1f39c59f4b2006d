"""`hocket models`: what is there, what is missing, what is fetched, and how it is measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from engine.generators import Slot
from engine.generators.mrt2 import installed
from engine.signals import SILENCE, AudioArray
from patcher.terminal import exits, models_bench
from patcher.terminal.models import models
from tests.mrt2_tiny import NAME, tiny_model, write_checkpoint
from tests.toy_host import ToyHost

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-m", "patcher.cli", "models")
NOBODY = "http://127.0.0.1:9"
"""Nothing listens there: what would be fetched from the network is refused at once."""


def environment(magenta: Path, hub: str = NOBODY) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != exits.DEBUG}
    return kept | {"PYTHONPATH": str(ROOT), "MAGENTA_HOME": str(magenta), "HF_ENDPOINT": hub}


def hocket(magenta: Path, *arguments: str, hub: str = NOBODY) -> subprocess.CompletedProcess[str]:
    """Runs `hocket models` where the package's files lie in `magenta`."""
    return subprocess.run(
        [*COMMAND, *arguments], env=environment(magenta, hub), capture_output=True, text=True
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(models, arguments)


def put(magenta: Path, *files: str, size: int = 0) -> Path:
    """Puts files where the package would look for them; returns its folder."""
    folder = magenta / "magenta-rt-v2"
    for each in files:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).touch()
        os.truncate(folder / each, size)
    return folder


def lines(text: str) -> dict[str, str]:
    """Returns what a table says of each name."""
    return {line.split()[0]: line for line in text.splitlines() if line}


def test_without_weights_the_sketch_plays_and_the_commands_for_the_rest_are_said(tmp_path):
    done = hocket(tmp_path)
    assert done.returncode == 0
    told = lines(done.stdout)
    assert "built in" in told["sketch"]
    for name in ("mrt2_small", "mrt2_base", "musiccoca", "spectrostream"):
        assert told[name].split()[1:] == ["missing", "->", "hocket", "models", "download", name]
    assert str(tmp_path / "magenta-rt-v2") in told["folder"]
    assert done.stderr == "no model with trained weights can be played here, only the sketch\n"
    assert list(tmp_path.iterdir()) == []


def test_what_is_installed_is_listed_with_its_size_and_place(tmp_path):
    put(tmp_path, "checkpoints/mrt2_small.safetensors", size=950_000_000)
    put(tmp_path, "checkpoints/mrt2_base.safetensors", size=9_600_000_000)
    put(tmp_path, "models/mrt2_small/mrt2_small.mlxfn", size=300_000_000)
    folder = put(tmp_path, *(f"resources/musiccoca/{each}" for each in installed.ENCODER_FILES))
    put(tmp_path, *(f"resources/spectrostream/{each}" for each in installed.CODEC_FILES))
    done = hocket(tmp_path)
    told = lines(done.stdout)
    assert "good     weights 950 MB, export for MLX 300 MB" in told["mrt2_small"]
    assert "good     weights 9.6 GB" in told["mrt2_base"]
    assert "good     styles of texts and sounds, without mapper" in told["musiccoca"]
    assert "good     sounds as the past of an instance" in told["spectrostream"]
    assert done.stderr == ""
    put(tmp_path, f"resources/musiccoca/{installed.MAPPER_FILE}")
    found = json.loads(hocket(tmp_path, "--json").stdout)
    assert found["home"] == str(folder)
    parts = {each["name"]: each for each in found["parts"]}
    assert [each["here"] for each in parts.values()] == [True] * 5
    assert parts["mrt2_base"]["files"] == [
        {"path": str(folder / "checkpoints/mrt2_base.safetensors"), "bytes": 9_600_000_000}
    ]
    assert parts["musiccoca"]["words"] == "styles of texts and sounds, with the mapper"
    assert all(each["missing"] is None for each in parts.values())


def test_an_encoder_of_which_a_file_is_missing_is_missing(tmp_path):
    put(tmp_path, *(f"resources/musiccoca/{each}" for each in installed.ENCODER_FILES[1:]))
    put(tmp_path, "resources/spectrostream/encoder.safetensors")
    told = lines(hocket(tmp_path).stdout)
    assert "missing  4 of its files -> hocket models download musiccoca" in told["musiccoca"]
    assert "missing  1 of its files -> hocket models download spectro" in told["spectrostream"]


def test_without_the_package_the_line_that_installs_it_is_said(monkeypatch):
    monkeypatch.setattr(installed, "has_package", lambda: False)
    done = run()
    assert done.exit_code == 0
    assert lines(done.stdout)["mrt2_small"].endswith("missing  -> pip install 'hocket[mrt2]'")
    assert "magenta-rt is missing" in done.stdout
    assert json.loads(run("--json").stdout)["home"] is None
    fetched = run("download", "mrt2_small")
    assert fetched.exit_code == exits.UNAVAILABLE
    assert "pip install 'hocket[mrt2]'" in fetched.stderr


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [([], {"jax", "mlx", "sequence_layers"}), (["--help"], {"jax", "mlx", "magenta_rt", "numpy"})],
)
def test_the_list_and_the_help_open_no_library(tmp_path, arguments, forbidden):
    code = (
        "import sys; from typer.testing import CliRunner; import patcher.cli;"
        f"CliRunner().invoke(patcher.cli.app, ['models', *{arguments}], catch_exceptions=False);"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "typer" in done.stdout.split()
    assert not forbidden & set(done.stdout.split())


@pytest.mark.parametrize("name", ["sketch", "mrt2_large"])
def test_what_cannot_be_downloaded_is_said_with_what_can(name):
    done = run("download", name)
    assert done.exit_code == exits.USAGE
    assert "there are: mrt2_small, mrt2_base, musiccoca, spectrostream" in done.stderr


@pytest.mark.parametrize("name", ["musiccoca", "spectrostream"])
def test_an_encoder_has_no_export(name):
    done = run("download", name, "--export")
    assert done.exit_code == exits.USAGE
    assert f"{name} has no export" in done.stderr


@pytest.mark.parametrize("name", ["musiccoca", "spectrostream"])
def test_without_a_network_one_sentence_says_so(tmp_path, name):
    done = hocket(tmp_path, "download", name)
    assert done.returncode == exits.UNAVAILABLE
    assert done.stdout == ""
    assert done.stderr.splitlines()[1:] == [
        f"{name} was not downloaded: Connection refused; is this machine online?"
    ]
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


WEIGHTS = bytes(range(256)) * 400


@contextmanager
def hub(whole: bool) -> Iterator[str]:
    """Serves weights as Hugging Face does; not whole, half of them come and then nothing."""

    class Handler(BaseHTTPRequestHandler):
        asked = 0

        def do_HEAD(self) -> None:
            self.begin()

        def do_GET(self) -> None:
            Handler.asked += self.path.endswith(".safetensors")
            if Handler.asked != 1:
                self.send_error(404)
                return
            self.begin()
            self.wfile.write(WEIGHTS if whole else WEIGHTS[: len(WEIGHTS) // 2])

        def begin(self) -> None:
            self.send_response(200)
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("ETag", '"weights"')
            self.send_header("Content-Length", str(len(WEIGHTS)))
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_weights_are_downloaded_by_the_package_into_its_folder(tmp_path):
    with hub(whole=True) as address:
        done = hocket(tmp_path, "download", "mrt2_small", hub=address)
    file = tmp_path / "magenta-rt-v2" / "checkpoints" / "mrt2_small.safetensors"
    assert (done.returncode, done.stdout) == (0, f"{file}\n"), done.stderr
    assert file.read_bytes() == WEIGHTS
    assert "good     weights 0 MB" in lines(hocket(tmp_path).stdout)["mrt2_small"]


def test_half_of_the_weights_never_pass_for_all_of_them(tmp_path):
    with hub(whole=False) as address:
        done = hocket(tmp_path, "download", "mrt2_small", hub=address)
    assert done.returncode == exits.UNAVAILABLE
    assert len(done.stderr.splitlines()) == 2
    assert "mrt2_small was not downloaded: " in done.stderr
    assert f"received {len(WEIGHTS) // 2} bytes" in done.stderr
    assert not list(tmp_path.rglob("*.safetensors"))
    assert "missing" in lines(hocket(tmp_path).stdout)["mrt2_small"]


class Host(ToyHost):
    """Takes 15 ms times the square of its instances by a clock of its own; has memory for four."""

    stand_in = False
    library = "numpy"
    precision = "float32"

    def __init__(self, each: float = 0.015) -> None:
        super().__init__()
        self.each, self.now = each, 0.0
        self.pitches: set[tuple[int, ...]] = set()

    def prepare(self, instances: int) -> None:
        if instances > 4:
            raise MemoryError("out of memory\nwhile allocating")

    def step(self, conditioning: Mapping[Slot, Any]) -> Mapping[Slot, Any]:
        self.now += self.each * len(conditioning) ** 2
        self.pitches |= {tuple((each.notes == 3).nonzero()[0]) for each in conditioning.values()}
        return super().step(conditioning)

    def sound(self, slot: Slot) -> AudioArray:
        return SILENCE

    def save(self, slot: Slot) -> bytes:
        return bytes(2_000_000)


def measured(monkeypatch: pytest.MonkeyPatch, host: Host, *options: str) -> Result:
    monkeypatch.setattr(models_bench, "open_host", lambda model, encoder: host)
    monkeypatch.setattr(models_bench.time, "perf_counter", lambda: host.now)
    return run("bench", "fake", *options)


def test_more_instances_are_tried_until_a_frame_is_late(monkeypatch):
    host = Host()
    done = measured(monkeypatch, host, "--json")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert [(each["instances"], each["p50_ms"], each["p99_ms"]) for each in report["measures"]] == [
        (1, 15.0, 15.0),
        (2, 60.0, 60.0),
    ]
    assert report["fit"] == 1
    assert report["stopped"] == "at 2 a frame takes longer than 40 ms"
    assert report["instance_bytes"] == 2_000_000
    assert len(host.pitches) > 20
    assert all(len(each) == 3 for each in host.pitches)


def test_a_lack_of_memory_ends_it_with_what_was_measured(monkeypatch):
    done = measured(monkeypatch, Host(each=0.001))
    assert done.exit_code == 0
    rows = [line.split()[0] for line in done.stdout.splitlines()[2:5]]
    assert rows == ["1", "2", "4"]
    assert "4 instances play in real time; 8 cannot be played: out of memory\n" in done.stdout


def test_no_more_instances_than_asked_for_are_tried(monkeypatch):
    done = measured(monkeypatch, Host(each=0.001), "--most", "3", "--json")
    assert [each["instances"] for each in json.loads(done.stdout)["measures"]] == [1, 2, 3]


def test_a_model_that_is_too_slow_is_said_to_be(monkeypatch):
    done = measured(monkeypatch, Host(each=0.9))
    assert "no instances play in real time; at 1 a frame takes longer than 40 ms" in done.stdout


def test_ctrl_c_ends_a_measurement_of_the_sketch_with_what_it_has(tmp_path):
    """The signal comes when the first row is there, at which the sketch plays many more."""
    child = subprocess.Popen(
        [*COMMAND, "bench", "sketch", "--most", "1024"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    head = [child.stdout.readline() for _ in range(3)]
    child.send_signal(signal.SIGINT)
    rest, errors = child.communicate()
    assert child.returncode == exits.INTERRUPTED, errors
    assert head[0].startswith("sketch by ")
    assert head[2].split()[0] == "1"
    assert "in real time; interrupted" in rest
    assert "Traceback" not in errors


def test_a_model_that_is_not_here_cannot_be_measured(tmp_path):
    done = hocket(tmp_path, "bench", "mrt2_base")
    assert (done.returncode, done.stdout) == (exits.UNAVAILABLE, "")
    assert "hocket models download mrt2_base" in done.stderr


def test_an_mrt2_model_is_measured_as_the_engine_plays_it(tmp_path, monkeypatch):
    monkeypatch.setattr(installed, "home", lambda: tmp_path)
    monkeypatch.setattr(models_bench, "FRAMES", 12)
    with tiny_model():
        write_checkpoint(installed.checkpoint(NAME))
        done = run("bench", f"{NAME}@float32", "--most", "1", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["model"], report["precision"]) == (f"{NAME}@float32", "float32")
    assert report["device"].startswith("JAX on ")
    assert [(each["instances"], each["frames"]) for each in report["measures"]] == [(1, 12)]
    assert report["measures"][0]["p50_ms"] > 0
    assert report["instance_bytes"] > 1_000
