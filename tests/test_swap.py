"""One plan takes over from another between two frames: what is kept, and what lets go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from mido.frozen import FrozenMessage
from toys import LISTENING, TOYS, compiled, flat, patch, wired

from engine import edits
from engine.adoption import adopt
from engine.frame import Frame
from engine.patch import Node, Patch
from engine.plan import Plan

COUNTING = wired({"n": "control.count"}, [], {}, "n.control")

PLAYED = patch(
    {
        "keys": "midi.keys",
        "held": "notes.held",
        "gen": "generator.model",
        "out": "audio.output",
    },
    ["keys.midi > held.midi", "held.notes > gen.notes", "gen.audio > out.audio"],
)

THRU = patch(
    {
        "keys": "midi.keys",
        "thru": "midi.thru",
        "held": "notes.held",
        "gen": "generator.model",
        "out": "audio.output",
    },
    [
        "keys.midi > thru.midi",
        "thru.midi > held.midi",
        "held.notes > gen.notes",
        "gen.audio > out.audio",
    ],
)


def with_type(found: Patch, name: str, type_: str) -> Patch:
    """The same patch with a node of another type under the same id."""
    return replace(found, nodes={**found.nodes, name: Node(type_)})


def step(plan: Plan, *pitches: int) -> Plan:
    """Runs one frame in which keys are struck."""
    midi = {"": tuple(FrozenMessage("note_on", note=pitch) for pitch in pitches)}
    plan.condition(Frame(midi=midi))
    plan.mix(Frame(midi=midi), {name: flat(0.5) for name in plan.generators})
    return plan


def swapped(old: Plan, found: Patch) -> Plan:
    """A plan of a patch that took over from `old`."""
    plan = compiled(found)
    adopt(plan, old)
    return plan


def held(plan: Plan) -> list[int]:
    """The pitches held after one frame in which nothing is struck."""
    return np.flatnonzero(step(plan).latest("held", "notes") == 1).tolist()


def test_a_node_that_stays_keeps_its_memory():
    old = step(step(compiled(COUNTING)))
    more = edits.add(COUNTING, TOYS, "control.count", "another")
    more = edits.connect(more, TOYS, "another.control", "n.step")
    plan = step(swapped(old, more))
    # 1 and 1 before; a new node beside it counts its first 1.
    assert plan.latest("n", "control") == 3.0
    assert plan.latest("another", "control") == 1.0


def test_values_are_those_of_the_new_patch():
    old = step(compiled(COUNTING))
    old.set_value("n", "step", 100.0)
    plan = step(swapped(old, edits.set_value(COUNTING, TOYS, "n", "step", 10.0)))
    assert plan.latest("n", "control") == 11.0


def test_a_node_whose_type_changed_begins_anew():
    old = step(step(compiled(COUNTING)))
    plan = swapped(old, with_type(COUNTING, "n", "control.delay"))
    assert step(plan).latest("n", "control") == 0.0
    back = swapped(plan, COUNTING)
    assert step(back).latest("n", "control") == 1.0


def test_a_node_under_another_id_begins_anew():
    old = step(step(compiled(COUNTING)))
    plan = swapped(old, edits.rename(COUNTING, "n", "m"))
    assert step(plan).latest("m", "control") == 1.0


def test_a_node_that_was_left_out_meanwhile_begins_anew():
    old = step(compiled(COUNTING))
    unheard = swapped(old, edits.disconnect(COUNTING, "n.control", "tone.level"))
    assert "n" not in unheard.steps
    assert step(swapped(step(unheard), COUNTING)).latest("n", "control") == 1.0


def test_what_was_heard_in_the_last_frame_is_heard_by_the_new_plan():
    old = step(compiled(LISTENING))
    plan = swapped(old, edits.move(LISTENING, {"amp": (1, 1)}))
    assert (plan.condition(Frame())["gen"].style == 0.25).all()
    assert not compiled(LISTENING).condition(Frame())["gen"].style.any()


def test_a_delay_that_stays_gives_what_it_kept():
    loop = wired(
        {"sum": "control.add", "echo": "control.delay"},
        ["sum.control > echo.value", "echo.control > sum.a"],
        {"sum.b": 1.0},
        "sum.control",
    )
    plan = swapped(step(step(compiled(loop))), loop)
    assert step(plan).latest("sum", "control") == 3.0


def test_held_notes_stay_where_the_midi_stayed():
    old = step(compiled(PLAYED), 60, 64)
    more = edits.add(PLAYED, TOYS, "audio.tone", "tone")
    assert held(swapped(old, more)) == [60, 64]


def test_held_notes_are_let_go_where_their_source_left():
    old = step(compiled(PLAYED), 60)
    assert held(swapped(old, edits.remove(PLAYED, "keys"))) == []
    old = step(compiled(PLAYED), 60)
    assert held(swapped(old, edits.disconnect(PLAYED, "keys.midi", "held.midi"))) == []


def test_held_notes_are_let_go_where_another_source_came():
    old = step(compiled(PLAYED), 60)
    other = edits.add(PLAYED, TOYS, "midi.pads", "pads")
    other = edits.connect(other, TOYS, "pads.midi", "held.midi", instead=True)
    assert held(swapped(old, other)) == []


def test_held_notes_are_let_go_where_the_source_is_of_another_type():
    """The id is the same, but nobody will send the note-offs any more."""
    old = step(compiled(PLAYED), 60)
    assert held(swapped(old, with_type(PLAYED, "keys", "midi.pads"))) == []


def test_held_notes_are_let_go_where_the_source_of_their_source_changed():
    assert held(swapped(step(compiled(THRU), 60), THRU)) == [60]
    old = step(compiled(THRU), 60)
    assert held(swapped(old, edits.disconnect(THRU, "keys.midi", "thru.midi"))) == []
    old = step(compiled(THRU), 60)
    assert held(swapped(old, with_type(THRU, "keys", "midi.pads"))) == []


def test_after_letting_go_new_notes_are_held():
    old = step(compiled(PLAYED), 60)
    plan = swapped(old, edits.remove(PLAYED, "keys"))
    again = swapped(step(plan), PLAYED)
    assert held(step(again, 72)) == [72]


def test_the_first_plan_adopts_from_one_that_never_ran():
    plan = swapped(compiled(COUNTING), COUNTING)
    assert step(plan).latest("n", "control") == 1.0
