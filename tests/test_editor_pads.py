"""Pads and the glide to scenes by the keyboard alone, in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import edits
from engine.files import save_patch
from engine.panel import show_on_panel
from engine.patch import Patch
from engine.registry import load_registry
from patcher.panels.glide import LONGEST, glide_of
from tests.editor_rig import MISSING, Window

windowed = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def opened(home: Path) -> Iterator[Window]:
    """A window with a surface that has a prompt on it, and is on the panel with a value."""
    registry = load_registry()
    patch = edits.add(Patch(), registry, "style.surface", "surface", at=(400, 40))
    patch = edits.add(patch, registry, "style.prompt", "strings", at=(100, 40))
    patch = edits.connect(patch, registry, "strings.style", "surface.style1")
    for each in ("surface.cursor_x", "surface"):
        patch = show_on_panel(patch, registry, each)
    save_patch(patch, home / "pads.hocket")
    with Window(home, home / "pads.hocket", alone=True) as window:
        window.ask("fit")
        window.frames()
        yield window


def values(window: Window) -> dict[str, object]:
    return dict(window.patch.nodes["surface"].values)


@windowed
def test_arrows_move_the_cursor_of_a_pad_and_a_point_that_enter_takes(opened):
    opened.click(opened.ask("node", "surface"))
    opened.keys("Return", "shift+Tab", "Up", "Right", "Right", "shift+Left")
    assert values(opened) == {"cursor_x": 0.519, "cursor_y": 0.51}
    opened.keys("Return", "Down")
    opened.picture("pad_point")
    assert values(opened)["y1"] == pytest.approx(0.49)
    opened.keys("BackSpace", "Escape", "Up", "ctrl+z", "ctrl+z")
    assert values(opened) == {"cursor_x": 0.519, "cursor_y": 0.51}
    opened.keys("ctrl+z")
    assert values(opened) == {}


@windowed
def test_the_stage_has_its_pads_among_what_tab_goes_through(opened):
    opened.keys("ctrl+e", "Return", "Tab", "Up", "Up")
    assert values(opened) == {"cursor_x": 0.5, "cursor_y": 0.52}
    opened.picture("pad_stage")
    opened.keys("alt+Left")
    assert opened.patch.panel == ("surface", "surface.cursor_x")
    opened.keys("Tab", "Right")
    assert values(opened)["cursor_x"] == 0.51


@windowed
def test_how_long_a_glide_takes_is_typed(opened):
    opened.keys("ctrl+alt+b")
    opened.wait_to_type()
    opened.type("1000")
    opened.keys("Return")
    opened.wait_for_remark("'1000' is not 0..64 beats")
    opened.keys("ctrl+e")
    left, top = opened.wait_until("it is there", lambda: opened.ask("item", "+ Control", "Button"))
    opened.double_click((left - 150, top))
    opened.picture("glide_typed")
    opened.type("many")
    opened.keys("Return")
    opened.wait_for_remark("'many' is not 0..64 beats")


@pytest.mark.parametrize(("typed", "beats"), [("8", 8.0), (" 2.5 Beats", 2.5), ("64", LONGEST)])
def test_a_glide_is_read_with_its_unit_and_without(typed, beats):
    assert glide_of(typed) == beats


@pytest.mark.parametrize("typed", ["", "-1", "65", "nan", "inf", "four"])
def test_what_is_no_glide_is_refused(typed):
    with pytest.raises(ValueError, match=r"is not 0\.\.64 beats"):
        glide_of(typed)
