"""What the perform panel shows, and where."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import edits
from engine.panel import show_on_panel
from engine.patch import Patch
from patcher.panels.stage import NARROWEST, Kind, Rect, aim, arrange, controls
from patcher.terminal.arguments import node_types

REGISTRY = node_types()
KINDS: tuple[Kind, ...] = ("surface", "fader", "switch", "choice", "text", "line")
GAP = 12


def panel(*entries: str) -> Patch:
    patch = Patch()
    for type_ in ("control.lfo", "style.prompt", "style.surface", "audio.input", "generator.model"):
        patch = edits.add(patch, REGISTRY, type_)
    for each in entries:
        patch = show_on_panel(patch, REGISTRY, each)
    return patch


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("lfo1.rate", "fader"),
        ("lfo1.shape", "line"),
        ("input1.channels", "choice"),
        ("prompt1.text", "text"),
        ("model1.reset", "switch"),
        ("model1.temperature", "fader"),
        ("surface1", "surface"),
        ("surface1.cursor_x", "fader"),
    ],
)
def test_each_value_is_played_by_what_suits_it(entry: str, kind: Kind) -> None:
    (control,) = controls(panel(entry), REGISTRY)
    assert (control.entry, control.kind) == (entry, kind)


def test_a_node_without_a_surface_stands_for_all_its_values() -> None:
    shown = controls(panel("lfo1"), REGISTRY)
    lfo = REGISTRY.find("control.lfo")
    assert lfo
    valued = {each.name for each in lfo.inlets if each.signal.valued}
    names = {each.place.name for each in shown if each.place}
    assert names == valued | {each.name for each in lfo.settings}
    assert {each.entry for each in shown} == {"lfo1"}


def test_the_order_is_the_patchs() -> None:
    entries = ["model1.temperature", "lfo1.rate", "surface1", "prompt1.text"]
    assert [each.entry for each in controls(panel(*entries), REGISTRY)] == entries


def test_what_is_there_no_more_is_left_out() -> None:
    patch = panel("lfo1.rate", "surface1")
    assert [each.entry for each in controls(edits.remove(patch, "lfo1"), REGISTRY)] == ["surface1"]


def apart(one: Rect, other: Rect) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(
    st.lists(st.sampled_from(KINDS), max_size=40),
    st.integers(500, 1_900),
    st.integers(250, 1_000),
    st.sampled_from([0.75, 1.0, 2.0]),
)
def test_controls_never_overlap_and_are_large_enough_for_a_finger(
    kinds: list[Kind], width: int, height: int, scale: float
) -> None:
    width, height = round(width * scale), round(height * scale)
    places = arrange(kinds, width, height, GAP, scale)
    assert len(places) == len(kinds)
    assert all(apart(one, other) for one, other in combinations(places, 2))
    for each in places:
        assert min(each.width, each.height) >= 56 * scale
        assert each.x >= 0
        assert each.x + each.width <= width
        assert each.y >= 0


def test_a_few_controls_fill_the_height_in_one_row() -> None:
    places = arrange(["fader"] * 8, 1_200, 480, GAP)
    assert {each.y for each in places} == {0}
    assert {each.height for each in places} == {480}


def test_pads_and_texts_lie_on_top_of_each_other() -> None:
    fader, one, two, three = arrange(["fader", "switch", "text", "line"], 1_200, 480, GAP)
    assert one.x == two.x == three.x > fader.x
    assert one.y < two.y < three.y
    assert three.y + three.height <= fader.y + fader.height


def test_more_than_fit_go_on_below_and_stay_large() -> None:
    places = arrange(["fader"] * 60, 1_200, 480, GAP)
    assert all(each.width >= NARROWEST for each in places)
    assert max(each.y for each in places) > 480


@pytest.mark.parametrize(
    ("at", "aimed"),
    [
        ((10, 300), (0, False)),
        ((90, 10), (0, True)),
        ((-500, 200), (0, False)),
        ((130, 20), (1, False)),
        ((180, 85), (1, True)),
        ((180, 115), (2, False)),
        ((900, 900), (2, True)),
    ],
)
def test_what_is_dropped_goes_before_or_after_what_is_nearest(
    at: tuple[float, float], aimed: tuple[int, bool]
) -> None:
    places: list[tuple[Kind, Rect]] = [
        ("fader", Rect(0, 0, 100, 400)),
        ("line", Rect(112, 0, 200, 100)),
        ("line", Rect(112, 112, 200, 100)),
    ]
    assert aim(places, at) == aimed
