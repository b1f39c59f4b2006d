"""Adding nodes and finding help, with a real mouse and a real keyboard."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from measure import level

from engine import edits
from engine.files import save_patch
from engine.patch import Patch
from engine.registry import load_registry
from patcher.panels.hover import CARD
from tests.editor_rig import MISSING, Window
from tests.jack import Jack

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def opened(shared: Window, home: Path) -> Window:
    """A window with two nodes, and no engine."""
    registry = load_registry()
    patch = edits.add(Patch(title="Two"), registry, "notes.held", "held", at=(300, 200))
    patch = edits.add(patch, registry, "control.lag", "lag", at=(600, 200))
    path = home / "two.hocket"
    save_patch(patch, path)
    return shared.begin(path)


def test_tab_finds_a_node_by_what_it_takes_and_gives_and_the_arrows_choose(opened: Window) -> None:
    opened.move(opened.ask("at", 0.5, 0.8))
    opened.keys("Tab")
    opened.wait_to_type()
    opened.type("midi notes")
    opened.picture("palette")
    opened.keys("Return")
    opened.wait_until("it is added", lambda: "held1" in opened.patch.nodes)
    assert opened.patch.nodes["held1"].type == "notes.held"
    opened.keys("n")
    opened.wait_to_type()
    opened.type("mix")
    opened.keys("Down", "Return")
    opened.wait_until("it is added", lambda: "mix1" in opened.patch.nodes)
    assert opened.patch.nodes["mix1"].type == "style.mix"


def test_escape_closes_the_list_and_adds_nothing(opened: Window) -> None:
    before = opened.patch
    opened.move(opened.ask("at", 0.5, 0.8))
    opened.keys("Tab")
    opened.wait_to_type()
    opened.type("lim")
    opened.keys("Escape")
    opened.keys("Return")
    assert opened.patch == before
    assert opened.about("selected") == []


def test_a_node_type_is_dragged_from_the_list_on_the_left(opened: Window) -> None:
    place = opened.ask("at", 0.5, 0.8)
    opened.drag(
        opened.wait_until("the list is there", lambda: opened.ask("item", "limiter")), place
    )
    opened.wait_until("it is added", lambda: "limiter1" in opened.patch.nodes)
    assert opened.patch.nodes["limiter1"].type == "audio.limiter"
    opened.frames()
    x, y = opened.ask("node", "limiter1")
    assert abs(x - place[0]) < 12
    assert abs(y - place[1]) < 12


def test_a_mouse_that_rests_is_told_what_it_rests_on(opened: Window) -> None:
    opened.move(opened.ask("node", "lag"))
    opened.wait_until("the node is explained", lambda: "lag · Smooths" in opened.about("hint"))
    opened.move(opened.ask("field", "lag.time"))
    opened.wait_until("the value is explained", lambda: "lag.time" in opened.about("hint"))
    opened.move(opened.ask("at", 0.5, 0.9))
    opened.wait_until("nothing is", lambda: opened.about("hint") == "")


def test_a_menu_at_the_mouse_is_not_covered_by_an_explanation(opened: Window) -> None:
    opened.click(opened.ask("node", "lag"), button=3)
    opened.wait_until("the menu is open", lambda: opened.ask("item", "Rename"))
    time.sleep(2 * CARD)
    opened.frames()
    assert opened.about("hint") == ""
    assert not opened.ask("item", "Save memory")  # which is for generators
    opened.keys("Escape")


def test_f1_opens_a_copy_of_the_patch_that_shows_the_selected_node(opened: Window) -> None:
    opened.click(opened.ask("node", "lag"))
    opened.keys("F1")
    opened.wait_until("its help is open", lambda: opened.about("title") == "control.lag")
    assert "control.lag" in {node.type for node in opened.patch.nodes.values()}
    assert not opened.about("unsaved")


def test_f1_with_nothing_selected_says_what_it_is_for(opened: Window) -> None:
    opened.move(opened.ask("at", 0.5, 0.9))
    opened.keys("F1")
    opened.wait_for_remark("Select a node")
    assert opened.about("title") == "Two"


def test_a_question_mark_lists_the_keys_until_escape(opened: Window) -> None:
    opened.move(opened.ask("at", 0.5, 0.9))
    opened.keys("question")
    opened.wait_until("the keys are listed", lambda: opened.ask("item", "Ctrl+right-drag"))
    opened.picture("shortcuts")
    opened.keys("Escape")
    opened.wait_until("they are gone", lambda: not opened.ask("item", "Ctrl+right-drag"))


def test_a_patch_is_found_by_words_and_opened_by_the_keyboard_alone(opened: Window) -> None:
    opened.move(opened.ask("at", 0.5, 0.9))
    opened.keys("ctrl+shift+p")
    opened.wait_to_type()
    opened.type("choir")
    opened.picture("browser")
    opened.keys("Return")
    opened.wait_until("it is open", lambda: opened.about("title") == "Harmoniser")


def test_the_first_start_gets_from_nothing_to_a_sound(jack: Jack, home: Path) -> None:
    preferences = home / "xdg_state_home" / "hocket" / "preferences.json"
    preferences.parent.mkdir(parents=True)
    preferences.write_text("{}")
    with Window(home, "harmoniser") as window:  # which is silent until it is played
        window.wait_until("the page opens", lambda: window.ask("item", "Play a chord", "Button"))
        window.wait_until(
            "it names the device", lambda: window.ask("item", "The sound goes to", "Text")
        )
        window.picture("welcome")
        ports = jack.connections().items()
        port = next(port for port, targets in ports if "system:playback_1" in targets)
        with jack.recording(port) as before:
            time.sleep(0.5)
        assert level(before.sound) < -90
        with jack.recording(port) as recording:
            window.choose("Play a chord", "Button")
            time.sleep(1.0)
        assert level(recording.sound) > -50
        window.choose("Split keyboard", "Button")
        window.wait_until("it is open", lambda: window.about("title") == "Split keyboard")
        assert json.loads(preferences.read_text())["welcome_seen"] is True


def test_the_first_page_is_not_shown_again_once_it_was_closed(opened: Window) -> None:
    preferences = Path(opened.environment["XDG_STATE_HOME"], "hocket", "preferences.json")
    preferences.write_text("{}")
    opened.move(opened.ask("at", 0.5, 0.9))
    opened.keys("shift+F1")
    opened.choose("Begin", "Button")
    opened.wait_until("it is gone", lambda: not opened.ask("item", "Begin", "Button"))
    assert json.loads(preferences.read_text())["welcome_seen"] is True
