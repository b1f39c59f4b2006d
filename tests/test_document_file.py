"""The file of a document: one editor has it, nothing another wrote is lost, no fault loses work."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from toys import TOYS

from engine import regular
from engine.files import load_patch, save_patch
from engine.patch import Node, Patch, PatchError
from patcher import patchfile
from patcher.document import Document, ExistsError
from patcher.patchfile import ChangedOnDiskError, DocumentError, HeldError

ROOT = Path(__file__).parent.parent
START = Patch(title="Start", nodes={"a": Node("far.glow", values={"deep": [1]}, extra={"x": 2})})

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A patch file in a folder of its own."""
    folder = tmp_path / "patches"
    folder.mkdir()
    save_patch(START, folder / "a.hocket")
    return folder / "a.hocket"


@pytest.fixture
def document(path: Path) -> Document:
    return Document.open(TOYS, path)


def titled(document: Document, title: str) -> None:
    document.do("Change the title", replace(document.patch, title=title))


def test_a_file_is_opened_edited_and_saved(document, path):
    assert (document.title, document.path, document.folder) == ("Start", path, path.parent)
    titled(document, "Changed")
    assert document.unsaved
    assert load_patch(path) == START
    document.save()
    assert not document.unsaved
    assert load_patch(path) == replace(START, title="Changed")


def test_undoing_back_to_what_the_file_holds_is_not_unsaved(document):
    titled(document, "One")
    document.save()
    titled(document, "Two")
    document.undo()
    assert not document.unsaved
    document.undo()
    assert document.unsaved


def test_a_drag_that_goes_on_after_saving_does_not_hide_what_was_saved(document):
    document.do("Move", replace(document.patch, title="1"), merge="drag")
    document.save()
    document.do("Move", replace(document.patch, title="2"), merge="drag")
    document.undo()
    assert document.patch.title == "1"
    assert not document.unsaved


def test_without_a_title_it_is_called_after_its_file(document):
    titled(document, "")
    assert document.title == "a"


def test_what_is_no_patch_is_refused_and_can_be_opened_elsewhere(path):
    path.write_text("{")
    for _ in range(2):
        with pytest.raises(PatchError, match="line 1, column 2"):
            Document.open(TOYS, path)
    save_patch(START, path)
    assert not Document.open(TOYS, path).read_only


def test_a_file_that_is_not_there_is_told_in_words(tmp_path):
    with pytest.raises(DocumentError, match=r"^b\.hocket could not be read: no such file"):
        Document.open(TOYS, tmp_path / "b.hocket")


def test_a_document_without_a_file_asks_for_one():
    document = Document.new(TOYS)
    with pytest.raises(DocumentError, match="Save as"):
        document.save()
    with pytest.raises(DocumentError, match="no file"):
        document.revert()


def test_saving_as_adds_the_suffix_where_it_is_missing(tmp_path):
    folder = tmp_path / "patches"
    folder.mkdir()
    document = Document.new(TOYS, START)
    document.save_as(folder / "take 1.2")
    assert document.path == folder / "take 1.2.hocket"
    assert load_patch(folder / "take 1.2.hocket") == START
    document.save_as(folder / "b.hocket")
    assert sorted(os.listdir(folder)) == ["b.hocket", "take 1.2.hocket"]


def test_saving_as_over_another_file_asks_first(document, path):
    other = path.with_name("other.hocket")
    save_patch(Patch(title="Another's"), other)
    with pytest.raises(ExistsError, match=r"other\.hocket"):
        document.save_as(path.with_name("other"))
    assert load_patch(other).title == "Another's"
    assert document.path == path
    document.save_as(other, anyway=True)
    assert load_patch(other) == START
    assert document.path == other


def test_saving_as_lets_go_of_the_former_file(document, path):
    document.save_as(path.with_name("b.hocket"))
    assert not Document.open(TOYS, path).read_only
    assert Document.open(TOYS, path.with_name("b.hocket")).read_only


def test_saving_as_under_its_own_name_through_a_link_is_saving(document, path):
    link = path.with_name("link.hocket")
    link.symlink_to(path)
    titled(document, "Changed")
    document.save_as(link)
    assert link.is_symlink()
    assert document.path == path
    assert load_patch(path).title == "Changed"


def test_a_relative_path_stays_what_it_was_when_the_program_goes_elsewhere(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    document = Document.open(TOYS, Path("a.hocket"))
    monkeypatch.chdir("/")
    titled(document, "Changed")
    document.save()
    assert load_patch(path).title == "Changed"


def test_what_another_program_wrote_is_not_overwritten_unless_wanted(document, path):
    titled(document, "Mine")
    save_patch(Patch(title="Theirs"), path)
    with pytest.raises(ChangedOnDiskError, match="Save anyway, save a copy, or revert"):
        document.save()
    assert load_patch(path).title == "Theirs"
    assert document.unsaved
    document.save(anyway=True)
    assert load_patch(path).title == "Mine"
    titled(document, "Mine again")
    document.save()


def test_a_file_that_was_only_touched_is_saved_over(document, path):
    path.touch()
    titled(document, "Mine")
    document.save()
    assert load_patch(path).title == "Mine"


def test_a_file_that_became_no_patch_at_all_is_not_overwritten_either(document, path):
    path.write_bytes(b"x" * (9 * 2**20))
    titled(document, "Mine")
    with pytest.raises(ChangedOnDiskError):
        document.save()


def test_reverting_takes_what_the_file_holds_and_can_be_undone(document, path):
    titled(document, "Mine")
    save_patch(Patch(title="Theirs"), path)
    document.revert()
    assert document.patch.title == "Theirs"
    assert not document.unsaved
    assert document.undo() == "Revert to a.hocket"
    assert document.patch.title == "Mine"
    assert document.unsaved
    document.save()
    assert load_patch(path).title == "Mine"


def test_reverting_to_what_is_no_patch_changes_nothing_and_still_guards_it(document, path):
    titled(document, "Mine")
    path.write_text("{")
    with pytest.raises(PatchError):
        document.revert()
    assert document.patch.title == "Mine"
    with pytest.raises(ChangedOnDiskError):
        document.save()


def test_a_file_that_was_deleted_is_written_anew(document, path):
    path.unlink()
    titled(document, "Mine")
    document.save()
    assert load_patch(path).title == "Mine"


def test_where_the_folder_has_vanished_the_work_stays_and_can_go_elsewhere(document, path):
    path.unlink()
    path.parent.rmdir()
    titled(document, "Mine")
    words = f"^a.hocket could not be saved: there is no folder {path.parent}. The patch is still"
    with pytest.raises(DocumentError, match=words):
        document.save()
    assert document.unsaved
    document.save_as(path.parent.parent / "b")
    assert load_patch(path.parent.parent / "b.hocket").title == "Mine"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_told_in_words(document, path, monkeypatch, code):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    titled(document, "Mine")
    monkeypatch.setattr(regular.tempfile, "mkstemp", refuse)
    reason = os.strerror(code)
    with pytest.raises(DocumentError, match=f"could not be saved: {reason[0].lower()}{reason[1:]}"):
        document.save()
    with pytest.raises(DocumentError):
        document.save_as(path.with_name("b.hocket"))
    monkeypatch.undo()
    assert load_patch(path) == START
    assert document.path == path
    assert document.unsaved
    document.save()


def test_a_second_document_of_a_file_is_read_only_until_the_first_is_closed(document, path):
    second = Document.open(TOYS, path)
    assert second.read_only
    assert not document.read_only
    titled(second, "Second")
    with pytest.raises(HeldError, match=r"^a\.hocket is open in another editor\. Save a copy"):
        second.save()
    assert load_patch(path) == START
    document.close()
    second.save()
    assert not second.read_only
    assert load_patch(path).title == "Second"


def test_a_second_editor_does_not_save_over_what_the_first_saved_before_it_left(document, path):
    second = Document.open(TOYS, path)
    titled(document, "First")
    document.save()
    document.close()
    titled(second, "Second")
    with pytest.raises(ChangedOnDiskError):
        second.save()
    assert load_patch(path).title == "First"


def test_a_read_only_document_can_be_saved_as_a_copy(document, path):
    second = Document.open(TOYS, path)
    second.save_as(path.with_name("copy"))
    assert not second.read_only
    assert second.path == path.with_name("copy.hocket")
    with pytest.raises(HeldError):
        second.save_as(path, anyway=True)
    assert second.path == path.with_name("copy.hocket")


def test_a_link_and_its_target_are_one_file(document, path, tmp_path):
    link = tmp_path / "link.hocket"
    link.symlink_to(path)
    assert Document.open(TOYS, link).read_only


def test_where_no_lock_can_be_kept_the_file_is_opened_all_the_same(path, monkeypatch):
    def refuse(_: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(patchfile, "hold", refuse)
    document = Document.open(TOYS, path)
    assert not document.read_only
    titled(document, "Mine")
    document.save()
    assert load_patch(path).title == "Mine"


def test_the_locks_are_the_users_own(document, state):
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_two_programs_on_one_file_and_the_lock_of_one_that_was_killed_is_free(path):
    """Row 18."""
    code = (
        "import sys, time; from pathlib import Path; from engine.registry import Registry;"
        "from patcher.document import Document;"
        "document = Document.open(Registry.of({}), Path(sys.argv[1]));"
        "print(document.read_only, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "False\n"
        document = Document.open(TOYS, path)
        assert document.read_only
        other.send_signal(signal.SIGKILL)
        other.wait(60)
    titled(document, "Mine")
    document.save()
    assert load_patch(path).title == "Mine"


def test_a_file_that_nobody_has_touched_is_not_read_again_at_each_look(document, path, monkeypatch):
    assert not document.changed_on_disk()
    with monkeypatch.context() as unread:
        unread.setattr(patchfile, "read_bytes", lambda _: pytest.fail("it is read"))
        assert not document.changed_on_disk()
    save_patch(replace(START, title="Theirs"), path)
    assert document.changed_on_disk()
    assert document.changed_on_disk()
    document.revert()
    assert not document.changed_on_disk()
