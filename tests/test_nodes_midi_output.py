"""midi.output and midi.control_output: what a patch plays on other instruments."""

from __future__ import annotations

import pytest
from mido.frozen import FrozenMessage

from engine.node import SentMidi
from engine.signals import MASKED, ON, ONSET, SILENT, SUSTAIN
from nodes.midi_output import ControlOutput, MidiOutput
from tests.pitches import notes


def on(note, channel=0, velocity=100):
    return FrozenMessage("note_on", note=note, channel=channel, velocity=velocity)


def off(note, channel=0):
    return FrozenMessage("note_off", note=note, channel=channel)


def control(number, value, channel=0):
    return FrozenMessage("control_change", control=number, value=value, channel=channel)


def test_messages_go_out_as_they_came_with_their_times():
    messages = (on(60, 3), control(1, 9, 3).copy(time=0.01), off(60, 3).copy(time=0.02))
    assert MidiOutput()(messages, port="Synth") == SentMidi("Synth", messages)


def test_a_channel_moves_all_messages_onto_it():
    output = MidiOutput()
    assert output((on(60, 3), control(1, 9, 2)), channel=10).midi == (on(60, 9), control(1, 9, 9))
    assert output((off(60, 3),), channel=10).midi == (off(60, 9),)


def test_clock_and_transport_stay_inside():
    clock = (FrozenMessage("clock"), FrozenMessage("start"), FrozenMessage("songpos", pos=3))
    assert MidiOutput()(clock).midi == ()


@pytest.mark.parametrize("state", [ONSET, ON, SUSTAIN])
def test_notes_are_struck_once_and_let_go_of(state):
    output = MidiOutput()
    assert output((), notes({60: state}), 80).midi == (on(60, velocity=80),)
    assert output((), notes({60: SUSTAIN}), 80).midi == ()
    assert output((), notes({60: ON}), 80).midi == ()
    assert output((), SILENT, 80).midi == (off(60),)
    assert output((), SILENT, 80).midi == ()


def test_a_note_that_is_struck_again_ends_first():
    output = MidiOutput()
    output((), notes({60: ONSET}))
    assert output((), notes({60: ONSET})).midi == (off(60), on(60))


def test_masked_notes_are_let_go_of_and_unpatched_notes_send_nothing():
    output = MidiOutput()
    assert output(()).midi == ()
    output((), notes({60: ONSET}))
    assert output((), MASKED).midi == (off(60),)


def test_another_channel_or_port_ends_what_sounds_and_strikes_held_notes_there():
    output = MidiOutput()
    output((on(48),), notes({60: ONSET}))
    sent = output((), notes({60: SUSTAIN}), channel=2).midi
    assert sent == (off(48), off(60), on(60, 1))
    sent = output((), notes({60: SUSTAIN}), channel=2, port="Other")
    assert sent == SentMidi("Other", (off(60, 1), on(60, 1)))
    # The key went up at last; its note has ended already.
    assert output((off(48),), notes({60: SUSTAIN}), channel=2, port="Other").midi == ()


def test_when_the_midi_comes_from_elsewhere_its_notes_end_and_the_notes_stay():
    output = MidiOutput()
    output((on(48), control(64, 127)), notes({60: ONSET}))
    output.release()
    assert output((), notes({60: SUSTAIN})).midi == (off(48), control(64, 0))


def test_a_control_is_sent_when_it_moves_a_step():
    output = ControlOutput()
    assert output(0.5, 74, 2, "Synth") == SentMidi("Synth", (control(74, 64, 1),))
    assert output(0.5001, 74, 2, "Synth").midi == ()
    assert output(1.0, 74, 2, "Synth").midi == (control(74, 127, 1),)
    assert output(1.0, 71, 2, "Synth").midi == (control(71, 127, 1),)


@pytest.mark.parametrize(("value", "sent"), [(-3.0, 0), (7.0, 127), (float("nan"), 0)])
def test_a_control_out_of_range_is_sent_as_the_nearest(value, sent):
    assert ControlOutput()(value).midi == (control(1, sent),)
