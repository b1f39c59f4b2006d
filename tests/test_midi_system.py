"""The MIDI system itself: what its ports are called, and whether it is there."""

from __future__ import annotations

from engine.midi.ports import Heartbeat, PortList, find_api


class Wire:
    """A MidiOut and a MidiIn in one, which loses what it is told to: no server loses on request."""

    def __init__(self):
        self.loses = False
        self._waiting = []

    def open_virtual_port(self, name):
        self._name = name

    def get_ports(self):
        return [None, f"watch:{self._name}"]

    def open_port(self, index, name):
        assert index == 1

    def send_message(self, data):
        if not self.loses:
            self._waiting.append((list(data), 0.0))

    def get_message(self):
        return self._waiting.pop(0) if self._waiting else None


def test_a_lost_beat_is_not_the_end():
    wire = Wire()
    heart = Heartbeat(wire, wire)
    assert heart.beat() == 0
    wire.loses = True
    assert [heart.beat() for _ in range(3)] == [0, 1, 2]
    wire.loses = False
    assert heart.beat() == 3
    assert heart.beat() == 0
    assert heart.beats_within(0.0)


def test_our_own_ports_are_not_listed():
    class Client:
        def get_ports(self):
            return ["Hocket", "Hocket:in 128:0", None, "Hocket-01:in", "Hocketeer", "Keys:out"]

    ports = PortList(Client(), "Hocket")
    ports.look()
    assert list(ports.names) == ["Hocketeer", "Keys:out"]


def test_the_environment_chooses_the_system(monkeypatch):
    monkeypatch.setenv("HOCKET_MIDI", "none such")
    assert find_api() is None
