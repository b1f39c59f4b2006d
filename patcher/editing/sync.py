"""Keeps the engine playing what the document holds, and the document true to the engine."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.client import EngineGoneError, RefusedError
from engine.commands import (
    MOST_LETTERS,
    MOST_WATCHED,
    GetPatch,
    Recall,
    SetPatch,
    SetValue,
    Watch,
)
from engine.difference import difference
from engine.files import dumps, loads
from engine.messages import PatchChanged, ValueChanged
from engine.patch import Node, Patch, PatchError, Problem, short, text_fault
from patcher.editing.filing import Notice

if TYPE_CHECKING:
    from patcher.editing.editor import Editor

WINDOW = "window "
"""How the names begin by which windows know their own changes."""
MOST_VALUES = 16
"""Values that differ and are sent one by one; more go as a patch."""
UNSENDABLE = (
    "The engine cannot be told where the patch lies, and may not find the files that it names: "
    f"the path is no UTF-8, or longer than {MOST_LETTERS:,} letters"
)


class Sync:
    """What the engine has been sent, and what it has not yet.

    A patch is on its way at most once: while the engine compiles, further steps gather, and only
    the last of them is sent. Values of nodes that are there already go at once. What the engine
    tells of these changes bears the name of this window, and is known here already.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._refused = ""
        self._by = WINDOW + secrets.token_hex(8)
        self._sent: Patch | None = None
        self._place: tuple[Path | None, Path | None] = (None, None)
        self._same = False
        self._under_way = self._meeting = False
        self._elsewhere: PatchChanged | None = None
        self._attached = 0
        self._acquainted = False
        self._watched: dict[str, frozenset[str]] = {}
        self._watching: frozenset[str] = frozenset()

    def another(self) -> None:
        """Has the next patch sent as another document, into which the sound crossfades."""
        self._sent, self._same, self._refused = None, False, ""

    def notice(self) -> Notice | None:
        """Returns what lasts about what the engine plays; None for nothing."""
        return Notice(f"Not playing this version: {self._refused}") if self._refused else None

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
            editor.post(Watch(tuple(sorted(wanted)[:MOST_WATCHED])))
        patch = editor.patch
        placed = self._place == self._document_place()
        if (patch is self._sent and placed) or self._meeting or not editor.playing:
            return
        places = self._settable(patch) if placed else None
        if places is not None:
            for node, port in places:
                value = patch.nodes[node].values[port]
                editor.post(SetValue(node, port, value, self._by), self._value_answered)
            self._sent = patch
        elif not self._under_way:
            self._send_patch(patch)

    def recalled(self, scene: str, beats: float, before: Patch) -> None:
        """Has the engine go to a scene within some beats; the document is there already.

        An engine that plays anything but what was left is sent the patch, and is there at once.
        """
        editor = self._editor
        known = self._sent is before and not self._refused
        if known and editor.playing and editor.attachment.ready:
            self._under_way, self._sent = True, editor.patch
            answered = partial(self._answered, None, self._same)
            editor.post(Recall(scene, beats, self._by), answered)

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
        else:
            self._take_over(event)

    def _take_over(self, event: PatchChanged) -> None:
        """Shows what somebody else sent, unless a later change here is still to go."""
        document = self._editor.document
        if self._sent is document.patch:
            document.do(_step(event.by), loads(event.text.encode()))
            self._sent, self._refused = document.patch, ""
        else:
            self._sent = None

    def _meet(self) -> None:
        """Asks an engine that was reached just now what it plays; until then nothing is sent."""
        before = None if self._under_way or self._refused else self._sent
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
            if before is editor.patch:
                self._sent = before
                self._take_over(played)
            elif loads(played.text.encode()) == before:
                self._sent = before

    def _document_place(self) -> tuple[Path | None, Path | None]:
        """Returns the folder and the path of the document."""
        return self._editor.document.folder, self._editor.document.path

    def _settable(self, patch: Patch) -> list[tuple[str, str]] | None:
        """Returns the values that differ from what was sent, if to set them is enough."""
        sent = self._sent
        if sent is None or self._refused or replace(patch, nodes={}) != replace(sent, nodes={}):
            return None
        places, alike = difference(sent, patch)
        if not alike or len(places) > MOST_VALUES:
            return None
        still = all(_looks(node) == _looks(sent.nodes[name]) for name, node in patch.nodes.items())
        there = all(port in patch.nodes[node].values for node, port in places)
        return places if still and there else None

    def _send_patch(self, patch: Patch) -> None:
        editor, place = self._editor, self._document_place()
        folder, path = map(_sendable, place)
        if place != self._place and [folder, path].count(None) != place.count(None):
            editor.say(UNSENDABLE, bad=True)
        self._sent, self._place = patch, place
        try:
            text = dumps(patch).decode()
        except PatchError as error:
            self._refuse(error, error.problems)
            return
        self._under_way = True
        if not self._same:
            editor.filing.begin_load()
        command = SetPatch(text, folder, path, same=self._same, by=self._by)
        editor.post(command, partial(self._answered, patch, self._same))
        self._same = True

    def _answered(self, offered: Patch | None, same: bool, result: object) -> None:
        """Takes in what became of a patch.

        Args:
            offered: what is not sent again as it is, if it was refused.
            same: whether it was another version of what played.
        """
        self._under_way = False
        editor, elsewhere = self._editor, self._elsewhere
        self._elsewhere = None
        if isinstance(result, EngineGoneError):
            self._sent = None
            return
        editor.filing.end_load()
        if isinstance(result, PatchChanged):
            editor.problems, self._refused = result.problems, ""
            if elsewhere and elsewhere.revision > result.revision:
                self._take_over(elsewhere)
        elif isinstance(result, Exception):
            self._sent, self._same = offered, self._same and same
            self._refuse(result, result.problems if isinstance(result, RefusedError) else ())

    def _value_answered(self, result: object) -> None:
        if isinstance(result, EngineGoneError):
            self._sent = None
        elif isinstance(result, Exception):
            self._editor.say(str(result), bad=True)

    def _refuse(self, error: Exception, problems: Sequence[Problem]) -> None:
        """Tells as long as it lasts that the engine plays something else, and the worst of why."""
        self._editor.problems = tuple(problems)
        worst = min(problems, key=lambda each: each.warning, default=error)
        self._refused = short(str(worst))


def _step(by: str) -> str:
    """Returns what the step is called that a client took, by what it calls itself."""
    if by.startswith(WINDOW):
        return "Change in another window"
    return f"Change by {short(by)}" if by else "Change from elsewhere"


def _looks(node: Node) -> tuple[tuple[float, float], bool]:
    """Returns what of a node is seen and not heard."""
    return node.at, node.folded


def _sendable(path: Path | None) -> str | None:
    """Returns a path as a command has it; None where it cannot have it, or there is none."""
    text = str(path or "")
    return text if 0 < len(text) <= MOST_LETTERS and not text_fault(text) else None
