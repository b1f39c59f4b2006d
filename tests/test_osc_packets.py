"""OSC packets: read whole or refused, whatever is in them, and however many."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osc_rig import Rig, bundle, message, packet
from pythonosc.osc_message import OscMessage

from engine.osc.packet import read_packet
from tests.waiting import wait_until


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig() as made:
        yield made


def test_a_bundle_plays_at_once_whatever_its_time(rig: Rig):
    """Row 23: what is dated into the next century neither waits nor costs a thread."""
    threads = threading.active_count()
    inner = bundle(packet("/hocket/note", 64, 1), time=2**63)
    for _ in range(50):
        rig.raw(bundle(packet("/hocket/note", 60, 1), inner, time=2**64 - 1))
    first, second = (message("note_on", note=each, velocity=1) for each in (60, 64))
    rig.plays(*[first, second] * 50)
    assert threading.active_count() <= threads


def test_a_bundle_that_cannot_be_read_is_refused_whole(rig: Rig):
    rig.raw(bundle(packet("/hocket/note", 60, 1), b"/cut"))
    assert rig.answer().startswith("a packet is not OSC: a message is cut off")
    rig.plays()


def test_a_bundle_of_which_one_message_is_wrong_plays_the_others(rig: Rig):
    rig.raw(bundle(packet("/hocket/note", 200, 1), packet("/hocket/note", 60, 1)))
    assert "pitch 200 is outside 0..127" in rig.answer()
    rig.plays(message("note_on", note=60, velocity=1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"hello",
        b"/",
        b"/x\0\0,f\0\0"[:7],
        b"/x\0\0fi\0\0",
        b"/x\0\0,i\0\0\0",
        b"/x\0\0,c\0\0\0\0\0a",
        b"/x\0\0,[[\0",
        b"/\xff\xfe\0,\0\0\0",
        b"/x\0\0,b\0\0\xff\xff\xff\xf0",
        b"#bundle\0",
        b"#bundle\0\0\0\0\0\0\0\0\1\0\0",
        bundle(b""),
        b"#bundle\0\0\0\0\0\0\0\0\1" + struct.pack(">i", -4),
        b"#bundle\0\0\0\0\0\0\0\0\1" + struct.pack(">i", 2**31 - 1) + b"/x\0\0",
        packet("/x", *range(65)),
        b"/" + b"x" * 60_000,
        packet("/" + "x" * 30_000, *range(65)),
        bundle(*[packet("/x", 1)] * 129),
        bundle(*[bundle(*[packet("/x", 1)] * 43)] * 3),
        reduce(lambda inner, _: bundle(inner), range(9), packet("/x", 1)),
        reduce(lambda inner, _: bundle(inner), range(2000), packet("/x", 1)),
    ],
)
def test_garbage_is_answered_and_changes_nothing(rig: Rig, data):
    rig.raw(data)
    assert "not OSC" in rig.answer()
    assert dict(rig.osc.values()) == {}
    rig.plays()


@settings(max_examples=200)
@given(data=st.binary(max_size=64) | st.binary().map(lambda end: bundle(b"/x\0\0" + end)))
def test_any_packet_is_read_or_refused(data):
    try:
        messages = read_packet(data)
    except ValueError:
        return
    assert all(isinstance(each, OscMessage) for each in messages)


def test_an_error_that_arrives_is_not_answered(rig: Rig):
    """Two engines that answered each other would never end."""
    rig.send("/hocket/error", "what you said")
    rig.plays()
    assert rig.said == []


def test_a_flood_of_faults_is_said_once_a_second_but_answered_each_time(rig: Rig):
    for number in range(100):
        rig.send("/hocket/set/filter/cutoff", 2.0 + number)
    answers = [rig.answer() for _ in range(100)]
    assert answers[-1] == "/hocket/set/filter/cutoff: filter.cutoff: 101.0 is outside 0..1"
    assert 1 <= len(rig.said) < 100


def test_a_flood_is_played_on_from(rig: Rig):
    """The system's queue is bounded and drops what it cannot hold; the thread lives on."""
    for number in range(20_000):
        rig.send("/x", number)
    heard = rig.osc.values

    def arrived() -> bool:
        rig.send("/hocket/panic")
        rig.send("/x", 0.5)
        return ("panic",) in rig.played.done and heard()["/x"] == (0.5,)

    wait_until(arrived)
