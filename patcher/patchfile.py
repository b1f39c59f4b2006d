"""A patch file that is being edited: one editor at a time, and never over another's work."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import filelock

from engine.files import dumps, loads, read_bytes
from engine.patch import Patch, PatchError
from engine.regular import write_whole
from patcher.state import digest, hold, state_folder


class DocumentError(Exception):
    """What was asked for cannot be done; the words are for the musician, and nothing is lost."""


class HeldError(DocumentError):
    """Another editor has the file."""


class ChangedOnDiskError(DocumentError):
    """The file holds something that this editor neither read nor wrote."""


class PatchFile:
    """A file, the lock that says that this editor has it, and what it held when last seen.

    The lock lies in the state folder. Where that cannot be written there is none: the look at the
    file before each save is then all that keeps two editors apart.

    Attributes:
        read_only: True while another editor has the file.
    """

    def __init__(self, path: Path) -> None:
        """Takes the lock, if another editor has not; the file itself is not touched."""
        self.path = Path(os.path.abspath(path))
        self.read_only = False
        self._lock: filelock.FileLock | None = None
        self._seen: bytes | None = None
        self._looked: tuple[int, ...] = ()
        self._changed = False
        self._claim()

    def read(self) -> Patch:
        """Returns the patch in it.

        Raises:
            DocumentError: it cannot be read.
            PatchError: it is no legal patch.
        """
        data = self._bytes()
        patch = loads(data)
        self._see(data)
        return patch

    def write(self, patch: Patch, anyway: bool = False) -> None:
        """Writes a patch into it.

        Args:
            anyway: over what this editor neither read nor wrote.

        Raises:
            HeldError: another editor has it.
            ChangedOnDiskError: it holds something new.
            DocumentError: it cannot be written.
            PatchError: the patch is too large for a file.
        """
        data = dumps(patch)
        if self.read_only:  # the other editor may have left since
            self._claim()
        if self.read_only:
            raise HeldError(f"{self.path.name} is open in another editor. Save a copy instead.")
        if not anyway and self._holds_another():
            raise ChangedOnDiskError(
                f"{self.path.name} holds another version than was opened here. "
                "Save anyway, save a copy, or revert to what it holds now."
            )
        try:
            write_whole(self.path, data)
        except OSError as error:
            raise DocumentError(
                f"{self.path.name} could not be saved: {self._words(error)}. "
                "The patch is still here: save it elsewhere."
            ) from error
        self._see(data)

    def unsee(self) -> None:
        """Takes what it holds for another's work, as what is edited did not begin with it."""
        self._seen, self._looked = None, ()

    def changed(self) -> bool:
        """Says whether it holds other bytes than those last seen; deleted, it has none to lose.

        It is read only where its time, its size or its place on the disk is another than at the
        last look.
        """
        try:
            now = os.stat(self.path)
        except OSError:
            return False
        stamp = (now.st_mtime_ns, now.st_size, now.st_ino)
        if stamp != self._looked:
            self._changed = self._holds_another()
            self._looked = stamp
        return self._changed

    def close(self) -> None:
        """Lets other editors have it."""
        if self._lock:
            self._lock.release()

    def _claim(self) -> None:
        try:
            self._lock = hold(state_folder() / "locks" / f"{digest(self.path)}.lock")
            self.read_only = False
        except filelock.Timeout:
            self.read_only = True
        except OSError:
            self.read_only = False

    def _see(self, data: bytes) -> None:
        self._seen, self._looked = hashlib.sha256(data).digest(), ()

    def _holds_another(self) -> bool:
        if not os.path.exists(self.path):
            return False
        try:
            return hashlib.sha256(self._bytes()).digest() != self._seen
        except PatchError:  # it has grown larger than any patch
            return True

    def _bytes(self) -> bytes:
        try:
            return read_bytes(self.path)
        except OSError as error:
            words = f"{self.path.name} could not be read: {self._words(error)}."
            raise DocumentError(words) from error

    def _words(self, error: OSError) -> str:
        if not os.path.isdir(self.path.parent):
            return f"there is no folder {self.path.parent}"
        words = error.strerror or str(error)
        return words[:1].lower() + words[1:]
