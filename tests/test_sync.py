"""The engine plays what the document holds, and the document says what the engine plays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from editing import REGISTRY, Bench, lfo

from engine import edits
from engine.commands import MOST_WATCHED, GetPatch, SetPatch, SetValue, Watch
from engine.files import dumps, loads
from engine.messages import PatchChanged, ValueChanged
from engine.patch import Patch, PatchError, Problem
from patcher.document import Document
from patcher.editing import sync as syncing


@pytest.fixture
def bench(state) -> Bench:
    """An editor on a patch that an engine plays."""
    bench = Bench(Document.new(REGISTRY, lfo()))
    bench.start()
    assert loads(bench.engine.plays.text.encode()) == bench.editor.patch
    bench.engine.sent.clear()
    return bench


def test_the_first_patch_crossfades_and_its_edits_do_not(bench):
    bench.editor.edit("Add", lambda patch: edits.add(patch, REGISTRY, "control.lag", "lag"))
    bench.go_on()
    bench.editor.open(Document.new(REGISTRY, Patch(title="Other")))
    bench.go_on()
    assert [each.same for each in bench.engine.of(SetPatch)] == [True, False]


def test_a_knob_sends_its_value_alone(bench):
    bench.set(3.0)
    bench.go_on()
    (sent,) = bench.engine.sent
    assert isinstance(sent, SetValue)
    assert (sent.node, sent.port, sent.value) == ("lfo", "rate", 3.0)


def test_the_echo_of_a_drag_does_not_pull_the_knob_back(bench):
    by = bench.engine.plays.by
    bench.set(3.0)
    bench.go_on()
    bench.set(4.0)
    bench.engine.events.append(ValueChanged("lfo", "rate", 3.0, by))
    bench.go_on()
    assert bench.rate == 4.0


def test_a_value_that_another_client_sets_is_shown_and_not_sent_back(bench):
    bench.engine.events.append(ValueChanged("lfo", "rate", 7.0, "another"))
    bench.go_on()
    assert bench.rate == 7.0
    assert not bench.engine.sent


def test_while_a_patch_compiles_only_the_last_of_further_steps_waits(bench):
    bench.engine.holds = True
    for name in ("one", "two", "three"):
        bench.editor.edit(
            "Add", lambda patch, name=name: edits.add(patch, REGISTRY, "control.lag", name)
        )
        bench.go_on()
    assert len(bench.engine.of(SetPatch)) == 1
    bench.engine.holds = False
    bench.go_on()
    first, last = (loads(each.text.encode()) for each in bench.engine.of(SetPatch))
    assert set(first.nodes) == {"lfo", "one"}
    assert set(last.nodes) == {"lfo", "one", "two", "three"}


def test_a_patch_that_another_client_sets_is_a_step_that_can_be_undone(bench):
    bench.engine.change(lfo(9.0, "Theirs"), "another")
    bench.go_on()
    assert bench.editor.patch.title == "Theirs"
    assert not bench.engine.sent
    bench.editor.undo()
    bench.go_on()
    assert loads(bench.engine.plays.text.encode()).title == ""


def test_of_two_that_change_a_patch_at_once_the_engine_says_who_was_last(bench):
    bench.engine.holds = True
    bench.editor.edit("Add", lambda patch: edits.add(patch, REGISTRY, "control.lag", "lag"))
    bench.go_on()
    theirs = PatchChanged(99, dumps(lfo(9.0, "Theirs")).decode(), by="another")
    bench.engine.events.append(theirs)
    bench.go_on()
    assert "lag" in bench.editor.patch.nodes
    bench.engine.holds = False
    bench.go_on()
    assert bench.editor.patch.title == "Theirs"


def test_an_engine_that_was_out_of_reach_is_sent_only_what_it_missed(bench):
    bench.engine.fall()
    bench.set(5.0)
    bench.go_on()
    bench.start()
    assert isinstance(bench.engine.sent[0], GetPatch)
    assert [type(each) for each in bench.engine.sent[1:]] == [SetValue]


def test_what_changed_while_the_engine_was_out_of_reach_is_taken_over(bench):
    bench.engine.fall()
    bench.go_on()
    bench.engine.change(lfo(8.0), "another")
    bench.engine.events.clear()
    bench.start()
    assert bench.rate == 8.0
    assert not bench.engine.of(SetPatch)


def test_an_engine_that_began_anew_is_given_the_patch(bench):
    bench.engine.fall()
    bench.set(5.0)
    bench.engine.plays = PatchChanged(0, "{}")
    bench.start()
    (sent,) = bench.engine.of(SetPatch)
    assert loads(sent.text.encode()) == bench.editor.patch


def test_the_engine_is_told_where_a_patch_was_saved(bench, tmp_path):
    bench.editor.document.save_as(tmp_path / "mine.hocket")
    bench.go_on()
    assert bench.engine.plays.path == str(tmp_path / "mine.hocket")
    assert [each.same for each in bench.engine.of(SetPatch)] == [True]


def test_nothing_is_sent_in_safe_mode_until_the_player_says_so(bench):
    bench.editor.playing = False
    bench.set(5.0)
    bench.go_on()
    assert not bench.engine.sent
    bench.filing.play()
    bench.go_on()
    assert bench.engine.sent


def refuse(bench: Bench) -> None:
    """Has the engine refuse a patch, an edit of the one that plays."""
    bench.engine.refuses = (Problem("", "too slow", warning=True), Problem("", "too many"))
    bench.editor.edit("Add", lambda patch: edits.add(patch, REGISTRY, "control.lag", "lag"))
    bench.go_on()
    bench.engine.refuses = ()
    bench.engine.sent.clear()


def test_after_a_refusal_a_turned_knob_sends_the_patch_with_it(bench):
    refuse(bench)
    bench.set(3.0)
    bench.go_on()
    (sent,) = bench.engine.sent
    assert loads(sent.text.encode()) == bench.editor.patch


def test_a_refused_patch_is_not_sent_again_and_the_worst_of_why_is_told(bench):
    refuse(bench)
    bench.go_on()
    assert not bench.engine.sent
    assert bench.editor.notice
    assert bench.editor.notice.text == "Not playing this version: too many"
    bench.editor.undo()
    bench.go_on()
    assert bench.editor.notice is None
    assert loads(bench.engine.plays.text.encode()) == bench.editor.patch


def test_a_value_turned_while_a_patch_is_refused_is_not_lost(bench):
    bench.engine.holds = True
    bench.engine.refuses = (Problem("", "too many"),)
    bench.editor.edit("Add", lambda patch: edits.add(patch, REGISTRY, "control.lag", "lag"))
    bench.go_on()
    bench.set(3.0)
    bench.go_on()
    bench.engine.holds = False
    bench.go_on(1)
    bench.engine.refuses = ()
    bench.go_on()
    assert loads(bench.engine.plays.text.encode()) == bench.editor.patch


def test_after_a_refused_document_the_next_version_of_it_still_crossfades(bench):
    bench.engine.refuses = (Problem("", "too many"),)
    bench.editor.open(Document.new(REGISTRY, lfo(title="Other")))
    bench.go_on()
    bench.engine.refuses = ()
    bench.set(3.0)
    bench.go_on()
    assert [each.same for each in bench.engine.of(SetPatch)] == [False, False]


def test_an_edit_of_this_moment_outlives_a_patch_from_elsewhere(bench):
    bench.set(3.0)
    bench.engine.change(lfo(9.0, "Theirs"), "another")
    bench.go_on()
    assert (bench.rate, bench.editor.patch.title) == (3.0, "")
    assert loads(bench.engine.plays.text.encode()) == bench.editor.patch


def test_what_was_on_its_way_when_the_engine_went_is_sent_to_it_again(bench):
    bench.engine.holds = True
    bench.set(5.0)
    bench.go_on()
    bench.engine.fall()
    bench.engine.holds = False
    bench.start()
    assert bench.rate == 5.0
    (sent,) = bench.engine.of(SetPatch)
    assert loads(sent.text.encode()) == bench.editor.patch


def test_a_patch_too_large_for_a_file_is_tried_and_told_once(bench, monkeypatch):
    tried = []

    def too_large(patch: Patch) -> bytes:
        tried.append(patch)
        raise PatchError([Problem("", "9 MB; at most 8 are legal")])

    monkeypatch.setattr(syncing, "dumps", too_large)
    bench.editor.edit("Add", lambda patch: edits.add(patch, REGISTRY, "control.lag", "lag"))
    bench.go_on()
    assert len(tried) == 1
    assert bench.editor.notice
    assert "9 MB" in bench.editor.notice.text


def test_of_too_many_outlets_as_many_are_watched_as_may_be(bench):
    bench.editor.watch("meters", {f"node{number}.audio" for number in range(MOST_WATCHED + 1)})
    bench.go_on()
    (sent,) = bench.engine.of(Watch)
    assert len(sent.ports) == MOST_WATCHED


@pytest.mark.parametrize("folder", [b"\xff", b"long/" * 300], ids=["no_text", "long"])
def test_a_patch_in_a_folder_that_cannot_be_told_plays_and_that_is_said(bench, folder):
    place = Path(os.fsdecode(b"/" + folder))
    bench.editor.open(Document.new(REGISTRY, lfo(title="Other"), place))
    bench.go_on()
    bench.set(3.0)
    bench.go_on()
    (sent,) = bench.engine.of(SetPatch)
    assert sent.folder is None
    said = [each.text for each in bench.editor.remarks if "where the patch lies" in each.text]
    assert len(said) == 1


def test_what_a_patch_from_elsewhere_lacks_is_selected_no_more(bench):
    bench.editor.selection.set({"lfo"})
    bench.engine.change(Patch(title="Theirs"), "another")
    bench.go_on()
    assert not bench.editor.selection


def test_what_was_begun_in_a_document_ends_with_it(bench):
    editor = bench.editor
    editor.scenery.store()
    editor.learn("lfo.rate")
    editor.hint = "lfo.rate"
    editor.open(Document.new(REGISTRY, Patch()))
    assert (editor.learning, editor.hint, editor.scenery.current) == ("", "", None)


@pytest.mark.parametrize(
    ("by", "step"),
    [
        ("lamp", "Change by lamp"),
        ("", "Change from elsewhere"),
        (syncing.WINDOW + "7", "Change in another window"),
        ("a\nb", "Change by a\\nb"),
    ],
)
def test_a_patch_from_elsewhere_is_a_step_that_says_whose_it_is(bench, by, step):
    bench.engine.change(lfo(9.0), by)
    bench.go_on()
    assert (bench.rate, bench.editor.document.undo_name) == (9.0, step)
    bench.editor.undo()
    assert bench.rate == 1.0


def test_what_was_undone_can_be_done_again_until_the_patch_is_another(bench):
    bench.set(3.0)
    bench.editor.document.seal()
    bench.editor.edit("Add", lambda patch: edits.add(patch, REGISTRY, "control.lag", "lag"))
    bench.editor.undo()
    bench.go_on()
    bench.engine.change(bench.editor.patch, "lamp")
    bench.engine.events.append(ValueChanged("lfo", "rate", 7.0, "lamp"))
    bench.go_on()
    document = bench.editor.document
    assert (document.undo_name, document.redo_name) == ("Set lfo.rate", "Add")
    bench.editor.redo()
    assert (bench.rate, "lag" in bench.editor.patch.nodes) == (7.0, True)
    bench.editor.undo()
    bench.go_on()
    bench.engine.change(lfo(9.0), "lamp")
    bench.go_on()
    assert (document.undo_name, document.redo_name) == ("Change by lamp", None)
