"""A client may hang, lie, die or send anything: the engine and its other clients go on."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import server as server_module
from engine.client import Client, EngineGoneError, RefusedError
from engine.commands import GetPatch, Panic, Play, SetPatch, SetValue
from engine.messages import Done, Refused, Said, Snapshot
from engine.runtime import DIGEST, NONCE, Address
from engine.server import Server
from engine.wire import COMMANDS, MAX_MESSAGE, decode, encode_request
from tests.serving import Toy, serving, short_folder
from tests.waiting import wait_until


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter than what users get, and still long for a busy machine."""
    monkeypatch.setattr(server_module, "PATIENCE", 1.0)


@pytest.fixture
def server(toy: Toy) -> Iterator[Server]:
    with short_folder() as folder, serving(toy, folder) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client.connect(folder=Path(server.address.socket).parent) as client:
        yield client


def knock(address: Address) -> socket.socket:
    """Connects and proves nothing."""
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.settimeout(60)
    raw.connect(address.socket)
    return raw


def attach(address: Address) -> socket.socket:
    """Connects and proves to know the key; what is sent then is the test's affair."""
    raw = knock(address)
    nonce = read(raw, NONCE)
    raw.sendall(address.proof(b"client", nonce) + bytes(NONCE))
    assert read(raw, DIGEST) == address.proof(b"engine", bytes(NONCE))
    return raw


def read(raw: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = raw.recv(size - len(data))
        assert part, "the engine has hung up"
        data += part
    return data


def send(raw: socket.socket, data: bytes) -> None:
    raw.sendall(len(data).to_bytes(4, "big") + data)


def receive(raw: socket.socket) -> Any:
    return decode(read(raw, int.from_bytes(read(raw, 4), "big")))


def hung_up(raw: socket.socket) -> bool:
    """Waits for the engine to hang up; what it still had to say is let go."""
    try:
        while raw.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return True


CHILD = (
    "import os, signal, sys; from pathlib import Path; from engine.client import Client\n"
    "from engine.commands import SetValue, Watch\n"
    "client = Client.connect(folder=Path(sys.argv[1]), timeout=60)\n"
)


@contextmanager
def child(server: Server, code: str) -> Iterator[int]:
    """A client in a process that is killed in the end, once it has said `ready`; gives its id."""
    folder = str(Path(server.address.socket).parent)
    process = subprocess.Popen([sys.executable, "-c", CHILD + code, folder], stdout=subprocess.PIPE)
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process.pid
        finally:
            process.kill()


def test_who_does_not_know_the_key_is_turned_away(toy, server, client):
    with knock(server.address) as raw:
        read(raw, NONCE)
        raw.sendall(bytes(DIGEST + NONCE))
        assert hung_up(raw)
    with knock(server.address) as raw:
        read(raw, NONCE)
        send(raw, encode_request(0, SetValue("a", "b", 1)) + bytes(100))
        assert hung_up(raw)
    assert toy.values == {}
    assert client.request(GetPatch()) == toy.patch


def test_the_proof_of_one_connection_is_none_for_another(server):
    with knock(server.address) as first, knock(server.address) as second:
        nonce = read(first, NONCE)
        assert read(second, NONCE) != nonce
        second.sendall(server.address.proof(b"client", nonce) + bytes(NONCE))
        assert hung_up(second)


@pytest.mark.usefixtures("patience")
def test_who_connects_and_says_nothing_is_let_go_and_holds_nobody_up(toy, server, client):
    silent = [knock(server.address) for _ in range(5)]
    assert client.request(GetPatch()) == toy.patch
    for raw in silent:
        assert hung_up(raw)
        raw.close()


def test_a_message_too_long_is_not_waited_for(toy, server, client):
    for size in (MAX_MESSAGE + 1, 2**30, 2**32 - 1):
        with attach(server.address) as raw:
            raw.sendall(size.to_bytes(4, "big") + b"x" * 100)
            assert hung_up(raw)
    assert client.request(GetPatch()) == toy.patch


@pytest.mark.usefixtures("patience")
def test_half_a_message_is_not_waited_for_long(toy, server, client):
    data = encode_request(1, SetValue("a", "b", 1))
    with attach(server.address) as raw:
        raw.sendall(len(data).to_bytes(4, "big") + data[:-1])
        assert hung_up(raw)
    assert toy.values == {}
    assert client.request(Panic()) is None


@pytest.mark.usefixtures("patience")
def test_who_reads_nothing_is_dropped_and_the_others_miss_nothing(toy, server, client):
    with attach(server.address) as raw:
        wait_until(lambda: server.clients == 2)
        words = [f"{number} {'x' * 100_000}" for number in range(20)]
        heard: list[str] = []
        for text in words:
            toy.tell(Said(text))
            heard += [each.text for each in client.events(60)]
        wait_until(lambda: heard.extend(e.text for e in client.events()) or len(heard) == 20)
        assert heard == words
        wait_until(lambda: server.clients == 1)
        assert hung_up(raw)


def test_who_lets_too_much_pile_up_is_dropped(monkeypatch, toy, server):
    monkeypatch.setattr(server_module, "MAX_BACKLOG", 1_000_000)
    with attach(server.address):
        wait_until(lambda: server.clients == 1)
        for _ in range(50):
            toy.tell(Said("x" * 100_000))
        wait_until(lambda: server.clients == 0)


def test_a_slow_reader_gets_every_event_but_only_the_latest_snapshot(toy, server, client):
    toy.watched = tuple(f"node{number}.value" for number in range(2_000))
    with attach(server.address) as raw:
        wait_until(lambda: server.clients == 2)
        for number in range(1, 101):
            toy.step()
            if number % 10 == 0:
                toy.tell(Said(f"frame {number}"))
            assert client.wait_for_frame(number, 60)
        messages = []
        while not messages or getattr(messages[-1], "frame", 0) < 100:
            messages.append(receive(raw))
    said = [each.text for each in messages if isinstance(each, Said)]
    frames = [each.frame for each in messages if isinstance(each, Snapshot)]
    assert said == [f"frame {number}" for number in range(10, 101, 10)]
    assert frames == sorted(frames)
    assert len(frames) < 50


def test_a_killed_client_is_forgotten_with_what_it_watched(toy, server, client):
    code = (
        "client.request(Watch(('a.b',))); print('ready', flush=True)\n"
        "while True: client.request(SetValue('n', 'x', 1))"
    )
    with child(server, code):
        assert toy.watched == ("a.b",)
    wait_until(lambda: toy.watched == ())
    assert server.clients == 1
    for number in range(1, 5):
        toy.step()
        assert client.wait_for_frame(number, 60).frame == number


def test_the_notes_and_pedals_of_a_client_that_leaves_are_ended(toy, server, client):
    with attach(server.address) as raw:
        chord = (b"\x90\x3c\x64", b"\x91\x40\x64", b"\xb0\x40\x7f", b"\x90\x43\x64")
        send(raw, encode_request(1, Play(chord)))
        send(raw, encode_request(2, Play((b"\x80\x43\x00",))))
        client.request(Play((b"\x90\x48\x64",)))
        wait_until(lambda: len(toy.played) == 6)
    wait_until(lambda: len(toy.played) == 9)
    ends = toy.played[6:]
    assert {(each[0], each[1]) for each in ends} == {(0x80, 0x3C), (0x81, 0x40), (0xB0, 0x40)}
    assert b"\xb0\x40\x00" in ends


@pytest.mark.parametrize("data", [b"\x3c\x64", b"\x90\x3c", b"\x90\xff\x64", b"\xf4", b"\xf0"])
def test_what_is_no_midi_message_is_refused(toy, client, data):
    with pytest.raises(RefusedError):
        client.request(Play((b"\x90\x3c\x64", data)))
    assert toy.played == []


def test_more_clients_than_there_may_be_are_turned_away_until_one_leaves(monkeypatch, toy, server):
    monkeypatch.setattr(server_module, "MAX_CLIENTS", 2)
    folder = Path(server.address.socket).parent
    with Client.connect(folder=folder) as first, Client.connect(folder=folder):
        first.request(GetPatch())
        with pytest.raises(EngineGoneError):
            Client.connect(folder=folder)
    wait_until(lambda: server.clients == 0)
    with Client.connect(folder=folder) as again:
        assert again.request(GetPatch()) == toy.patch


def test_a_flood_of_edits_behind_a_slow_one_is_refused_past_a_limit(monkeypatch, toy, client):
    monkeypatch.setattr(server_module, "MAX_PENDING", 300)
    opening = client.post(SetPatch("slow"))
    assert toy.opening.wait(60)
    sent = [client.post(SetPatch(str(number))) for number in range(400)]
    with pytest.raises(RefusedError, match="300 commands wait already"):
        sent[-1].result(60)
    toy.opened.set()
    assert [answer.result(60).text for answer in sent[:299]] == [str(n) for n in range(299)]
    assert opening.result(60)
    assert client.request(Panic()) is None


def test_what_waits_to_be_carried_out_is_bounded_in_bytes(monkeypatch, toy, client):
    monkeypatch.setattr(server_module, "MAX_BACKLOG", 5_000_000)
    client.post(SetPatch("slow"))
    assert toy.opening.wait(60)
    large = [client.post(SetPatch("x" * 2_000_000)) for _ in range(6)]
    with pytest.raises(RefusedError, match="the engine is busy"):
        large[-1].result(60)


def test_a_command_longer_than_a_message_is_refused_at_home(client):
    with pytest.raises(ValueError, match="at most 16,777,216"):
        client.request(SetPatch("x" * MAX_MESSAGE))
    assert client.request(Panic()) is None


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"type": "Explode"}, COMMANDS),
        ({}, "missing required field `type`"),
        ({"type": "SetValue", "node": "a", "port": "b"}, "missing required field `value`"),
        ({"type": "SetValue", "node": "a", "port": "b", "value": None}, r"\$.value"),
        ({"type": "SetValue", "node": 7, "port": "b", "value": 1}, r"Expected `str`.*\$.node"),
        ({"type": "Panic", "loud": True}, "unknown field `loud`"),
        ({"type": "Play", "messages": [b""]}, "length >= 1"),
        ({"type": "Play", "messages": [b"\x90\x40\x40"] * 257}, "length <= 256"),
        ({"type": "SetLatency", "mode": "loose"}, "loose"),
        ({"type": "SetLatency", "mode": -3.0}, r">= 1"),
        ({"type": "SetTransport", "beat": float("inf")}, r"<= 1000000\.0"),
        ({"type": "Record", "format": "mp3"}, "mp3"),
        ({"type": "ChooseDevice", "kind": "toaster"}, "toaster"),
        ([1, 2], "Expected `object`"),
        ("Panic", "Expected `object`"),
    ],
)
def test_a_command_of_the_wrong_shape_is_refused_with_what_is_legal(server, command, words):
    with attach(server.address) as raw:
        send(raw, msgspec.msgpack.encode({"id": 9, "command": command}))
        refused = receive(raw)
        assert isinstance(refused, Refused)
        assert refused.id == 9
        assert re.search(words, refused.error)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
TAGGED = st.builds(
    lambda tag, rest: {"type": tag, **rest},
    st.sampled_from(COMMANDS.split(", ")),
    st.dictionaries(
        st.sampled_from(["node", "port", "value", "text", "messages", "ports", "mode", "x"]),
        JUNK,
        max_size=4,
    ),
)
REQUESTS = (
    st.binary(max_size=200)
    | JUNK.map(msgspec.msgpack.encode)
    | st.fixed_dictionaries({"id": JUNK | st.just(1), "command": JUNK | TAGGED}).map(
        msgspec.msgpack.encode
    )
    | st.sampled_from([b"\x91", b"\x81", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"]).flatmap(
        lambda nest: st.integers(1, 20_000).map(lambda depth: nest * depth)
    )
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=REQUESTS)
def test_whatever_is_sent_gets_one_answer_and_what_is_refused_changes_nothing(toy, server, data):
    wait_until(lambda: server.clients == 0)  # what the last one left behind is cleared away
    with attach(server.address) as raw:
        ask(raw, encode_request(76, GetPatch()))
        before = (dict(toy.values), list(toy.played), toy.patch, toy.watched)
        answer = ask(raw, data)
        after = (dict(toy.values), list(toy.played), toy.patch, toy.watched)
        assert not isinstance(answer, Refused) or after == before
        assert ask(raw, encode_request(77, GetPatch())).id == 77


def ask(raw: socket.socket, data: bytes) -> Done | Refused:
    """Sends a request and returns its answer."""
    send(raw, data)
    while not isinstance(answer := receive(raw), Done | Refused):
        pass
    return answer


def test_a_stopped_client_holds_nobody_up(toy, server, client):
    code = "print('ready', flush=True); os.kill(os.getpid(), signal.SIGSTOP)"
    with child(server, code) as pid:
        os.waitpid(pid, os.WUNTRACED)
        for number in range(1, 20):
            toy.step()
            toy.tell(Said("x" * 50_000))
            assert client.wait_for_frame(number, 60).frame == number
