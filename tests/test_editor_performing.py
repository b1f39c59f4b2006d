"""The patch played in the window: by its piano, by letters, by scenes, and from the stage."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.client import Client
from engine.files import load_patch, save_patch
from engine.panel import show_on_panel
from patcher.terminal.arguments import node_types
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

PATCH = Path(__file__).parent.parent / "patches" / "harmoniser.hocket"
C4, E4, G4, C5 = 60, 64, 67, 72
ON_PANEL = ("model.temperature", "harmonise.below", "model.reset", "prompt.text")


class Player:
    """A window with an engine, and what its generator is told to play."""

    def __init__(self, window: Window, engine: Client) -> None:
        self.window = window
        self._engine = engine
        self.wait_for(set())

    def given(self) -> set[int] | None:
        snapshot = self._engine.latest()
        heard = snapshot.generators.get("model") if snapshot else None
        return heard and {pitch for pitch, state in enumerate(heard.notes) if 1 <= state <= 3}

    def wait_for(self, pitches: set[int]) -> None:
        self.window.wait_until(f"{pitches} are given", lambda: self.given() == pitches)

    def value(self, node: str, port: str) -> Any:
        return self.window.patch.nodes[node].values.get(port)

    def wait_for_value(self, node: str, port: str, value: Any) -> None:
        self.window.wait_until(f"{node}.{port} is {value}", lambda: self.value(node, port) == value)

    def moving(self) -> bool:
        snapshot = self._engine.latest()
        return bool(snapshot and snapshot.moving)

    def focused(self) -> str:
        """Returns the window that has the keyboard, as X knows it."""
        words, environment = ["xdotool", "getwindowfocus"], self.window.environment
        return subprocess.check_output(words, env=environment, text=True).strip()

    def hold(self, *keys: str, down: bool = True) -> None:
        for key in keys:
            self.window.hands("keydown" if down else "keyup", key)


@pytest.fixture
def player(home: Path) -> Iterator[Player]:
    patch, registry = replace(load_patch(PATCH), panel=()), node_types()
    for each in ON_PANEL:
        patch = show_on_panel(patch, registry, each)
    file = home / "mine.hocket"
    save_patch(patch, file)
    with Window(home, file) as window:
        window.wait_for_engine()
        with window.client() as engine:
            yield Player(window, engine)


def test_the_piano_is_played_by_the_mouse_and_by_letters(player: Player) -> None:
    window = player.window
    key = {pitch: window.ask("key", pitch) for pitch in (C4, E4)}
    window.press(key[C4])
    player.wait_for({C4})
    window.move(key[E4])
    player.wait_for({E4})
    window.drop()
    player.wait_for(set())

    window.keys("ctrl+shift+k")
    player.hold("a", "d", "g")
    player.wait_for({C4, E4, G4})
    window.picture("piano")
    player.hold("x")
    player.hold("a", "d", "g", "x", down=False)
    player.wait_for(set())
    player.hold("a")
    player.wait_for({C5})
    shown = player.focused()
    window.hands("windowunmap", shown)
    player.wait_for(set())
    window.hands("keyup", "a", "windowmap", shown, "windowfocus", shown)

    window.keys("ctrl+shift+k")
    nodes = window.patch.nodes
    window.keys("a", "s")
    assert window.patch.nodes == nodes
    assert player.given() == set()


def test_letters_are_no_shortcuts_while_they_are_played(player: Player) -> None:
    window = player.window
    window.click(window.ask("node", "gate"))
    window.wait_until("gate is selected", lambda: window.about("selected") == ["gate"])
    window.keys("ctrl+shift+k", "m")
    assert not window.patch.nodes["gate"].bypass
    window.keys("ctrl+shift+k", "m")
    window.wait_until("gate is bypassed", lambda: window.patch.nodes["gate"].bypass)
    window.hands("key", "--delay", 50, "Escape", "Escape")
    window.wait_for_remark("every note was ended")


def test_on_the_stage_faders_pads_and_scenes_are_played(player: Player) -> None:
    window = player.window
    window.keys("ctrl+e")
    window.picture("stage_full")
    window.keys("ctrl+alt+s")
    x, y = window.ask("fader", "model.temperature")
    window.drag((x, y), (x, y - 80))
    window.wait_until("it is warmer", lambda: (player.value("model", "temperature") or 0.0) > 1.2)
    warm = player.value("model", "temperature")
    assert window.about("history")[-1] == "Set model.temperature"
    window.click(window.ask("fader", "model.reset"))
    player.wait_for_value("model", "reset", 1.0)
    window.keys("ctrl+alt+s")
    window.keys("ctrl+1")
    player.wait_for_value("model", "temperature", 1.0)
    assert window.about("history").count("Set model.temperature") == 1
    window.wait_until("the engine is there", lambda: not player.moving())
    window.picture("stage")
    window.keys("ctrl+z")
    player.wait_for_value("model", "temperature", warm)

    window.press(window.ask("key", C4))
    player.wait_for({C4})
    window.drop()
    player.wait_for(set())
    nodes = window.patch.nodes
    window.keys("Delete")
    window.hands("key", "--delay", 50, "Escape", "Escape")
    window.wait_for_remark("very note was ended")
    assert window.patch.nodes == nodes
    assert window.ask("item", "Arrange")
    window.keys("ctrl+e")
    window.wait_until("the stage has gone", lambda: not window.ask("item", "Arrange"))


def test_a_chord_of_the_welcome_ends_though_the_window_is_made_anew(player: Player) -> None:
    window = player.window
    window.keys("shift+F1")
    window.choose("Play a chord")
    player.wait_for({C4, E4, G4, C5})
    window.keys("ctrl+shift+l")
    player.wait_for(set())
