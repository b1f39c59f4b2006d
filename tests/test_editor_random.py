"""Whatever is edited in whatever order: canvas, document and engine say the same, and none ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine import edits
from engine.commands import GetPatch
from engine.files import dumps, loads
from engine.patch import Patch, PatchError
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REGISTRY = load_registry()
TYPES = ("control.lfo", "control.lag", "control.math", "control.delay", "notes.merge", "mask.solo")


class Editing(RuleBasedStateMachine):
    """A window on a patch, and a musician who tries everything."""

    window: Window

    @initialize()
    def begin(self) -> None:
        self.window.ask("edit", "New", dumps(Patch()).decode())

    @property
    def patch(self) -> Patch:
        return self.window.patch

    def try_(self, name: str, edit: Any, *arguments: Any, **more: Any) -> None:
        try:
            after = edit(*arguments, **more)
        except PatchError:
            return
        assert self.window.ask("edit", name, dumps(after).decode())

    @rule(type_=st.sampled_from(TYPES), x=st.integers(0, 900), y=st.integers(0, 500))
    def add(self, type_: str, x: int, y: int) -> None:
        self.try_("Add", edits.add, self.patch, REGISTRY, type_, at=(x, y))

    @rule(data=st.data())
    def connect(self, data: st.DataObject) -> None:
        patch = self.patch
        nodes = [(name, REGISTRY.types[node.type]) for name, node in patch.nodes.items()]
        starts = [f"{name}.{each.name}" for name, type_ in nodes for each in type_.outlets]
        ends = [f"{name}.{each.name}" for name, type_ in nodes for each in type_.inlets]
        ends += [f"{name}.notes{n}" for name, type_ in nodes if type_.group for n in (1, 2, 9)]
        if starts and ends:
            start, end = data.draw(st.sampled_from(starts)), data.draw(st.sampled_from(ends))
            self.try_("Connect", edits.connect, patch, REGISTRY, start, end, instead=True)

    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        patch = self.patch
        if patch.cables:
            cable = data.draw(st.sampled_from(patch.cables))
            self.try_("Pull", edits.disconnect, patch, cable.start, cable.end)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        patch = self.patch
        if patch.nodes:
            names = data.draw(st.lists(st.sampled_from(list(patch.nodes)), min_size=1, unique=True))
            self.try_("Delete", edits.remove, patch, *names)

    @rule(data=st.data(), value=st.floats(-1, 1))
    def turn(self, data: st.DataObject, value: float) -> None:
        patch = self.patch
        places = [
            (name, each.name)
            for name, node in patch.nodes.items()
            for each in REGISTRY.types[node.type].inlets
            if each.signal.valued
        ]
        if places:
            name, port = data.draw(st.sampled_from(places))
            self.try_("Set", edits.set_value, patch, REGISTRY, name, port, value)

    @rule(data=st.data(), new=st.sampled_from(["a", "b", "c"]))
    def rename(self, data: st.DataObject, new: str) -> None:
        patch = self.patch
        if patch.nodes:
            old = data.draw(st.sampled_from(list(patch.nodes)))
            self.try_("Rename", edits.rename, patch, old, new)

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        for _ in range(times):
            self.window.ask("undo")

    @rule(times=st.integers(1, 4))
    def redo(self, times: int) -> None:
        for _ in range(times):
            self.window.ask("redo")

    @invariant()
    def all_say_the_same(self) -> None:
        self.window.frames(1)
        patch = self.patch
        cables = {f"{each.start} {each.end}" for each in patch.cables}
        assert self.window.ask("shown") == (set(patch.nodes), cables)
        shown = self.window.ask("values")
        for name, node in patch.nodes.items():
            for port, value in node.values.items():
                assert shown[f"{name}.{port}"] == value
        self.window.wait_until("the engine plays what is shown", lambda: self.played() == patch)

    def played(self) -> Patch:
        return loads(self.engine.request(GetPatch()).text.encode())


def test_canvas_document_and_engine_always_say_the_same(home: Path) -> None:
    file = home / "any.hocket"
    file.write_bytes(dumps(Patch()))
    with Window(home, file) as window:
        window.wait_until("the engine answers", lambda: window.about("ready"))
        with window.client() as engine:
            machine = type("Editing", (Editing,), {"window": window, "engine": engine})
            from hypothesis.stateful import run_state_machine_as_test

            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=10,
                    stateful_step_count=20,
                    suppress_health_check=list(HealthCheck),
                ),
            )
