"""Files that are no patch or no log: every command names them, the place and what is legal."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.files import dumps
from engine.patch import Cable, Node, Patch
from engine.recording.log import MAGIC, DeckBegins, FramePlayed, LogWriter
from patcher.cli import app

WHOLE = '{"format": 1,\n "nodes": {"out": {"type": "audio.output"}}}\n'
REFUSED: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "a folder": (Path.mkdir, 74, "Is a directory"),
    "nothing": (lambda path: None, 66, "there is no file"),
    "a FIFO": (os.mkfifo, 74, "is not a regular file"),
    "a link to itself": (lambda path: path.symlink_to(path), 74, "symbolic links"),
    "empty": (Path.touch, 65, "line 1, column 1: is empty; a patch is a JSON object"),
    "binary": (lambda path: path.write_bytes(bytes(range(256))), 65, "line 2, column 118: is not"),
    "UTF-16": (lambda path: path.write_text(WHOLE, "utf-16"), 65, "line 1, column 1: is not text"),
    "cut off": (lambda path: path.write_text(WHOLE[:30]), 65, "line 2, column 17: not JSON"),
    "200 MB": (lambda path: _sparse(path), 65, "has 200.0 MB; at most 8 MB"),
    "a key twice": (
        lambda path: path.write_text('{"format": 1, "title": "a", "title": "b"}'),
        65,
        "the key 'title' stands twice in one object",
    ),
    "too deep": (lambda path: path.write_text("[" * 100_000), 65, "nested more than 64 deep"),
    "a long number": (
        lambda path: path.write_text('{"format": ' + "9" * 5_000 + "}"),
        65,
        "more than 4,300 digits; legal is up to ±2^53",
    ),
    "a control character": (
        lambda path: path.write_text('{"format": 1,\n "title": "a\tb"}'),
        65,
        "line 2, column 13: not JSON: Invalid control character\n",
    ),
    "no format": (lambda path: path.write_text("{}"), 65, "format: is missing; a patch begins"),
    "from the future": (lambda path: path.write_text('{"format": 9}'), 65, "a newer hocket"),
    "not legal": (
        lambda path: path.write_text(WHOLE.replace("output", 'output", "at": "x')),
        65,
        "nodes.out.at: Expected `array`, got `str`",
    ),
    "a cable to nobody": (
        lambda path: path.write_text(
            '{"format": 1, "nodes": {"out": {"type": "audio.output"}},'
            ' "cables": [["gone.audio", "out.audio"]]}'
        ),
        65,
        "cannot patch gone.audio into out.audio: there is no node 'gone'",
    ),
}


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)


@pytest.fixture
def said(monkeypatch, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """Runs a command; returns its exit code and what it prints and says."""
    monkeypatch.delenv("HOCKET_DEBUG", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("patcher.terminal.edit.missing_screen", lambda: "")

    def run(*arguments: object) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, [str(each) for each in arguments])
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("command", ["check", "show", "render", "run", "edit"])
def test_every_command_says_which_patch_is_wrong_where_and_what_is_legal(
    tmp_path, said, command, kind
):
    if kind == "a cable to nobody" and command in ("run", "edit"):
        pytest.skip("the engine and the window start, and say it there")
    make, code, words = REFUSED[kind]
    path = tmp_path / "tune.hocket"
    make(path)
    left, printed, told = said(command, path)
    assert left == code
    lines = (printed if command == "check" and code == 65 else told).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"{path}: " if code != 66 else f"there is no file {path}")
    assert words in f"{lines[0]}\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_patch_that_may_not_be_read_is_named(tmp_path, said):
    path = tmp_path / "tune.hocket"
    path.touch(mode=0)
    assert said("check", path) == (74, "", f"{path}: Permission denied\n")


def test_check_goes_on_after_a_patch_that_cannot_be_read(tmp_path, said):
    whole, folder = tmp_path / "whole.hocket", tmp_path / "folder.hocket"
    whole.write_text(WHOLE)
    folder.mkdir()
    left, printed, told = said("check", tmp_path / "no.hocket", folder, "no_such", whole)
    assert left == 74
    assert printed == f"{whole}: good\n"
    assert [line.split(" ")[0] for line in told.splitlines()] == ["there", f"{folder}:", "no"]


BEGINS = DeckBegins(0, 0, dumps(Patch(nodes={"out": Node("audio.output")})).decode(), None, {})
LOOSE = dumps(Patch(cables=(Cable("a", "b", "c", "d"),))).decode()


def test_replay_says_which_log_is_wrong_and_at_which_byte(tmp_path, said):
    path = tmp_path / "take.hocketlog"
    first = LogWriter(path)
    first.write(BEGINS)
    end = first.size
    first.write(FramePlayed(7))
    first.write(FramePlayed(7))
    first.close()
    whole = path.read_bytes()
    twice = len(whole) - (len(whole) - end) // 2
    loose = LogWriter(tmp_path / "loose.hocketlog")
    loose.write(DeckBegins(0, 0, LOOSE, None, {}))
    loose.close()
    for data, words in (
        (whole, f"byte {twice}: the log is broken: frame 7 comes after frame 7"),
        (b"", "is no log of a performance that this version reads"),
        (b"RIFF" * 9, "is no log of a performance that this version reads"),
        (MAGIC + b"\xff" * 9, "byte 13: is broken: no message has 4,294,967,295 bytes"),
        (MAGIC + b"\3\0\0\0abc", "byte 13: is broken: "),
        (whole[:end] + b"\1\0\0\0\0", f"byte {end}: is broken: "),
        ((tmp_path / "loose.hocketlog").read_bytes(), "cannot patch a.b into c.d: there is no"),
    ):
        path.write_bytes(data)
        left, printed, told = said("replay", path)
        assert (left, printed) == (65, "")
        assert told.startswith(f"{path}: {words}")
        assert all(line.startswith(f"{path}: ") for line in told.splitlines())
    assert not (tmp_path / "replay.wav").exists()


@pytest.mark.parametrize("kind", ["a folder", "nothing", "a FIFO", "a link to itself"])
def test_replay_names_what_is_no_file(tmp_path, said, kind):
    make, code, words = REFUSED[kind]
    path = tmp_path / "take.hocketlog"
    make(path)
    left, printed, told = said("replay", path)
    if kind == "a folder":
        code, words = 65, "is no recording: it holds 0 logs, not one"
    assert (left, printed) == (code, "")
    assert words in told
    assert str(path) in told


def test_a_log_that_ends_early_is_played_as_far_as_it_goes(tmp_path, said):
    path = tmp_path / "take.hocketlog"
    writer = LogWriter(path)
    for message in (BEGINS, FramePlayed(0), FramePlayed(1)):
        writer.write(message)
    writer.close()
    path.write_bytes(path.read_bytes()[:-3])
    left, printed, _ = said("replay", path, "--json")
    assert left == 0
    assert json.loads(printed)["frames"] == 1
