"""What is sent to MIDI ports for real: in order, bounded, and with every note ended."""

from __future__ import annotations

import pytest
from mido.frozen import FrozenMessage

from engine.midi import PortStatus
from engine.node import SentMidi
from tests.jack import tried_again
from tests.midi_rig import Rig, collect, instrument, on, rigs


@pytest.fixture
def rig(jack):
    with rigs() as make:
        yield make


@tried_again
def test_what_a_patch_sends_goes_out_in_order_and_ends_when_its_sender_leaves(rig):
    ports = rig()
    with instrument("Synth") as synth:
        nothing = {"a": SentMidi("Synth", ()), "b": SentMidi("Synth", ())}
        ports.ports.deliver(nothing)
        ports.wait_said("sending to Synth:in")
        ports.ports.deliver(
            {"a": SentMidi("Synth", (on(60), on(64))), "b": SentMidi("Synth", (on(72),))}
        )
        assert collect(synth, [0x90, 72, 100]) == [
            [0x90, 60, 100],
            [0x90, 64, 100],
            [0x90, 72, 100],
        ]
        ports.ports.deliver({"b": SentMidi("Synth", ())})  # a left the patch
        assert collect(synth, [0x80, 64, 64]) == [[0x80, 60, 64], [0x80, 64, 64]]
        ports.ports.deliver({"b": SentMidi("Elsewhere", ())})  # b has another port now
        assert collect(synth, [0x80, 72, 64]) == [[0x80, 72, 64]]
        ports.wait_said("there is no output Elsewhere")


@tried_again
def test_a_synth_that_went_away_and_returns_is_sent_to_again(rig):
    ports = rig()
    with instrument("Synth") as synth:
        ports.ports.deliver({"a": SentMidi("Synth", ())})
        ports.wait_said("sending to Synth:in")
    ports.wait_said("Synth:in went away")
    ports.ports.deliver({"a": SentMidi("Synth", (on(60),))})
    ports.said.clear()
    with instrument("Synth") as synth:
        ports.wait_said("sending to Synth:in")
        ports.ports.deliver({"a": SentMidi("Synth", (on(61),))})
        assert collect(synth, [0x90, 61, 100])


@tried_again
def test_a_synth_that_nothing_is_sent_to_any_more_is_let_go_of(rig):
    ports = rig()
    with instrument("Synth") as synth, instrument("Organ"):
        both = {"a": SentMidi("Synth", (on(60),)), "b": SentMidi("Organ", ())}
        ports.ports.deliver(both)
        ports.wait_said("sending to Synth:in")
        ports.wait_said("sending to Organ:in")
        ports.ports.deliver({**both, "c": SentMidi("Nowhere", ())})
        ports.wait_said("there is no output Nowhere")
        ports.ports.deliver({"b": SentMidi("Organ", ())})
        collect(synth, [0x80, 60, 64])

        def outputs():
            return [each for each in ports.ports.status() if each.direction == "out"]

        left = [PortStatus("Hocket", "out", True), PortStatus("Organ:in", "out", True)]
        ports.wait(lambda: outputs() == left, "only what is sent to is left")


@tried_again
def test_of_more_endings_than_can_wait_everything_is_ended_instead(rig):
    ports = rig()
    with instrument("Synth") as synth:
        ports.ports.deliver({"a": SentMidi("Synth", (on(60),))})
        ports.wait_said("sending to Synth:in")
        endings = tuple(
            FrozenMessage("control_change", control=123, value=number % 2, channel=1)
            for number in range(5000)
        )
        ports.ports.deliver({"a": SentMidi("Synth", (on(60), *endings))})
        received = collect(synth, [0xBF, 120, 0])
        assert len(received) < 1000


@tried_again
def test_closing_ends_what_was_sent(jack):
    ports = Rig()
    with instrument("Synth") as synth:
        ports.ports.deliver({"a": SentMidi("", ())})
        ports.wait_said("sending to Synth:in")
        ports.ports.deliver({"a": SentMidi("", (on(60),))})
        ports.ports.close()
        assert collect(synth, [0x80, 60, 64])
