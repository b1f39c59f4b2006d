"""Frames, comments, menus and keys of the canvas, with a real mouse and a real keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import edits
from engine.files import save_patch
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Point, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()
NODES = {
    "held": ("notes.held", (40, 40)),
    "solo": ("mask.solo", (700, 40)),
    "latch": ("notes.latch", (300, 400)),
    "lfo": ("control.lfo", (700, 400)),
}


@pytest.fixture
def opened(shared: Window, home: Path) -> Window:
    """A window with four nodes, two of which are patched together, and no engine."""
    made = Patch()
    for name, (type_, at) in NODES.items():
        made = edits.add(made, REGISTRY, type_, name, at)
    made = edits.connect(made, REGISTRY, "held.notes", "solo.notes")
    save_patch(made, home / "test.hocket")
    return shared.begin(home / "test.hocket")


def on_screen(window: Window, at: Point) -> Point:
    """Returns where a point of the patch is on the screen, to some pixels."""
    nodes = window.patch.nodes
    (x, y), (right, _) = (window.ask("node", name) for name in ("latch", "lfo"))
    zoom = (right - x) / (nodes["lfo"].at[0] - nodes["latch"].at[0])
    left, top = nodes["latch"].at
    return x - 20 + (at[0] - left) * zoom, y - 10 + (at[1] - top) * zoom


def asked(window: Window) -> None:
    """Waits until a text is asked for, so that letters are letters."""
    window.wait_to_type()
    window.frames()


def test_a_frame_moves_what_is_in_it(opened):
    x, y = opened.ask("node", "latch")
    opened.drag((x - 60, y - 40), (x + 60, y + 20))
    assert opened.about("selected") == ["latch"]
    opened.keys("ctrl+g")
    asked(opened)
    opened.type("Voices")
    opened.keys("Return")
    (frame,) = opened.patch.comments.values()
    assert frame.text == "Voices"
    assert opened.about("history") == ("Add frame1",)
    left, top = on_screen(opened, frame.at)
    opened.keys("Escape")
    opened.drag((left + 30, top + 8), (left + 90, top - 20))
    (moved,) = opened.patch.comments.values()
    assert moved.at != frame.at
    across, down = (after - before for before, after in zip(frame.at, moved.at, strict=True))
    assert opened.patch.nodes["latch"].at == (300 + across, 400 + down)
    assert opened.patch.nodes["lfo"].at == (700, 400)
    opened.picture("frame")
    opened.keys("ctrl+z", "ctrl+z")
    assert not opened.patch.comments
    assert opened.patch.nodes["latch"].at == (300, 400)


def test_a_comment_left_empty_leaves_no_trace(opened):
    opened.move(opened.ask("at", 0.1, 0.9))
    opened.keys("c")
    asked(opened)
    opened.keys("Escape")
    assert not opened.patch.comments
    assert opened.about("history") == ()


def test_a_node_dropped_on_a_cable_is_put_into_it(opened):
    (x, y), (u, v) = (
        opened.ask("pin", "outlet", "held.notes"),
        opened.ask("pin", "inlet", "solo.notes"),
    )
    opened.drag(opened.ask("node", "latch"), ((x + u) / 2, (y + v) / 2), drop=False)
    assert "put it into held.notes" in opened.about("hint")
    opened.drop()
    assert opened.cables == {"held.notes latch.notes", "latch.notes solo.notes"}
    assert len(opened.about("history")) == 1


def test_a_patch_is_made_by_the_keyboard_alone(opened):
    opened.keys("ctrl+f")
    asked(opened)
    opened.type("notes.latch")
    opened.keys("Return")
    assert opened.about("selected") == ["latch"]
    opened.keys("ctrl+k")
    asked(opened)
    opened.type("held.notes")
    opened.keys("Return")
    asked(opened)
    opened.type("latch")
    opened.keys("Return")
    assert "held.notes latch.notes" in opened.cables
    opened.keys("F2")
    asked(opened)
    opened.type("chord")
    opened.keys("Return")
    assert "held.notes chord.notes" in opened.cables
    opened.keys("Right", "Right", "shift+Down")
    assert opened.patch.nodes["chord"].at == (302, 410)
    opened.keys("m")
    assert opened.patch.nodes["chord"].bypass
    opened.keys("Delete")
    assert "chord" not in opened.patch.nodes
    assert opened.cables == {"held.notes solo.notes"}


def test_the_right_button_offers_what_can_be_done(opened):
    opened.click(opened.ask("node", "solo"), button=3)
    opened.choose("Bypass", "MenuItem")
    assert opened.patch.nodes["solo"].bypass
    (x, y), (u, v) = (
        opened.ask("pin", "outlet", "held.notes"),
        opened.ask("pin", "inlet", "solo.notes"),
    )
    opened.click(((x + u) / 2, (y + v) / 2), button=3)
    opened.choose("Put a node into it", "MenuItem")
    asked(opened)
    opened.type("notes.latch")
    opened.keys("Return")
    assert opened.cables == {"held.notes latch1.notes", "latch1.notes solo.notes"}
    opened.keys("ctrl+l")
    assert opened.about("history")[-1].startswith("Tidy")


def from_middle(window: Window) -> Point:
    """Returns where a node is, from the middle of the canvas."""
    (x, y), (left, top) = window.ask("at", 0.5, 0.5), window.ask("node", "latch")
    return left - 20 - x, top - 10 - y


def test_other_colours_and_sizes_leave_the_view_and_the_stage_as_they_are(opened):
    opened.move(opened.ask("at", 0.3, 0.3))
    opened.hands("click", 4)
    opened.hands("click", 4)
    x, y = from_middle(opened)
    opened.keys("ctrl+shift+l")
    opened.frames(5)
    assert from_middle(opened) == pytest.approx((x, y), abs=2)
    opened.keys("ctrl+shift+equal")
    opened.frames(5)
    assert from_middle(opened) == pytest.approx((1.25 * x, 1.25 * y), abs=4)
    opened.keys("ctrl+shift+k", "ctrl+e", "ctrl+shift+minus", "ctrl+shift+l")
    opened.frames(5)
    assert opened.ask("item", "Arrange", "Button"), "the stage is left"
    opened.keys("ctrl+shift+k")
    opened.wait_for_remark("Letters are shortcuts again")
    opened.keys("ctrl+e")
    opened.frames(5)
    assert from_middle(opened) == pytest.approx((x, y), abs=4)


def test_other_colours_in_the_midst_of_a_drag_leave_nothing_behind(opened):
    lfo = opened.ask("node", "lfo")
    opened.drag(lfo, (lfo[0] - 40, lfo[1] - 40), drop=False)
    opened.hands("key", "ctrl+shift+l")
    opened.frames(5)
    opened.drop()
    assert opened.about("hint") == ""
    lfo, before = opened.ask("node", "lfo"), opened.patch.nodes["lfo"].at
    opened.drag(lfo, (lfo[0] + 60, lfo[1] + 60))
    assert opened.patch.nodes["lfo"].at != before
    opened.keys("ctrl+z")
    assert opened.patch.nodes["lfo"].at == before
