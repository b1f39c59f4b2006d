"""What is told about nodes, ports and cables, the patches on the shelf, and the list of keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from engine.files import load_patch, save_patch
from engine.nodetype import NodeType
from engine.patch import Cable, Patch, Problem
from engine.registry import load_registry
from patcher import state as kept
from patcher.editing.explaining import about_cable, about_node, about_port, facts, paragraphs
from patcher.editing.shelf import HELP, OWN, RECENT, SHIPPED, narrowed, shelf, tags_of
from patcher.panels.shortcuts import balanced, grouped
from patcher.shipped import shipped_patches
from patcher.ui.actions import Action

REGISTRY = load_registry()


def told(place: str) -> str:
    """What is said of a port, written `type:port`."""
    type_, port = place.split(":")
    declared = REGISTRY.types[type_]
    found = declared.value(port) or declared.inlet(port) or declared.outlet(port)
    assert found
    return about_port(f"x.{port}", found).facts


@pytest.mark.parametrize(
    ("place", "facts"),
    [
        ("mask.unmask_width:width", "inlet: Control, 0..127 semitones, 0 unless set"),
        ("control.delay:control", "inlet: Control, 0 unless set, read for the next frame"),
        ("notes.held:midi", "inlet: Midi"),
        ("notes.held:notes", "outlet: Notes"),
        ("control.lfo:sync", "setting: on or off, off unless set"),
        ("control.lfo:seed", "setting: a whole number, 0 unless set"),
        ("audio.input:channels", "setting: stereo | left | right | mono, stereo unless set"),
        ("midi.file:file", "setting: a file .mid .midi"),
        ("midi.input:port", "setting: MIDI port"),
    ],
)
def test_a_port_tells_its_signal_its_legal_values_and_its_default(place: str, facts: str) -> None:
    assert told(place) == facts


@pytest.mark.parametrize("declared", REGISTRY.types.values(), ids=list(REGISTRY.types))
def test_of_every_type_something_is_told(declared: NodeType) -> None:
    words = about_node("x", declared.name, declared, ()).text
    assert words.translate({ord("“"): "`", ord("”"): "`"}) == declared.summary
    for port in (*declared.inlets, *declared.settings, *declared.outlets):
        assert all(facts(port))


def test_a_fault_is_told_before_what_the_node_does() -> None:
    declared = REGISTRY.types["audio.gain"]
    fault = Problem("gain1", "no cable")
    assert str(about_node("gain1", declared.name, declared, [fault])) == "gain1 · no cable"


def test_a_type_that_is_not_installed_is_told_to_be_so() -> None:
    assert "not installed" in about_node("x", "toys.kazoo", None, ()).text


def test_a_cable_tells_what_it_carries_and_what_for() -> None:
    patch = load_patch(shipped_patches() / "harmoniser.hocket")
    cable = Cable("held", "notes", "harmonise", "notes")
    words = about_cable(cable, patch, REGISTRY)
    assert (words.title, words.facts) == ("held.notes → harmonise.notes", "carries Notes")


def test_a_docstring_is_told_by_paragraphs_with_its_lists_as_they_are() -> None:
    text = "First line\nsecond `one`.\n\n- a list\n- goes on"
    assert paragraphs(text) == ["First line second “one”.", "- a list\n- goes on"]


def test_the_shelf_has_what_is_shipped_what_was_opened_and_all_help(state, tmp_path) -> None:
    mine = tmp_path / "mine.hocket"
    save_patch(Patch(title="Mine", description="all mine", tags=("own",)), mine)
    broken = tmp_path / "broken.hocket"
    broken.write_text("{")
    for path in (mine, broken):
        kept.add_recent(path)
    found = shelf()
    assert [each.title for each in found if each.kind == RECENT] == ["broken", "Mine"]
    assert {"First light", "Harmoniser"} <= {each.title for each in found if each.kind == SHIPPED}
    assert {each.title for each in found if each.kind == HELP} == set(REGISTRY.types)


def test_the_shelf_has_the_players_own_folder_and_says_which_patches_are_broken(
    state, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("XDG_DOCUMENTS_DIR", str(tmp_path))
    for folder in ("Hocket", "saved", "chosen"):
        (tmp_path / folder).mkdir()
        save_patch(Patch(title=f"In {folder}"), tmp_path / folder / "mine.hocket")
    (tmp_path / "chosen" / "broken.hocket").write_text("{")

    def own() -> dict[str, str]:
        return {each.title: each.fault for each in shelf() if each.kind == OWN}

    assert own() == {"In Hocket": ""}
    liked = kept.Preferences(saved=str(tmp_path / "saved"))
    kept.save_preferences(liked)
    assert own() == {"In saved": ""}
    kept.save_preferences(replace(liked, patches=str(tmp_path / "chosen")))
    assert list(own()) == ["broken", "In chosen"]
    assert "not JSON" in own()["broken"]
    kept.save_preferences(replace(liked, patches=str(tmp_path / "gone")))
    assert own() == {}


def test_the_shelf_is_narrowed_by_words_and_tags(state) -> None:
    found = shelf()
    assert "Harmoniser" in [each.title for each in narrowed(found, "choir")]
    assert next(each.title for each in narrowed(found, "mask.solo")) == "mask.solo"
    assert {each.kind for each in narrowed(found, "", "starter")} == {SHIPPED}
    assert narrowed(found, "zebra") == []
    assert {"help", "starter"} <= set(tags_of(found))


def nothing() -> None:
    pass


def actions() -> Iterator[Action]:
    yield Action("Undo", nothing, ("Ctrl+Z",), "Edit")
    yield Action("Overview map", nothing, (), "View")
    yield Action("Shortcuts", nothing, ("Shift+/",), "Help")
    for number in range(1, 10):
        yield Action(f"Recall scene {number}", nothing, (f"Ctrl+{number}",))


def test_keys_are_listed_by_menu_and_the_mouse_last() -> None:
    groups = dict(grouped(list(actions()), {"Wheel": "Zoom"}))
    assert list(groups) == ["Edit", "Help", "More", "Mouse"]
    assert groups["Help"] == [("?", "Shortcuts")]
    assert [title for _, title in groups["More"]] == ["Recall scene 1–9"]
    assert groups["More"][0][0].endswith("+1–9")


def test_the_columns_of_the_list_keep_all_groups_in_order() -> None:
    groups = [(str(number), [("A", "b")] * number) for number in range(1, 8)]
    columns = balanced(groups, 3)
    assert len(columns) == 3
    assert [group for column in columns for group in column] == groups
    assert all(columns)
