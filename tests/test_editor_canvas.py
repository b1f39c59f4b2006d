"""What a hand does on the canvas: cables, nodes and values, with a real mouse."""

from __future__ import annotations

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
def opened(shared: Window, home: Path) -> Window:
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
    return shared.begin(path)


def test_a_double_click_on_the_bare_canvas_asks_for_a_node(opened):
    opened.double_click(opened.ask("at", 0.1, 0.95))
    opened.type("latch")
    opened.keys("Return")
    assert "latch1" in opened.patch.nodes


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
    opened.patch_cable("lag.control", "held.midi", drop=False)
    assert opened.about("hint") == "cannot patch lag.control (Control) into held.midi (Midi)"
    opened.picture("refused_cable")
    opened.drop()
    assert opened.cables == before
    assert "cannot patch lag.control (Control) into held.midi (Midi)" in opened.about("remarks")


def test_the_node_that_joins_two_signals_is_offered_and_put_between(opened):
    opened.patch_cable("keys.midi", "solo.notes", drop=False)
    hint = "cannot patch keys.midi (Midi) into solo.notes (Notes); drop to put notes.held between"
    assert opened.about("hint") == hint
    opened.picture("bridged_cable")
    opened.drop()
    assert {"keys.midi held1.midi", "held1.notes solo.notes"} <= opened.cables
    opened.keys("ctrl+z")
    assert "held1" not in opened.patch.nodes


def test_a_cable_dropped_on_the_canvas_offers_only_what_fits(opened):
    opened.drag(opened.ask("pin", "outlet", "held.notes"), opened.ask("at", 0.1, 0.95))
    opened.wait_until("a list is shown", lambda: opened.ask("item", "mask.solo"))
    assert opened.ask("item", "control.lag") is None
    opened.type("mask solo")
    opened.keys("Return")
    assert "held.notes solo1.notes" in opened.cables


def test_a_cable_is_pulled_out_of_its_inlet(opened):
    opened.drag(opened.ask("pin", "inlet", "held.midi"), opened.ask("at", 0.1, 0.95))
    assert opened.cables == {"lag.control slew.target"}
    assert opened.ask("shown")[1] == opened.cables


def test_a_cable_is_selected_and_deleted(opened):
    (x, y), (u, v) = (
        opened.ask("pin", "outlet", "keys.midi"),
        opened.ask("pin", "inlet", "held.midi"),
    )
    opened.click(((x + u) / 2, (y + v) / 2))
    opened.keys("Delete")
    assert opened.cables == {"lag.control slew.target"}


def test_cables_are_cut_by_a_stroke(opened):
    x, y = opened.ask("pin", "inlet", "held.midi")
    opened.hands("keydown", "ctrl")
    opened.drag((x - 12, y - 90), (x - 12, y + 90), button=3)
    opened.hands("keyup", "ctrl")
    assert opened.cables == {"lag.control slew.target"}


def test_a_cycle_is_refused_by_its_name(opened):
    before = opened.cables
    opened.patch_cable("slew.control", "lag.target")
    assert opened.cables == before
    said = opened.about("remarks")[-1]
    assert "cycle" in said
    assert "lag" in said
    assert "slew" in said


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


def test_many_nodes_are_moved_and_deleted_with_all_their_cables(shared, home):
    path = home / "many.hocket"
    nodes = {f"lag{n}": "control.lag" for n in range(1, 9)}
    cables = [
        f"lag{n}.control lag{m}.{port}"
        for n in range(1, 9)
        for m, port in ((n + 1, "target"), (n + 2, "time"))
        if m <= 8
    ]
    many = patch(nodes, *cables)
    save_patch(many, path)
    window = shared.begin(path)
    window.drag(window.ask("at", 0.005, 0.005), window.ask("at", 0.98, 0.98))
    assert window.about("selected") == sorted(nodes)
    x, y = window.ask("node", "lag1")
    window.drag((x, y), (x + 30, y + 20))
    assert len({node.at for node in window.patch.nodes.values()} - {(40, 40)}) == 8
    for _ in range(3):
        window.keys("Delete")
        assert window.ask("shown") == (set(), set())
        window.keys("ctrl+z")
        assert window.ask("shown") == (set(nodes), set(cables))
        window.keys("ctrl+a")


def test_copies_travel_as_text(opened):
    opened.keys("ctrl+a", "ctrl+c", "ctrl+v")
    assert len(opened.patch.nodes) == 12
    assert "lag1.control slew1.target" in opened.cables
    assert opened.about("history")[-1].startswith("Paste")
