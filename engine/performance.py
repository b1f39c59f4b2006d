"""The patch that plays live: opened, edited, its values set, while the frame loop goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import edits
from engine.compiler import check, compile_patch, modernise
from engine.deck import Deck
from engine.files import dumps
from engine.live import Live
from engine.messages import Event, PatchChanged, ValueChanged
from engine.models import Models
from engine.node import Service
from engine.patch import Node, Patch, Problem
from engine.plan import Plan
from engine.ports import Setting
from engine.registry import Registry


class Performance:
    """What plays, and how it becomes something else between two frames.

    Plans are compiled in the thread that asks; the frame loop only takes them over.

    Args:
        tell: told of each change.
        on_event: told in a sentence of what fails while it plays.

    Attributes:
        patch: the document.
        folder: where the files it names lie.
        path: the file it came from, None while it has not been saved.
        revision: how many versions there were.
        problems: warnings of the last compilation.
    """

    def __init__(
        self,
        live: Live,
        registry: Registry,
        models: Models,
        services: Mapping[type[Service], Service],
        tell: Callable[[Event], None],
        on_event: Callable[[str], None],
    ) -> None:
        self.patch = Patch()
        self.folder: Path | None = None
        self.path: Path | None = None
        self.revision = 0
        self.problems: tuple[Problem, ...] = ()
        self._live = live
        self._registry = registry
        self._models = models
        self._services = services
        self._tell = tell
        self._on_event = on_event
        self._deck: Deck | None = None
        # Held while a plan is compiled; a value waits for it so as not to be lost between two.
        self._lock = threading.RLock()

    def open(self, patch: Patch, folder: Path | None, path: Path | None) -> None:
        """Crossfades into another document. Opens the models that it needs, which may take long.

        Raises:
            PatchError: it is not legal; what plays plays on.
            ModelUnavailableError: it needs a model that is not here; what plays plays on.
        """
        patch = modernise(patch, self._registry)
        plan = compile_patch(patch, self._registry, self._services, folder)
        deck = Deck(self._models, 0, self._deck is not None, self._on_event)
        # Without the lock: values of what plays are set meanwhile.
        deck.player.prepare(plan)
        deck.swap(plan)

        def put_on() -> None:
            deck.first = self._live.number
            self._live.put_on(deck)

        with self._lock:
            self._live.in_frame(put_on)
            self._deck = deck
            self._now_plays(patch, folder, path, plan)

    def change(self, patch: Patch, folder: Path | None, path: Path | None) -> None:
        """Takes over another version of the document; nodes that stay keep their memory.

        Where only values differ nothing is compiled. A model that is not open yet is opened
        beside, and its node plays on as it was until then.

        Raises:
            PatchError: it is not legal; what plays plays on.
        """
        with self._lock:
            deck = self._deck
            if deck is None or deck.player.plan is None:
                self.open(patch, folder, path)
                return
            patch = modernise(patch, self._registry)
            changed = self._changed_values(patch) if folder == self.folder else None
            plan = deck.player.plan
            if changed is not None and not deck.muted:
                check(patch, self._registry)
                self._live.at_frame(lambda: _set_values(plan, changed))
                self._now_plays(patch, folder, path, plan)
                return
            plan = compile_patch(patch, self._registry, self._services, folder)
            deck.player.ready(plan)
            old: list[Plan | None] = []  # freed here, not in the frame loop
            self._live.in_frame(lambda: old.append(deck.swap(plan)))
            self._now_plays(patch, folder, path, plan)

    def set_value(self, node: str, port: str, value: Any) -> None:
        """Sets a value from the next frame on.

        Raises:
            PatchError: there is no such value, or this is not legal for it.
        """
        with self._lock:
            patch = edits.set_value(self.patch, self._registry, node, port, value)
            muted = self._deck is not None and bool(self._deck.muted)
            if muted or self._value(patch, node, port) is None:
                self.change(patch, self.folder, self.path)
                return
            self.patch = patch
            if self._deck and (plan := self._deck.player.plan):
                self._live.at_frame(lambda: _set_values(plan, {(node, port): value}))
            self._tell(ValueChanged(node, port, value))

    def names_a_file(self, node: str, port: str) -> bool:
        """Whether a value is the name of a file."""
        placed = self.patch.nodes.get(node)
        declared = self._registry.find(placed.type) if placed else None
        known = declared.value(port) if declared else None
        return isinstance(known, Setting) and known.asset is not None

    def changed(self) -> PatchChanged:
        """Returns the patch that plays, as clients are told of it."""
        return PatchChanged(
            self.revision,
            dumps(self.patch).decode(),
            None if self.folder is None else str(self.folder),
            None if self.path is None else str(self.path),
            self.patch.title,
            self.problems,
        )

    def _now_plays(self, patch: Patch, folder: Path | None, path: Path | None, plan: Plan) -> None:
        self.patch, self.folder, self.path = patch, folder, path
        self.problems = plan.problems
        self.revision += 1
        self._tell(self.changed())

    def _value(self, patch: Patch, node: str, port: str) -> Any:
        """Returns what declares a value that can be set without compiling, else None.

        One that brings a set of a variadic group into use, or out of it, changes what is compiled.
        """
        declared = self._registry.find(patch.nodes[node].type)
        if declared is None or self.names_a_file(node, port):
            return None
        if declared.group and declared.group.member(port):
            before, after = (each.nodes[node].values for each in (self.patch, patch))
            if (port in before) != (port in after):
                return None
        return declared.value(port)

    def _changed_values(self, patch: Patch) -> dict[tuple[str, str], Any] | None:
        """Returns the values that differ from the patch that plays, None where more differs."""
        if patch.cables != self.patch.cables or patch.nodes.keys() != self.patch.nodes.keys():
            return None
        changed = {}
        for name, node in patch.nodes.items():
            before = self.patch.nodes[name]
            if _bare(node) != _bare(before):
                return None
            for port in _differing(before.values, node.values):
                known = self._value(patch, name, port)
                if known is None:
                    return None
                changed[name, port] = node.values.get(port, known.default)
        return changed


def _bare(node: Node) -> Node:
    """Returns a node without what can change and nothing is compiled: its values, its place."""
    return replace(node, values={}, at=(0.0, 0.0))


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    nothing = object()
    for port in before.keys() | after.keys():
        old, new = before.get(port, nothing), after.get(port, nothing)
        if type(old) is not type(new) or old != new:
            yield port


def _set_values(plan: Plan, values: Mapping[tuple[str, str], Any]) -> None:
    """Sets values of the nodes that run; the others have theirs in the patch alone."""
    for (node, port), value in values.items():
        step = plan.steps.get(node)
        if step and port in step.values:
            plan.set_value(node, port, value)
