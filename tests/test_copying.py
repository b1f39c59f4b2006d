"""Copies of nodes, nodes put into cables, and node types between two signals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toys import PLAIN, TOYS, patch

from engine import edits
from engine.copying import corner, fragment, paste
from engine.files import dumps, loads
from engine.fitting import bridges, free_inlet, insert
from engine.node import read
from engine.patch import MAX_CABLES, Cable, Comment, Node, Patch, PatchError
from engine.registry import Registry, load_registry
from engine.signals import AUDIO, CONTROL, MIDI, NOTES, STYLE, TEXT, Control

PLACED = replace(
    edits.move(PLAIN, {"lfo": (100, 40), "amp": (300, 20), "out": (500, 60)}),
    comments={"box": Comment("Here", (90, 10), (200, 100))},
)
COPIED = fragment(PLACED, ["lfo", "amp", "out"], ["box"])


STRANGE = replace(
    edits.disconnect(PLAIN, "lfo.control", "amp.gain"),
    nodes={**PLAIN.nodes, "glow": Node("far.glow")},
)
STRANGE = replace(
    STRANGE,
    cables=(
        *STRANGE.cables,
        Cable("glow", "light", "amp", "gain"),
        Cable("nobody", "control", "lfo", "step"),
    ),
)


def strings(found: Patch) -> list[str]:
    return [str(each) for each in found.cables]


def test_a_fragment_is_a_patch_that_can_be_sent_as_text():
    assert list(COPIED.nodes) == ["amp", "lfo", "out"]
    assert strings(COPIED) == [
        "amp.audio -> out.audio",
        "lfo.control -> amp.gain",
        "model1.audio -> amp.audio",
    ]
    assert COPIED.comments == PLACED.comments
    assert COPIED.title == ""
    assert loads(dumps(COPIED)) == COPIED
    assert corner(COPIED) == (90, 10)
    assert corner(Patch()) == (0, 0)


def test_what_is_pasted_gets_free_ids_and_lies_where_it_is_put():
    found, names = paste(PLACED, TOYS, COPIED, (1_000, 500), incoming=False)
    assert names == ("amp1", "lfo1", "out1")
    assert found.nodes["lfo1"] == Node("control.count", (1_010, 530), {"step": 0.25})
    assert found.nodes["amp1"].at == (1_210, 510)
    assert found.comments["box1"] == Comment("Here", (1_000, 500), (200, 100))
    assert set(strings(found)) - set(strings(PLACED)) == {
        "amp1.audio -> out1.audio",
        "lfo1.control -> amp1.gain",
    }
    again, names = paste(found, TOYS, fragment(found, ["lfo1"]), (0, 0), incoming=False)
    assert names == ("lfo2",)
    assert {name: again.nodes[name] for name in PLACED.nodes} == dict(PLACED.nodes)


def test_cables_from_outside_are_patched_only_where_that_is_asked_and_there():
    found, _ = paste(PLACED, TOYS, COPIED, (0, 0), incoming=True)
    assert "model1.audio -> amp1.audio" in strings(found)
    alone, names = paste(Patch(), TOYS, COPIED, (0, 0), incoming=True)
    assert names == ("amp", "lfo", "out")
    assert strings(alone) == ["amp.audio -> out.audio", "lfo.control -> amp.gain"]
    other, _ = paste(patch({"model1": "control.add"}), TOYS, COPIED, (0, 0), incoming=True)
    assert "model1.audio -> amp.audio" not in strings(other)


def test_pasted_nodes_whose_ids_cross_are_not_mixed_up():
    there = patch({"n1": "control.count"})
    two = patch({"n1": "control.add", "n2": "control.add"}, ["n1.control > n2.a"])
    found, names = paste(there, TOYS, two, (0, 0), incoming=True)
    assert names == ("n3", "n2"), "one that can keep its name does"
    assert strings(found) == ["n3.control -> n2.a"]


def test_a_fragment_of_what_is_not_there_is_refused():
    with pytest.raises(PatchError, match="there is no node 'x'"):
        fragment(PLACED, ["x"])
    with pytest.raises(PatchError, match="there is no comment 'x'"):
        fragment(PLACED, [], ["x"])


def test_types_that_are_not_installed_are_kept():
    strange = Patch(nodes={"glow": Node("far.glow", values={"x": [1]}, extra={"y": 2})})
    found, names = paste(strange, TOYS, strange, (0, 0), incoming=False)
    assert found.nodes[names[0]] == strange.nodes["glow"]


def test_former_names_become_the_present_ones():
    def toy(size: Control = 0.0) -> Control:
        """A toy."""
        return size

    kind = read("test.toy", toy, ("test.old",), {"width": "size"})
    registry = Registry.of({"test.toy": kind, "test.old": kind})
    found, _ = paste(
        Patch(), registry, patch({"a": "test.old"}, values={"a.width": 2}), (0, 0), incoming=False
    )
    assert found.nodes["a"].values == {"size": 2}
    assert found.nodes["a"].type == "test.toy"


def refused(found: Patch, copied: Patch, at: tuple[float, float] = (0, 0)) -> str:
    with pytest.raises(PatchError) as caught:
        paste(found, TOYS, copied, at, incoming=True)
    return str(caught.value)


def test_what_is_too_much_or_not_legal_is_refused():
    many = Patch(nodes={f"n{number}": Node("control.add") for number in range(1_998)})
    assert refused(many, COPIED) == "would make 2,001 nodes; at most 2,000 are legal"
    cables = tuple(Cable("a", "o", "b", f"i{number}") for number in range(MAX_CABLES))
    full = Patch(nodes={"a": Node("x.y"), "b": Node("x.y")}, cables=cables)
    assert refused(full, COPIED) == "would make 10,003 cables; at most 10,000 are legal"
    comments = Patch(comments={f"c{number}": Comment("") for number in range(1_000)})
    assert refused(comments, COPIED) == "would make 1,001 comments; at most 1,000 are legal"
    wrong = patch({"amp": "audio.gain"}, values={"amp.gain": 7})
    assert refused(PLACED, wrong) == "amp1.gain: 7 is outside 0..1"
    loop = patch({"a": "control.add", "b": "control.add"}, ["a.control > b.a", "b.control > a.a"])
    assert refused(PLACED, loop).startswith("a: a cycle: a -> b -> a;")
    assert "outside ±1,000,000 pixels" in refused(PLACED, COPIED, (999_999, 0))


def test_what_is_wrong_already_does_not_hinder_a_paste():
    wrong = patch({"amp": "audio.gain"}, values={"amp.gain": 7})
    _, names = paste(wrong, TOYS, fragment(PLACED, ["lfo"]), (0, 0), incoming=False)
    assert names == ("lfo",)


def test_a_node_put_into_a_cable_takes_its_first_free_inlet_and_its_first_outlet():
    there = edits.add(PLAIN, TOYS, "audio.mix", "mix", values={"level1": 0.5})
    found = insert(there, TOYS, "mix", Cable("model1", "audio", "amp", "audio"))
    assert {"model1.audio -> mix.audio1", "mix.audio -> amp.audio"} <= set(strings(found))
    assert "model1.audio -> amp.audio" not in strings(found)
    assert free_inlet(found, TOYS.types["audio.mix"], "mix", AUDIO) == "audio2"


def test_a_node_that_does_not_fit_a_cable_says_what_it_lacks():
    cable = Cable("model1", "audio", "amp", "audio")

    def words(type_: str, cable: Cable = cable) -> str:
        with pytest.raises(PatchError) as caught:
            insert(edits.add(STRANGE, TOYS, type_, "it"), TOYS, "it", cable)
        return str(caught.value)

    assert words("control.add") == "it: has no free inlet for Audio"
    assert words("style.meter") == "it: has no outlet for Audio"
    strange = Cable("glow", "light", "amp", "gain")
    assert words("control.add", strange) == "glow: the node type 'far.glow' is not installed"
    dangling = Cable("nobody", "control", "lfo", "step")
    assert words("control.add", dangling).endswith("there is no node 'nobody'")
    gone = Cable("lfo", "control", "amp", "gain")
    assert words("control.add", gone) == "there is no cable lfo.control -> amp.gain"


def test_one_node_makes_notes_of_midi_and_a_style_of_a_text_or_a_sound():
    registry = load_registry()
    bridged = {
        (start.name, end.name): [each.name for each in bridges(registry, start, end)]
        for start in (CONTROL, MIDI, NOTES, STYLE, TEXT, AUDIO)
        for end in (CONTROL, MIDI, NOTES, STYLE, TEXT, AUDIO)
    }
    assert {ends: types for ends, types in bridged.items() if types} == {
        ("Audio", "Control"): ["audio.level"],
        ("Audio", "Style"): ["style.listen"],
        ("Midi", "Control"): ["midi.control"],
        ("Midi", "Notes"): ["notes.held"],
        ("Notes", "Audio"): ["generator.model"],
        ("Style", "Audio"): ["generator.model"],
        ("Text", "Style"): ["style.prompt"],
    }
