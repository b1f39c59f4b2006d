"""Where an engine says it listens: found by its user alone, one engine a name, stale or not."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from engine import client as client_module
from engine.client import Client, EngineGoneError
from engine.commands import GetPatch, Panic, Quit, SetPatch
from engine.messages import PatchChanged, Said
from engine.runtime import DIGEST, NONCE, EngineRunningError, find, runtime_folder
from engine.server import Server
from tests.serving import Toy, serving, short_folder
from tests.waiting import wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@contextmanager
def engine(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An engine in a process of its own, listening."""
    command = [sys.executable, "-m", "tests.serving", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"serving\n"
        yield process
        process.kill()


def test_an_engine_is_a_process_that_clients_find_and_outlive(folder):
    with engine(folder) as process, Client.connect(folder=folder) as client:
        assert client.address.pid == process.pid
        assert isinstance(client.request(GetPatch()), PatchChanged)
        first = client.wait_for_frame(1, 60)
        assert client.wait_for_frame(first.frame + 5, 60)
        assert isinstance(client.events(60)[0], Said)
        process.kill()
        wait_until(lambda: client.gone)
        with pytest.raises(EngineGoneError, match="has gone"):
            client.request(Panic())
        assert client.wait_for_frame(10**9, 60) is None


def test_the_example_of_the_docs_runs(folder):
    text = (Path(__file__).parent.parent / "docs" / "clients.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    with engine(folder / "hocket"):
        folder.chmod(0o700)
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert "{'lead.audio': 0.5}" in done.stdout
    assert "ValueChanged(node='lead', port='temperature', value=1.3, by='')" in done.stdout


def test_an_engine_told_to_quit_leaves_nothing_that_says_it_runs(folder):
    with engine(folder) as process:
        silent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        silent.connect(find("default", folder).socket)
        with Client.connect(folder=folder) as client, Client.connect(folder=folder) as other:
            assert client.request(Quit()) is None
            assert wait_until(lambda: other.gone) == "the engine has gone"
            wait_until(lambda: client.gone)
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
        silent.close()
    assert sorted(each.name for each in folder.iterdir()) == ["default.lock"]
    with pytest.raises(EngineGoneError, match="no engine named 'default' is running"):
        Client.connect(folder=folder)


def test_a_second_engine_of_the_name_is_told_who_has_it(folder):
    with engine(folder) as process:
        with pytest.raises(EngineRunningError, match=f"process {process.pid}") as refused:
            Server(Toy(), folder)
        assert refused.value.pid == process.pid
        with Client.connect(folder=folder) as client:
            assert client.request(Panic()) is None


def test_engines_of_several_names_run_side_by_side(folder):
    with serving(Toy(), folder, "left"), serving(Toy(), folder, "right"):
        for name in ("left", "right"):
            with Client.connect(name, folder) as client:
                assert client.request(Panic()) is None


def test_what_a_killed_engine_leaves_is_replaced(folder):
    with engine(folder) as process:
        process.kill()
        process.wait()
    assert find("default", folder).pid == process.pid
    with pytest.raises(EngineGoneError, match="gone without a word"):
        Client.connect(folder=folder)
    with serving(Toy(), folder), Client.connect(folder=folder) as client:
        assert client.address.pid == os.getpid()
        assert client.request(Panic()) is None


def test_a_program_that_an_engine_started_does_not_keep_its_name(folder):
    server = Server(Toy(), folder)
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    server.close()
    with serving(Toy(), folder):
        pass
    child.kill()
    child.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', "\x00\xff" * 50, "[" * 60_000])
def test_a_broken_file_says_nothing_and_is_replaced(folder, text):
    folder.mkdir(mode=0o700)
    (folder / "default.json").write_text(text)
    with pytest.raises(EngineGoneError, match="no engine"):
        Client.connect(folder=folder)
    with serving(Toy(), folder), Client.connect(folder=folder) as client:
        assert client.request(Panic()) is None


def test_a_fifo_in_place_of_the_file_keeps_nobody_waiting(folder):
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / "default.json")
    with pytest.raises(OSError, match="not a regular file"):
        Client.connect(folder=folder)
    with serving(Toy(), folder), Client.connect(folder=folder) as client:
        assert client.request(Panic()) is None


def test_only_the_user_can_read_where_it_listens(folder):
    mask = os.umask(0)
    try:
        with serving(Toy(), folder):
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(mask)
    assert modes == {"default.json": 0o600, "default.lock": 0o600, "default.sock": 0o600}


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o755])
def test_a_folder_open_to_others_is_refused_by_both_sides(folder, mode):
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(PermissionError, match="chmod 700"):
        Server(Toy(), folder)
    with pytest.raises(PermissionError, match="chmod 700"):
        Client.connect(folder=folder)


def test_a_link_or_a_file_in_place_of_the_folder_is_refused(folder, tmp_path):
    folder.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="no folder of yours"):
        Server(Toy(), folder)
    folder.unlink()
    folder.write_text("")
    with pytest.raises(PermissionError, match="no folder of yours"):
        Server(Toy(), folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make another user's folder")
def test_another_users_folder_is_refused(folder):
    folder.mkdir(mode=0o700)
    os.chown(folder, 12_345, -1)
    with pytest.raises(PermissionError, match="no folder of yours"):
        Server(Toy(), folder)
    os.chown(folder, 0, -1)
    os.chown(folder.parent, 12_345, -1)
    with pytest.raises(PermissionError, match="another user's"):
        Server(Toy(), folder)
    os.chown(folder.parent, 0, -1)


def test_a_folder_in_one_that_others_write_to_is_refused(folder):
    folder.parent.chmod(0o777)
    with pytest.raises(PermissionError, match="written to by others"):
        Server(Toy(), folder)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "x" * 33, "a\n"])
def test_a_name_that_could_lead_elsewhere_is_refused(folder, name):
    with pytest.raises(ValueError, match="no name of an engine"):
        Server(Toy(), folder, name)
    with pytest.raises(ValueError, match="no name of an engine"):
        Client.connect(name, folder)


def test_a_path_too_long_for_a_socket_is_refused_in_words(folder):
    with pytest.raises(OSError, match="longer than the 103 bytes"):
        Server(Toy(), folder / ("x" * 100))


def test_an_engine_of_another_version_is_named_as_such(folder):
    with serving(Toy(), folder):
        file = folder / "default.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "protocol": 999}))
        with pytest.raises(EngineGoneError, match="another version"):
            Client.connect(folder=folder)


def test_another_program_at_the_address_is_not_taken_for_the_engine(folder):
    with serving(Toy(), folder) as server:
        address = server.address.socket
        os.unlink(address)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as impostor:
            impostor.bind(address)
            impostor.listen()
            with pytest.raises(EngineGoneError, match="does not answer"):
                Client.connect(folder=folder, timeout=0.2)


def test_a_missing_parent_is_made_for_the_user_alone(folder):
    mask = os.umask(0o002)
    try:
        with serving(Toy(), folder / "hocket"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(mask)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xff\xff\xff", "another version"),
        (b"\x00\x00\x00\x01\x07", "another version"),
        (b"\x00\x00", "has gone"),
    ],
)
def test_an_engine_that_talks_nonsense_counts_as_gone(folder, data, words):
    with serving(Toy(), folder) as server:
        address = server.address
        os.unlink(address.socket)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(address.socket)
            listener.listen()

            def talk() -> None:
                with listener.accept()[0] as side:
                    side.sendall(bytes(NONCE))
                    nonce = side.recv(DIGEST + NONCE, socket.MSG_WAITALL)[DIGEST:]
                    side.sendall(address.proof(b"engine", nonce) + data)
                    side.recv(1)

            talking = threading.Thread(target=talk)
            talking.start()
            with Client.connect(folder=folder, timeout=60) as client:
                with suppress(EngineGoneError):  # it may have noticed already
                    client.post(Panic())
                assert words in wait_until(lambda: client.gone)
                with pytest.raises(EngineGoneError, match=words):
                    client.request(Panic())
            talking.join(60)


def test_an_engine_that_takes_no_commands_counts_as_gone(monkeypatch, folder):
    monkeypatch.setattr(client_module, "SEND_SECONDS", 1)
    with engine(folder) as process, Client.connect(folder=folder) as client:
        client.request(Panic())
        process.send_signal(signal.SIGSTOP)
        answer = client.post(SetPatch("x" * 8_000_000))
        with pytest.raises(EngineGoneError, match="takes no commands"):
            answer.result(60)


def test_without_a_runtime_folder_of_the_system_there_is_one_all_the_same(monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert runtime_folder().name == "hocket"
