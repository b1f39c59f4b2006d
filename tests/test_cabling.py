"""Which ports could take a cable, and which would close a cycle."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from toys import TOYS, patch

from engine import edits
from engine.graph import cable_fault, closing
from engine.patch import Cable, Patch, PatchError
from patcher.document import Document
from patcher.editing.ports import Pin
from patcher.panels.patching import connecting
from patcher.panels.patching.cabling import CableDrag
from patcher.panels.patching.connecting import Connecting
from tests.editing import REGISTRY, Bench

KINDS = ("control.add", "control.delay", "style.blend", "audio.gain", "generator.model")


def legal(found: Patch) -> list[Cable]:
    """Returns every cable between the nodes of a patch whose signals agree."""
    types = {name: TOYS.types[node.type] for name, node in found.nodes.items()}
    cables = (
        Cable(source, outlet.name, target, inlet.name)
        for source, target in product(types, types)
        for outlet in types[source].outlets
        for inlet in types[target].inlets
    )
    return [each for each in cables if not cable_fault(found, each, TOYS)]


@settings(max_examples=60)
@given(st.data())
def test_the_cables_that_would_close_a_cycle_are_those_that_are_refused(data):
    kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=5))
    found = patch({f"n{at}": kind for at, kind in enumerate(kinds)}, [])
    out = data.draw(st.sets(st.sampled_from([*found.nodes])))
    found = edits.bypass(found, TOYS, out, on=True)
    for cable in data.draw(st.lists(st.sampled_from(legal(found) or [None]), max_size=8)):
        with suppress(PatchError, AttributeError):
            found = edits.connect(found, TOYS, cable.start, cable.end, instead=True)
    refused = set()
    for cable in legal(found):
        try:
            edits.connect(found, TOYS, cable.start, cable.end, instead=True)
        except PatchError:
            refused.add(cable)
    assert closing(found, TOYS, legal(found)) == refused


def row() -> Bench:
    """Returns an editor with one lag after another, and a third by itself."""
    found = Patch()
    for name in ("first", "second", "third"):
        found = edits.add(found, REGISTRY, "control.lag", name)
    found = edits.connect(found, REGISTRY, "first.control", "second.target")
    return Bench(Document.new(REGISTRY, found))


def dimmed(bench: Bench, start: Pin, taken: Cable | None = None) -> set[str]:
    """Returns the ports that dim while a cable is dragged from a port."""
    bright: set[str] = set()
    kinds = {("inlet", "target"), ("inlet", "time"), ("outlet", "control")}
    boxes: dict[str, Any] = {}
    for name in bench.editor.patch.nodes:

        def dim(fits: set[tuple[str, str]], name: str = name) -> None:
            bright.update(f"{name}.{port}" for _, port in fits)

        boxes[name] = SimpleNamespace(pins=dict.fromkeys(kinds, 1), dim=dim)
    canvas: Any = SimpleNamespace(boxes=boxes)
    CableDrag(bench.editor, canvas, *[None] * 2, start, taken)._dim()  # type: ignore[arg-type]
    return {f"{name}.{port}" for name in boxes for _, port in kinds} - bright


def test_ports_that_would_close_a_cycle_dim(state):
    bench = row()
    outlets = {"first.control", "third.control"}
    shut = {"first.target", "first.time", "second.target", "second.time"}
    assert dimmed(bench, Pin("outlet", "second", "control")) == outlets | shut
    shut = {"first.control", "second.control"}
    inlets = {f"{each}.{port}" for each in ("second", "third") for port in ("target", "time")}
    assert dimmed(bench, Pin("inlet", "first", "target")) == shut | inlets | {"first.time"}


def test_a_cable_in_the_hand_closes_no_cycle(state):
    bench = row()
    (taken,) = bench.editor.patch.cables
    assert "first.target" not in dimmed(bench, Pin("outlet", "second", "control"), taken)


def test_the_list_of_inlets_leaves_out_what_would_close_a_cycle(state, monkeypatch):
    monkeypatch.setattr(connecting, "spot", lambda _: (0, 0))
    bench = row()
    asked: list[Any] = []
    choosing: Any = SimpleNamespace(ask=lambda *all: asked.append(all))
    monkeypatch.setattr(bench.editor.popups, "choosing", choosing)
    Connecting(bench.editor, None).ask_outlet()  # type: ignore[arg-type]
    _, _, _, chosen = asked.pop()
    chosen("second.control")
    assert [each.title for each in asked[0][2]] == ["third.target", "third.time"]
