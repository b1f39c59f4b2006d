"""The stage in the window, arranged with the mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import edits
from engine.files import save_patch
from engine.panel import show_on_panel
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

PANEL = ("lfo.rate", "lfo.low", "lfo.high", "lfo.shape", "surface")


@pytest.fixture
def opened(home: Path) -> Iterator[Window]:
    """A window whose stage has faders, a list and a surface, and is being arranged."""
    registry = load_registry()
    patch = edits.add(Patch(), registry, "control.lfo", "lfo", at=(100, 40))
    patch = edits.add(patch, registry, "style.surface", "surface", at=(400, 40))
    for each in PANEL:
        patch = show_on_panel(patch, registry, each)
    save_patch(patch, home / "stage.hocket")
    with Window(home, home / "stage.hocket", alone=True) as window:
        window.keys("ctrl+e")
        window.choose("Arrange", "Button")
        yield window


def grip(window: Window, name: str) -> tuple[float, float]:
    """Where the name of a control is."""
    place: tuple[float, float] = window.wait_until(
        f"{name} is there", lambda: window.ask("item", name, "Button")
    )
    return place


def test_a_control_is_dragged_to_another_place_in_one_step(opened):
    start, end = grip(opened, "rate"), grip(opened, "surface")
    opened.drag(start, (end[0] + 60, end[1]), drop=False)
    opened.picture("stage_dragged")
    assert opened.patch.panel == PANEL
    opened.drop()
    moved = ("lfo.low", "lfo.high", "lfo.shape", "surface", "lfo.rate")
    opened.wait_until("it lies last", lambda: opened.patch.panel == moved)
    assert opened.about("history") == ("Move lfo.rate on the panel",)
    opened.frames()
    start, end = grip(opened, "surface"), grip(opened, "low")
    opened.drag(start, (end[0] - 30, end[1]))
    opened.wait_until("it lies first", lambda: opened.patch.panel[0] == "surface")
    opened.picture("stage_arranged")
    opened.keys("ctrl+z", "ctrl+z")
    assert opened.patch.panel == PANEL


def test_what_is_dragged_is_put_back_by_esc_and_its_buttons_do_nothing(opened):
    start, end = grip(opened, "rate"), grip(opened, "surface")
    opened.drag(start, end, drop=False)
    opened.keys("Escape")
    opened.drop()
    left, top = grip(opened, "×")
    opened.drag((left, top), (left + 30, top), (left, top))
    opened.frames()
    assert opened.patch.panel == PANEL
