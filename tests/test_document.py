"""Steps are named, merged, undone and done again; what was turned by hand elsewhere stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from toys import TOYS

from engine.files import save_patch
from engine.patch import Cable, Node, Patch
from engine.registry import Registry
from patcher.document import Document

START = Patch(nodes={"a": Node("control.add", values={"a": 1.0}), "b": Node("control.add")})


@pytest.fixture
def document() -> Document:
    return Document.new(TOYS, START)


def put(patch: Patch, name: str, port: str, value: Any) -> Patch:
    """The patch with a value set."""
    node = patch.nodes[name]
    changed = replace(node, values={**node.values, port: value})
    return replace(patch, nodes={**patch.nodes, name: changed})


def moved(patch: Patch, name: str, x: float) -> Patch:
    """The patch with a node elsewhere."""
    return replace(patch, nodes={**patch.nodes, name: replace(patch.nodes[name], at=(x, 0.0))})


def steps(document: Document) -> list[str]:
    """The names of the steps that can be undone, the first first."""
    names = []
    while name := document.undo():
        names.append(name)
    for _ in names:
        document.redo()
    return names[::-1]


def held(document: Document, name: str = "a", port: str = "a") -> Any:
    return document.patch.nodes[name].values.get(port)


def test_a_new_document_is_untitled_saved_and_has_nothing_to_undo():
    document = Document.new(TOYS)
    assert (document.title, document.path, document.folder) == ("Untitled", None, None)
    assert not document.unsaved
    assert not document.read_only
    assert document.undo() is None
    assert document.redo() is None
    assert (document.undo_name, document.redo_name) == (None, None)


def test_steps_are_undone_and_done_again_by_name(document):
    document.do("Move a", moved(START, "a", 5))
    document.do("Add c", replace(document.patch, nodes={**document.patch.nodes, "c": Node("x.y")}))
    last = document.patch
    assert document.unsaved
    assert document.undo() == "Add c"
    assert (document.undo_name, document.redo_name) == ("Move a", "Add c")
    assert document.undo() == "Move a"
    assert document.patch == START
    assert not document.unsaved
    assert document.redo() == "Move a"
    assert document.redo() == "Add c"
    assert document.patch == last
    assert document.redo() is None


def test_a_step_after_an_undo_takes_the_place_of_those_undone(document):
    document.do("Move a", moved(START, "a", 5))
    document.do("Move b", moved(document.patch, "b", 5))
    document.undo()
    document.do("Delete b", replace(document.patch, nodes={"a": document.patch.nodes["a"]}))
    assert document.redo_name is None
    assert steps(document) == ["Move a", "Delete b"]


def test_a_drag_is_one_step_until_the_mouse_is_released(document):
    for x in range(1, 50):
        document.do("Move a", moved(document.patch, "a", x), merge="drag a")
    document.seal()
    for x in range(50, 60):
        document.do("Move a", moved(document.patch, "a", x), merge="drag a")
    assert steps(document) == ["Move a", "Move a"]
    document.undo()
    assert document.patch.nodes["a"].at == (49, 0)
    document.undo()
    assert document.patch == START


def test_another_step_ends_a_drag(document):
    document.do("Move a", moved(document.patch, "a", 1), merge="drag")
    document.do("Set a", put(document.patch, "a", "a", 2.0))
    document.do("Move a", moved(document.patch, "a", 2), merge="drag")
    assert steps(document) == ["Move a", "Set a", "Move a"]


def test_after_an_undo_a_drag_joins_no_earlier_one(document):
    document.do("Move a", moved(document.patch, "a", 1), merge="drag")
    document.do("Set a", put(document.patch, "a", "a", 2.0))
    document.undo()
    document.do("Move a", moved(document.patch, "a", 2), merge="drag")
    assert steps(document) == ["Move a", "Move a"]


def test_a_drag_back_to_where_it_began_is_no_step(document):
    document.do("Set a", put(document.patch, "a", "a", 2.0))
    before = document.patch
    document.do("Move a", moved(before, "a", 9), merge="drag")
    document.do("Move a", before, merge="drag")
    assert document.undo_name == "Set a"
    document.do("Move a", moved(before, "a", 3), merge="drag")
    assert document.undo() == "Move a"
    assert document.patch == before


def test_what_changes_nothing_is_no_step(document):
    version = document.version
    document.do("Move nothing", moved(START, "a", 0.0))
    assert document.undo_name is None
    assert document.version == version


def test_every_change_is_noticed(document):
    seen = [document.version]
    document.do("Move a", moved(START, "a", 5))
    seen.append(document.version)
    document.follow("a", "a", 7.0)
    seen.append(document.version)
    document.undo()
    seen.append(document.version)
    document.redo()
    seen.append(document.version)
    assert seen == sorted(set(seen))


def test_a_knob_that_was_turned_on_the_controller_stays_when_another_step_is_undone(document):
    document.do("Move b", moved(document.patch, "b", 5))
    document.follow("a", "a", 0.75)
    document.do("Move b", moved(document.patch, "b", 6))
    document.undo()
    document.undo()
    assert document.patch == put(START, "a", "a", 0.75)
    document.follow("a", "a", 0.25)
    document.redo()
    document.redo()
    assert document.patch == moved(put(START, "a", "a", 0.25), "b", 6)
    assert steps(document) == ["Move b", "Move b"]


def test_undoing_the_step_that_set_a_value_restores_it_all_the_same(document):
    document.do("Set a", put(document.patch, "a", "a", 2.0))
    document.follow("a", "a", 3.0)
    document.undo()
    assert held(document) == 1.0
    document.redo()
    assert held(document) == 2.0


def test_a_knob_turned_during_a_drag_is_no_part_of_it(document):
    document.do("Move b", moved(document.patch, "b", 5), merge="drag")
    document.follow("a", "a", 0.75)
    document.do("Move b", moved(document.patch, "b", 6), merge="drag")
    assert steps(document) == ["Move b"]
    document.undo()
    assert document.patch == put(START, "a", "a", 0.75)


def test_a_value_of_a_node_that_was_deleted_meanwhile_is_let_go(document):
    cable = Cable("a", "control", "b", "a")
    document.do("Patch", replace(document.patch, cables=(cable,)))
    document.follow("a", "a", 5.0)
    document.do("Delete a", Patch(nodes={"b": Node("control.add")}))
    document.follow("a", "a", 6.0)
    assert list(document.patch.nodes) == ["b"]
    document.undo()
    assert held(document) == 5.0
    assert document.patch.cables == (cable,)


def test_a_value_that_is_followed_makes_the_patch_another_than_the_saved_one(document):
    document.follow("a", "a", 2.0)
    assert document.unsaved
    document.follow("a", "a", 1.0)
    assert not document.unsaved


def test_ten_thousand_steps_can_be_undone(document):
    for x in range(1, 10_001):
        document.do("Move a", moved(document.patch, "a", x))
    while document.undo():
        pass
    assert document.patch == START


def test_recovered_work_is_untitled_unsaved_and_says_so(tmp_path):
    document = Document.recovered(TOYS, replace(START, title="Harmoniser"), "Harmoniser", tmp_path)
    assert document.title == "Recovered Harmoniser"
    assert (document.path, document.folder) == (None, tmp_path)
    assert document.unsaved
    again = Document.recovered(TOYS, START, document.title, None)
    assert again.title == "Recovered Harmoniser"


def test_former_names_of_types_become_the_present_ones_and_are_no_change(tmp_path, state):
    registry = Registry.of({**TOYS.types, "toy.old": TOYS.types["control.add"]})
    save_patch(Patch(nodes={"a": Node("toy.old")}), tmp_path / "a.hocket")
    document = Document.open(registry, tmp_path / "a.hocket")
    assert document.patch.nodes["a"].type == "control.add"
    assert not document.unsaved
    document.close()
