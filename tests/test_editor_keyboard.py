"""The patch changed and played from the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import edits, scenes
from engine.comments import put_comment
from engine.files import save_patch
from engine.panel import show_on_panel
from engine.patch import Comment, Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

SCENES = (*(f"Part {letter}" for letter in "ABCDEFGHIJK"), "Finale")


@pytest.fixture
def opened(shared: Window, home: Path) -> Window:
    """A window with a node that has two values on the panel, a comment and scenes; no engine."""
    registry = load_registry()
    patch = edits.add(Patch(title="One"), registry, "control.lfo", "lfo", at=(600, 200))
    for each in ("lfo.low", "lfo.high"):
        patch = show_on_panel(patch, registry, each)
    for name in SCENES:
        patch = scenes.store_scene(patch, registry, name)
    patch = edits.set_value(patch, registry, "lfo", "high", 0.5)
    patch = put_comment(patch, "comment1", Comment("Slow", (300, 200), None, "yellow"))
    path = home / "one.hocket"
    save_patch(patch, path)
    return shared.begin(path)


def choose(window: Window, keys: str, words: str) -> None:
    """Opens a list by keys and takes what fits the words first."""
    window.keys(keys)
    window.wait_to_type()
    window.type(words)
    window.keys("Return")
    window.frames()


def test_what_is_selected_has_its_menu_as_a_list(opened: Window) -> None:
    opened.keys("alt+Right")
    choose(opened, "shift+F10", "bypass")
    opened.wait_until("lfo is bypassed", lambda: opened.patch.nodes["lfo"].bypass)


def test_a_value_is_learnt_shown_and_listed_by_keys(opened: Window) -> None:
    opened.keys("alt+Right", "Return", "l")
    opened.wait_for_remark("Turn a knob on the controller that is to move lfo.rate")
    opened.keys("Escape", "p")
    opened.wait_until("it is shown", lambda: "lfo.rate" in opened.patch.panel)
    opened.keys("p")
    opened.wait_until("it is not", lambda: "lfo.rate" not in opened.patch.panel)
    choose(opened, "shift+F10", "show")
    opened.wait_until("it is shown again", lambda: "lfo.rate" in opened.patch.panel)


def test_the_stage_is_played_by_keys_and_left_by_its_own(opened: Window) -> None:
    opened.keys("ctrl+e", "Return", "Right", "Right")
    opened.wait_until("low is set", lambda: "low" in opened.patch.nodes["lfo"].values)
    opened.picture("stage_keys")
    opened.keys("Down", "Left")
    opened.wait_until("high is set", lambda: "high" in opened.patch.nodes["lfo"].values)
    opened.keys("alt+Left")
    opened.wait_until("it lies first", lambda: opened.patch.panel == ("lfo.high", "lfo.low"))
    choose(opened, "ctrl+alt+p", "lfo.rate")
    opened.wait_until("it is shown", lambda: "lfo.rate" in opened.patch.panel)
    opened.keys("Escape", "Escape", "Escape")
    assert opened.ask("item", "Arrange")
    opened.keys("ctrl+e")
    opened.wait_until("the stage has gone", lambda: not opened.ask("item", "Arrange"))


def test_scenes_beyond_the_stage_are_listed(opened: Window) -> None:
    opened.keys("ctrl+e")
    assert not opened.ask("item", f"{len(SCENES)} {SCENES[-1]}")
    opened.click(opened.wait_until("there are more", lambda: opened.ask("item", "More…", "Button")))
    opened.wait_to_type()
    opened.type("final")
    opened.keys("Return")
    opened.wait_until("it is recalled", lambda: opened.about("history")[-1:] == ("Recall Finale",))


def test_a_scene_is_renamed_and_deleted_by_keys(opened: Window) -> None:
    choose(opened, "F10", "change a scene")
    opened.frames(5)
    opened.type("rename part c")
    opened.keys("Return")
    opened.wait_to_type()
    opened.frames(5)
    opened.type("Bridge")
    opened.keys("Return")
    opened.wait_until("it is renamed", lambda: "Bridge" in opened.patch.scenes)
    choose(opened, "F10", "change a scene")
    opened.frames(5)
    opened.type("delete bridge")
    opened.keys("Return")
    opened.wait_until("it is gone", lambda: "Bridge" not in opened.patch.scenes)
