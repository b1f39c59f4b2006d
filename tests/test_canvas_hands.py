"""What hands and keys do on the canvas, on an editor without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine import edits
from engine.patch import PatchError
from patcher.document import Document
from patcher.editing.editor import Editor
from patcher.panels.patching import clipboard, cutting, moving
from patcher.panels.patching.arranging import Arranging
from patcher.panels.patching.clipboard import Clipboard
from patcher.panels.patching.cutting import Cut
from patcher.panels.patching.moving import Move
from tests.editing import REGISTRY, Bench, lfo


class Zoomed:
    """A view without a screen, which shows the patch larger or smaller."""

    def __init__(self) -> None:
        self.zoom = 1.0

    def from_screen(self, at: tuple[float, float]) -> tuple[float, float]:
        return at[0] / self.zoom, at[1] / self.zoom

    def to_screen(self, at: tuple[float, float]) -> tuple[float, float]:
        return at[0] * self.zoom, at[1] * self.zoom


@pytest.fixture
def editor(state: Path) -> Iterator[Editor]:
    """An editor with an LFO that is patched to a lag, and another lag by itself."""
    patch = edits.add(lfo(), REGISTRY, "control.lag", "lag", at=(300, 0))
    patch = edits.connect(patch, REGISTRY, "lfo.control", "lag.target")
    patch = edits.add(patch, REGISTRY, "control.lag", "spare", at=(0, 300))
    bench = Bench(Document.new(REGISTRY, patch))
    bench.editor.look = SimpleNamespace(palette=SimpleNamespace(bad="#f00", accent="#00f"))  # type: ignore[assignment]
    yield bench.editor
    bench.filing.close()


def canvas(editor: Editor) -> Any:
    """Returns what stands in for the canvas: each node is 100 by 100."""

    def corners(name: str) -> Any:
        x, y = editor.patch.nodes[name].at
        return (x, y), (x + 100, y + 100)

    return SimpleNamespace(
        view=Zoomed(),
        cables=dict.fromkeys(editor.patch.cables, 1),
        boxes=dict.fromkeys(editor.patch.nodes),
        comments=SimpleNamespace(shown={}),
        corners=corners,
        colour=lambda cable: "#fff",
        light=lambda cable, colour: None,
        put=lambda name, at: None,
        place=lambda: None,
    )


OVERLAY: Any = SimpleNamespace(line=lambda *_: None, words=lambda *_: None)


def test_nudges_of_one_selection_are_one_step_and_those_of_another_the_next(editor):
    arranging = Arranging(editor, None)  # type: ignore[arg-type]
    for name in ("lfo", "lfo", "lag"):
        editor.selection.set(nodes={name})
        arranging.nudge((1, 0))
    assert editor.document.undo() == "Nudge lag"
    assert editor.patch.nodes["lfo"].at == (2, 0)
    assert editor.patch.nodes["lag"].at == (300, 0)
    assert editor.document.undo() == "Nudge lfo"


def test_what_could_not_be_copied_is_not_cut(editor, monkeypatch):
    def full(patch: object) -> bytes:
        raise PatchError.at("", "it is too large for a file")

    monkeypatch.setattr(clipboard, "dumps", full)
    deleted: list[str] = []
    changing: Any = SimpleNamespace(delete=lambda: deleted.append("all"))
    editor.selection.set(nodes={"lfo"})
    Clipboard(editor, canvas(editor), changing).cut()
    assert not deleted
    assert editor.remarks[-1].text == "it is too large for a file"


def test_a_stroke_cuts_the_cable_it_was_drawn_through_before_the_view_moved(editor, monkeypatch):
    shown = canvas(editor)
    paths = {editor.patch.cables[0]: [(100, 50), (300, 50)]}
    monkeypatch.setattr(
        cutting, "course", lambda _, cable: [shown.view.to_screen(each) for each in paths[cable]]
    )
    cut = Cut(editor, shown, OVERLAY, (200, 0))
    shown.view.zoom = 0.25
    cut.finish((50, 15))  # at 200, 60 in the patch
    assert not editor.patch.cables


def test_a_node_is_tried_only_on_the_cable_it_is_dragged_over(editor, monkeypatch):
    shown = canvas(editor)
    tried: list[object] = []
    insert = moving.insert
    monkeypatch.setattr(moving, "course", lambda *_: [(100, 50), (300, 50)])
    monkeypatch.setattr(moving, "insert", lambda *all: tried.append(all[-1]) or insert(*all))
    editor.selection.set(nodes={"spare"})
    move = Move(editor, shown, OVERLAY, (50, 350))
    move.move((50, 340))
    assert tried == []
    move.move((220, 60))
    move.move((221, 60))
    assert tried == list(editor.patch.cables)
    move.finish((221, 60))
    ways = {(each.start, each.end) for each in editor.patch.cables}
    assert ways == {("lfo.control", "spare.target"), ("spare.control", "lag.target")}
