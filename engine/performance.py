"""The patch that plays live: opened, edited, its values set, while the frame loop goes on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from engine import edits, scenes
from engine.compiler import check, compile_patch, modernise
from engine.deck import Deck
from engine.difference import bare, differing
from engine.files import dumps
from engine.live import Live
from engine.messages import Event, PatchChanged, ValueChanged
from engine.models import Models
from engine.nodetype import Service
from engine.patch import Patch, PatchError, Problem
from engine.places import Place
from engine.plan import Plan
from engine.ports import Setting
from engine.registry import Registry
from engine.worker import Worker


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
        self._turned: deque[tuple[Deck, Plan, Mapping[Place, Any]]] = deque()
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
        deck.player.motion.on_mapped = partial(self._mapped, deck)
        # Without the lock: values of what plays are set meanwhile.
        deck.player.prepare(plan)
        deck.swap(plan)

        def put_on() -> None:
            deck.first = self._live.number
            self._live.put_on(deck)

        with self._lock:
            self._live.in_frame(put_on)
            self._deck = deck
            return self._now_plays(patch, folder, path, plan, by)

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
            return self._change(patch, self.folder, self.path, by, beats)

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
            muted = self._deck is not None and bool(self._deck.muted)
            if muted or self._value(patch, node, port) is None:
                self._change(patch, self.folder, self.path, by)
                return
            self.patch = patch
            self._send({(node, port): value})
            self._tell(ValueChanged(node, port, value, by))

    def _change(
        self, patch: Patch, folder: Path | None, path: Path | None, by: str, beats: float = 0.0
    ) -> PatchChanged:
        """Takes over another version, its values within some beats."""
        deck = self._deck
        if deck is None or deck.player.plan is None:
            return self.open(patch, folder, path, by)
        values, alike = self._changed_values(patch)
        plan = deck.player.plan
        if alike and folder == self.folder and not deck.muted:
            check(patch, self._registry)
            self._send(values, beats)
            return self._now_plays(patch, folder, path, plan, by)
        plan = compile_patch(patch, self._registry, self._services, folder)
        deck.player.ready(plan)
        old: list[Plan | None] = []  # freed here, not in the frame loop

        def swap() -> None:
            deck.player.send(values, beats)
            old.append(deck.swap(plan))

        self._live.in_frame(swap)
        return self._now_plays(patch, folder, path, plan, by)

    def _send(self, values: Mapping[Place, Any], beats: float = 0.0) -> None:
        if player := self._deck and self._deck.player:
            self._live.at_frame(lambda: player.send(values, beats))

    def _mapped(self, deck: Deck, plan: Plan, values: Mapping[Place, Any]) -> None:
        """Has the document follow what MIDI moved; in the frame loop, returns at once."""
        self._turned.append((deck, plan, values))
        self._follower.submit(self._follow).add_done_callback(self._tell_fault)

    def _follow(self) -> None:
        """Takes what MIDI moved into the document, of each value the latest."""
        with self._lock:
            latest: dict[Place, tuple[Plan, Any]] = {}
            while self._turned:
                deck, plan, values = self._turned.popleft()
                if deck is self._deck:
                    latest |= {place: (plan, value) for place, value in values.items()}
            for place, (plan, value) in latest.items():
                with suppress(PatchError):  # its node has left since
                    self._follow_value(place, plan, value)

    def _tell_fault(self, done: Future[None]) -> None:
        if fault := done.exception():
            kind = type(fault).__name__
            self._on_event(f"a fault in hocket, please report it: {kind}: {fault}")

    def _follow_value(self, place: Place, plan: Plan, value: Any) -> None:
        node, port = place
        patch = edits.set_value(self.patch, self._registry, node, port, value)
        if patch == self.patch:
            return
        if self._value(patch, node, port) is None:
            self._change(patch, self.folder, self.path, "")
            return
        self.patch = patch
        if self._deck and self._deck.player.plan is not plan:
            # It was turned while another plan was made, which has the value of before.
            self._send({place: value})
        self._tell(ValueChanged(node, port, value))

    def names_a_file(self, node: str, port: str) -> bool:
        """Whether a value is the name of a file."""
        placed = self.patch.nodes.get(node)
        declared = self._registry.find(placed.type) if placed else None
        known = declared.value(port) if declared else None
        return isinstance(known, Setting) and known.asset is not None

    def changed(self, by: str = "") -> PatchChanged:
        """Returns the patch that plays, as clients are told of it; `by` is who changed it."""
        return PatchChanged(
            self.revision,
            dumps(self.patch).decode(),
            None if self.folder is None else str(self.folder),
            None if self.path is None else str(self.path),
            self.patch.title,
            self.problems,
            by,
        )

    def close(self) -> None:
        """Follows nothing any more."""
        self._follower.close()

    def _now_plays(
        self, patch: Patch, folder: Path | None, path: Path | None, plan: Plan, by: str
    ) -> PatchChanged:
        self.patch, self.folder, self.path = patch, folder, path
        self.problems = plan.problems
        self.revision += 1
        changed = self.changed(by)
        self._tell(changed)
        return changed

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

    def _changed_values(self, patch: Patch) -> tuple[dict[Place, Any], bool]:
        """Returns the values that differ from the patch that plays, and whether they alone do."""
        playing = self.patch
        alike = patch.cables == playing.cables and patch.nodes.keys() == playing.nodes.keys()
        alike = alike and patch.mappings == playing.mappings
        changed = {}
        for name in patch.nodes.keys() & playing.nodes.keys():
            node, before = patch.nodes[name], playing.nodes[name]
            if bare(node) != bare(before):
                alike = False
                continue
            for port in differing(before.values, node.values):
                known = self._value(patch, name, port)
                if known is None:
                    alike = False
                else:
                    changed[name, port] = node.values.get(port, known.default)
        return changed, alike
