"""New, open, save, and what is asked about unsaved work, other editors and crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from editing import REGISTRY, Bench, lfo

from engine.commands import SetPatch
from engine.files import dumps, load_patch, save_patch
from engine.messages import PatchChanged
from engine.patch import Patch
from patcher.document import Document
from patcher.editing.drafts import Drafts
from patcher.editing.opening import file_name
from patcher.shipped import shipped_patches
from patcher.state import recent_files
from patcher.ui.files import entries, resolve


@pytest.fixture
def path(state, tmp_path: Path) -> Path:
    """A patch file."""
    path = tmp_path / "mine.hocket"
    save_patch(lfo(title="Mine"), path)
    return path


@pytest.fixture
def bench(path) -> Bench:
    """An editor that has it open, an engine playing it."""
    bench = Bench(Document.open(REGISTRY, path))
    bench.start()
    return bench


def die(bench: Bench) -> None:
    """Ends an editor as a crash would: nothing is told, and its locks are free."""
    drafts = bench.filing._drafts
    drafts.flush()
    drafts.close()
    bench.editor.document.close()


def drafts_left() -> list[str]:
    said: list[str] = []
    drafts = Drafts(said.append)
    try:
        return [each.title for each in drafts.recoverable()]
    finally:
        drafts.close()


def test_what_is_saved_is_not_asked_about(bench):
    bench.filing.leave()
    assert bench.filing.leaving
    assert not bench.questions.title


def test_closing_asks_about_unsaved_work_and_saves_it(bench, path):
    bench.set(4.0)
    bench.filing.leave()
    assert bench.questions.title == "Save Mine?"
    bench.questions.answer("Save")
    assert bench.filing.leaving
    assert load_patch(path).nodes["lfo"].values["rate"] == 4.0


def test_closing_without_saving_leaves_file_and_drafts_alone(bench, path):
    before = path.read_bytes()
    bench.set(4.0)
    bench.go_on()
    bench.filing.leave()
    bench.questions.answer("Don't save")
    bench.filing.close()
    assert path.read_bytes() == before
    assert drafts_left() == []


def test_a_close_that_is_cancelled_changes_nothing(bench):
    bench.set(4.0)
    bench.filing.leave()
    bench.questions.answer("Cancel")
    assert not bench.filing.leaving
    assert bench.rate == 4.0


def test_an_untitled_patch_asks_where_before_the_window_closes(bench, tmp_path):
    bench.filing.new()
    bench.editor.edit("Add", lambda patch: lfo())
    bench.filing.leave()
    bench.questions.answer("Save")
    assert not bench.filing.leaving
    bench.questions.choose(tmp_path / "new")
    assert bench.filing.leaving
    assert load_patch(tmp_path / "new.hocket").nodes.keys() == {"lfo"}


def test_a_file_that_is_there_is_replaced_only_if_the_player_says_so(bench, tmp_path):
    other = tmp_path / "other.hocket"
    save_patch(Patch(title="Other"), other)
    bench.filing.save_as()
    bench.questions.choose(other)
    assert "already" in bench.questions.title
    assert next(iter(bench.questions.choices)).startswith("Save elsewhere"), "what Enter takes"
    assert load_patch(other).title == "Other"
    bench.questions.answer("Replace")
    assert load_patch(other).title == "Mine"


def test_opening_another_patch_asks_first_and_closes_the_one_before(bench, path, tmp_path):
    other = tmp_path / "other.hocket"
    save_patch(Patch(title="Other"), other)
    bench.set(4.0)
    bench.filing.choose()
    assert bench.questions.proposed == tmp_path
    bench.questions.choose(other)
    bench.questions.answer("Don't save")
    assert bench.editor.document.title == "Other"
    again = Document.open(REGISTRY, path)
    assert not again.read_only
    again.close()
    assert recent_files()[0] == other


def test_a_patch_that_cannot_be_opened_is_explained_and_leaves_all_as_it_was(bench, tmp_path):
    broken = tmp_path / "broken.hocket"
    broken.write_text('{"format": 1, "nodes": {')
    bench.filing.open(broken)
    assert bench.questions.title == "broken.hocket cannot be opened"
    assert bench.questions.text
    assert bench.editor.document.title == "Mine"


def test_the_open_patch_opened_again_is_what_the_file_holds_and_can_be_undone(bench, path):
    bench.set(4.0)
    bench.filing.open(path)
    bench.questions.answer("Don't save")
    assert not bench.editor.document.read_only
    assert bench.rate == 1.0
    bench.editor.undo()
    assert bench.rate == 4.0


def test_a_patch_that_comes_with_hocket_is_opened_as_a_copy(bench):
    shipped = shipped_patches() / "harmoniser.hocket"
    bench.filing.open(shipped)
    document = bench.editor.document
    assert document.path is None
    assert document.folder == shipped.parent
    bench.filing.save()
    assert bench.questions.proposed == Path.cwd() / "harmoniser.hocket"


def test_a_file_that_another_program_wrote_is_told_and_both_are_offered(bench, path):
    save_patch(lfo(7.0, "Theirs"), path)
    bench.filing._due = 0.0
    bench.go_on()
    notice = bench.editor.notice
    assert notice
    assert notice.text == "mine.hocket holds another version than was opened here."
    bench.set(4.0)
    bench.filing.save()
    assert load_patch(path).title == "Theirs"
    bench.questions.answer("Cancel")
    dict(notice.choices)["Take its version"]()
    assert bench.rate == 7.0
    bench.go_on()
    assert bench.editor.notice is None


def test_a_second_editor_says_that_it_cannot_save_and_offers_a_copy(bench, path, tmp_path):
    second = Bench(Document.open(REGISTRY, path))
    second.start()
    assert second.editor.notice
    assert "open in another editor" in second.editor.notice.text
    second.set(4.0)
    second.filing.save()
    second.questions.answer("Save a copy")
    second.questions.choose(tmp_path / "copy")
    assert load_patch(tmp_path / "copy.hocket").nodes["lfo"].values["rate"] == 4.0
    assert second.editor.document.path == tmp_path / "copy.hocket"


def test_work_of_an_editor_that_died_is_offered_as_untitled(bench, path):
    bench.set(4.0)
    bench.go_on()
    die(bench)
    second = Bench(Document.open(REGISTRY, path))
    second.start()
    assert second.questions.title == "Hocket ended unexpectedly"
    second.questions.answer("Mine, ")
    assert second.rate == 4.0
    assert second.editor.document.path is None
    assert second.editor.document.unsaved
    assert load_patch(path).nodes["lfo"].values["rate"] == 1.0


def test_discarded_work_is_offered_no_more(bench, path):
    bench.set(4.0)
    bench.go_on()
    die(bench)
    second = Bench(Document.open(REGISTRY, path))
    second.start()
    second.questions.answer("Discard it")
    second.filing.close()
    assert drafts_left() == []


def test_a_patch_at_which_all_ended_is_opened_without_playing(path):
    first = Bench(Document.open(REGISTRY, path))
    first.filing.begin_load()
    die(first)
    second = Bench(Document.open(REGISTRY, path))
    second.start()
    assert not second.editor.playing
    assert second.editor.notice
    assert second.editor.notice.text.startswith("Not playing")
    dict(second.editor.notice.choices)["Play"]()
    second.go_on()
    assert second.engine.plays.path == str(path)
    assert second.editor.notice is None


def test_an_engine_that_ends_over_a_patch_is_not_given_it_again(path):
    bench = Bench(Document.open(REGISTRY, path))
    bench.engine.appear()
    bench.go_on(2)
    assert bench.engine.of(SetPatch)
    bench.engine.fall()
    bench.go_on()
    assert not bench.editor.playing
    bench.start()
    assert len(bench.engine.of(SetPatch)) == 1
    assert bench.editor.notice
    assert bench.editor.notice.text.startswith("Not playing")


def test_an_engine_that_plays_already_is_joined_with_its_file(path):
    bench = Bench(Document.new(REGISTRY, Patch(title="Starter")), asked=False)
    text = dumps(lfo(6.0, "Mine")).decode()
    bench.engine.plays = PatchChanged(3, text, str(path.parent), str(path))
    bench.start()
    document = bench.editor.document
    assert (document.path, document.unsaved, bench.rate) == (path, True, 6.0)
    assert bench.engine.plays.revision == 3, "nothing was sent"
    bench.editor.undo()
    assert not document.unsaved


def test_a_patch_that_was_asked_for_replaces_what_an_engine_plays(path, tmp_path):
    bench = Bench(Document.open(REGISTRY, path))
    bench.engine.plays = PatchChanged(3, dumps(Patch(title="Other")).decode())
    bench.start()
    assert bench.engine.plays.path == str(path)
    assert bench.editor.document.title == "Mine"


def test_the_patch_asked_for_is_joined_where_the_engine_plays_it(path):
    bench = Bench(Document.open(REGISTRY, path))
    text = dumps(lfo(6.0, "Mine")).decode()
    bench.engine.plays = PatchChanged(3, text, str(path.parent), str(path))
    bench.start()
    assert bench.rate == 6.0
    assert bench.engine.plays.revision == 3


def test_a_file_is_not_saved_over_unasked_where_another_version_of_it_plays(path):
    bench = Bench(Document.open(REGISTRY, path))
    text = dumps(lfo(6.0, "Mine")).decode()
    bench.engine.plays = PatchChanged(3, text, str(path.parent), str(path))
    bench.start()
    bench.filing._due = 0.0
    bench.go_on()
    assert bench.editor.notice
    assert bench.editor.notice.text == "mine.hocket holds another version than was opened here."
    bench.filing.save()
    assert load_patch(path).nodes["lfo"].values["rate"] == 1.0
    bench.questions.answer("Save anyway")
    assert load_patch(path).nodes["lfo"].values["rate"] == 6.0
    bench.go_on()
    assert bench.editor.notice is None


def test_a_file_that_plays_as_it_is_is_saved_unasked(path):
    bench = Bench(Document.open(REGISTRY, path))
    text = path.read_text()
    bench.engine.plays = PatchChanged(3, text, str(path.parent), str(path))
    bench.start()
    bench.set(4.0)
    bench.filing.save()
    assert load_patch(path).nodes["lfo"].values["rate"] == 4.0


def test_work_that_still_plays_is_not_offered_besides(bench, path):
    bench.set(4.0)
    bench.go_on()
    plays = PatchChanged(3, dumps(bench.editor.patch).decode(), str(path.parent), str(path))
    die(bench)
    second = Bench(Document.open(REGISTRY, path))
    second.engine.plays = plays
    second.start()
    assert second.rate == 4.0
    assert not second.questions.title


def test_a_folder_shows_its_folders_and_then_the_files_that_fit(tmp_path):
    for name in ("b.hocket", "A.hocket", "song.wav", ".hidden.hocket"):
        (tmp_path / name).touch()
    (tmp_path / "zoo").mkdir()
    names = [each.name for each in entries(tmp_path, (".hocket",))]
    assert names == ["zoo", "A.hocket", "b.hocket"]
    assert [each.name for each in entries(tmp_path, (".hocket",), "B.")] == ["b.hocket"]


def test_what_is_typed_is_a_name_or_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert resolve(tmp_path, "x.hocket") == tmp_path / "x.hocket"
    assert resolve(tmp_path, "../x") == tmp_path.parent / "x"
    assert resolve(tmp_path, "/a/b") == Path("/a/b")
    assert resolve(tmp_path, "~/b") == Path("/home/me/b")
    assert resolve(tmp_path, "~nobody-here/b") == tmp_path / "~nobody-here/b"


def test_a_title_of_any_length_is_proposed_as_a_name_that_a_disk_takes():
    assert file_name("Night, and Day") == "night_and_day"
    assert len((file_name("\U00020000" * 500) + ".hocket").encode()) <= 255


def test_a_name_that_no_disk_takes_is_refused_in_words(bench, tmp_path):
    bench.filing.save_as()
    bench.questions.choose(tmp_path / ("long" * 100))
    assert bench.questions.title == "The patch is not saved"
    assert "name too long" in bench.questions.text
