"""What is typed finds node types by name, family, signals and help, the likeliest first."""

from __future__ import annotations

import pytest

from engine.nodetype import NodeType
from engine.registry import load_registry
from patcher import state as kept
from patcher.editing.searching import main_signal, search, taken_and_given

TYPES = list(load_registry().types.values())


def names(typed: str, used: list[str] | None = None) -> list[str]:
    return [each.name for each in search(TYPES, typed, used or [])]


@pytest.mark.parametrize("declared", TYPES, ids=[each.name for each in TYPES])
def test_every_type_is_found_first_by_its_whole_name(declared: NodeType) -> None:
    assert names(declared.name)[0] == declared.name


def test_two_signals_find_what_makes_one_of_the_other() -> None:
    assert names("midi notes")[0] == "notes.held"
    assert "notes.held" in names("mid no")[:2]
    assert names("text style")[0] == "style.prompt"


def test_the_beginning_of_a_name_comes_before_its_middle_and_both_before_the_help() -> None:
    found = names("la")
    assert found[:2] == ["control.lag", "notes.latch"]
    assert found.index("control.delay") < found.index("midi.file")


def test_a_family_comes_before_a_port_and_a_port_before_the_help() -> None:
    found = names("style")
    families = [name.startswith("style.") for name in found]
    assert families == sorted(families, reverse=True)
    assert found[families.count(True)] == "generator.model"


def test_words_of_the_help_find_what_is_called_otherwise() -> None:
    assert names("keyboard")[0] == "midi.input"
    assert "mask.harmonise" in names("chord")


def test_every_typed_word_narrows_the_list() -> None:
    assert set(names("control delay")) < set(names("control"))
    assert names("control zebra") == []


def test_of_equals_the_one_used_more_often_comes_first() -> None:
    assert names("mix")[:2] == ["audio.mix", "style.mix"]
    assert names("mix", ["style.mix", "audio.mix", "style.mix"])[:2] == ["style.mix", "audio.mix"]


def test_what_was_used_last_comes_first_while_nothing_is_typed() -> None:
    found = names("", ["notes.held", "audio.pan", "notes.held"])
    assert found[:3] == ["notes.held", "audio.pan", "audio.gain"]
    assert sorted(found) == sorted(each.name for each in TYPES)


def test_signs_that_mean_something_elsewhere_are_only_searched_for() -> None:
    assert names("\\") == names("[a-") == []


def test_a_type_is_told_by_what_it_gives_else_by_what_it_takes() -> None:
    types = {each.name: each for each in TYPES}
    assert {
        name: getattr(main_signal(types[name]), "name", None) for name in ("notes.held", "osc.send")
    } == {
        "notes.held": "Notes",
        "osc.send": "Control",
    }
    assert taken_and_given(types["audio.gate"]) == (["Audio", "Notes"], ["Audio"])
    assert taken_and_given(types["control.lag"]) == (["Control"], ["Control"])


def test_what_was_added_is_kept_the_latest_first(state) -> None:
    assert kept.added_types() == []
    for name in ("notes.held", "audio.pan", "notes.held"):
        kept.note_added(name)
    assert kept.added_types() == ["notes.held", "audio.pan", "notes.held"]
    for _ in range(kept.MOST_ADDED + 5):
        kept.note_added("audio.mix")
    assert kept.added_types() == ["audio.mix"] * kept.MOST_ADDED
