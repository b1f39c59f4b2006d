"""What gestures on the canvas make of a patch, without the window."""

from __future__ import annotations

import pytest
from toys import TOYS, patch

from engine.files import dumps
from engine.patch import Comment, Node, PatchError, Problem
from engine.ports import MAX_GROUP
from engine.registry import load_registry
from patcher.editing.faults import faults_of
from patcher.editing.ports import Pin, ends, inlets, signal_of, turnable
from patcher.panels.patching.adding import fitting_pin, patch_to
from patcher.panels.patching.arranging import neighbour
from patcher.panels.patching.cabling import cable_between
from patcher.panels.patching.changing import framing
from patcher.panels.patching.clipboard import patch_in
from patcher.ui.choosing import Choice, narrowed
from patcher.words import counted

SMALL = patch(
    {"lfo": "control.count", "sum": "control.add", "amp": "audio.gain", "out": "audio.output"},
    ["lfo.control > sum.a", "sum.control > amp.gain", "amp.audio > out.audio"],
    {"lfo.step": 0.1},
)


def test_a_cable_goes_from_outlet_to_inlet_whichever_was_taken_first():
    outlet, inlet = Pin("outlet", "lfo", "control"), Pin("inlet", "sum", "b")
    assert cable_between(outlet, inlet) == cable_between(inlet, outlet)
    assert ends(cable_between(inlet, outlet)) == (outlet, inlet)


def test_a_cable_dropped_on_a_node_takes_its_first_free_port():
    outlet = Pin("outlet", "lfo", "control")
    assert fitting_pin(SMALL, TOYS, "sum", outlet) == Pin("inlet", "sum", "b")
    assert fitting_pin(SMALL, TOYS, "amp", outlet) is None  # its one inlet for it is fed
    assert fitting_pin(SMALL, TOYS, "lfo", Pin("inlet", "sum", "b")) == outlet
    assert fitting_pin(SMALL, TOYS, "out", Pin("inlet", "sum", "b")) is None


def test_a_group_shows_the_sets_in_use_and_the_next():
    surface = load_registry().types["style.surface"]
    shown = [each for each in inlets(surface, {"x1", "y3"}) if each.startswith("x")]
    assert shown == ["x1", "x2", "x3"]
    every = {f"x{number}" for number in range(1, MAX_GROUP + 1)}
    assert {each for each in inlets(surface, every) if each.startswith("x")} == every


def test_only_the_sets_in_use_have_fields():
    surface = load_registry().types["style.surface"]
    fields = list(turnable(surface, {"x2"}))
    assert fields == ["cursor_x", "cursor_y", "x2", "y2"]


def test_a_step_names_the_one_thing_or_counts():
    assert counted({"lfo"}, "nodes") == "lfo"
    assert counted(SMALL.cables, "cables") == "3 cables"


def test_a_node_added_at_the_end_of_a_cable_is_patched():
    found = patch_to(SMALL, TOYS, "lfo", Pin("inlet", "amp", "gain"))
    assert str(found.cable_into("amp", "gain")) == "lfo.control -> amp.gain"
    assert len(found.cables) == len(SMALL.cables)


def test_nobody_knows_what_a_port_carries_whose_node_is_not_installed():
    strange = patch({"glow": "control.count"}, [])
    strange = type(strange)(nodes={**strange.nodes, "far": Node("far.glow")})
    assert signal_of(strange, TOYS, Pin("outlet", "far", "light")) is None
    assert fitting_pin(strange, TOYS, "glow", Pin("outlet", "far", "light")) is None


def test_a_patch_is_found_in_the_midst_of_a_message():
    message = f"Try this one:\n```\n{dumps(SMALL).decode()}```\nIt hums."
    assert patch_in(message) == SMALL


@pytest.mark.parametrize("text", ["", "hello", "} {", "{"])
def test_a_text_without_a_patch_is_refused_in_words(text):
    with pytest.raises(PatchError, match="the clipboard holds no patch"):
        patch_in(text)


def test_a_broken_patch_is_refused_with_its_place():
    with pytest.raises(PatchError, match="nodes"):
        patch_in('{"format": 1, "nodes": 3, "cables": []}')


def test_the_next_node_in_a_direction_lies_ahead_rather_than_aside():
    places = {
        "a": ((0.0, 0.0), (10.0, 10.0)),
        "far": ((100.0, 0.0), (110.0, 10.0)),
        "near": ((30.0, 5.0), (40.0, 15.0)),
        "below": ((5.0, 80.0), (15.0, 90.0)),
    }
    assert neighbour(places, "a", (1, 0)) == "near"
    assert neighbour(places, "a", (0, 1)) == "below"
    assert neighbour(places, "a", (-1, 0)) is None
    assert neighbour(places, "far", (-1, 0)) == "near"


def test_a_frame_leaves_room_for_its_title():
    frame = framing([((100, 100), (200, 300)), ((300, 150), (420, 180))], Comment("Sound"))
    left, top = frame.at
    assert frame.size is not None
    assert left < 100
    assert top < 100 - 24
    assert left + frame.size[0] > 420
    assert top + frame.size[1] > 300
    assert frame.text == "Sound"


def test_every_typed_word_narrows_the_list():
    choices = [
        Choice("held", "notes.held", 1),
        Choice("prompt", "style.prompt", 2, "warm choir"),
        Choice("style", "style.mix", 3),
    ]
    assert [each.value for each in narrowed(choices, "")] == [1, 2, 3]
    assert [each.value for each in narrowed(choices, "Choir")] == [2]
    assert [each.value for each in narrowed(choices, "style pro")] == [2]
    assert [each.value for each in narrowed(choices, "style")] == [3, 2]
    assert narrowed(choices, "organ") == []


def test_what_is_wrong_is_told_at_the_node_that_has_it_the_worst_first():
    problems = [Problem("sum.a", "is odd", warning=True), Problem("sum", "is a cycle")]
    found = faults_of(SMALL, [*problems, Problem("", "nothing is heard")], {"amp": "fell silent"})
    assert [each.fault for each in found["sum"]] == ["is a cycle", "is odd"]
    assert [each.fault for each in found["amp"]] == ["fell silent"]
    assert set(found) == {"sum", "amp"}


def test_a_missing_device_is_the_fault_of_the_nodes_that_name_it():
    asking = patch({"lfo": "control.count"}, [])
    named = type(asking)(nodes={"keys": Node("midi.input", values={"port": "Keystation"})})
    assert faults_of(named, [], {"Keystation": "is missing"})["keys"][0].fault == "is missing"
    assert faults_of(named, [], {"Speakers": "are missing"}) == {}
