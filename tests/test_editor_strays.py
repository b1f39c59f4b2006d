"""Files with what nobody could have made by hand: the window opens them, and can mend them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import edits
from engine.files import save_patch
from engine.patch import Cable, Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()
VALUES = {"lag": {"time": "abc", "warmth": 0.5}, "pad": {"x1": "left"}, "file": {"file": 400 * "x"}}
POEM = "Two lines,\nof which the second is much longer than there is room for on the page"


@pytest.fixture
def opened(shared: Window, home: Path) -> Window:
    """A window with values and a cable that no node type of theirs knows, and no engine."""
    made = Patch()
    nodes = {
        "lag": ("control.lag", (40, 40)),
        "lfo": ("control.lfo", (300, 40)),
        "pad": ("style.surface", (560, 40)),
        "file": ("midi.file", (300, 400)),
    }
    for name, (type_, at) in nodes.items():
        made = edits.add(made, REGISTRY, type_, name, at=at)
    nodes = {name: replace(node, values=VALUES.get(name, {})) for name, node in made.nodes.items()}
    cables = (Cable("lfo", "former", "lag", "trigger"),)
    strange = replace(made, nodes=nodes, cables=cables, description=POEM)
    save_patch(strange, home / "strange.hocket")
    return shared.begin(home / "strange.hocket")


def test_a_value_of_the_wrong_kind_shows_as_the_default_and_can_be_set(opened):
    assert opened.ask("values")["lag.time"] == REGISTRY.find("control.lag").value("time").default
    at = opened.ask("field", "lag.time")
    opened.drag(at, (at[0] + 30, at[1]))
    assert isinstance(opened.patch.nodes["lag"].values["time"], float)
    assert not any("fault in Hocket" in each for each in opened.about("remarks"))


def test_what_a_type_no_longer_declares_is_seen_and_taken_away(opened):
    assert opened.ask("shown")[1] == {"lfo.former lag.trigger"}
    opened.click(opened.ask("node", "lag"))
    opened.choose("Remove warmth")
    assert opened.patch.nodes["lag"].values == {"time": "abc"}
    opened.drag(opened.ask("pin", "inlet", "lag.trigger"), opened.ask("at", 0.5, 0.95))
    assert not opened.cables


def test_a_title_is_typed_and_nobodys_line_breaks_are_lost(opened):
    x, y = opened.ask("item", "Title", "Text")
    opened.click((x, y + 22))
    opened.type("Strange")
    opened.frames(12)
    x, y = opened.ask("item", "Description", "Text")
    opened.click((x, y + 22))
    opened.keys("Home")
    opened.type("x")
    opened.frames(12)
    opened.click(opened.ask("at", 0.99, 0.99))
    assert opened.patch.title == "Strange"
    assert opened.patch.description == f"x{POEM}"
