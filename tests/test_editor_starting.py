"""How the editor begins and ends, and what it says where it cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import edits
from engine.files import load_patch, save_patch
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, ROOT, Window, running, screen, surroundings
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()


@pytest.fixture
def file(home: Path) -> Path:
    path = home / "mine.hocket"
    save_patch(edits.add(Patch(title="Mine"), REGISTRY, "control.lfo"), path)
    return path


def hocket(home: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command line that is not expected to open a window."""
    environment = {each: text for each, text in surroundings(home).items() if each != "DISPLAY"}
    return subprocess.run(
        [sys.executable, "-m", "patcher.cli", *map(str, arguments)],
        cwd=ROOT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("variables", [{}, {"DISPLAY": ":4242"}], ids=["none", "dead"])
def test_without_a_screen_it_says_so(home, file, variables):
    done = hocket(home, "edit", file, **variables)
    assert done.returncode == 69
    assert done.stderr.lower().startswith("there is no screen for a window")
    assert "hocket run" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_named(home):
    with screen() as display:
        done = hocket(home, "edit", home / "none.hocket", DISPLAY=display)
    assert done.returncode == 66
    assert "none.hocket" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_file_is_explained_and_left_as_it_is(home):
    path = home / "broken.hocket"
    path.write_text('{"format": 1, "nodes": {')
    with screen() as display:
        done = hocket(home, "edit", path, DISPLAY=display)
    assert done.returncode == 65
    assert done.stderr.startswith(f"{path}: line 1, column 25: not JSON")
    assert "Traceback" not in done.stderr
    assert path.read_text() == '{"format": 1, "nodes": {'


def test_the_starter_patch_opens_where_none_is_named(home):
    with Window(home, alone=True) as window:
        assert window.patch.nodes == load_patch(ROOT / "patches" / "first_light.hocket").nodes
        window.picture("starter")


def test_names_of_files_that_are_not_utf_8_are_shown_with_question_marks(home):
    odd = Path(os.fsdecode(os.fsencode(home) + b"/\xffodd.hocket"))
    save_patch(Patch(), odd)
    with Window(home, odd, alone=True) as window:
        assert window.about("title") == "?odd"
        window.keys("ctrl+s")
        window.wait_for_remark("?odd.hocket")
        window.keys("ctrl+o")
        window.choose("?odd.hocket", "Selectable")
        window.keys("Escape", "ctrl+shift+o")
        window.choose(f"?odd, in {home}", "Button")
        assert window.about("title") == "?odd"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl_c", "term"])
def test_ctrl_c_in_the_terminal_ends_the_engine_too_and_what_kills_a_window_does_not(
    home, file, number
):
    with Window(home, file) as window:
        window.wait_for_engine()
        with window.client() as client:
            engine = client.address.pid
        window.process.send_signal(number)
        window.wait()
        if number == signal.SIGINT:
            wait_until(lambda: not running(engine), "the engine ends")
        else:
            assert running(engine)
        assert "Traceback" not in window.said()


def test_a_second_editor_on_a_file_only_reads_it(home, file):
    with Window(home, file, alone=True) as first, Window(home, file, alone=True) as second:
        assert not first.about("read_only")
        assert second.about("read_only")
        second.picture("read_only")
        first.add("notes.held", first.ask("at", 0.05, 0.9))
        first.keys("ctrl+s")
        assert "held1" in load_patch(file).nodes
        second.add("notes.latch", second.ask("at", 0.05, 0.9))
        second.keys("ctrl+s")
        assert "latch1" not in load_patch(file).nodes
        assert "latch1" in second.patch.nodes


def test_work_that_was_not_saved_is_offered_after_a_crash(home, file):
    drafts = home / "xdg_state_home" / "hocket" / "drafts"
    with Window(home, file) as window:
        window.wait_for_engine()
        window.add("notes.held", window.ask("at", 0.05, 0.9))
        window.wait_until("a draft is kept", lambda: any(drafts.glob("*.json")))
        with window.client() as client:
            os.kill(client.address.pid, signal.SIGKILL)
        window.kill()
    assert "held1" not in load_patch(file).nodes
    with Window(home, file) as window:
        window.choose("Mine, ")
        window.wait_until("the work is back", lambda: "held1" in window.patch.nodes)
        assert window.about("unsaved")
    assert "held1" not in load_patch(file).nodes


def test_a_patch_at_which_all_ended_is_opened_without_playing_it(home, file):
    dying = "import os, sys, pathlib; from patcher.editing.drafts import Drafts; "
    dying += "Drafts(print).begin_load(pathlib.Path(sys.argv[1])); os._exit(0)"
    subprocess.run([sys.executable, "-c", dying, file], env=surroundings(home), check=True)
    with Window(home, file) as window:
        window.wait_for_engine()
        assert set(window.patch.nodes) == {"lfo1"}
        assert not window.about("playing")
        window.picture("safe_mode")
        window.choose("Play", "Button")
        window.wait_until("it plays", lambda: window.about("playing"))
