"""What is done with the document as a whole: new, open, save, and the questions that it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.compiler import modernise
from engine.files import SUFFIX, loads
from engine.messages import PatchChanged
from engine.patch import PatchError
from patcher.document import Document, ExistsError
from patcher.editing.carrying import carry
from patcher.editing.drafts import Drafts
from patcher.editing.opening import (
    file_name,
    open_document,
    playing_document,
    same_file,
)
from patcher.editing.recovery import Recovery
from patcher.patchfile import ChangedOnDiskError, DocumentError, HeldError
from patcher.shipped import is_shipped
from patcher.state import add_recent, own_folder, recent_files

if TYPE_CHECKING:
    from patcher.editing.editor import Editor

LOOK = 1.0
"""Seconds between two looks at whether another program has written the file."""
MOST_RECENT = 8
"""Patches that are listed of those opened last."""
PROBLEMS = 4
"""Of a patch that cannot be opened, that are told."""

Then = Callable[[], object]


def nothing() -> None:
    """Leaves all as it is."""


@dataclass(frozen=True)
class Notice:
    """Something about the document that lasts, told above the canvas.

    Attributes:
        choices: what can be done about it: a button's words, and what it does.
    """

    text: str
    choices: tuple[tuple[str, Then], ...] = ()


class Filing:
    """The document of a window, its file, and its draft.

    Args:
        asked: whether the first document was asked for, so that it is played in place of what
            an engine plays that runs already.

    Attributes:
        leaving: whether the window is to close.
    """

    def __init__(self, editor: Editor, asked: bool) -> None:
        self.leaving = False
        self._editor = editor
        self._asked = asked
        self._drafts = Drafts(lambda text: editor.say(text, bad=True))
        self._recovery = Recovery(
            editor, self._drafts, lambda make: self.when_saved(lambda: self._show(make()))
        )
        self._kept: tuple[Document | None, int] = (None, 0)
        self._meeting = True
        self._loading = False
        self._due = 0.0
        self._changed = False
        self._check_crash()

    def add_actions(self) -> None:
        """Adds what it does to the table of actions."""
        add = self._editor.actions.add
        add("New", self.new, "Ctrl+N", menu="File")
        add("Open…", self.choose, "Ctrl+O", menu="File")
        add("Open recent…", self.choose_recent, "Ctrl+Shift+O", menu="File")
        add("Save", self.save, "Ctrl+S", menu="File", typing=True)
        add("Save as…", self.save_as, "Ctrl+Shift+S", menu="File", typing=True)
        add(
            "Revert",
            self.revert,
            menu="File",
            possible=lambda: self._editor.document.path is not None,
        )
        add("Quit", self.leave, "Ctrl+Q", "Ctrl+W", menu="File", typing=True)

    def refresh(self) -> None:
        """Has each change kept as a draft, and looks after the file; once a drawn frame."""
        document = self._editor.document
        if (document, document.version) != self._kept:
            self._kept = document, document.version
            self._drafts.keep(document)
        if self._loading and not self._editor.attachment.ready:
            self._loading, self._editor.playing = False, False
            self._editor.say("The engine ended while it opened the patch", bad=True)
        if self._meeting and self._editor.attachment.trouble:
            self._meeting = False
            self._recovery.offer()
        now = time.monotonic()
        if now >= self._due:
            self._due = now + LOOK
            self._changed = document.changed_on_disk()

    def notice(self) -> Notice | None:
        """Returns what lasts about the document; None for nothing."""
        document, attachment = self._editor.document, self._editor.attachment
        if attachment.trouble:
            return Notice(f"No sound. {attachment.trouble}", (("Start again", attachment.restart),))
        if not self._editor.playing:
            text = "Not playing: Hocket ended when it was last given this patch."
            return Notice(text, (("Play", self.play),))
        name = document.path.name if document.path else ""
        if document.read_only:
            text = f"{name} is open in another editor. Changes cannot be saved here."
            return Notice(text, (("Save a copy…", self.save_as),))
        if self._changed:
            text = f"{name} holds another version than was opened here."
            return Notice(text, (("Take its version", self.revert), ("Keep this", self._keep)))
        return None

    def new(self) -> None:
        """Begins an empty patch."""
        self.when_saved(lambda: self._show(Document.new(self._editor.registry)))

    def choose(self) -> None:
        """Asks for a patch and opens it."""
        self._editor.dialogs.open_file("Open a patch", self.folder(), (SUFFIX,), self.open)

    def choose_recent(self) -> None:
        """Asks which of the patches to open that were opened last."""
        paths = recent_files()[:MOST_RECENT]
        self._editor.dialogs.ask(
            "Open recent",
            "" if paths else "Nothing was opened or saved yet.",
            *((f"{each.stem}, in {each.parent}", partial(self.open, each)) for each in paths),
            ("Cancel", nothing),
        )

    def open(self, path: Path) -> None:
        """Opens a patch file; one that comes with Hocket as an untitled copy."""
        self.when_saved(lambda: self._open(path))

    def save(self, then: Then = nothing) -> None:
        """Saves the patch, where it has no file after asking for one, and then goes on."""
        self._save(then, anyway=False)

    def save_as(self, then: Then = nothing) -> None:
        """Asks where to save the patch, saves it there, and then goes on."""
        document = self._editor.document
        path = document.path or self.folder() / f"{file_name(document.title)}{SUFFIX}"
        self._editor.dialogs.save_file(
            "Save the patch as", path, (SUFFIX,), lambda path: self._save_to(path, then)
        )

    def revert(self) -> None:
        """Goes back to what the file holds, as a step that can be undone."""
        try:
            self._editor.document.revert()
        except (DocumentError, PatchError) as error:
            self._refuse("The patch cannot be read again", error)
        self._changed = False

    def leave(self) -> None:
        """Closes the window, after asking about unsaved work."""

        def go() -> None:
            self._drafts.forget()
            self.leaving = True

        self.when_saved(go)

    def play(self) -> None:
        """Has the engine play the patch, which it does not in safe mode."""
        self._editor.playing = True

    def when_saved(self, then: Then) -> None:
        """Goes on once nothing is unsaved, or the player does not mind."""
        document = self._editor.document
        if not document.unsaved:
            then()
            return
        self._editor.dialogs.ask(
            f"Save {document.title}?",
            "What was changed is lost if it is not saved.",
            ("Save", lambda: self.save(then)),
            ("Don't save", then),
            ("Cancel", nothing),
        )

    def meet(self, played: PatchChanged | None) -> bool:
        """Takes what an engine plays that ran before this window, if the player wants that.

        Args:
            played: None where nothing plays.

        Returns:
            Whether the document is what plays.
        """
        document = self._editor.document
        here = same_file(document.path, played.path) if played else False
        wanted = played is not None and (here or not self._asked)
        if wanted and played is not None:
            patch = modernise(loads(played.text.encode()), self._editor.registry)
            if not here:
                document = playing_document(self._editor.registry, played, patch)
                self._show(document)
            document.begin_elsewhere("What was playing", patch)
            self._drafts.begin_load(document.path)  # it has shown that it can be played
            self._drafts.end_load()
            self._editor.playing = True
            self._recovery.discard_same(document)
        self._meeting = False
        self._recovery.offer()
        return wanted

    def folder(self) -> Path:
        """Returns where the player's patches are most likely kept."""
        folder = self._editor.document.folder
        if folder and not is_shipped(folder):
            return folder
        return own_folder() or Path.cwd()

    def begin_load(self) -> None:
        """Notes that the engine is given another document; if all ends now, it was that."""
        self._loading = True
        self._drafts.begin_load(self._editor.document.path)

    def end_load(self) -> None:
        """Notes that the engine has taken it, or refused it."""
        self._loading = False
        self._drafts.end_load()

    def close(self) -> None:
        """Ends, with what is unsaved kept as a draft, and the file free for others."""
        if not self._loading or self._editor.attachment.ready:
            self._drafts.end_load()
        self._drafts.keep(self._editor.document)
        if self.leaving:
            self._drafts.forget()
        self._drafts.close()
        self._editor.document.close()

    def _open(self, path: Path) -> None:
        document = self._editor.document
        if document.path and same_file(document.path, path):
            self.revert()
            return
        try:
            found = open_document(self._editor.registry, path)
        except (DocumentError, PatchError) as error:
            self._refuse(f"{path.name} cannot be opened", error)
            return
        self._show(found)

    def _show(self, document: Document) -> None:
        before = self._editor.document
        self._drafts.end_load()
        self._loading, self._changed = False, False
        self._editor.playing = True
        self._editor.open(document)
        self._check_crash()
        before.close()
        self._note_recent()

    def _check_crash(self) -> None:
        """Does not play a patch at which everything ended when it was played last."""
        if self._drafts.crashed_at_load(self._editor.document.path):
            self._editor.playing = False

    def _save(self, then: Then, anyway: bool) -> None:
        if self._editor.document.path is None:
            self.save_as(then)
            return
        ask = self._editor.dialogs.ask
        copy = ("Save a copy…", lambda: self.save_as(then))
        try:
            self._editor.document.save(anyway)
        except ChangedOnDiskError as error:
            ask(
                "The file holds another version",
                str(error),
                copy,
                ("Save anyway", lambda: self._save(then, anyway=True)),
                ("Cancel", nothing),
            )
        except (DocumentError, PatchError) as error:
            ask("The patch is not saved", str(error), copy, ("Cancel", nothing))
        else:
            self._saved(then)

    def _save_to(self, path: Path, then: Then, anyway: bool = False) -> None:
        document, ask = self._editor.document, self._editor.dialogs.ask
        again = ("Save elsewhere…", lambda: self.save_as(then))
        before = document.folder
        try:
            document.save_as(path, anyway)
        except ExistsError as error:
            replace = ("Replace it", lambda: self._save_to(path, then, anyway=True))
            ask(str(error), "", again, replace, ("Cancel", nothing))
        except (HeldError, DocumentError, PatchError) as error:
            ask("The patch is not saved", str(error), again, ("Cancel", nothing))
        else:
            faults = carry(document.patch, self._editor.registry, before, path.parent)
            self._saved(then)
            if faults:
                self._editor.say("; ".join(faults), bad=True)

    def _saved(self, then: Then) -> None:
        path = self._editor.document.path
        self._editor.say(f"Saved {path}")
        if path:
            self._editor.prefer(saved=str(path.parent))
        self._changed = False
        self._note_recent()
        then()

    def _note_recent(self) -> None:
        path = self._editor.document.path
        if path:
            with suppress(OSError):  # then it is in the list no more than before
                add_recent(path)

    def _keep(self) -> None:
        """Saves what is here over what another program wrote."""
        self._save(nothing, anyway=True)

    def _refuse(self, title: str, error: Exception) -> None:
        problems = error.problems if isinstance(error, PatchError) else [error]
        text = "\n".join(str(each) for each in problems[:PROBLEMS])
        self._editor.dialogs.ask(title, text, ("Close", nothing))
