"""What the tests of MIDI share: ports that are polled, keyboards and instruments."""

from __future__ import annotations

import contextlib

from mido.frozen import FrozenMessage

from engine.midi import MidiPorts
from tests.jack import midi_in, midi_out
from tests.waiting import wait_until

PATIENCE = 8.0


def on(pitch, velocity=100, channel=0):
    return FrozenMessage("note_on", note=pitch, velocity=velocity, channel=channel)


class Rig:
    """Ports that are polled, with everything that arrived and was said."""

    def __init__(self, inputs=None, **rest):
        self.said = []
        self.heard = []
        self.ports = MidiPorts(inputs, on_event=self.said.append, api="jack", **rest)
        self.ports.wait()

    def poll(self):
        found = self.ports.poll()
        self.heard += [(port, each) for port, messages in found.items() for each in messages]
        return found

    def wait(self, condition, what):
        def polled():
            self.poll()
            return condition()

        return wait_until(polled, f"{what}; heard {self.heard[-5:]}, said {self.said}", PATIENCE)

    def wait_said(self, part):
        return self.wait(lambda: [each for each in self.said if part in each], f"it says {part!r}")

    def texts(self, port):
        """What a port sent, as mido's bytes."""
        return [tuple(each.bytes()) for name, each in self.heard if name == port]

    def wait_heard(self, port, *messages):
        wanted = [tuple(each) for each in messages]
        self.wait(lambda: set(wanted) <= set(self.texts(port)), f"{port} sends {wanted}")


@contextlib.contextmanager
def rigs():
    """Makes rigs, and closes them at the end."""
    made = []

    def make(*arguments, **rest):
        made.append(Rig(*arguments, **rest))
        return made[-1]

    yield make
    for each in made:
        each.ports.close()


@contextlib.contextmanager
def device(name, port="out"):
    """A keyboard; unplugged at the end if it has not been before."""
    out = midi_out(name, port)
    try:
        yield out
    finally:
        unplug(out)


@contextlib.contextmanager
def instrument(name):
    """A synthesiser that is sent to; unplugged at the end if it has not been before."""
    synth = midi_in(name)
    try:
        yield synth
    finally:
        unplug(synth)


def unplug(out):
    if not out.is_deleted:
        out.close_port()
        out.delete()


def collect(synth, last):
    """Returns what a synth received up to a message."""
    received = []

    def done():
        while got := synth.get_message():
            received.append(got[0])
        return last in received

    wait_until(done, f"{last} is received", PATIENCE)
    return received
