"""Keys that are held while their node is unpatched, and patched again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from mido.frozen import FrozenMessage

from engine import edits
from engine.live import PANIC
from engine.patch import Patch
from engine.signals import Midi
from engine.sounding import HeldKeys, Sounding
from tests.test_live import REGISTRY, Rig, keys_patch

PLAYED = keys_patch()
CABLES = (("input1.midi", "held1.midi"), ("held1.notes", "model1.notes"))


def on(*pitches: int, velocity: int = 80, channel: int = 0) -> Midi:
    return tuple(
        FrozenMessage("note_on", note=each, velocity=velocity, channel=channel) for each in pitches
    )


def off(*pitches: int) -> Midi:
    return tuple(FrozenMessage("note_off", note=each) for each in pitches)


def control(number: int, value: int) -> FrozenMessage:
    return FrozenMessage("control_change", control=number, value=value)


def pulled(start: str, end: str) -> Patch:
    return edits.disconnect(PLAYED, start, end)


class Player(Rig):
    """Plays the patch of one keyboard."""

    def __init__(self, found: Patch = PLAYED) -> None:
        super().__init__()
        self.performance.open(found, None, None)

    def change(self, found: Patch) -> None:
        """Takes over another patch, and plays it for a frame."""
        self.performance.change(found, None, None)
        self.frames(1)

    def play(self, midi: Midi, port: str = "keys") -> None:
        self.keyboard.coming = {port: midi}
        self.frames(2)

    @property
    def states(self) -> Mapping[int, int]:
        """What the generator is given of each pitch that is not off."""
        notes = self.live.decks[-1].player.conditioning["model1"].notes
        return {pitch: int(notes[pitch]) for pitch in np.flatnonzero(notes > 0).tolist()}


@pytest.mark.parametrize("cable", CABLES, ids=str)
def test_a_held_key_sounds_again_when_a_cable_is_pulled_and_patched_again(cable):
    rig = Player()
    rig.play(on(60, 64))
    rig.change(pulled(*cable))
    assert rig.states == {}
    rig.frames(5)
    rig.change(PLAYED)
    assert rig.states == {60: 2, 64: 2}  # struck anew, once
    rig.frames(1)
    assert rig.states == {60: 1, 64: 1}
    rig.play(off(60))
    assert rig.states == {64: 1}


def test_what_was_let_go_of_and_pressed_meanwhile_is_known():
    rig = Player()
    rig.play(on(60, 64))
    rig.change(pulled(*CABLES[1]))
    rig.play((*off(60), *on(67)))
    rig.change(PLAYED)
    assert rig.states == {64: 2, 67: 2}


def test_a_key_that_comes_in_the_same_frame_is_not_lost():
    rig = Player()
    rig.play(on(60))
    rig.change(pulled(*CABLES[0]))
    rig.keyboard.coming = {"keys": (*off(60), *on(72))}
    rig.change(PLAYED)
    assert rig.states == {60: 2, 72: 2}
    rig.frames(1)
    assert rig.states == {72: 1}


def test_a_keyboard_that_also_plays_another_node_is_not_struck_there_again():
    both = edits.add(PLAYED, REGISTRY, "notes.held")
    both = edits.add(both, REGISTRY, "notes.merge")
    for start, end in (
        ("input1.midi", "held2.midi"),
        ("held2.notes", "merge1.notes1"),
        ("merge1.notes", "model1.notes"),
    ):
        both = edits.connect(both, REGISTRY, start, end, instead=True)
    rig = Player(both)
    rig.play(on(60))
    # held1 reached no output: its cable is new to it, and held2 goes on holding.
    more = edits.connect(both, REGISTRY, "held1.notes", "merge1.notes2")
    rig.performance.change(more, None, None)
    rig.frames(1)
    plan = rig.live.decks[-1].player.plan
    assert plan.latest("held1", "notes")[60] == 2
    assert plan.latest("held2", "notes")[60] == 1


def test_a_node_that_is_put_into_the_cable_hears_what_is_held_as_it_was_struck():
    rig = Player()
    rig.play(on(60, velocity=20) + on(64, velocity=100))
    through = edits.add(PLAYED, REGISTRY, "midi.filter", values={"softest": 50})
    through = edits.connect(through, REGISTRY, "input1.midi", "filter1.midi")
    through = edits.connect(through, REGISTRY, "filter1.midi", "held1.midi", instead=True)
    rig.change(through)
    assert rig.states == {64: 2}
    rig.play(off(64))
    assert rig.states == {}


def test_two_changes_between_two_frames_lose_no_key():
    rig = Player()
    rig.play(on(60))
    rig.change(pulled(*CABLES[1]))
    rig.performance.change(PLAYED, None, None)
    rig.performance.change(edits.add(PLAYED, REGISTRY, "audio.gain"), None, None)
    rig.frames(1)
    assert rig.states == {60: 2}


def test_after_a_panic_nothing_is_struck_that_is_not_pressed_anew():
    rig = Player()
    rig.play(on(60, 64))
    rig.live.panic()
    rig.frames(2)
    rig.change(pulled(*CABLES[0]))
    rig.change(PLAYED)
    assert rig.states == {}
    rig.change(pulled(*CABLES[1]))
    rig.change(PLAYED)
    assert rig.states == {}
    rig.play(on(60))
    assert rig.states == {60: 1}


def test_a_pedal_that_is_down_is_down_again():
    rig = Player()
    rig.play((control(64, 127), *on(60)))
    rig.change(pulled(*CABLES[1]))
    rig.change(PLAYED)
    rig.play(off(60))
    assert rig.states == {60: 1}
    rig.play((control(64, 0),))
    assert rig.states == {}


def test_another_instrument_is_played_what_is_held_too():
    patch = edits.add(PLAYED, REGISTRY, "midi.output")
    wired = edits.connect(patch, REGISTRY, "input1.midi", "output2.midi")
    rig = Player(wired)
    rig.play(on(60))
    rig.change(patch)
    rig.change(wired)
    plan = rig.live.decks[-1].player.plan
    assert [(each.type, each.note) for each in plan.sent()[0].midi] == [("note_on", 60)]


def test_only_the_ports_that_a_node_listens_to_are_struck_again():
    other = edits.set_value(PLAYED, REGISTRY, "input1", "port", "pads")
    rig = Player(other)
    rig.keyboard.coming = {"keys": on(60), "pads": on(64)}
    rig.frames(1)
    rig.change(edits.disconnect(other, *CABLES[1]))
    rig.change(other)
    assert rig.states == {64: 2}


def test_what_ends_everywhere_ends_at_every_port():
    keys = HeldKeys()
    keys.follow({"a": on(60), "b": on(60, 64), "": on(72)})
    assert keys.again() == {"a": on(60), "b": on(60, 64), "": on(72)}
    keys.follow({"": off(60)})
    assert keys.again() == {"b": on(64), "": on(72)}
    keys.follow({"": PANIC})
    assert keys.again() == {}


def test_what_is_on_is_struck_again_in_the_order_in_which_it_came():
    """The sostenuto pedal holds only what was struck before it went down."""
    stream = Sounding()
    pedal = control(66, 127)
    for message in (*on(67), pedal, *on(60), *on(67, velocity=9)):
        stream.passes(message.copy(time=0.03))
    assert stream.again() == (pedal, *on(60), *on(67, velocity=9))


@pytest.mark.parametrize("number", [120, 123, 126])
def test_all_notes_off_ends_the_notes_of_its_channel_and_no_pedals(number):
    stream = Sounding()
    kept = (control(64, 127), *on(62, channel=1))
    for message in (*on(60), *kept, control(number, 0)):
        stream.passes(message)
    assert stream.again() == kept
    assert stream.passes(off(60)[0])  # what passed can end, for who passes over all-notes-off


def test_a_reset_lifts_the_pedals_alone():
    stream = Sounding()
    for message in (control(64, 127), *on(60), control(121, 0)):
        stream.passes(message)
    assert stream.again() == on(60)
