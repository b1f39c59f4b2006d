"""What clients of a running engine can do, and what they are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import Client, EngineGoneError, RefusedError
from engine.commands import (
    GetPatch,
    ListDevices,
    Panic,
    Play,
    Quit,
    SetPatch,
    SetTransport,
    SetValue,
    Watch,
)
from engine.messages import DeviceList, PatchChanged, Said
from engine.sounding import Sounding
from tests.serving import Toy, serving, short_folder
from tests.waiting import wait_until


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
def folder(toy: Toy) -> Iterator[Path]:
    with short_folder() as folder, serving(toy, folder):
        yield folder


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    with Client.connect(folder=folder) as client:
        yield client


def test_a_command_is_carried_out_and_answered(toy, client):
    assert client.request(SetValue("lead", "temperature", 0.5)) is None
    assert client.request(SetValue("arp", "hold", True)) is None
    assert toy.values == {"lead.temperature": 0.5, "arp.hold": True}
    assert client.request(GetPatch()) == toy.patch
    devices = client.request(ListDevices())
    assert isinstance(devices, DeviceList)
    assert devices.devices[0].name == "Toy Phones"


def test_notes_arrive_in_the_order_they_were_sent(toy, client):
    notes = [bytes((0x90, pitch, 100)) for pitch in range(128)]
    for answer in [client.post(Play((note,))) for note in notes]:
        assert answer.result(60) is None
    assert toy.played == notes


def test_a_refused_patch_says_everything_that_is_wrong_and_changes_nothing(toy, client):
    before = toy.patch
    with pytest.raises(RefusedError, match="is bad") as refused:
        client.request(SetPatch("bad"))
    assert [each.place for each in refused.value.problems] == ["a.b", "c"]
    assert toy.patch == before


def test_a_refused_value_says_what_is_legal(client):
    with pytest.raises(RefusedError, match=r"bad.x: 3 is outside 0\.\.1"):
        client.request(SetValue("bad", "x", 3))


def test_a_fault_of_the_engine_is_told_and_the_client_stays(client):
    with pytest.raises(RefusedError, match="KeyError: 'a fault of the toy'"):
        client.request(SetValue("broken", "x", 1))
    assert client.request(Panic()) is None


def test_a_fault_that_nobody_thought_of_is_told_once_and_ends_no_thread(
    toy, folder, client, monkeypatch
):
    client.request(GetPatch())

    def broken(sounding):
        raise ZeroDivisionError("a fault of the notes")

    monkeypatch.setattr(Sounding, "release", broken)
    for _ in range(2):
        with Client.connect(folder=folder) as other:
            other.request(GetPatch())
    (told,) = client.events(60)
    assert "please report it: ZeroDivisionError: a fault of the notes" in told.text
    assert client.request(Panic()) is None


def test_every_client_is_told_of_a_change(toy, folder, client):
    with Client.connect(folder=folder) as other:
        other.request(GetPatch())
        client.request(SetPatch("{}", path="/tmp/a.hocket"))
        (told,) = other.events(60)
        assert isinstance(told, PatchChanged)
        assert (told.revision, told.path) == (2, "/tmp/a.hocket")
        toy.tell(Said("MIDI: Keys went away"))
        assert other.events(60) == [Said("MIDI: Keys went away")]


def test_notes_and_devices_overtake_a_patch_whose_model_opens_slowly(toy, client):
    opening = client.post(SetPatch("slow"))
    assert toy.opening.wait(60)
    assert client.request(Play((b"\x90\x3c\x64",))) is None
    assert client.request(Panic()) is None
    assert client.request(ListDevices()).devices
    assert toy.played == [b"\x90\x3c\x64"]
    assert not opening.done()
    toy.opened.set()
    assert opening.result(60) == toy.patch


def test_an_answer_that_takes_too_long_is_said_and_may_still_come(toy, client):
    with pytest.raises(TimeoutError, match=r"not answered SetPatch in 0\.1 s"):
        client.request(SetPatch("slow"), timeout=0.1)
    toy.opened.set()
    assert client.request(SetPatch("next")).text == "next"


def test_edits_are_made_in_the_order_they_were_sent(toy, client):
    opening = client.post(SetPatch("slow"))
    values = [client.post(SetValue("lead", "x", value)) for value in range(300)]
    assert toy.opening.wait(60)
    assert client.request(Panic()) is None
    assert toy.values == {}
    toy.opened.set()
    assert [answer.result(60) for answer in values] == [None] * 300
    assert toy.values == {"lead.x": 299}
    assert opening.done()


def test_snapshots_come_as_the_frames_go_on(toy, client):
    assert client.latest() is None
    for number in (1, 2, 3):
        toy.step()
        snapshot = client.wait_for_frame(number, 60)
        assert snapshot.frame == number
        assert snapshot == toy.shown


def test_a_client_that_attaches_late_sees_the_latest_snapshot(toy, folder):
    toy.step()
    toy.step()
    with Client.connect(folder=folder) as late:
        assert late.wait_for_frame(1, 60).frame == 2


def test_what_one_client_watches_no_longer_is_carried_once_it_leaves(toy, folder, client):
    client.request(Watch(("lead.audio", "lfo.value")))
    with Client.connect(folder=folder) as other:
        other.request(Watch(("lfo.value", "arp.notes")))
        assert toy.watched == ("arp.notes", "lead.audio", "lfo.value")
        toy.step()
        assert set(client.wait_for_frame(1, 60).seen) == set(toy.watched)
    wait_until(lambda: toy.watched == ("lead.audio", "lfo.value"))
    client.request(Watch(()))
    assert toy.watched == ()


def test_five_clients_at_once_each_get_their_own_answers(toy, folder):
    def work(number: int) -> None:
        with Client.connect(folder=folder, timeout=60) as client:
            for value in range(100):
                client.request(SetValue(f"n{number}", "x", value))
            with pytest.raises(RefusedError, match=f"{number} is outside"):
                client.request(SetValue("bad", "x", number))
            done.append(number)

    done: list[int] = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(done) == [0, 1, 2, 3, 4]
    assert toy.values == {f"n{number}.x": 99 for number in range(5)}


def test_a_client_of_many_threads_gets_each_its_answer(toy, client):
    def work(number: int) -> None:
        for value in range(50):
            client.request(SetValue(f"n{number}", "x", value))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert toy.values == {f"n{number}.x": 49 for number in range(4)}


def test_a_transport_out_of_range_is_refused_with_the_range(client):
    with pytest.raises(RefusedError, match=r">= 20\.0"):
        client.request(SetTransport(tempo=5))
    with pytest.raises(RefusedError, match="tempo"):
        client.request(SetTransport(tempo=float("nan")))
    assert client.request(SetTransport(tempo=90, playing=False)) is None


def test_quitting_is_answered_before_the_engine_goes():
    toy = Toy()
    with short_folder() as folder, serving(toy, folder) as server:
        client = Client.connect(folder=folder)
        answer = client.post(Quit())
        assert toy.quit.wait(60)
        server.close()
        assert answer.result(60) is None
        wait_until(lambda: client.gone)
        with pytest.raises(EngineGoneError, match="the engine has gone"):
            client.request(Panic())
        client.close()


def test_a_command_in_flight_fails_once_the_engine_has_gone():
    toy = Toy()
    with short_folder() as folder, serving(toy, folder) as server:
        client = Client.connect(folder=folder)
        answer = client.post(SetPatch("slow"))
        assert toy.opening.wait(60)
        server.close()
        with pytest.raises(EngineGoneError):
            answer.result(60)
        assert client.events(60) == []
        client.close()


def test_a_fault_in_the_state_is_told_once_and_goes_by(toy, client):
    client.request(GetPatch())
    toy.broken = True
    toy.step()
    (told,) = client.events(60)
    assert "ZeroDivisionError" in told.text
    toy.step()
    toy.broken = False
    assert client.wait_for_frame(2, 60)
    assert client.events() == []


def test_closing_a_server_twice_is_as_good_as_once():
    with short_folder() as folder, serving(Toy(), folder) as server:
        server.close()
        server.close()
