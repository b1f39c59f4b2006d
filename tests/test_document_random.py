"""Whatever is done, followed, undone and saved in whatever order: as a simpler model has it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from toys import TOYS

from engine.files import load_patch
from engine.patch import Node, Patch
from patcher import patchfile
from patcher.document import Document

Key = tuple[str, str]
Change = dict[Key, tuple[Any, Any]]

KEYS = [(name, port) for name in "ab" for port in "xy"]
START = Patch(nodes={name: Node("far.toy", values={"x": 0, "y": 0}) for name in "ab"})

# Few of each, so that drags return, and values are followed back to what they were.
changes = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 2), min_size=1, max_size=2)
merges = st.sampled_from([None, "drag", "other"])


def changed(patch: Patch, values: dict[Key, int]) -> Patch:
    nodes = dict(patch.nodes)
    for (name, port), value in values.items():
        nodes[name] = replace(nodes[name], values={**nodes[name].values, port: value})
    return replace(patch, nodes=nodes)


class Editing(RuleBasedStateMachine):
    """A document, and a model that keeps of each step which values it changed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        # Only the file of this run is locked; the user's own state folder is left alone.
        self.state, patchfile.state_folder = patchfile.state_folder, lambda: self.path.parent
        self.path = Path(self.folder.name) / "a.hocket"
        self.document = Document.new(TOYS, START)
        self.document.save_as(self.path)
        self.now: dict[Key, int] = dict.fromkeys(KEYS, 0)
        self.saved = dict(self.now)
        self.done: list[Change] = []
        self.undone: list[Change] = []
        self.merging: str | None = None

    def teardown(self) -> None:
        self.document.close()
        patchfile.state_folder = self.state
        self.folder.cleanup()

    @rule(values=changes, merge=merges)
    def do(self, values: dict[Key, int], merge: str | None) -> None:
        self.document.do("Set", changed(self.document.patch, values), merge)
        before, self.now = self.now, {**self.now, **values}
        if before == self.now:
            return
        joined = self.done.pop() if merge and merge == self.merging else {}
        first = {key: joined[key][0] if key in joined else before[key] for key in KEYS}
        step = {key: (first[key], self.now[key]) for key in KEYS if first[key] != self.now[key]}
        self.merging = merge if step else None
        self.done += [step] if step else []
        self.undone = []

    @rule(values=changes)
    def follow(self, values: dict[Key, int]) -> None:
        for (name, port), value in values.items():
            self.document.follow(name, port, value)
        self.now |= values

    @rule(values=st.lists(changes, min_size=2, max_size=3), turned=changes)
    def drag_while_a_knob_is_turned(self, values: list[dict[Key, int]], turned: Any) -> None:
        for each in values:
            self.do(each, "drag")
            self.follow(turned)

    def back(self) -> None:
        self.undone.append(self.done.pop())
        self.now |= {key: before for key, (before, _) in self.undone[-1].items()}
        self.merging = None

    def forth(self) -> None:
        self.done.append(self.undone.pop())
        self.now |= {key: after for key, (_, after) in self.done[-1].items()}

    @rule()
    def undo(self) -> None:
        assert bool(self.document.undo()) == bool(self.done)
        if self.done:
            self.back()

    @rule()
    def redo(self) -> None:
        assert bool(self.document.redo()) == bool(self.undone)
        if self.undone:
            self.forth()

    @rule()
    def seal(self) -> None:
        self.document.seal()
        self.merging = None

    @rule()
    def save(self) -> None:
        self.document.save()
        self.saved = dict(self.now)
        self.merging = None
        assert load_patch(self.path) == self.document.patch

    @invariant()
    def both_say_the_same(self) -> None:
        assert self.document.patch == changed(START, self.now)
        assert self.document.unsaved == (self.now != self.saved)
        assert (self.document.undo_name is None) == (not self.done)
        assert (self.document.redo_name is None) == (not self.undone)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
