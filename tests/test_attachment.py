"""The engine behind a window: started, found again, left playing, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import Client, EngineGoneError, RefusedError
from engine.commands import GetPatch, Play, Quit, SetPatch, SetTransport
from engine.files import dumps
from engine.messages import PatchChanged, Said
from engine.runtime import find, runtime_folder
from patcher.editing import attachment as attaching
from patcher.editing.attachment import Attachment
from tests.editor_rig import running, surroundings
from tests.toys import patch
from tests.waiting import wait_until


@pytest.fixture
def log(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The log of the engines of a test, which are its own and are ended after it."""
    for name, value in surroundings(home).items():
        monkeypatch.setenv(name, value)
    yield home / "engine.log"
    try:
        with Client.connect() as client:
            client.request(Quit())
    except EngineGoneError:
        pass


def attach(log: Path, name: str = "default", options: tuple[str, ...] = ()) -> Attachment:
    """Returns an attachment once it has an engine."""
    made = Attachment(name, log, options)
    wait_until(lambda: made.ready, "an engine is reached")
    return made


def test_an_engine_that_was_started_here_ends_with_the_window(log):
    window = attach(log)
    engine = window.pid
    assert engine is not None
    window.close(ends=True)
    wait_until(lambda: not running(engine), "the engine ends")


def test_an_engine_is_started_with_the_options_of_the_window(log, monkeypatch):
    monkeypatch.setenv("MAGENTA_HOME", str(log.parent))
    window = attach(log, options=("--fallback", "sketch"))
    nodes = {"model1": "generator.model", "out": "audio.output"}
    asked = patch(nodes, ["model1.audio > out.audio"], {"model1.model": "mrt2_small"})
    with Client.connect() as client:
        client.request(SetPatch(dumps(asked).decode()))
    said = "the model 'sketch' plays in place of 'mrt2_small'"
    wait_until(lambda: said in log.read_text(), "the engine says who plays")
    window.close(ends=True)


def test_that_an_engine_which_plays_already_knows_nothing_of_the_options_is_said(log):
    first = attach(log)
    second = attach(log, options=("--fallback", "sketch"))
    said = Said("The engine played already, and was not told --fallback sketch")
    wait_until(lambda: said in second.pump(), "it is said")
    second.close()
    first.close(ends=True)


def test_an_engine_plays_on_where_its_window_crashes(log):
    window = attach(log)
    engine = window.pid
    assert engine is not None
    window.close()
    assert running(engine)
    attach(log).close(ends=True)
    wait_until(lambda: not running(engine), "the next window ends it")
    window._reap(1.0)


def test_an_engine_that_has_not_answered_yet_ends_too(log):
    window = Attachment("default", log)
    wait_until(lambda: window._process, "an engine is started")
    window.close()
    wait_until(lambda: window._process.poll() is not None, "the engine ends")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["starter_first", "starter_last"])
def test_an_engine_ends_with_the_last_window_on_it(log, order):
    windows = attach(log), attach(log)
    engine = windows[0].pid
    assert engine is not None
    assert windows[1].pid == engine
    first, last = (windows[each] for each in order)
    first.close(ends=True)
    assert last.ready
    assert running(engine)
    last.close(ends=True)
    wait_until(lambda: not running(engine), "the engine ends")
    windows[0]._reap(1.0)


def test_an_engine_that_no_editor_started_plays_on(log):
    command = [sys.executable, "-m", "patcher.cli", "run", "--idle"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as engine:
        wait_until(lambda: find("default", runtime_folder()), "the engine answers")
        window = attach(log)
        assert window.pid == engine.pid
        window.close(ends=True)
        assert engine.poll() is None
        with Client.connect() as client:
            client.request(Quit())


def test_what_an_engine_that_has_gone_was_not_sent_reaches_no_other(log):
    window = attach(log)
    assert window.pid is not None
    os.kill(window.pid, signal.SIGSTOP)
    answers: list[object] = []
    note = b"\x90\x3c\x64"
    for _ in range(3_000):  # 3 MB, for which the socket has no room
        window.post(Play((note,) * 256))
    window.post(Play((note,)), answers.append)
    os.kill(window.pid, signal.SIGKILL)
    wait_until(lambda: window.attached == 2 and window.ready, "another engine is reached")
    window.pump()
    assert [type(each) for each in answers] == [EngineGoneError]
    window.close(ends=True)


def test_an_engine_that_ends_is_started_again(log):
    window = attach(log)
    engine = window.pid
    assert engine is not None
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: window.attached == 2 and window.ready, "another engine is reached")
    assert window.pid != engine
    assert [each.text for each in window.pump()] == [
        "The engine is out of reach; it is looked for",
        "The engine is reached again",
    ]
    window.close(ends=True)


def test_an_engine_that_keeps_ending_is_told_of_and_can_be_started_by_hand(log, monkeypatch):
    monkeypatch.setattr(attaching, "MOST_STARTS", 1)
    monkeypatch.setattr(attaching, "AGAIN", 0.05)
    window = attach(log)
    assert window.pid is not None
    os.kill(window.pid, signal.SIGKILL)
    wait_until(lambda: window.trouble, "the trouble is told")
    assert "ended 1 times" in window.trouble
    assert str(log) in window.trouble
    window.restart()
    wait_until(lambda: window.ready, "an engine is reached")
    assert not window.trouble
    window.close(ends=True)


def test_answers_and_refusals_reach_who_asked(log):
    window = attach(log)
    answers: list[object] = []
    window.post(GetPatch(), answers.append)
    window.post(SetTransport(tempo=1e9), answers.append)
    wait_until(lambda: window.pump() is not None and len(answers) == 2, "both are answered")
    assert {type(each) for each in answers} == {PatchChanged, RefusedError}
    window.close(ends=True)
    window.post(GetPatch(), answers.append)
    window.pump()
    assert isinstance(answers[2], EngineGoneError)
