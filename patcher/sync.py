"""Keeps the engine playing what the document holds, and the document true to the engine."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.client import EngineGoneError, RefusedError
from engine.commands import GetPatch, Recall, SetPatch, SetValue, Watch
from engine.difference import difference
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
    the last of them is sent. Values of nodes that are there already go at once. What the engine
    tells of these changes bears the name of this window, and is known here already.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._by = secrets.token_hex(8)
        self._sent: Patch | None = None
        self._place: tuple[str | None, str | None] = (None, None)
        self._same = False
        self._under_way = self._meeting = False
        self._elsewhere: PatchChanged | None = None
        self._attached = 0
        self._acquainted = False
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
            self._meet()
        wanted = frozenset().union(*self._watched.values())
        if wanted != self._watching:
            self._watching = wanted
            editor.post(Watch(tuple(sorted(wanted))))
        patch = editor.patch
        placed = self._place == self._document_place()
        if (patch is self._sent and placed) or self._meeting or not editor.playing:
            return
        places = self._settable(patch) if placed else None
        if places is not None:
            for node, port in places:
                editor.post(SetValue(node, port, patch.nodes[node].values[port], self._by))
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
            editor.post(Recall(scene, beats, self._by), self._answered)

    def value_changed(self, event: ValueChanged) -> None:
        """Takes over a value that somebody else set."""
        if event.by == self._by:
            return
        document = self._editor.document
        current = self._sent is document.patch
        document.follow(event.node, event.port, event.value)
        if current:
            self._sent = document.patch

    def patch_changed(self, event: PatchChanged) -> None:
        """Takes over a patch that somebody else sent; one on its way from here may be later."""
        if event.by == self._by or self._meeting:
            return
        if self._under_way:
            self._elsewhere = event
        elif self._sent is not None:
            self._take_over(event)

    def _take_over(self, event: PatchChanged) -> None:
        document = self._editor.document
        document.do("Change from elsewhere", loads(event.text.encode()))
        self._sent = document.patch

    def _meet(self) -> None:
        """Asks an engine that was reached just now what it plays; until then nothing is sent."""
        before = self._sent
        self._sent, self._watching, self._elsewhere = None, frozenset(), None
        self._under_way, self._meeting = False, True
        self._editor.post(GetPatch(), partial(self._met, self._attached, before))

    def _met(self, attached: int, before: Patch | None, result: object) -> None:
        if attached != self._attached:
            return
        editor, self._meeting = self._editor, False
        played = result if isinstance(result, PatchChanged) and result.revision else None
        self._same = played is not None
        if not self._acquainted:
            self._acquainted = True
            self._same = editor.filing.meet(played)
            if played and self._same:
                self._sent, self._place = editor.patch, self._document_place()
                editor.problems = played.problems
        elif played and before is not None:
            patch = loads(played.text.encode())
            if patch == before:
                self._sent = before
            elif before is editor.patch:
                self._take_over(played)

    def _document_place(self) -> tuple[str | None, str | None]:
        """Returns the folder and the path of the document."""
        document = self._editor.document
        folder, path = (str(each) if each else None for each in (document.folder, document.path))
        return folder, path

    def _settable(self, patch: Patch) -> list[tuple[str, str]] | None:
        """Returns the values that differ from what was sent, if to set them is enough."""
        sent = self._sent
        if sent is None or replace(patch, nodes={}) != replace(sent, nodes={}):
            return None
        places, alike = difference(sent, patch)
        if not alike or len(places) > MOST_VALUES:
            return None
        still = all(_looks(node) == _looks(sent.nodes[name]) for name, node in patch.nodes.items())
        there = all(port in patch.nodes[node].values for node, port in places)
        return places if still and there else None

    def _send_patch(self, patch: Patch) -> None:
        editor = self._editor
        try:
            text = dumps(patch).decode()
        except PatchError as error:
            editor.say(str(error), bad=True)
            return
        self._under_way, self._sent, self._place = True, patch, self._document_place()
        if not self._same:
            editor.filing.begin_load()
        command = SetPatch(text, *self._place, same=self._same, by=self._by)
        editor.post(command, self._answered)
        self._same = True

    def _answered(self, result: object) -> None:
        self._under_way = False
        editor, elsewhere = self._editor, self._elsewhere
        self._elsewhere = None
        if not isinstance(result, EngineGoneError):
            editor.filing.end_load()
        if isinstance(result, PatchChanged):
            editor.problems = result.problems
            if elsewhere and elsewhere.revision > result.revision and self._sent is editor.patch:
                self._take_over(elsewhere)
        elif isinstance(result, RefusedError):
            editor.problems = result.problems
            if not result.problems:
                editor.say(str(result), bad=True)
        elif isinstance(result, Exception):
            editor.say(str(result), bad=True)


def _looks(node: Node) -> tuple[tuple[float, float], bool]:
    """Returns what of a node is seen and not heard."""
    return node.at, node.folded
