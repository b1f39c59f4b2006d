"""The files that a patch names go with it when it is saved in another folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from editing import REGISTRY, Bench

from engine import edits
from engine.files import load_patch, save_patch
from engine.patch import Patch
from patcher.document import Document
from patcher.editing.carrying import carry
from patcher.shipped import shipped_patches


def named(*names: str) -> Patch:
    """Returns a patch with a node for each of these sounds."""
    patch = Patch()
    for number, name in enumerate(names):
        patch = edits.add(patch, REGISTRY, "style.audio", f"n{number}")
        patch = edits.set_value(patch, REGISTRY, f"n{number}", "file", name)
    return patch


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    (folder / "takes").mkdir(parents=True)
    (folder / "a.wav").write_bytes(b"a")
    (folder / "takes" / "b.wav").write_bytes(b"b")
    return folder


@pytest.fixture
def there(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


def test_saving_elsewhere_takes_the_files_along(state, here, there):
    save_patch(named("a.wav", "takes/b.wav", "gone.wav"), here / "p.hocket")
    bench = Bench(Document.open(REGISTRY, here / "p.hocket"))
    bench.filing.save_as()
    bench.questions.choose(there / "q.hocket")
    assert (there / "a.wav").read_bytes() == b"a"
    assert (there / "takes" / "b.wav").read_bytes() == b"b"
    assert sorted(os.listdir(there)) == ["a.wav", "q.hocket", "takes"]


def test_a_copy_of_a_shipped_patch_is_saved_with_its_files(state, there):
    bench = Bench(Document.new(REGISTRY))
    bench.filing.open(shipped_patches() / "help" / "style.audio.hocket")
    assert bench.editor.document.path is None
    bench.filing.save_as()
    bench.questions.choose(there / "mine.hocket")
    assert sorted(os.listdir(there)) == ["help.mid", "mine.hocket", "strings.ogg"]
    assert load_patch(there / "mine.hocket").nodes["audio"].values["file"] == "strings.ogg"


def test_another_file_of_that_name_is_kept_and_named(state, here, there):
    (there / "a.wav").write_bytes(b"mine")
    save_patch(named("a.wav", "takes/b.wav"), here / "p.hocket")
    bench = Bench(Document.open(REGISTRY, here / "p.hocket"))
    said: list[str] = []
    bench.editor.say = lambda text, bad=False: said.append(text)  # type: ignore[method-assign]
    bench.filing.save_as()
    bench.questions.choose(there / "q.hocket")
    assert said[-1] == f"{there} has another file a.wav already: rename one"
    assert (there / "a.wav").read_bytes() == b"mine"
    assert (there / "takes" / "b.wav").exists()


def test_the_same_file_is_left_where_it_is(here, there):
    (there / "a.wav").write_bytes(b"a")
    before = (there / "a.wav").stat().st_mtime_ns
    assert carry(named("a.wav"), REGISTRY, here, there) == []
    assert (there / "a.wav").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["../secret.wav", "/etc/passwd", "link.wav"])
def test_nothing_outside_the_folder_is_taken_along(here, there, name):
    (here.parent / "secret.wav").write_bytes(b"secret")
    (here / "link.wav").symlink_to(here.parent / "secret.wav")
    node = named("a.wav").nodes["n0"]
    patch = Patch(nodes={"n0": node.__class__(node.type, values={"file": name}, at=node.at)})
    assert carry(patch, REGISTRY, here, there) == []
    assert os.listdir(there) == []


def test_what_cannot_be_written_is_named_and_leaves_no_part(here, there):
    (there / "takes").write_bytes(b"no folder")
    assert carry(named("a.wav", "takes/b.wav"), REGISTRY, here, there) == [
        "takes/b.wav could not be copied: File exists"
    ]
    assert sorted(os.listdir(there)) == ["a.wav", "takes"]


def test_a_full_disk_leaves_no_part_of_a_file(here, there, monkeypatch):
    import shutil

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    faults = carry(named("a.wav"), REGISTRY, here, there)
    assert faults == ["a.wav could not be copied: No space left on device"]
    assert os.listdir(there) == []
