from __future__ import annotations

import pytest

from engine.patch import Cable, Node, Patch
from engine.registry import load_registry
from engine.signals import MASK, OFF, ON, ONSET, SUSTAIN
from patcher.editing.causes import causes, note_outlets
from tests.seeing import midi, notes, snapshot, states

REGISTRY = load_registry()
PATCH = Patch(
    nodes={
        "keys": Node("midi.input"),
        "held": Node("notes.held"),
        "room": Node("mask.unmask_width"),
        "other": Node("notes.arpeggio"),
        "prompt": Node("style.prompt"),
        "model": Node("generator.model"),
    },
    cables=(
        Cable.between("keys.midi", "held.midi"),
        Cable.between("held.notes", "room.notes"),
        Cable.between("held.notes", "other.notes"),
        Cable.between("room.notes", "model.notes"),
        Cable.between("prompt.style", "model.style"),
    ),
)


def seen(room, held, keys=(), frame=1):
    """A frame in which the generator is given what `room` carries."""
    ports = {"room.notes": room, "held.notes": held, "keys.midi": midi(*keys)}
    return snapshot(frame, ports, heard={"model": room.states})


def asked(*frames, pitch=60):
    """Asks about the last of some frames."""
    return causes(PATCH, REGISTRY, list(reversed(frames)), "model", pitch)


def test_a_struck_note_comes_from_the_keys():
    frame = seen(notes(p60=ONSET), notes(p60=ONSET), [(0x90, 60, 100)])
    assert asked(frame) == ["room", "held", "keys"]


def test_a_held_note_comes_from_the_keys_that_struck_it_before():
    first = seen(notes(p60=ONSET), notes(p60=ONSET), [(0x90, 60, 100)])
    assert asked(first, seen(notes(p60=SUSTAIN), notes(p60=SUSTAIN), frame=2))[-1] == "keys"


@pytest.mark.parametrize("end", [(0x80, 60, 0), (0x90, 60, 0)])
def test_keys_that_let_go_of_a_note_do_not_hold_it(end):
    first = seen(notes(p60=ONSET), notes(p60=ONSET), [(0x90, 60, 100)])
    latched = seen(notes(p60=SUSTAIN), notes(p60=SUSTAIN), [end], frame=2)
    assert asked(first, latched) == ["room", "held"]


def test_a_node_that_leaves_the_onset_to_the_model_is_passed_through():
    assert asked(seen(notes(p60=ON), notes(p60=SUSTAIN)))[:2] == ["room", "held"]


def test_a_mask_comes_from_the_node_that_made_it():
    assert asked(seen(notes(MASK, p60=SUSTAIN), notes(p60=SUSTAIN)), pitch=90) == ["room"]


def test_silence_comes_from_whoever_was_silent():
    frame = seen(notes(p60=SUSTAIN), notes(p60=SUSTAIN))
    assert asked(frame, pitch=64) == ["room", "held"]


def test_nothing_is_known_of_frames_without_the_generator():
    assert asked() == []
    assert asked(snapshot(1)) == []


def test_an_outlet_that_was_not_watched_is_no_cause():
    frame = snapshot(1, {}, heard={"model": states(p60=OFF)})
    assert asked(frame) == []


def test_what_leads_notes_to_a_generator_is_watched_and_no_more():
    assert note_outlets(PATCH, REGISTRY, "model") == {"room.notes", "held.notes", "keys.midi"}
