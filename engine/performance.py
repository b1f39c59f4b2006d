"""The patch that plays live: opened, edited, its values set, while the frame loop goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from engine import edits, scenes
from engine.compiler import check, compile_patch, modernise
from engine.deck import Deck
from engine.difference import difference
from engine.files import dumps
from engine.live import Live
from engine.messages import Event, PatchChanged, ValueChanged
from engine.models import Models
from engine.moves import Moves
from engine.nodetype import Service
from engine.patch import Patch, Problem
from engine.places import Place, with_values
from engine.plan import Plan
from engine.ports import Inlet, Setting, names_a_file, takes
from engine.registry import Registry
from engine.regular import write_whole
from engine.worker import Worker

SAVING = 10.0
"""Seconds that a model may take to hand over an instance's memory."""


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
        self._moves = Moves()
        self._follower = Worker("values")

    def open(
        self, patch: Patch, folder: Path | None, path: Path | None, by: str = ""
    ) -> PatchChanged:
        """Crossfades into another document. Opens the models that it needs, which may take long.

        Args:
            by: what the client that asks calls itself.

        Raises:
            PatchError: it is not legal; what plays plays on.
            ModelUnavailableError: it needs a model that is not here; what plays plays on.
        """
        patch = modernise(patch, self._registry)
        plan = compile_patch(patch, self._registry, self._services, folder)
        deck = Deck(self._models, 0, self._deck is not None, self._on_event)
        deck.player.motion.on_mapped = partial(self._turned, deck)
        # Without the lock: values of what plays are set meanwhile.
        deck.player.prepare(plan)
        deck.swap(plan)

        def put_on() -> None:
            deck.first = self._live.number
            self._live.put_on(deck)

        text = dumps(patch).decode()
        with self._lock:
            self._live.in_frame(put_on)
            self._deck = deck
            return self._now_plays(patch, folder, path, plan, text, by)

    def change(
        self, patch: Patch, folder: Path | None, path: Path | None, by: str = ""
    ) -> PatchChanged:
        """Takes over another version of the document; nodes that stay keep their memory.

        Where only values differ nothing is compiled. A model that is not open yet is opened
        beside, and its node plays on as it was until then.

        Args:
            by: what the client that asks calls itself.

        Raises:
            PatchError: it is not legal; what plays plays on.
        """
        with self._lock:
            self._follow()
            return self._change(modernise(patch, self._registry), folder, path, by)

    def recall(self, scene: str, beats: float = 0.0, by: str = "") -> PatchChanged:
        """Brings back a scene: the document has its values at once, what is heard gets there.

        Args:
            beats: how long it takes, in quarter notes at the transport's tempo.
            by: what the client that asks calls itself.

        Raises:
            PatchError: there is no such scene.
        """
        with self._lock:
            self._follow()
            patch = scenes.recall(self.patch, self._registry, scene)
            # All of them: what is on its way to another scene is not where the document says.
            goals = scenes.goals(patch, self._registry, scene)
            return self._change(patch, self.folder, self.path, by, goals, beats)

    def set_value(self, node: str, port: str, value: Any, by: str = "") -> None:
        """Sets a value from the next frame on.

        Args:
            by: what the client that asks calls itself.

        Raises:
            PatchError: there is no such value, or this is not legal for it.
        """
        with self._lock:
            self._follow()
            patch = edits.set_value(self.patch, self._registry, node, port, value)
            _, alike = self._changes(patch)
            if self._deck is None or self._deck.muted or not alike:
                self._change(patch, self.folder, self.path, by)
                return
            if isinstance(value, str):
                dumps(patch)  # refused here, where texts swell it beyond what can be read again
            self.patch = patch
            self._send(self._deck, {(node, port): value})
            self._tell(ValueChanged(node, port, value, by))

    def _change(
        self,
        patch: Patch,
        folder: Path | None,
        path: Path | None,
        by: str,
        goals: Mapping[Place, Any] | None = None,
        beats: float = 0.0,
    ) -> PatchChanged:
        """Takes over another version; what differs, and the goals, are heard within some beats."""
        deck = self._deck
        if deck is None or (old := deck.player.plan) is None:
            return self.open(patch, folder, path, by)
        text = dumps(patch).decode()
        values, alike = self._changes(patch)
        values |= goals or {}
        if alike and folder == self.folder and not deck.muted:
            check(patch, self._registry)
            self._send(deck, values, beats)
            return self._now_plays(patch, folder, path, old, text, by)
        plan = compile_patch(patch, self._registry, self._services, folder)
        deck.player.ready(plan)

        def swap() -> None:
            self._moves.coming(values)
            self._arrive(deck, values, beats)
            deck.swap(plan)
            for moved in self._moves.waiting:  # since the plan was compiled
                plan.adopt_values(old, moved.values)

        self._live.in_frame(swap)  # `old` is freed here, not in the frame loop
        return self._now_plays(patch, folder, path, plan, text, by)

    def _send(self, deck: Deck, values: Mapping[Place, Any], beats: float = 0.0) -> None:
        """Has values of the document heard from the next frame on, or within some beats."""
        self._moves.coming(values)
        self._live.at_frame(lambda: self._arrive(deck, values, beats))

    def _arrive(self, deck: Deck, values: Mapping[Place, Any], beats: float) -> None:
        """Has values of the document heard; in the frame loop."""
        self._moves.arrived(deck, values)
        deck.player.send(values, beats)

    def _turned(self, deck: Deck, values: Mapping[Place, Any]) -> None:
        """Has the document follow what controllers moved; in the frame loop, returns at once."""
        self._moves.turned(deck, values)
        self._follower.put(self._follow_turned)

    def _follow_turned(self) -> None:
        try:
            self._follow()
        except Exception as fault:  # what is turned next is followed all the same
            kind = type(fault).__name__
            self._on_event(f"a fault in hocket, please report it: {kind}: {fault}")

    def _follow(self) -> None:
        """Takes what controllers turned into the document, whose nodes may have left since."""
        with self._lock:
            turned = self._moves.take(self._deck)
            turned = {place: each for place, each in turned.items() if self._is_new(place, each)}
            if turned:
                self.patch = with_values(self.patch, turned)
            for (node, port), value in turned.items():
                self._tell(ValueChanged(node, port, value))

    def _is_new(self, place: Place, value: Any) -> bool:
        """Whether the document has another value there; not where it can have none any more."""
        name, port = place
        known = self._known(self.patch, place)
        if known is None or not takes(known, value) or not self._deck:
            return False
        values, plan = self.patch.nodes[name].values, self._deck.player.plan
        there = plan is not None and plan.has_sets(name, {*values, port})
        return there and values.get(port, known.default) != value

    def save_memory(self, node: str, file: Path) -> None:
        """Writes what a generator remembers into a file, while it plays on.

        Raises:
            ValueError: no generator of that name plays, or not yet; the model does not answer; or
                the file cannot be written.
        """
        seats = self._deck.player.ensemble.sections() if self._deck else {}
        if node not in seats:
            raise ValueError(f"{node!r} is no generator that plays")
        if not file.is_absolute():
            raise ValueError(f"{str(file)!r} is no absolute path")
        section, instance = seats[node]
        try:
            memory = section.save(instance).result(SAVING)
        except TimeoutError:
            raise ValueError(f"{node} does not answer; nothing was saved") from None
        if not memory:
            raise ValueError(f"{node} has not played yet; there is nothing to save")
        try:
            write_whole(file, memory)
        except OSError as error:
            raise ValueError(f"{file} cannot be written: {error.strerror or error}") from None

    def names_a_file(self, node: str, port: str) -> bool:
        """Whether a value is the name of a file."""
        return names_a_file(self._known(self.patch, (node, port)))

    def changed(self, by: str = "") -> PatchChanged:
        """Returns the patch that plays, as clients are told of it; `by` is who changed it."""
        return self._as_told(dumps(self.patch).decode(), by)

    def close(self) -> None:
        """Follows nothing any more."""
        self._follower.close()

    def _now_plays(
        self, patch: Patch, folder: Path | None, path: Path | None, plan: Plan, text: str, by: str
    ) -> PatchChanged:
        self.patch, self.folder, self.path = patch, folder, path
        self.problems = plan.problems
        self.revision += 1
        changed = self._as_told(text, by)
        self._tell(changed)
        return changed

    def _as_told(self, text: str, by: str) -> PatchChanged:
        folder, path = (None if each is None else str(each) for each in (self.folder, self.path))
        return PatchChanged(self.revision, text, folder, path, self.patch.title, self.problems, by)

    def _known(self, patch: Patch, place: Place) -> Inlet | Setting | None:
        """Returns what declares a value; None where there is none, or its type is not known."""
        node = patch.nodes.get(place[0])
        declared = self._registry.find(node.type) if node else None
        return declared.value(place[1]) if declared else None

    def _changes(self, patch: Patch) -> tuple[dict[Place, Any], bool]:
        """Returns the values that differ from what plays, and whether it is enough to set them."""
        plan = self._deck.player.plan if self._deck else None
        if plan is None:
            return {}, False
        places, alike = difference(self.patch, patch)
        changed = {}
        for name, port in places:
            known = self._known(patch, (name, port))
            values = patch.nodes[name].values
            if known is None or names_a_file(known):
                alike = False
                continue
            changed[name, port] = values.get(port, known.default)
            alike = alike and plan.has_sets(name, values)
        return changed, alike
