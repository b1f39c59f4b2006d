"""What a hand does on the canvas: cables, nodes and values, with a real mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import edits
from engine.files import save_patch
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()


def patch(nodes: dict[str, str], *cables: str) -> Patch:
    """Returns nodes (name: type) in rows of three, with cables written `from.outlet to.inlet`."""
    made = Patch()
    for number, (name, type_) in enumerate(nodes.items()):
        place = (40 + 250 * (number % 3), 40 + 250 * (number // 3))
        made = edits.add(made, REGISTRY, type_, name, at=place)
    for each in cables:
        made = edits.connect(made, REGISTRY, *each.split())
    return made


@pytest.fixture
def opened(home: Path) -> Iterator[Window]:
    """A window with the nodes that most tests need, and no engine."""
    path = home / "test.hocket"
    nodes = {
        "keys": "midi.input",
        "held": "notes.held",
        "solo": "mask.solo",
        "lag": "control.lag",
        "slew": "control.lag",
        "lfo": "control.lfo",
    }
    save_patch(patch(nodes, "keys.midi held.midi", "lag.control slew.target"), path)
    with Window(home, path, alone=True) as window:
        window.ask("fit")
        window.frames()
        yield window


def test_a_cable_is_drawn_and_taken_back(opened):
    opened.patch_cable("held.notes", "solo.notes")
    assert "held.notes solo.notes" in opened.cables
    assert "held.notes solo.notes" in opened.ask("shown")[1]
    opened.keys("ctrl+z")
    assert "held.notes solo.notes" not in opened.cables | opened.ask("shown")[1]
    opened.keys("ctrl+shift+z")
    assert "held.notes solo.notes" in opened.cables & opened.ask("shown")[1]


def test_a_cable_that_does_not_fit_is_refused_with_the_reason(opened):
    before = opened.cables
    opened.patch_cable("keys.midi", "solo.notes", drop=False)
    assert "cannot patch keys.midi (Midi) into solo.notes (Notes)" in opened.about("hint")
    opened.picture("refused_cable")
    opened.drop()
    assert opened.cables == before
    opened.wait_for_remark("cannot patch keys.midi (Midi) into solo.notes (Notes)")


def test_a_cycle_is_refused_by_its_name(opened):
    before = opened.cables
    opened.patch_cable("slew.control", "lag.target")
    assert opened.cables == before
    opened.wait_for_remark("lag")
    assert any("lag" in each and "slew" in each for each in opened.about("remarks"))


def test_a_new_cable_takes_the_place_of_the_old_one(opened):
    opened.patch_cable("lfo.control", "slew.target")
    assert "lfo.control slew.target" in opened.cables & opened.ask("shown")[1]
    assert "lag.control slew.target" not in opened.cables | opened.ask("shown")[1]


def test_a_node_is_moved_in_one_step(opened):
    at = opened.ask("node", "held")
    before = opened.patch.nodes["held"].at
    opened.drag(at, (at[0] + 60, at[1] + 200), (at[0] + 30, at[1] + 300))
    after = opened.patch.nodes["held"].at
    assert after == pytest.approx((before[0] + 30, before[1] + 300), abs=2)
    assert opened.about("history") == ("Move held",)
