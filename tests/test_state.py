"""What the editor keeps between starts: preferences, recent patches, whose engine it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import filelock
import pytest

from engine.files import save_patch
from engine.patch import Patch
from patcher import state as kept
from patcher.state import Preferences


@pytest.fixture
def patches(tmp_path: Path) -> list[Path]:
    """Fourteen patch files."""
    paths = [tmp_path / f"{number}.hocket" for number in range(14)]
    for path in paths:
        save_patch(Patch(), path)
    return paths


def test_preferences_are_as_they_were_left(state):
    assert kept.load_preferences() == Preferences()
    liked = Preferences(theme="light", scale=1.5, welcome_seen=True, octave=2)
    kept.save_preferences(liked)
    assert kept.load_preferences() == liked


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"theme": "pink"}', '{"scale": 9}', "\x00", "[" * 100_000]
)
def test_preferences_that_are_rubbish_are_set_aside_and_the_defaults_hold(state, text):
    file = state / "preferences.json"
    state.mkdir(parents=True)
    file.write_text(text)
    assert kept.load_preferences() == Preferences()
    assert (state / "preferences.json.broken").read_text() == text
    assert not file.exists()


def test_preferences_of_a_later_version_are_understood_as_far_as_they_go(state):
    state.mkdir(parents=True)
    (state / "preferences.json").write_text('{"theme": "light", "smell": "roses"}')
    assert kept.load_preferences() == Preferences(theme="light")


def test_a_disk_that_is_full_keeps_the_former_preferences(state, monkeypatch):
    kept.save_preferences(Preferences(octave=2))

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        kept.save_preferences(Preferences(octave=3))
    monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(state.parent))
    assert kept.load_preferences() == Preferences(octave=2)


def test_what_is_no_work_is_kept_without_waiting_for_the_disk(state, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: pytest.fail("the window waits for the disk"))
    kept.save_preferences(Preferences(octave=3))
    kept.note_added("control.lfo")
    assert kept.load_preferences() == Preferences(octave=3)
    assert kept.added_types() == ["control.lfo"]


def test_the_latest_twelve_patches_are_recent_latest_first(state, patches):
    assert kept.recent_files() == []
    for path in patches:
        kept.add_recent(path)
    assert kept.recent_files() == patches[:1:-1]
    kept.add_recent(patches[5])
    assert kept.recent_files()[:2] == [patches[5], patches[13]]
    assert len(kept.recent_files()) == 12


def test_a_recent_patch_that_is_not_there_is_not_shown_until_it_is_back(state, patches):
    for path in patches[:2]:
        kept.add_recent(path)
    patches[1].rename(patches[1].with_suffix(".gone"))
    assert kept.recent_files() == [patches[0]]
    patches[1].with_suffix(".gone").rename(patches[1])
    assert kept.recent_files() == [patches[1], patches[0]]


def test_a_recent_patch_may_have_any_name_a_file_may_have(state, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.hocket"))
    save_patch(Patch(), path)
    kept.add_recent(path)
    assert kept.recent_files() == [path]


def test_a_list_of_recent_patches_that_is_rubbish_is_as_good_as_empty(state, patches):
    kept.add_recent(patches[0])
    (state / "recent.json").write_text('{"a": 1}')
    assert kept.recent_files() == []
    kept.add_recent(patches[1])
    assert kept.recent_files() == [patches[1]]


def test_only_the_very_engine_that_an_editor_started_is_its_to_end(state):
    assert not kept.started_by_editor("default", 41)
    kept.note_engine("default", 41)
    assert kept.started_by_editor("default", 41)
    assert not kept.started_by_editor("default", 42)
    assert not kept.started_by_editor("other", 41)


def test_a_lock_is_held_once(state):
    lock = kept.hold(state / "a.lock")
    with pytest.raises(filelock.Timeout):
        kept.hold(state / "a.lock")
    lock.release()
    kept.hold(state / "a.lock").release()
