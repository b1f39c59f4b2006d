"""MIDI ports for real: a JACK server, ports that come and go, floods and rubbish."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.midi import PortStatus
from engine.midi.ports import PortList
from engine.node import SentMidi
from tests.jack import MISSING, tried_again
from tests.midi_rig import Rig, collect, device, instrument, on, rigs


@pytest.fixture
def rig(jack):
    with rigs() as make:
        yield make


@tried_again
def test_a_port_of_our_own_can_be_played_by_other_programs(rig, jack):
    ports = rig(virtual="Alice")
    with device("Pads") as pads:
        ports.wait_said("hearing Pads:out")
        jack.connect(jack.wait_for_port("Pads:out"), jack.wait_for_port("Alice:in"))
        pads.send_message([0x90, 60, 100])
        ports.wait_heard("Alice", [0x90, 60, 100])
        ports.wait_heard("Pads:out", [0x90, 60, 100])


@tried_again
def test_a_chord_arrives_in_one_frame_with_its_times(rig):
    ports = rig()
    with device("Keys") as keys:
        ports.wait_said("hearing Keys:out")
        keys.send_message([0xB0, 1, 0])
        ports.wait_heard("Keys:out", [0xB0, 1, 0])
        for pitch in (60, 64, 67):
            keys.send_message([0x90, pitch, 100])
            time.sleep(0.005)
        time.sleep(0.2)
        found = ports.poll()["Keys:out"]
        assert [each.note for each in found] == [60, 64, 67]
        times = [each.time for each in found]
        assert times == sorted(times)
        assert all(0 <= each < 0.04 for each in times)


@tried_again
def test_only_the_named_ports_are_heard_by_part_of_their_name(rig):
    with device("Grand Piano") as piano, device("Drum Pads") as pads:
        ports = rig(["piano"])
        ports.wait_said("hearing Grand Piano:out")
        pads.send_message([0x90, 36, 100])
        piano.send_message([0x90, 60, 100])
        ports.wait_heard("Grand Piano:out", [0x90, 60, 100])
        assert {port for port, _ in ports.heard} == {"Grand Piano:out"}


@tried_again
def test_other_ports_are_chosen_while_playing_and_the_notes_of_those_left_end(rig):
    with device("Grand Piano") as piano, device("Drum Pads") as pads:
        ports = rig(["piano", "organ"])
        ports.wait_said("hearing Grand Piano:out")
        piano.send_message([0x90, 60, 100])
        ports.wait_heard("Grand Piano:out", [0x90, 60, 100])
        assert PortStatus("organ", "in", False) in ports.ports.status()
        ports.ports.choose(["pads"])
        ports.wait_said("no longer hearing Grand Piano:out")
        ports.wait_heard("Grand Piano:out", [0x80, 60, 64])
        ports.wait_said("hearing Drum Pads:out")
        pads.send_message([0x90, 36, 100])
        ports.wait_heard("Drum Pads:out", [0x90, 36, 100])
        assert PortStatus("organ", "in", False) not in ports.ports.status()
        ports.ports.choose(None)
        ports.wait(
            lambda: sum("hearing Grand" in each for each in ports.said) == 3, "all are heard"
        )


@tried_again
def test_unplugging_ends_the_notes_and_lifts_the_pedal_and_plugging_in_works_again(rig):
    ports = rig()
    with device("Keys") as keys:
        ports.wait_said("hearing Keys:out")
        for message in (
            [0x90, 60, 100],
            [0x93, 64, 100],
            [0x80, 60, 0],
            [0x90, 67, 9],
            [0xB0, 64, 127],
        ):
            keys.send_message(message)
        ports.wait_heard("Keys:out", [0xB0, 64, 127])
    ports.wait_said("Keys:out went away; its notes were let go")
    ports.wait_heard("Keys:out", [0x80, 67, 64], [0x83, 64, 64], [0xB0, 64, 0])
    assert ports.texts("Keys:out").count((0x80, 60, 64)) == 0
    assert PortStatus("Keys:out", "in", False) in ports.ports.status()
    with device("Keys") as keys:
        ports.wait_said("Keys:out is back")
        keys.send_message([0x90, 72, 100])
        ports.wait_heard("Keys:out", [0x90, 72, 100])
        ports.wait(
            lambda: PortStatus("Keys:out", "in", True) in ports.ports.status(), "it is present"
        )


@tried_again
def test_a_port_that_is_not_there_yet_is_waited_for(rig):
    ports = rig(["keys"])
    ports.wait_said("MIDI: there is no input keys; it is waited for")
    ports.wait(lambda: ports.ports.status(), "it is shown")
    assert PortStatus("keys", "in", False) in ports.ports.status()
    with device("Keys") as keys:
        ports.wait_said("hearing Keys:out")
        keys.send_message([0x90, 60, 100])
        ports.wait_heard("Keys:out", [0x90, 60, 100])
        assert PortStatus("keys", "in", False) not in ports.ports.status()


@tried_again
def test_of_5000_messages_in_a_burst_no_note_off_is_lost(rig):
    ports = rig()
    with device("Keys") as keys:
        ports.wait_said("hearing Keys:out")
        for number in range(2500):
            keys.send_message([0x90, number % 128, 100])
            keys.send_message([0x80, number % 128, 0])
        keys.send_message([0xB0, 7, 99])
        ports.wait_heard("Keys:out", [0xB0, 7, 99])
        held = set()
        for _, each in ports.heard:
            if each.type == "note_on":
                held.add(each.note)
            elif each.type == "note_off":
                held.discard(each.note)
        assert not held
        assert len({each.note for _, each in ports.heard if each.type == "note_on"}) == 128


RAW = """
import sys, time, jack
client = jack.Client("Broken")
out = client.midi_outports.register("out")
queue = []
@client.set_process_callback
def process(frames):
    out.clear_buffer()
    for _ in range(4):
        if queue:
            out.write_midi_event(0, queue.pop(0))
with client:
    print("ready", flush=True)
    for line in sys.stdin:
        kind, _, rest = line.partition(" ")
        if kind == "bytes":
            queue.append(bytes.fromhex(rest))
        else:
            size = int(rest)
            queue.extend([b"\\xf0" + b"\\x01" * 1000] + [b"\\x01" * 1000] * (size // 1000))
        while queue:
            time.sleep(0.005)
        print("sent", flush=True)
"""


@pytest.fixture
def broken(jack):
    """A device that sends whatever bytes it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", RAW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"

    def send(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "sent\n"

    yield send
    process.kill()
    process.communicate()


RUBBISH = ["42 13", "90", "90 3c", "f5", "f4 01", "90 c0 40", "f2 10", "fd", "80 80 80", "ff ff"]


@tried_again
def test_rubbish_is_skipped_and_what_follows_is_heard(rig, broken):
    ports = rig()
    ports.wait_said("hearing Broken:out")
    for number, each in enumerate(RUBBISH):
        broken(f"bytes {each}")
        broken(f"bytes 90 3c {number + 1:02x}")
        ports.wait_heard("Broken:out", [0x90, 0x3C, number + 1])
    notes = [(0x90, 0x3C, number + 1) for number in range(len(RUBBISH))]
    assert ports.texts("Broken:out") == notes


@tried_again
def test_a_sysex_of_5_mb_is_passed_over(rig, broken):
    ports = rig()
    ports.wait_said("hearing Broken:out")
    broken("sysex 5000000")
    assert not ports.poll()
    broken("bytes f7")
    broken("bytes 90 3c 40")
    ports.wait_heard("Broken:out", [0x90, 0x3C, 0x40])
    assert len(ports.heard) == 1


@tried_again
def test_panic_ends_what_is_held_and_what_was_sent(rig, jack):
    ports = rig()
    with instrument("Synth") as synth, device("Keys") as keys:
        ports.wait_said("hearing Keys:out")
        keys.send_message([0x91, 60, 100])
        ports.wait_heard("Keys:out", [0x91, 60, 100])
        sent = {"out1": SentMidi("synth", (on(48),))}
        ports.ports.deliver({"out1": SentMidi("synth", ())})
        ports.wait_said("sending to Synth:in")
        ports.ports.deliver(sent)
        ports.ports.panic()
        ports.wait_heard("Keys:out", [0x81, 60, 64])
        received = collect(synth, [0xBF, 120, 0])
        assert [0x80, 48, 64] in received
        assert [0xB0, 123, 0] in received
        opened = [each.name for each in ports.ports.status() if each.direction == "out"]
        assert opened == ["Hocket", "Synth:in"]


class Boom:
    """A function that fails until it works."""

    def __init__(self, function):
        self.works, self._function, self._count = False, function, 0

    def __get__(self, instance, owner):
        return functools.partial(self, instance)

    def __call__(self, *arguments):
        if self.works:
            return self._function(*arguments)
        self._count += 1
        raise RuntimeError(f"boom {self._count}")


@tried_again
def test_a_fault_that_nobody_thought_of_does_not_end_the_looking(rig, monkeypatch):
    monkeypatch.setattr(PortList, "look", boom := Boom(PortList.look))
    ports = rig()
    ports.wait_said("please report it: MIDI: RuntimeError: boom 1")
    boom.works = True
    with device("Keys"):
        ports.wait_said("hearing Keys:out")
    assert sum("boom" in each for each in ports.said) == 1


@tried_again
def test_a_port_that_sends_active_sensing_and_falls_silent_is_let_go_of(rig):
    ports = rig()
    with device("Keys") as keys:
        ports.wait_said("hearing Keys:out")
        for message in ([0xFE], [0x90, 60, 100]):
            keys.send_message(message)
        ports.wait_said("Keys:out fell silent; its notes were let go")
        assert ports.texts("Keys:out") == [(0x90, 60, 100), (0x80, 60, 64)]


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_it_survives_the_end_of_the_sound_server_and_its_return():
    ran = subprocess.run(
        [sys.executable, "-m", "tests.midi_outage"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("it goes on\n")


def test_without_a_midi_system_it_says_so_and_goes_on(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "there-is-none")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    ports = Rig()
    ports.wait_said("MIDI: no MIDI system answers; the music goes on without, and it is looked for")
    assert len(ports.said) == 1
    assert not ports.poll()
    ports.ports.deliver({"a": SentMidi("", (on(60),))})
    assert ports.ports.status() == ()
    ports.ports.close()
