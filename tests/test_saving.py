"""Writing patch files: the same bytes for the same patch, and never half of them."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import regular
from engine.files import dumps, load_patch, loads, save_patch
from engine.patch import MAX_CONTROL, Cable, Comment, MidiMapping, Node, Patch, PatchError
from engine.patchdata import CommentData, MappingData, NodeData, PatchData

ROOT = Path(__file__).parent.parent
OLD, NEW = Patch(title="old"), Patch(title="new", description="x" * 10_000)

names = st.from_regex("[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
coordinates = st.floats(-999_999, 999_999)
known = {
    key
    for data in (PatchData, NodeData, CommentData, MappingData)
    for key in data.__struct_fields__
}
extras = st.dictionaries(texts.filter(lambda key: key not in known), json_values, max_size=2)
points = st.tuples(coordinates, coordinates)
values = st.dictionaries(texts, json_values, max_size=3)
nodes = st.builds(Node, texts, points, values, extras, st.booleans())
lengths = st.floats(1e-9, 999_999)
sizes = st.none() | st.tuples(lengths, lengths)
comments = st.builds(Comment, texts, points, sizes, texts, extras)
ends = st.none() | st.floats(allow_nan=False, allow_infinity=False)
mappings = st.builds(
    MidiMapping, st.integers(1, 16), st.integers(0, MAX_CONTROL), names, names, ends, ends, extras
)
scene_names = st.sampled_from(["Verse", "Refrain – loud", "1"])
places = st.builds("{}.{}".format, names, names)
patches = st.builds(
    Patch,
    title=texts,
    author=texts,
    license=texts,
    description=texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    nodes=st.dictionaries(names, nodes, max_size=4),
    cables=st.sets(st.builds(Cable, names, names, names, names), max_size=4).map(tuple),
    comments=st.dictionaries(names, comments, max_size=3),
    mappings=st.lists(mappings, max_size=3, unique_by=lambda each: each.place).map(tuple),
    scenes=st.dictionaries(scene_names, st.dictionaries(places, json_values), max_size=3),
    panel=st.lists(names | places, max_size=3, unique=True).map(tuple),
    extra=extras,
)


@given(patches)
def test_what_was_saved_loads_as_it_was_and_saves_the_same(patch):
    data = dumps(patch)
    assert loads(data) == patch
    assert dumps(loads(data)) == data


def test_each_node_and_each_cable_has_a_line_in_order():
    patch = Patch(
        title="two\nlines",
        nodes={"b": Node("x.y", (40.0, 80.5), {"z": 1.0, "a": "é"}), "a": Node("x.y")},
        cables=(Cable("b", "o", "a", "i"), Cable("a", "o", "b", "i")),
        extra={"later": [1]},
    )
    expected = """{
  "format": 1,
  "author": "",
  "cables": [
    ["a.o", "b.i"],
    ["b.o", "a.i"]
  ],
  "description": "",
  "later": [1],
  "license": "",
  "nodes": {
    "a": {"at": [0, 0], "type": "x.y"},
    "b": {"at": [40, 80.5], "type": "x.y", "values": {"a": "é", "z": 1.0}}
  },
  "tags": [],
  "title": "two\\nlines"
}
"""
    assert dumps(patch).decode() == expected


def test_what_a_musician_adds_has_a_line_each_and_scenes_keep_their_order():
    patch = Patch(
        nodes={"a": Node("x.y", bypass=True)},
        comments={
            "note2": Comment("low\nend", (1, 2.5), (300, 200.5), "blue", {"later": 1}),
            "note1": Comment("hello"),
        },
        mappings=(
            MidiMapping(2, 1, "a", "rate"),
            MidiMapping(1, 74, "a", "depth", 0.5, 2.0, {"curve": 3}),
        ),
        scenes={"Verse": {"b.size": 1, "a.rate": 2.0}, "Chorus": {}},
        panel=("b", "a.rate"),
    )
    expected = """{
  "format": 1,
  "author": "",
  "cables": [],
  "comments": {
    "note1": {"at": [0, 0], "text": "hello"},
    "note2": {"at": [1, 2.5], "colour": "blue", "later": 1, "size": [300, 200.5], "text": "low\\nend"}
  },
  "description": "",
  "license": "",
  "mappings": [
    {"channel": 1, "control": 74, "curve": 3, "high": 2.0, "low": 0.5, "port": "a.depth"},
    {"channel": 2, "control": 1, "port": "a.rate"}
  ],
  "nodes": {
    "a": {"at": [0, 0], "bypass": true, "type": "x.y"}
  },
  "panel": [
    "b",
    "a.rate"
  ],
  "scenes": [
    {"name": "Verse", "values": {"a.rate": 2.0, "b.size": 1}},
    {"name": "Chorus", "values": {}}
  ],
  "tags": [],
  "title": ""
}
"""  # noqa: E501 - one comment is one line
    assert dumps(patch).decode() == expected
    assert loads(expected.encode()) == patch
    assert list(loads(expected.encode()).scenes) == ["Verse", "Chorus"]


def test_an_empty_patch_has_empty_lists():
    assert b'"cables": [],' in dumps(Patch())
    assert b'"nodes": {},' in dumps(Patch())


def test_a_frozen_file_is_saved_in_order_and_then_stays(tmp_path):
    patch = load_patch(Path(__file__).parent / "formats" / "1.hocket")
    path = tmp_path / "a.hocket"
    save_patch(patch, path)
    first = path.read_bytes()
    save_patch(load_patch(path), path)
    assert path.read_bytes() == first
    assert load_patch(path) == patch


def test_a_patch_too_large_to_be_read_again_is_not_written(tmp_path):
    path = tmp_path / "a.hocket"
    save_patch(OLD, path)
    huge = Patch(nodes={f"n{i}": Node("x.y", values={"t": "x" * 65_536}) for i in range(130)})
    with pytest.raises(PatchError, match=r"^the file has 8\.1 MB; at most 8 MB are read$"):
        save_patch(huge, path)
    commas = Patch(nodes={f"n{i}": Node("x.y", values={"t": "," * 65_536}) for i in range(8)})
    with pytest.raises(PatchError, match=r"^the file has more than 500,000 commas"):
        save_patch(commas, path)
    assert load_patch(path) == OLD
    assert os.listdir(tmp_path) == ["a.hocket"]


def test_a_new_file_has_the_mode_that_files_have_here(tmp_path):
    before = os.umask(0o027)
    try:
        save_patch(NEW, tmp_path / "a.hocket")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.hocket").stat().st_mode) == 0o640


def test_the_mode_of_a_file_stays(tmp_path):
    """Row 17."""
    path = tmp_path / "a.hocket"
    save_patch(OLD, path)
    path.chmod(0o604)
    save_patch(NEW, path)
    assert load_patch(path) == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_link_stays_and_its_target_is_written(tmp_path):
    """Row 17."""
    target, link = tmp_path / "real" / "a.hocket", tmp_path / "link.hocket"
    target.parent.mkdir()
    save_patch(OLD, target)
    link.symlink_to(Path("real") / "a.hocket")
    save_patch(NEW, link)
    assert link.is_symlink()
    assert not target.is_symlink()
    assert load_patch(target) == NEW
    assert sorted(os.listdir(tmp_path)) == ["link.hocket", "real"]


def test_links_in_a_circle_are_refused(tmp_path):
    link = tmp_path / "a.hocket"
    link.symlink_to(link)
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        save_patch(NEW, link)
    assert os.listdir(tmp_path) == ["a.hocket"]


def test_only_a_regular_file_is_replaced(tmp_path):
    pipe, folder = tmp_path / "pipe.hocket", tmp_path / "folder.hocket"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(OSError, match=f"^{path}: is not a regular file$"):
            save_patch(NEW, path)
    assert sorted(os.listdir(tmp_path)) == ["folder.hocket", "pipe.hocket"]


def test_a_name_as_long_as_names_may_be_can_be_saved(tmp_path):
    path = tmp_path / ("ü" * 120 + ".hocket")
    save_patch(NEW, path)
    assert load_patch(path) == NEW


@pytest.mark.parametrize("call", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_where_a_step_fails_the_old_file_stays_and_nothing_else(tmp_path, monkeypatch, call, code):
    """Row 16: the disk is full, read-only or broken, whichever step notices."""
    path = tmp_path / "a.hocket"
    save_patch(OLD, path)

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(regular.os, call, fail)
    with pytest.raises(OSError, match=os.strerror(code)):
        save_patch(NEW, path)
    monkeypatch.undo()
    assert load_patch(path) == OLD
    assert os.listdir(tmp_path) == ["a.hocket"]


def test_where_no_file_can_be_made_the_old_one_stays(tmp_path, monkeypatch):
    """Row 16: a folder without permission. Root may write anywhere, so the refusal is acted."""
    path = tmp_path / "a.hocket"
    save_patch(OLD, path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(regular.tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError):
        save_patch(NEW, path)
    assert load_patch(path) == OLD


def test_in_a_folder_that_is_not_there_nothing_is_saved(tmp_path):
    with pytest.raises(FileNotFoundError):
        save_patch(NEW, tmp_path / "none" / "a.hocket")


def run(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts Python on `code`, with this checkout's packages."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_when_the_disk_fills_while_writing_the_old_file_stays(tmp_path):
    """Row 16: a real limit of the system stops the write in the middle."""
    path = tmp_path / "a.hocket"
    save_patch(OLD, path)
    code = (
        "import resource, signal, sys; from pathlib import Path;"
        "from engine.files import save_patch; from engine.patch import Patch;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000));"
        "save_patch(Patch(description='x' * 60_000), Path(sys.argv[1]))"
    )
    process = run(code, str(path))
    _, errors = process.communicate(timeout=60)
    assert b"File too large" in errors
    assert load_patch(path) == OLD
    assert os.listdir(tmp_path) == ["a.hocket"]


def test_a_process_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path):
    """Row 17: it saves two patches in turn until it is killed, twelve times over."""
    path = tmp_path / "a.hocket"
    code = (
        "import sys; from pathlib import Path; from engine.files import save_patch;"
        "from engine.patch import Patch; path = Path(sys.argv[1]);"
        "old, new = Patch(title='old'), Patch(title='new', description='x' * 10_000);"
        "save_patch(old, path); print('go', flush=True)\n"
        "while True: save_patch(new, path); save_patch(old, path)"
    )
    for turn in range(12):
        process = run(code, str(path))
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(0.003 * turn)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert load_patch(path) in (OLD, NEW)
    others = [name for name in os.listdir(tmp_path) if name != "a.hocket"]
    assert all(name.startswith(".a.hocket.") and name.endswith(".tmp") for name in others)


def test_the_bytes_and_the_folder_are_on_the_disk_before_and_after_the_swap(tmp_path, monkeypatch):
    """Row 17: without either a lost power supply could leave an empty file."""
    path = tmp_path / "a.hocket"
    done: list[str] = []
    fsync, swap = os.fsync, os.replace

    def sync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def replace_(start: str, end: Path) -> None:
        done.append("swap")
        assert Path(start).read_bytes() == dumps(NEW)
        swap(start, end)

    monkeypatch.setattr(regular.os, "fsync", sync)
    monkeypatch.setattr(regular.os, "replace", replace_)
    save_patch(NEW, path)
    assert done == ["file", "swap", "folder"]


def test_saving_changes_no_patch():
    patch = replace(NEW, nodes={"a": Node("x.y", values={"k": 1})})
    dumps(patch)
    assert patch == replace(NEW, nodes={"a": Node("x.y", values={"k": 1})})


def test_where_folders_cannot_be_opened_a_patch_is_saved_all_the_same(tmp_path, monkeypatch):
    """Windows has no O_DIRECTORY."""
    monkeypatch.delattr(regular.os, "O_DIRECTORY")
    save_patch(NEW, tmp_path / "a.hocket")
    assert load_patch(tmp_path / "a.hocket") == NEW
