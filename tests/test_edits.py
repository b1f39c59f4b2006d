"""Edits: what each makes of a patch, and with which words it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from toys import TOYS, patch

from engine import edits
from engine.patch import MAX_CABLES, MAX_NODES, Cable, Node, Patch, PatchError
from engine.registry import Registry

SMALL = patch(
    {"lfo": "control.count", "sum": "control.add", "amp": "audio.gain", "out": "audio.output"},
    ["lfo.control > sum.a", "sum.control > amp.gain", "amp.audio > out.audio"],
    {"lfo.step": 0.1},
    title="Small",
)
STRANGE = replace(
    SMALL, nodes={**SMALL.nodes, "glow": Node("far.glow", values={"x": 1}, extra={"y": 2})}
)


def refusal(edit: Callable[..., Patch], *arguments: Any, **more: Any) -> str:
    """Returns the words with which an edit is refused."""
    with pytest.raises(PatchError) as caught:
        edit(*arguments, **more)
    return str(caught.value)


def test_add_places_a_node():
    found = edits.add(SMALL, TOYS, "control.add", "more", (40, 80.5), {"b": 0.5})
    assert found.nodes["more"] == Node("control.add", (40.0, 80.5), {"b": 0.5})
    assert list(found.nodes) == ["amp", "lfo", "more", "out", "sum"]
    assert found.cables == SMALL.cables
    assert found.title == "Small"
    assert "more" not in SMALL.nodes


def test_a_node_is_named_after_its_type_and_the_first_free_number():
    found = SMALL
    for _ in range(3):
        found = edits.add(found, TOYS, "control.count")
    assert {"count1", "count2", "count3"} < set(found.nodes)
    found = edits.add(edits.remove(found, "count2"), TOYS, "control.count")
    assert "count2" in found.nodes
    assert edits.fresh_name(found, "control.lfo2") == "lfo1"
    assert edits.fresh_name(found, "x." + "y" * 90) == "y" * 59 + "1"


def test_a_former_name_of_a_type_becomes_the_present_one():
    lag = TOYS.types["control.add"]
    registry = Registry.of({"control.add": lag, "control.sum": lag})
    assert edits.add(Patch(), registry, "control.sum", "x").nodes["x"].type == "control.add"


def test_add_refuses():
    legal = "legal are up to 64 of a-z, 0-9 and _, beginning with a letter"
    assert refusal(edits.add, SMALL, TOYS, "control.add", "A") == f"'A' is no id; {legal}"
    words = "lfo: there is a node of this name already"
    assert refusal(edits.add, SMALL, TOYS, "control.add", "lfo") == words
    words = "unknown node type 'control.dealy'; did you mean control.delay"
    assert refusal(edits.add, SMALL, TOYS, "control.dealy").startswith(words)
    words = "a: unknown node type 'qqq\\n'; `hocket nodes` lists all"
    assert refusal(edits.add, SMALL, TOYS, "qqq\n", "a") == words
    words = "a: the place (nan, 0) is outside ±1,000,000 pixels"
    assert refusal(edits.add, SMALL, TOYS, "control.add", "a", (float("nan"), 0)) == words
    words = "a.c: control.add has no such value; legal are: a, b"
    assert refusal(edits.add, SMALL, TOYS, "control.add", "a", values={"c": 1}) == words


def test_a_patch_is_full_at_2000_nodes():
    full = Patch(nodes={f"n{number}": Node("control.add") for number in range(MAX_NODES)})
    assert refusal(edits.add, full, TOYS, "control.add") == "a patch has at most 2,000 nodes"


def test_remove_takes_nodes_and_the_cables_at_them():
    found = edits.remove(SMALL, "sum", "lfo")
    assert list(found.nodes) == ["amp", "out"]
    assert [str(each) for each in found.cables] == ["amp.audio -> out.audio"]
    assert edits.remove(SMALL) == SMALL
    assert refusal(edits.remove, SMALL, "lfo", "none") == "there is no node 'none'"


def test_connect_patches_a_cable():
    found = edits.connect(SMALL, TOYS, "lfo.control", "sum.b")
    assert set(found.cables) - set(SMALL.cables) == {Cable("lfo", "control", "sum", "b")}
    assert found.cables == tuple(sorted(found.cables))
    assert len(SMALL.cables) == 3


def test_connect_takes_the_place_of_a_cable_only_if_told_to():
    words = "sum.a: is fed by lfo.control already; an inlet takes one cable"
    more = edits.add(SMALL, TOYS, "control.count", "more")
    assert refusal(edits.connect, more, TOYS, "more.control", "sum.a") == words
    assert refusal(edits.connect, SMALL, TOYS, "lfo.control", "sum.a") == words
    found = edits.connect(more, TOYS, "more.control", "sum.a", instead=True)
    assert found.cable_into("sum", "a") == Cable("more", "control", "sum", "a")
    assert len(found.cables) == 3
    assert edits.connect(SMALL, TOYS, "lfo.control", "sum.a", instead=True) == SMALL


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("lfo", "sum.a", "'lfo' is not node.port"),
        ("lfo.control\n", "sum.a", "'lfo.control\\n' is not node.port"),
        ("lfo.control", "x.a", "cannot patch lfo.control into x.a: there is no node 'x'"),
        ("x.control", "sum.a", "cannot patch x.control into sum.a: there is no node 'x'"),
        ("sum.control", "sum.b", "cannot patch sum.control into sum.b: a node cannot feed itself"),
        (
            "lfo.audio",
            "sum.b",
            "cannot patch lfo.audio into sum.b: control.count has no outlet 'audio'; "
            "legal are: control",
        ),
        (
            "out.audio",
            "amp.audio",
            "cannot patch out.audio into amp.audio: audio.output has no outlet 'audio'; "
            "legal are: none",
        ),
        (
            "lfo.control",
            "sum.c",
            "cannot patch lfo.control into sum.c: control.add has no inlet 'c'; legal are: a, b",
        ),
        ("lfo.control", "out.audio", "cannot patch lfo.control (Control) into out.audio (Audio)"),
    ],
)
def test_connect_refuses(start, end, words):
    assert refusal(edits.connect, SMALL, TOYS, start, end) == words


def test_a_node_without_inlets_says_so():
    two = edits.add(SMALL, TOYS, "control.clock", "clock")
    words = "control.clock has no inlet 'a'; legal are: none"
    assert refusal(edits.connect, two, TOYS, "lfo.control", "clock.a").endswith(words)


def test_a_cycle_is_refused_by_name_and_a_delay_closes_it():
    open_ = patch(
        {"b": "control.add", "a": "control.add", "c": "control.delay"}, ["a.control > b.a"]
    )
    words = "a: a cycle: a -> b -> a; a delay node (control.delay, notes.delay) may close it"
    assert refusal(edits.connect, open_, TOYS, "b.control", "a.a") == words
    through = edits.connect(open_, TOYS, "b.control", "c.value")
    closed = edits.connect(through, TOYS, "c.control", "a.a")
    assert len(closed.cables) == 3
    alone = edits.connect(closed, TOYS, "c.control", "c.value", instead=True)
    assert alone.cable_into("c", "value") == Cable("c", "control", "c", "value")


def test_a_cycle_elsewhere_hinders_no_other_cable():
    broken = patch(
        {"a": "control.add", "b": "control.add", "c": "control.add", "d": "control.add"},
        ["a.control > b.a", "b.control > a.a"],
    )
    assert edits.connect(broken, TOYS, "c.control", "d.a").cable_into("d", "a")


def test_a_cable_to_a_type_that_is_not_installed_is_kept_unchecked():
    found = edits.connect(STRANGE, TOYS, "glow.light", "sum.b")
    found = edits.connect(found, TOYS, "lfo.control", "glow.dark")
    found = edits.connect(found, TOYS, "glow.light", "glow.feedback")
    assert len(found.cables) == 6
    words = "cannot patch glow.light into sum.c: control.add has no inlet 'c'; legal are: a, b"
    assert refusal(edits.connect, STRANGE, TOYS, "glow.light", "sum.c") == words


def test_a_patch_is_full_at_10000_cables():
    nodes = {"a": Node("far.glow"), "b": Node("far.glow")}
    cables = tuple(Cable("a", "o", "b", f"i{number}") for number in range(MAX_CABLES))
    full = Patch(nodes=nodes, cables=cables)
    words = "a patch has at most 10,000 cables"
    assert refusal(edits.connect, full, TOYS, "a.o", "b.more") == words
    assert len(edits.connect(full, TOYS, "a.x", "b.i7", instead=True).cables) == MAX_CABLES


def test_disconnect_pulls_a_cable_out():
    found = edits.disconnect(SMALL, "lfo.control", "sum.a")
    assert [str(each) for each in found.cables] == [
        "amp.audio -> out.audio",
        "sum.control -> amp.gain",
    ]
    words = "there is no cable lfo.control -> sum.b"
    assert refusal(edits.disconnect, SMALL, "lfo.control", "sum.b") == words
    assert refusal(edits.disconnect, SMALL, "lfo", "sum.b") == "'lfo' is not node.port"


def test_set_value_sets_and_clear_value_takes_away():
    found = edits.set_value(SMALL, TOYS, "lfo", "step", 0.25)
    assert found.nodes["lfo"].values == {"step": 0.25}
    assert SMALL.nodes["lfo"].values == {"step": 0.1}
    assert edits.clear_value(found, "lfo", "step").nodes["lfo"].values == {}
    words = "sum.a: has no value of its own"
    assert refusal(edits.clear_value, SMALL, "sum", "a") == words
    assert refusal(edits.clear_value, SMALL, "none", "a") == "there is no node 'none'"


def test_a_value_is_kept_while_a_cable_feeds_its_inlet():
    found = edits.set_value(SMALL, TOYS, "sum", "a", 0.5)
    assert found.nodes["sum"].values == {"a": 0.5}
    assert found.cables == SMALL.cables


@pytest.mark.parametrize(
    ("name", "port", "value", "words"),
    [
        ("none", "a", 1, "there is no node 'none'"),
        ("amp", "gain", 1.5, "amp.gain: 1.5 is outside 0..1"),
        ("amp", "gain", "loud", "amp.gain: 'loud' is not a number"),
        ("amp", "gain", True, "amp.gain: True is not a number"),
        ("amp", "gain", float("nan"), "amp.gain: nan is not a finite number"),
        ("amp", "audio", 0, "amp.audio: takes a cable (Audio), not a value"),
        ("amp", "level", 0, "amp.level: audio.gain has no such value; legal are: gain"),
        ("out", "level", 0, "out.level: audio.output has no such value; legal are: none"),
        ("glow", "x", 0, "glow: the node type 'far.glow' is not installed"),
        ("lfo", "step", 10**400, "lfo.step: a whole number beyond ±2^53 is not legal"),
    ],
)
def test_set_value_refuses(name, port, value, words):
    assert refusal(edits.set_value, STRANGE, TOYS, name, port, value) == words


def test_a_value_that_is_wrong_already_does_not_hinder_another():
    wrong = patch({"amp": "audio.gain", "mix": "audio.mix"}, values={"mix.level9": 7})
    found = edits.set_value(wrong, TOYS, "mix", "level1", 0.5)
    assert found.nodes["mix"].values == {"level9": 7, "level1": 0.5}


def test_move_puts_nodes_elsewhere():
    found = edits.move(SMALL, {"lfo": (1, 2), "sum": (-3.5, 4)})
    assert (found.nodes["lfo"].at, found.nodes["sum"].at) == ((1.0, 2.0), (-3.5, 4.0))
    assert found.nodes["amp"] == SMALL.nodes["amp"]
    assert found.nodes["lfo"].values == {"step": 0.1}
    assert refusal(edits.move, SMALL, {"none": (0, 0)}) == "there is no node 'none'"
    words = "lfo: the place (0, 1000000.0) is outside ±1,000,000 pixels"
    assert refusal(edits.move, SMALL, {"sum": (1, 1), "lfo": (0, 1e6)}) == words


def test_rename_takes_cables_values_and_all_along():
    found = edits.rename(SMALL, "sum", "total")
    assert "sum" not in found.nodes
    assert found.nodes["total"] == SMALL.nodes["sum"]
    assert [str(each) for each in found.cables] == [
        "amp.audio -> out.audio",
        "lfo.control -> total.a",
        "total.control -> amp.gain",
    ]
    assert edits.rename(found, "total", "sum") == SMALL
    words = "amp: there is a node of this name already"
    assert refusal(edits.rename, SMALL, "lfo", "amp") == words
    assert refusal(edits.rename, SMALL, "none", "x") == "there is no node 'none'"
    assert refusal(edits.rename, SMALL, "lfo", "l f o").startswith("lfo: 'l f o' is no id; legal")


def test_rename_follows_both_ends_of_a_cable_from_a_node_to_itself():
    loop = patch({"d": "control.delay"}, ["d.control > d.value"])
    found = edits.rename(loop, "d", "echo")
    assert found.cables == (Cable("echo", "control", "echo", "value"),)


def test_describe_says_what_is_named_and_leaves_the_rest():
    found = edits.describe(SMALL, author="Ada", tags=["a", "b"])
    assert (found.title, found.author, found.tags) == ("Small", "Ada", ("a", "b"))
    found = edits.describe(found, title="", license="CC0-1.0", description="Why.", tags=())
    assert found == replace(SMALL, title="", author="Ada", license="CC0-1.0", description="Why.")


def test_describe_refuses_what_no_file_holds():
    fault = "a text of 65,537 characters; at most 65,536 are legal"
    assert refusal(edits.describe, SMALL, title="x" * 65_537) == f"title: {fault}"
    assert refusal(edits.describe, SMALL, tags=["a", "x" * 65_537]) == f"tags: {fault}"
    words = "author: a text with half a surrogate pair, which no UTF-8 file can hold"
    assert refusal(edits.describe, SMALL, author="\ud800") == words


def test_a_node_whose_type_is_not_installed_moves_and_is_renamed_whole():
    found = edits.rename(edits.move(STRANGE, {"glow": (5, 5)}), "glow", "shine")
    assert found.nodes["shine"] == Node("far.glow", (5.0, 5.0), {"x": 1}, {"y": 2})


def test_a_refusal_holds_nothing_that_a_terminal_obeys():
    words = refusal(edits.set_value, SMALL, TOYS, "lfo", "\x1b[2J" + "x" * 300, 1)
    assert words.startswith("lfo.\\x1b[2Jxxx")
    assert words.isprintable()
    assert len(words) < 300
