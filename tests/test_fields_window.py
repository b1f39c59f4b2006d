"""What a hand does to values in the window, with a real mouse, a real keyboard and real MIDI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import edits
from engine.files import save_patch
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window
from tests.midi_rig import device

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()

PLACES = {
    "lfo": ("control.lfo", (40, 40)),
    "lag": ("control.lag", (300, 40)),
    "prompt": ("style.prompt", (560, 40)),
    "keys": ("midi.input", (560, 240)),
    "out": ("audio.output", (300, 240)),
    "surface": ("style.surface", (820, 40)),
}


@pytest.fixture
def file(home: Path) -> Path:
    made = Patch()
    for name, (type_, at) in PLACES.items():
        made = edits.add(made, REGISTRY, type_, name, at=at)
    made = edits.connect(made, REGISTRY, "prompt.style", "surface.style1")
    save_patch(made, home / "values.hocket")
    return home / "values.hocket"


@pytest.fixture
def opened(shared: Window, file: Path) -> Window:
    return shared.begin(file)


def value(window: Window, place: str) -> Any:
    node, _, port = place.partition(".")
    return window.patch.nodes[node].values.get(port)


def right_of(place: tuple[float, float], pixels: float) -> tuple[float, float]:
    return place[0] + pixels, place[1]


def test_a_number_is_dragged_in_one_step_and_finely_with_shift(opened):
    at = opened.ask("field", "lag.time")
    opened.drag(at, right_of(at, 40))
    dragged = value(opened, "lag.time")
    assert dragged > 5.0
    assert opened.about("history") == ("Set lag.time",)
    opened.hands("keydown", "shift")
    opened.drag(at, right_of(at, 40))
    opened.hands("keyup", "shift")
    assert 0.0 < value(opened, "lag.time") - dragged < 2.0
    opened.keys("ctrl+z", "ctrl+z")
    assert value(opened, "lag.time") is None
    assert opened.ask("values")["lag.time"] == 0.5


def test_a_number_is_typed_and_one_that_is_not_legal_is_refused_in_words(opened):
    at = opened.ask("field", "lfo.rate")
    opened.double_click(at)
    opened.type("0.25 Hz")
    opened.keys("Return")
    assert value(opened, "lfo.rate") == 0.25
    for typed, said in (
        ("99", "lfo.rate: 99.0 is outside 0.001..12.5 Hz"),
        ("fast", "lfo.rate: 'fast' is no number; legal are 0.001..12.5 Hz"),
    ):
        opened.double_click(at)
        opened.type(typed)
        opened.keys("Return")
        assert said in opened.about("remarks")
        assert opened.ask("values")["lfo.rate"] == 0.25
    opened.double_click(at)
    opened.type("3")
    opened.keys("Escape")
    assert opened.ask("values")["lfo.rate"] == value(opened, "lfo.rate") == 0.25


def test_a_right_click_gives_the_default_back(opened):
    at = opened.ask("field", "lag.time")
    opened.drag(at, right_of(at, 40))
    opened.click(at, button=3)
    assert value(opened, "lag.time") is None
    assert opened.ask("values")["lag.time"] == 0.5


def test_words_are_chosen_from_a_list_and_switches_turned_over(opened):
    opened.click(opened.ask("field", "lfo.shape"))
    opened.choose("triangle")
    assert value(opened, "lfo.shape") == "triangle"
    opened.click(opened.ask("field", "lfo.sync"))
    assert value(opened, "lfo.sync") is True


def test_a_prompt_is_taken_over_when_it_is_left_and_given_back_by_esc(opened):
    at = opened.ask("field", "prompt.text")
    opened.click(at)
    opened.type("warm strings")
    opened.frames(12)  # Dear PyGui loses a letter that it is given in one frame with a click
    opened.click(opened.ask("at", 0.99, 0.99))
    assert value(opened, "prompt.text") == "warm strings"
    opened.click(at)
    opened.type("oboe")
    opened.keys("Escape")
    assert value(opened, "prompt.text") == "warm strings"


def test_keys_alone_turn_type_and_reset_the_values_of_a_node(opened):
    opened.click(opened.ask("node", "lag"))
    opened.keys("Return", "Down", "Right", "Right")
    assert value(opened, "lag.time") == pytest.approx(1.7)
    opened.keys("Return")
    opened.type("2.5")
    opened.keys("Return")
    assert value(opened, "lag.time") == 2.5
    opened.keys("BackSpace")
    assert value(opened, "lag.time") is None
    assert opened.patch.nodes.keys() == PLACES.keys()


def test_a_folded_node_shows_only_what_is_patched_or_set(opened):
    at = opened.ask("field", "lfo.rate")
    opened.drag(at, right_of(at, 30))
    opened.click(opened.ask("node", "lfo"))
    opened.keys("h")
    assert {each for each in opened.ask("values") if each.startswith("lfo.")} == {"lfo.rate"}
    opened.keys("h")
    assert "lfo.shape" in opened.ask("values")


def test_a_pad_moves_its_cursor_and_its_points_each_in_one_step(opened):
    x, y, width, height = opened.ask("pad", "surface")
    opened.drag((x + 0.25 * width, y + 0.25 * height), (x + 0.7 * width, y + 0.8 * height))
    across, down = value(opened, "surface.cursor_x"), value(opened, "surface.cursor_y")
    assert (across, down) == (pytest.approx(0.72, abs=0.05), pytest.approx(0.17, abs=0.05))
    opened.drag((x + 0.5 * width, y + 0.5 * height), (x + 0.1 * width, y + 0.5 * height))
    assert value(opened, "surface.x1") == pytest.approx(0.05, abs=0.05)
    assert opened.about("history") == (
        "Set surface.cursor_x, surface.cursor_y",
        "Set surface.x1, surface.y1",
    )


def test_a_controller_is_learnt_and_moves_the_value_that_a_cable_then_moves(jack, home, file):
    with device("knobs", "knobs") as knobs, Window(home, file) as window:
        window.ask("fit")
        window.wait_for_engine()
        at = window.ask("field", "lag.time")
        window.click(right_of(at, -60), button=3)
        window.choose("Learn a MIDI controller")
        window.wait_until("the knob is learnt", lambda: turned(knobs, window, 0))
        mapping = window.patch.mappings[0]
        assert (mapping.channel, mapping.control, mapping.place) == (1, 74, "lag.time")

        def at_the_top() -> bool:
            turned(knobs, window, 127)
            return value(window, "lag.time") == 60.0 == window.ask("values")["lag.time"]

        window.wait_until("the knob moves the value", at_the_top)
        window.patch_cable("lfo.control", "out.level")
        seen = {window.ask("values")["out.level"]}

        def moves() -> bool:
            window.frames(10)
            seen.add(window.ask("values")["out.level"])
            return len(seen) > 5

        window.wait_until("the value shows what the cable brings", moves)
        assert value(window, "out.level") is None


def turned(knobs: Any, window: Window, level: int) -> bool:
    """Turns a knob, and says whether a value is mapped."""
    knobs.send_message([0xB0, 74, level])
    window.frames()
    return bool(window.patch.mappings)
