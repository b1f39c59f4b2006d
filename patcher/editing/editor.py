"""What every part of the window works on: the document, what is selected, and the engine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine import edits, scenes
from engine.commands import AnyCommand
from engine.messages import PatchChanged, Said, Snapshot, ValueChanged
from engine.patch import Patch, PatchError, Problem
from engine.registry import Registry
from patcher.document import Document
from patcher.editing.attachment import Answer, Attachment
from patcher.editing.filing import Filing, Notice
from patcher.editing.hands import Hands
from patcher.editing.history import History
from patcher.editing.scenes import Scenery
from patcher.editing.selection import Selection
from patcher.editing.sync import Sync
from patcher.shown import shown
from patcher.state import load_preferences, save_preferences
from patcher.ui.actions import Actions
from patcher.ui.dialogs import Dialogs
from patcher.ui.look import Look
from patcher.ui.popups import Popups

MOST_REMARKS = 500


@dataclass(frozen=True)
class Remark:
    """Something the player should know, in plain words.

    Attributes:
        bad: whether it went wrong.
        when: seconds since 1970.
    """

    text: str
    bad: bool = False
    when: float = field(default_factory=time.time)


class Editor:
    """The patch, the selection and the engine behind one window.

    Attributes:
        document: the patch, its steps and its file.
        selection: what is selected on the canvas.
        attachment: the engine.
        actions: all that a key or a menu does.
        popups: small windows at the mouse.
        dialogs: asks the player.
        filing: opens and saves documents.
        scenery: the scenes of the patch, and the way to one.
        hands: the notes that the player holds down.
        remarks: what was said, the latest last.
        history: what the engine showed in the last 10 seconds.
        learning: the value that waits for a MIDI controller, as `node.port`; empty for none.
        heard: the MIDI messages that came in since the frame drawn before.
        hint: what the status line shows of what the mouse is over; empty for nothing.
        problems: what the engine found wrong with the patch.
        notice: what lasts about the document or the engine; None for nothing.
        playing: False in safe mode: the patch is shown and not sent to the engine.
        typing: whether a text is typed, so that keys are letters and no shortcuts.
    """

    def __init__(
        self,
        registry: Registry,
        look: Look,
        attachment: Attachment,
        document: Document,
        asked: bool = True,
    ) -> None:
        self.registry = registry
        self.look = look
        self.attachment = attachment
        self.document = document
        self.selection = Selection()
        self.actions = Actions()
        self.remarks: deque[Remark] = deque(maxlen=MOST_REMARKS)
        self.history = History()
        self.hint = ""
        self.problems: tuple[Problem, ...] = ()
        self.notice: Notice | None = None
        self.playing = True
        self.typing = False
        self.learning = ""
        self.heard: tuple[bytes, ...] = ()
        self.popups = Popups(look, self.actions)
        self.dialogs = Dialogs(look, self.actions)
        self.filing = Filing(self, asked)
        self.scenery = Scenery(self)
        self.hands = Hands()
        self._sync = Sync(self)
        self._kept = document.patch

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self.document.patch

    @property
    def snapshot(self) -> Snapshot | None:
        """How everything was after the engine's latest frame."""
        return self.attachment.snapshot

    def say(self, text: str, bad: bool = False) -> None:
        """Tells the player something, on the status line and in the log."""
        self.remarks.append(Remark(shown(text), bad))

    def prefer(self, **changes: Any) -> None:
        """Keeps preferences, by the names of `Preferences`, for the next start."""
        try:
            save_preferences(msgspec.structs.replace(load_preferences(), **changes))
        except OSError as error:
            self.say(f"Preferences cannot be kept: {error.strerror}", bad=True)

    def edit(self, name: str, change: Callable[[Patch], Patch], merge: str | None = None) -> bool:
        """Takes a step of editing; says why where it cannot be taken.

        Args:
            name: what the step is called in the list of steps, such as "Delete lfo1".
            change: from the present patch to the new one; raises PatchError.
            merge: steps in a row with an equal key are one, until `document.seal()`.
        """
        try:
            self.document.do(name, change(self.patch), merge)
        except PatchError as error:
            for problem in error.problems[:3]:
                self.say(str(problem), bad=True)
            return False
        self.selection.keep(self.patch)
        return True

    def turn(self, node: str, values: Mapping[str, Any], released: bool = True) -> bool:
        """Sets values of a node by hand; a drag is one step until the hand lets go.

        Returns:
            Whether they are legal.
        """

        def change(patch: Patch) -> Patch:
            for port, value in values.items():
                patch = edits.set_value(patch, self.registry, node, port, value)
            return patch

        places = ", ".join(f"{node}.{port}" for port in values)
        legal = self.edit(f"Set {places}", change, merge=f"value {places}")
        if released:
            self.document.seal()
        return legal

    def recall(self, scene: str, beats: float) -> bool:
        """Brings back the values of a scene; what is heard gets there within some beats.

        Returns:
            Whether there is such a scene.
        """
        self.send()  # it may have been stored a moment ago
        before = self.patch
        name = f"Recall {scene}"
        there = self.edit(name, lambda patch: scenes.recall(patch, self.registry, scene))
        if there:
            self._sync.recalled(scene, beats, before)
        return there

    def learn(self, place: str) -> None:
        """Has a value, written `node.port`, wait for a MIDI controller; an empty one, none."""
        self.learning = place
        if place:
            self.say(f"Turn a knob on the controller that is to move {place}; Esc cancels")

    def open(self, document: Document) -> None:
        """Takes another document."""
        self.document = document
        self.selection.set()
        self.problems = ()
        self.learning = self.hint = ""
        self.scenery.another()
        self._sync.another()

    def undo(self) -> None:
        """Takes the last step back."""
        name = self.document.undo()
        self.say(f"Undone: {name}" if name else "There is nothing to undo")
        self.selection.keep(self.patch)

    def redo(self) -> None:
        """Takes the step again that was taken back last."""
        name = self.document.redo()
        self.say(f"Redone: {name}" if name else "There is nothing to redo")
        self.selection.keep(self.patch)

    def post(self, command: AnyCommand, answer: Answer | None = None) -> None:
        """Sends a command to the engine; a refusal is said, unless `answer` takes it."""

        def told(result: object) -> None:
            if isinstance(result, Exception):
                self.say(str(result), bad=True)

        self.attachment.post(command, answer or told)

    def watch(self, who: str, ports: set[str]) -> None:
        """Says which outlets a part of the window wants to see in the snapshots."""
        self._sync.watch(who, ports)

    def pump(self) -> None:
        """Takes in what the engine said; before each drawn frame."""
        self.heard = self.attachment.heard()
        for event in self.attachment.pump():
            if isinstance(event, Said):
                self.say(event.text)
            elif isinstance(event, ValueChanged):
                self._sync.value_changed(event)
            elif isinstance(event, PatchChanged):
                self._sync.patch_changed(event)
        if self.patch is not self._kept:
            self._kept = self.patch
            self.selection.keep(self.patch)
        self.filing.refresh()
        self.notice = self.filing.notice() or self._sync.notice()
        self.send()
        self.history.take(self.snapshot)

    def send(self) -> None:
        """Sends the engine what has changed.

        Before a frame is drawn as well as after one was, as drawing may take longer than all else.
        """
        self._sync.send()
