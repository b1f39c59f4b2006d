"""Keeps the engine playing what the document holds, and the document true to the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.client import RefusedError
from engine.commands import Recall, SetPatch, SetValue, Watch
from engine.difference import changed_places
from engine.files import dumps, loads
from engine.messages import PatchChanged, ValueChanged
from engine.patch import Node, Patch, PatchError

if TYPE_CHECKING:
    from patcher.editor import Editor

MOST_VALUES = 16
"""Values that differ and are sent one by one; more go as a patch."""


class Sync:
    """What the engine has been sent, and what it has not yet.

    A patch is on its way at most once: while the engine compiles, further steps gather, and only
    the last of them is sent. Values of nodes that are there already go at once.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._sent: Patch | None = None
        self._same = False
        self._under_way = False
        self._attached = 0
        self._watched: dict[str, frozenset[str]] = {}
        self._watching: frozenset[str] = frozenset()

    def another(self) -> None:
        """Has the next patch sent as another document, into which the sound crossfades."""
        self._sent, self._same = None, False

    def watch(self, who: str, ports: set[str]) -> None:
        """Says which outlets a part of the window wants to see."""
        self._watched[who] = frozenset(ports)

    def send(self) -> None:
        """Sends what has changed since the last time."""
        editor = self._editor
        if not editor.attachment.ready:
            return
        if editor.attachment.attached != self._attached:
            self._attached = editor.attachment.attached
            self._sent, self._under_way, self._watching = None, False, frozenset()
        wanted = frozenset().union(*self._watched.values())
        if wanted != self._watching:
            self._watching = wanted
            editor.post(Watch(tuple(sorted(wanted))))
        patch = editor.patch
        if patch is self._sent or not editor.playing:
            return
        places = self._settable(patch)
        if places is not None:
            for node, port in places:
                editor.post(SetValue(node, port, patch.nodes[node].values[port]))
            self._sent = patch
        elif not self._under_way:
            self._send_patch(patch)

    def recalled(self, scene: str, beats: float, before: Patch) -> None:
        """Has the engine go to a scene within some beats; the document is there already.

        An engine that plays anything but what was left is sent the patch, and is there at once.
        """
        editor = self._editor
        if self._sent is before and editor.playing and editor.attachment.ready:
            self._under_way, self._sent = True, editor.patch
            editor.post(Recall(scene, beats), self._answered)

    def value_changed(self, event: ValueChanged) -> None:
        """Takes over a value that somebody else set."""
        document = self._editor.document
        current = self._sent is document.patch
        document.follow(event.node, event.port, event.value)
        if current:
            self._sent = document.patch

    def patch_changed(self, event: PatchChanged) -> None:
        """Takes over a patch that somebody else sent."""
        if self._under_way or self._sent is None:
            return
        patch = loads(event.text.encode())
        if patch != self._editor.patch:
            self._editor.document.do("Change from elsewhere", patch)
            self._sent = self._editor.patch

    def _settable(self, patch: Patch) -> list[tuple[str, str]] | None:
        """Returns the values that differ from what was sent, if to set them is enough."""
        sent = self._sent
        if sent is None or replace(patch, nodes={}) != replace(sent, nodes={}):
            return None
        places = changed_places(sent, patch)
        if places is None or len(places) > MOST_VALUES:
            return None
        still = all(_looks(node) == _looks(sent.nodes[name]) for name, node in patch.nodes.items())
        there = all(port in patch.nodes[node].values for node, port in places)
        return places if still and there else None

    def _send_patch(self, patch: Patch) -> None:
        editor, document = self._editor, self._editor.document
        try:
            text = dumps(patch).decode()
        except PatchError as error:
            editor.say(str(error), bad=True)
            return
        folder = str(document.folder) if document.folder else None
        path = str(document.path) if document.path else None
        self._under_way, self._sent = True, patch
        editor.post(SetPatch(text, folder, path, same=self._same), self._answered)
        self._same = True

    def _answered(self, result: object) -> None:
        self._under_way = False
        editor = self._editor
        if isinstance(result, PatchChanged):
            editor.problems = result.problems
        elif isinstance(result, RefusedError):
            editor.problems = result.problems
            if not result.problems:
                editor.say(str(result), bad=True)
        elif isinstance(result, Exception):
            editor.say(str(result), bad=True)


def _looks(node: Node) -> tuple[tuple[float, float], bool]:
    """Returns what of a node is seen and not heard."""
    return node.at, node.folded
