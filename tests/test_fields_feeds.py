from dataclasses import replace

import pytest

from engine import edits
from engine.files import dumps, loads
from engine.mappings import map_control
from engine.messages import Meter, Snapshot, TransportState
from engine.patch import MidiMapping, Node, Patch, PatchError
from engine.registry import load_registry
from patcher.editing.feeds import Feeds
from patcher.editing.learning import learn, moved
from patcher.widgets.box import Row, shape_of
from patcher.widgets.fields.pad import has_pad, on_pad, points

REGISTRY = load_registry()


def patched(nodes, *cables):
    made = Patch()
    for name, type_ in nodes.items():
        made = edits.add(made, REGISTRY, type_, name)
    for each in cables:
        made = edits.connect(made, REGISTRY, *each.split())
    return made


def snapshot(**rest):
    silence = Meter(0.0, 0.0, 0.0)
    clock = TransportState(0.0, 120.0, True, 4.0)
    return Snapshot(1, 1, clock, {}, silence, {}, 1.0, 0.1, 0.04, 10.0, 0, 30.0, **rest)


@pytest.fixture
def modulated():
    nodes = {"lfo": "control.lfo", "lag": "control.lag", "prompt": "style.prompt"}
    return patched(nodes, "lfo.control lag.target")


def test_a_value_is_where_its_cable_brings_it(modulated):
    feeds = Feeds.of(modulated, REGISTRY)
    assert feeds.outlets == {"lag": {"target": "lfo.control"}}
    assert feeds.watched() == {"lfo.control"}
    assert feeds.moving(snapshot(seen={"lfo.control": 0.3})) == {"lag": {"target": 0.3}}


def test_a_cable_speaks_louder_than_a_scene_on_its_way(modulated):
    feeds = Feeds.of(modulated, REGISTRY)
    seen = snapshot(seen={"lfo.control": 0.3}, moving={"lag.target": 9.0, "lag.time": 2.0})
    assert feeds.moving(seen) == {"lag": {"target": 0.3, "time": 2.0}}


def test_a_cable_that_brings_nothing_yet_moves_nothing(modulated):
    assert Feeds.of(modulated, REGISTRY).moving(snapshot()) == {}


def test_what_feeds_a_bypassed_node_feeds_what_follows_it():
    nodes = {"lfo": "control.lfo", "lag": "control.lag", "knob": "control.knob"}
    made = patched(nodes, "lfo.control lag.target", "lag.control knob.value")
    made = edits.bypass(made, REGISTRY, ["lag"], True)
    assert Feeds.of(made, REGISTRY).outlets == {"knob": {"value": "lfo.control"}}


def test_a_controller_is_told_in_words(modulated):
    made = map_control(modulated, REGISTRY, MidiMapping(3, 74, "lag", "time"))
    assert Feeds.of(made, REGISTRY).controls == {"lag": {"time": "CC 74 on channel 3"}}


def test_controllers_are_told_from_notes_and_from_orders_to_the_instrument():
    heard = (bytes([0x90, 60, 1]), bytes([0xB2, 123, 0]), bytes([0xB2, 74, 5]), bytes([0xC0, 1]))
    assert list(moved(heard)) == [(3, 74)]


def test_a_learnt_controller_goes_along_the_range(modulated):
    made = learn(modulated, REGISTRY, "lag.time", 3, 74)
    assert made.mappings == (MidiMapping(3, 74, "lag", "time"),)


def test_a_number_without_a_range_is_learnt_from_0_to_1(modulated):
    made = learn(modulated, REGISTRY, "lag.target", 1, 7)
    assert made.mappings == (MidiMapping(1, 7, "lag", "target", 0.0, 1.0),)


def test_a_controller_learnt_anew_keeps_the_ends(modulated):
    made = map_control(modulated, REGISTRY, MidiMapping(3, 74, "lag", "time", 1.0, 2.0))
    made = learn(made, REGISTRY, "lag.time", 1, 7)
    assert made.mappings == (MidiMapping(1, 7, "lag", "time", 1.0, 2.0),)


def test_a_text_learns_no_controller(modulated):
    with pytest.raises(PatchError, match="cannot be moved by a MIDI controller"):
        learn(modulated, REGISTRY, "prompt.text", 1, 7)


@pytest.fixture
def surface():
    nodes = {"a": "style.prompt", "b": "style.prompt", "lfo": "control.lfo", "pad": "style.surface"}
    cables = ("a.style pad.style1", "b.style pad.style3", "lfo.control pad.x2")
    made = patched(nodes, *cables)
    made = edits.set_value(made, REGISTRY, "a", "text", "bells")
    return edits.set_value(made, REGISTRY, "pad", "x1", 0.25)


def test_the_points_of_a_pad_are_called_by_their_prompts_else_their_nodes(surface):
    assert points(surface, "pad") == {"1": "bells", "3": "b"}


def test_a_pad_is_for_nodes_with_a_cursor():
    with_pads = {name for name, each in REGISTRY.types.items() if has_pad(each)}
    assert with_pads == {"style.surface"}
    assert [each for each in ("cursor_x", "x1", "y12", "style1", "text") if on_pad(each)] == [
        "cursor_x",
        "x1",
        "y12",
    ]


def test_a_folded_node_has_rows_for_what_is_patched_and_what_is_set_elsewhere(surface):
    folded = edits.fold(
        edits.set_value(surface, REGISTRY, "lfo", "rate", 2.0), ["pad", "lfo"], True
    )
    shapes = {
        name: shape_of(folded.nodes[name], REGISTRY.find(folded.nodes[name].type), inlets, set())
        for name, inlets in (("pad", {"style1", "style3", "x2"}), ("lfo", set()))
    }
    rows = {name: [row.name for row in shape.rows] for name, shape in shapes.items()}
    assert rows == {"pad": ["style", "style1", "style3", "x2"], "lfo": ["control", "rate"]}


def test_a_fold_is_kept_in_the_file_and_changes_nothing_else(surface):
    folded = edits.fold(surface, ["pad"], True)
    assert loads(dumps(folded)) == folded
    assert edits.fold(folded, ["pad"], False) == surface
    with pytest.raises(PatchError, match="there is no node 'nobody'"):
        edits.fold(surface, ["nobody"], True)


def test_what_a_type_no_longer_declares_has_rows_that_can_be_taken_away():
    node = Node("control.lag", values={"time": 1.0, "warmth": 0.5})
    shape = shape_of(node, REGISTRY.find(node.type), {"trigger"}, {"control", "end"})
    known = {row.name for row in shape.rows if row.signal or row.port}
    assert known >= {"control", "time"}
    assert [row for row in shape.rows if not (row.signal or row.port)] == [
        Row("outlet", "end", None, None),
        Row("inlet", "trigger", None, None),
        Row("setting", "warmth", None, None),
    ]


def test_the_next_set_of_a_group_takes_a_cable_and_has_no_field_yet():
    node = Node("audio.mix", values={"level2": 0.5})
    shape = shape_of(node, REGISTRY.find(node.type), {"audio1"}, set())
    fields = [row.name for row in shape.rows if row.port]
    assert fields == ["level1", "level2"]
    assert {"audio3", "level3"} <= {row.name for row in shape.rows}
    turned = replace(node, values={"level1": 0.2, "level2": 0.7})
    assert shape_of(turned, REGISTRY.find(node.type), {"audio1"}, set()) == shape
