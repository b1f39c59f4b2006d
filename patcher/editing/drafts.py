"""Drafts: unsaved work, kept after every change, and found again when its editor has died."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import filelock
import msgspec

from engine.files import dumps, loads
from engine.patch import Patch, PatchError
from engine.registry import Registry
from patcher.document import Document
from patcher.state import (
    digest,
    hold,
    read_json,
    set_aside,
    state_folder,
    write_json,
)

REST = 0.25
"""Seconds between two writes, so that a drag of 60 changes a second costs the disk four."""


class Draft(msgspec.Struct, frozen=True):
    """Unsaved work.

    Attributes:
        editor: which run of the editor it is of.
        title: what the document was called.
        path: the file it belongs to, None where there was none.
        folder: where the files lie that its patch names.
        when: in seconds since 1970.
        text: the patch as a .hocket file has it.
    """

    editor: str
    title: str
    path: str | None
    folder: str | None
    when: float
    text: str


class Drafts:
    """The draft of this editor, those of editors that died, and which patch is being loaded.

    A draft is there only while something is unsaved. It is written on a thread of its own, so
    that the window never waits for the disk. The lock beside it tells the next editor whether
    its editor lives.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """Begins, and takes over what editors left that died.

        Args:
            say: told in words what could not be kept or read, from any thread.
        """
        self._say = say
        self._folder = state_folder() / "drafts"
        self._editor = secrets.token_hex(8)
        self._lock: filelock.FileLock | None = None
        self._left = self._take_over()
        self._loading: tuple[Path, filelock.FileLock] | None = None
        self._jobs: deque[Callable[[], None]] = deque(maxlen=1)  # the latest is the one to do
        self._writing = threading.Lock()
        self._failing = False
        self._news = threading.Event()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hocket-drafts", daemon=True)
        self._thread.start()

    def keep(self, document: Document) -> None:
        """Has unsaved work written soon, or the draft removed where nothing is unsaved; at once."""
        job: Callable[[], None] = self._remove
        if document.unsaved:
            places = (document.path, document.folder)
            path, folder = (str(each) if each else None for each in places)
            draft = Draft(self._editor, document.title, path, folder, time.time(), text="")
            job = partial(self._write, draft, document.patch)
        self._jobs.append(job)
        self._news.set()

    def flush(self) -> bool:
        """Writes what waits, and returns whether the latest work is kept."""
        with self._writing:
            if self._jobs:
                self._attempt(self._jobs.popleft())
            return not self._failing

    def forget(self) -> None:
        """Removes this editor's draft: the musician said no."""
        self._jobs.append(self._remove)
        self.flush()

    def close(self) -> None:
        """Ends, with the latest change written; unsaved work is left for the next editor."""
        self._leaving.set()
        self._news.set()
        self._thread.join()
        self.flush()
        if self._loading:  # what is being loaded still is what everything ends over
            self._loading[1].release()
        if self._lock:
            self._left[self._editor] = self._lock
            self._lock = None
        for editor, lock in self._left.items():
            if self._file(editor).exists():
                lock.release()
            else:
                self._drop(editor, lock)
        self._left.clear()

    def recoverable(self) -> list[Draft]:
        """Returns what editors left that died, latest first; what cannot be read is set aside."""
        found = []
        for editor in list(self._left):
            file = self._file(editor)
            try:
                draft = read_json(file, Draft)
                loads(draft.text.encode())
                found.append(msgspec.structs.replace(draft, editor=editor))
            except (ValueError, PatchError):
                self._say(f"A draft could not be read. It was set aside: {set_aside(file)}")
                self._drop(editor, self._left.pop(editor))
        return sorted(found, key=lambda draft: draft.when, reverse=True)

    def recover(self, draft: Draft, registry: Registry) -> Document:
        """Opens a draft as an untitled document; it is this editor's draft from then on."""
        folder = Path(draft.folder) if draft.folder else None
        patch = loads(draft.text.encode())
        document = Document.recovered(registry, patch, draft.title, folder)
        self.keep(document)
        if self.flush():
            self.discard(draft)
        return document

    def discard(self, draft: Draft) -> None:
        """Removes a draft that an editor left: the musician said no, or has it in hand."""
        if lock := self._left.pop(draft.editor, None):
            self._drop(draft.editor, lock)

    def begin_load(self, path: Path | None) -> None:
        """Notes that a patch is given to the engine; None for one without a file."""
        self.end_load()
        mark = _mark(path)
        # Another editor may be loading it, which is an OSError too; where the mark cannot be
        # made nothing is lost but an offer after a crash.
        with suppress(OSError):
            self._loading = mark, hold(mark)

    def end_load(self) -> None:
        """Notes that it plays, or that another takes its place."""
        if self._loading:
            mark, lock = self._loading
            with suppress(OSError):
                mark.unlink()
            lock.release()
            self._loading = None

    def crashed_at_load(self, path: Path | None) -> bool:
        """Says whether everything ended when this patch was last given to an engine.

        Its mark is there and nobody holds it. Such a patch is best opened without playing it.
        """
        mark = _mark(path)
        if not mark.exists():
            return False
        try:
            hold(mark).release()
        except OSError:  # it is being loaded just now
            return False
        return True

    def _run(self) -> None:
        while True:
            self._news.wait()
            if self._leaving.is_set():
                return
            self._news.clear()
            self.flush()
            self._leaving.wait(REST)

    def _attempt(self, job: Callable[[], None]) -> None:
        try:
            job()
            self._failing = False
        except (OSError, PatchError) as error:
            if not self._failing:
                self._say(f"Unsaved work cannot be kept in case of a crash, so save soon: {error}")
            self._failing = True

    def _write(self, draft: Draft, patch: Patch) -> None:
        if self._lock is None:
            self._lock = hold(self._lock_file(self._editor))
        text = dumps(patch).decode()
        kept = msgspec.structs.replace(draft, text=text)
        write_json(self._file(self._editor), kept, lasting=True)

    def _remove(self) -> None:
        self._file(self._editor).unlink(missing_ok=True)

    def _take_over(self) -> dict[str, filelock.FileLock]:
        """Takes the locks of editors that died, and clears away what holds no work."""
        found = {}
        for path in self._folder.glob("*.lock"):
            editor = path.stem
            try:
                lock = hold(path)
            except OSError:  # it lives, for a lock that is held is an OSError too
                continue
            for half_written in self._folder.glob(f".{editor}.*.tmp"):
                with suppress(OSError):
                    half_written.unlink()
            if self._file(editor).exists():
                found[editor] = lock
            else:
                self._drop(editor, lock)
        return found

    def _drop(self, editor: str, lock: filelock.FileLock) -> None:
        """Removes a draft and then its lock, while it is held: nobody can take it in between."""
        with suppress(OSError):  # what stays is found again by the next editor
            self._file(editor).unlink(missing_ok=True)
            self._lock_file(editor).unlink(missing_ok=True)
        lock.release()

    def _file(self, editor: str) -> Path:
        return self._folder / f"{editor}.json"

    def _lock_file(self, editor: str) -> Path:
        return self._folder / f"{editor}.lock"


def _mark(path: Path | None) -> Path:
    return state_folder() / "loading" / (digest(path) if path else "untitled")
