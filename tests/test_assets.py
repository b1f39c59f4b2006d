"""Row 14 of the faults: a patch names files beside it, and nothing else on the machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from toys import TOYS, patch, read_text

from engine import assets
from engine.assets import load_asset, name_fault
from engine.compiler import compile_patch
from engine.frame import Frame
from engine.patch import PatchError
from engine.signals import Asset

TEXT = Asset(read_text, (".txt", ".text"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a patch, with a file in it and one outside."""
    inside = tmp_path / "patch"
    (inside / "sub").mkdir(parents=True)
    (inside / "a.txt").write_text("beside")
    (inside / "sub" / "b.txt").write_text("below")
    (tmp_path / "secret.txt").write_text("secret")
    return inside


def refusal(name: str, folder: Path | None, asset: Asset = TEXT) -> str:
    """Returns the words with which a file is refused; its loader must not have been called."""

    def load(path: Path) -> None:
        raise AssertionError(f"{path} was opened")

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the tests compare all of it
        load_asset(Asset(load, asset.suffixes), name, folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", "beside"), ("sub/b.txt", "below"), ("./a.txt", "beside"), ("sub/./b.txt", "below")],
)
def test_files_beside_and_below_are_read(folder, name, content):
    assert load_asset(TEXT, name, folder) == content


def test_the_case_of_the_ending_does_not_matter(folder):
    (folder / "LOUD.TXT").write_text("loud")
    assert load_asset(TEXT, "LOUD.TXT", folder) == "loud"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../secret.txt", "has '..' in it; assets lie beside the patch or below"),
        ("sub/../a.txt", "has '..' in it; assets lie beside the patch or below"),
        ("sub/../../secret.txt", "has '..' in it; assets lie beside the patch or below"),
        ("/etc/secret.txt", "is an absolute path; assets lie beside the patch"),
        ("//host/share/secret.txt", "is an absolute path; assets lie beside the patch"),
        ("\\\\host\\share\\secret.txt", "is an absolute path; assets lie beside the patch"),
        ("C:/secret.txt", "is an absolute path; assets lie beside the patch"),
        ("c:secret.txt", "is an absolute path; assets lie beside the patch"),
        ("..\\secret.txt", "has a backslash; folders are divided by /"),
        ("sub\\b.txt", "has a backslash; folders are divided by /"),
        ("a.txt\0.wav.txt", "has a NUL byte"),
        ("\0.txt", "has a NUL byte"),
    ],
)
def test_a_name_that_may_lead_elsewhere_is_refused_wherever_it_leads(folder, name, words):
    assert name_fault(name) == words
    assert refusal(name, folder) == f"{name!r} {words}"


@pytest.mark.parametrize("name", ["a.txt", "sub/b.txt", "..a/b..txt", "…/ü.txt", "a:b.txt.txt"])
def test_other_names_are_names(name):
    assert name_fault(name) is None or name.startswith("a:")


@pytest.mark.parametrize("name", ["a.wav", "a", "a.txt/", "a.txt.exe", ""])
def test_another_ending_is_refused(folder, name):
    assert refusal(name, folder) == f"{name!r} does not end in .txt or .text"


def test_a_link_that_leads_out_is_refused(folder):
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "up").symlink_to(folder.parent)
    assert refusal("link.txt", folder) == "'link.txt' leads out of the patch's folder"
    assert refusal("up/secret.txt", folder) == "'up/secret.txt' leads out of the patch's folder"


def test_a_link_to_a_folder_whose_name_begins_the_same_leads_out(folder):
    near = folder.parent / "patch_of_another"
    near.mkdir()
    (near / "c.txt").write_text("another's")
    (folder / "c.txt").symlink_to(near / "c.txt")
    assert refusal("c.txt", folder) == "'c.txt' leads out of the patch's folder"


def test_a_link_that_stays_inside_is_followed(folder):
    (folder / "link.txt").symlink_to("sub/b.txt")
    assert load_asset(TEXT, "link.txt", folder) == "below"


def test_the_folder_itself_may_be_a_link(folder):
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert load_asset(TEXT, "a.txt", link) == "beside"


def test_links_in_a_circle_are_refused(folder):
    (folder / "loop.txt").symlink_to("loop.txt")
    words = refusal("loop.txt", folder)
    assert words.startswith("there is no file 'loop.txt' beside the patch: Too many levels")


def test_a_file_that_is_not_there_is_refused(folder):
    words = "there is no file 'none.txt' beside the patch: No such file or directory"
    assert refusal("none.txt", folder) == words
    assert "Not a directory" in refusal("a.txt/b.txt", folder)
    assert "File name too long" in refusal("x" * 5_000 + ".txt", folder)


def test_a_fifo_a_socket_and_a_folder_are_refused_unopened(folder, monkeypatch):
    os.mkfifo(folder / "pipe.txt")
    (folder / "folder.txt").mkdir()
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")
        for name in ("pipe.txt", "folder.txt", "socket.txt"):
            assert refusal(name, folder) == f"{name!r} is not a regular file"


def test_a_device_is_refused_unopened():
    asset = Asset(read_text, ("null",))
    assert refusal("null", Path("/dev"), asset) == "'null' is not a regular file"


def test_a_patch_that_was_never_saved_has_nothing_beside_it():
    assert refusal("a.txt", None) == "'a.txt' lies beside the patch, which was never saved"


def test_what_the_loader_finds_wrong_is_said(folder):
    def broken(path: Path) -> None:
        raise ValueError("'a.txt' has no notes")

    def denied(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    def bare(path: Path) -> None:
        raise OSError("the card is gone")

    with pytest.raises(ValueError, match=r"^'a\.txt' has no notes$"):
        load_asset(Asset(broken, (".txt",)), "a.txt", folder)
    with pytest.raises(ValueError, match=r"^'a\.txt' cannot be read: Permission denied$"):
        load_asset(Asset(denied, (".txt",)), "a.txt", folder)
    with pytest.raises(ValueError, match=r"^'a\.txt' cannot be read: the card is gone$"):
        load_asset(Asset(bare, (".txt",)), "a.txt", folder)


def test_a_file_is_read_once_until_it_changes(folder):
    read: list[str] = []

    def load(path: Path) -> str:
        read.append(path.name)
        return path.read_text()

    asset = Asset(load, (".txt",))
    assert load_asset(asset, "a.txt", folder) is load_asset(asset, "./a.txt", folder)
    assert read == ["a.txt"]
    (folder / "a.txt").write_text("changed and longer")
    assert load_asset(asset, "a.txt", folder) == "changed and longer"
    os.utime(folder / "a.txt", ns=(1, 1))
    load_asset(asset, "a.txt", folder)
    assert read == ["a.txt"] * 3


def test_a_file_that_could_not_be_read_is_tried_again(folder):
    answers: list[str | ValueError] = [ValueError("half written"), "whole"]

    def load(path: Path) -> str:
        answer = answers.pop(0)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    asset = Asset(load, (".txt",))
    with pytest.raises(ValueError, match="half written"):
        load_asset(asset, "a.txt", folder)
    assert load_asset(asset, "a.txt", folder) == "whole"


def test_only_so_many_files_are_kept(folder):
    read: list[str] = []

    def load(path: Path) -> str:
        read.append(path.name)
        return ""

    asset = Asset(load, (".txt",))
    for number in range(assets.KEPT + 1):
        (folder / f"{number}.txt").touch()
        load_asset(asset, f"{number}.txt", folder)
    load_asset(asset, "0.txt", folder)
    assert read.count("0.txt") == 2


FILED = ({"file": "control.length", "tone": "audio.tone", "out": "audio.output"},)
CABLES = ["file.control > tone.level", "tone.audio > out.audio"]


def heard(folder: Path | None, name: str | None) -> tuple[float, list[str]]:
    """Returns what a patch whose `file` node names a file sounds like, and its warnings."""
    values = {} if name is None else {"file.file": name}
    plan = compile_patch(patch(*FILED, CABLES, values), TOYS, folder=folder)
    plan.condition(Frame())
    return float(plan.mix(Frame(), {})[0, 0]), [str(each) for each in plan.problems]


def test_a_node_receives_what_its_loader_made(folder):
    assert heard(folder, "a.txt") == (6.0, [])


def test_without_a_file_a_node_receives_none(folder):
    assert heard(folder, None) == (-1.0, [])
    assert heard(folder, "") == (-1.0, [])


def test_a_file_that_is_refused_is_a_warning_and_the_patch_plays(folder):
    words = "file.file: '../secret.txt' has '..' in it; assets lie beside the patch or below"
    assert heard(folder, "../secret.txt") == (-1.0, [words])
    words = "file.file: 'a.txt' lies beside the patch, which was never saved"
    assert heard(None, "a.txt") == (-1.0, [words])


def test_the_name_of_a_file_is_not_set_while_playing(folder):
    """The node would receive the name, not the file."""
    plan = compile_patch(patch(*FILED, CABLES, {"file.file": "a.txt"}), TOYS, folder=folder)
    words = r"^file\.file: is no value that can be set while its node runs$"
    with pytest.raises(PatchError, match=words):
        plan.set_value("file", "file", "sub/b.txt")
    assert plan.value("file", "file") == "beside"
