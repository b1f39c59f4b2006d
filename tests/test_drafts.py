"""Unsaved work outlives its editor, however it ends, and never lands in the musician's file."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from toys import TOYS

from engine.files import load_patch, save_patch
from engine.patch import Node, Patch
from patcher.document import Document
from patcher.editing import drafts as drafts_module
from patcher.editing.drafts import Drafts

ROOT = Path(__file__).parent.parent
START = Patch(title="Start", nodes={"a": Node("far.glow", values={"deep": [1]}, extra={"x": 2})})

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def begin(said) -> Iterator[Callable[[], Drafts]]:
    """Starts the drafts of one more editor; they are closed at the end."""
    with ExitStack() as stack:

        def start() -> Drafts:
            drafts = Drafts(said.append)
            stack.callback(drafts.close)
            return drafts

        yield start


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_patch(START, tmp_path / "a.hocket")
    return tmp_path / "a.hocket"


def edited(path: Path, title: str = "Changed") -> Document:
    """An open document with an unsaved change; its lock is let go of."""
    document = Document.open(TOYS, path)
    document.do("Change the title", replace(document.patch, title=title))
    document.close()
    return document


def test_unsaved_work_that_was_left_is_found_by_the_next_editor(begin, path):
    first = begin()
    first.keep(edited(path))
    first.close()
    (draft,) = begin().recoverable()
    assert (draft.title, draft.path, draft.folder) == ("Changed", str(path), str(path.parent))


def test_what_an_editor_that_lives_has_in_hand_is_not_offered(begin, path):
    first = begin()
    first.keep(edited(path))
    assert first.flush()
    assert begin().recoverable() == []


def test_a_draft_is_offered_by_one_editor_alone(begin, path):
    first = begin()
    first.keep(edited(path))
    first.close()
    second, third = begin(), begin()
    assert len(second.recoverable()) == 1
    assert third.recoverable() == []
    second.close()
    assert len(begin().recoverable()) == 1


def test_recovered_work_opens_as_untitled_and_never_over_its_file(begin, path):
    first = begin()
    first.keep(edited(path))
    first.close()
    second = begin()
    (draft,) = second.recoverable()
    document = second.recover(draft, TOYS)
    assert document.title == "Recovered Changed"
    assert (document.path, document.folder) == (None, path.parent)
    assert document.patch == replace(START, title="Changed")
    assert document.unsaved
    assert load_patch(path) == START
    document.save_as(path.with_name("b"))
    assert not document.unsaved


def test_recovered_work_outlives_a_second_crash(begin, path):
    first = begin()
    first.keep(edited(path))
    first.close()
    second = begin()
    second.recover(second.recoverable()[0], TOYS)
    second.close()
    third = begin()
    (draft,) = third.recoverable()
    assert third.recover(draft, TOYS).title == "Recovered Changed"


def test_once_saved_nothing_is_left(begin, path, state):
    drafts = begin()
    document = edited(path)
    drafts.keep(document)
    drafts.flush()
    document.save()
    drafts.keep(document)
    drafts.close()
    assert os.listdir(state / "drafts") == []
    assert begin().recoverable() == []


@pytest.mark.parametrize("when", ["at the end", "when offered"])
def test_once_the_musician_said_no_nothing_is_left(begin, path, state, when):
    drafts = begin()
    drafts.keep(edited(path))
    drafts.flush()
    if when == "at the end":
        drafts.forget()
        drafts.close()
    else:
        drafts.close()
        second = begin()
        second.discard(second.recoverable()[0])
        second.close()
    assert os.listdir(state / "drafts") == []


def test_the_latest_draft_comes_first(begin, path, monkeypatch):
    editors = [begin() for _ in range(3)]
    for drafts, when in zip(editors, (20.0, 30.0, 10.0), strict=True):
        monkeypatch.setattr(drafts_module.time, "time", lambda when=when: when)
        drafts.keep(edited(path))
    for drafts in editors:
        drafts.close()
    assert [draft.when for draft in begin().recoverable()] == [30.0, 20.0, 10.0]


def test_a_draft_that_cannot_be_read_is_said_and_set_aside(begin, path, state, said):
    for text in (
        "{",
        '{"title": 1}',
        '{"editor":"","title":"","path":null,"folder":null,"when":1,"text":"no patch"}',
    ):
        drafts = begin()
        drafts.keep(edited(path))
        drafts.close()
        (file,) = (state / "drafts").glob("*.json")
        file.write_text(text)
        said.clear()
        assert begin().recoverable() == []
        (line,) = said
        assert line == f"A draft could not be read. It was set aside: {file}.broken"
        assert Path(f"{file}.broken").read_text() == text


def test_a_disk_that_is_full_is_said_once_and_the_draft_kept_when_there_is_room(
    begin, path, said, monkeypatch
):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    drafts = begin()
    document = edited(path)
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        for _ in range(3):
            drafts.keep(document)
            assert not drafts.flush()
    assert len(said) == 1
    assert "No space left on device" in said[0]
    drafts.keep(document)
    assert drafts.flush()
    drafts.close()
    assert len(begin().recoverable()) == 1


def test_a_state_folder_that_cannot_be_made_costs_the_drafts_alone(begin, path, said, state):
    state.parent.write_text("a file lies where the folder should")
    drafts = begin()
    drafts.keep(edited(path))
    assert not drafts.flush()
    assert len(said) == 1
    drafts.begin_load(path)
    drafts.end_load()
    assert drafts.recoverable() == []


def test_files_of_any_name_have_drafts(begin, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.hocket"))
    save_patch(START, path)
    drafts = begin()
    drafts.keep(edited(path))
    drafts.close()
    assert begin().recoverable()[0].path == str(path)


def test_the_last_change_of_an_editor_that_was_killed_is_recovered(begin, path, said):
    """It edits as fast as it can and says what it kept; then it is killed in the midst of it."""
    code = (
        "import sys; from dataclasses import replace; from pathlib import Path;"
        "from engine.registry import Registry; from patcher.document import Document;"
        "from patcher.editing.drafts import Drafts;"
        "drafts = Drafts(print); document = Document.open(Registry.of({}), Path(sys.argv[1]))\n"
        "for number in range(1_000_000):\n"
        "    document.do('Title', replace(document.patch, title=str(number)))\n"
        "    drafts.keep(document)\n"
        "    if drafts.flush(): print(number, flush=True)\n"
    )
    for enough in ("0\n", "7\n", "30\n"):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as editor:
            assert editor.stdout is not None
            lines = [editor.stdout.readline()]
            while lines[-1] != enough:
                lines.append(editor.stdout.readline())
            editor.send_signal(signal.SIGKILL)
            lines += editor.stdout.readlines()
        drafts = begin()
        (draft,) = drafts.recoverable()
        # The one after the last that was said may have been on the disk already.
        assert int(draft.title) - int(lines[-1]) in (0, 1)
        assert drafts.recover(draft, TOYS).patch == replace(START, title=draft.title)
        drafts.forget()
        drafts.close()
    assert load_patch(path) == START
    assert said == []


def test_a_change_is_written_without_anybody_waiting_for_it(begin, path, state):
    """By the thread alone: nobody flushes before the lock and the draft are there."""
    drafts = begin()
    drafts.keep(edited(path))
    while not list((state / "drafts").glob("*.json")):
        time.sleep(0.01)


def test_a_patch_that_ended_everything_at_load_is_known_at_the_next_start(begin, path):
    """Row 27."""
    first = begin()
    assert not first.crashed_at_load(path)
    first.begin_load(path)
    assert not first.crashed_at_load(path)
    first.close()
    second = begin()
    assert second.crashed_at_load(path)
    assert not second.crashed_at_load(path.with_name("b.hocket"))
    assert not second.crashed_at_load(None)
    second.begin_load(path)
    second.end_load()
    assert not begin().crashed_at_load(path)


@pytest.mark.parametrize("named", [True, False], ids=["file", "untitled"])
def test_a_patch_that_another_editor_is_just_loading_did_not_crash(begin, path, named):
    loaded = path if named else None
    first, second = begin(), begin()
    first.begin_load(loaded)
    assert not second.crashed_at_load(loaded)
    second.begin_load(loaded)
    second.end_load()
    first.close()
    assert begin().crashed_at_load(loaded)


def test_a_patch_that_another_took_the_place_of_did_not_crash(begin, path):
    drafts = begin()
    drafts.begin_load(None)
    drafts.begin_load(path)
    drafts.end_load()
    second = begin()
    assert not second.crashed_at_load(None)
    assert not second.crashed_at_load(path)
