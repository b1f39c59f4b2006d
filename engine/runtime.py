"""Where a running engine says it listens: a file in the user's runtime folder, theirs alone."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import stat
import time
import warnings
from contextlib import suppress
from pathlib import Path

import msgspec
import platformdirs

from engine.regular import open_regular

NAME = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
NONCE = 32
DIGEST = hashlib.sha256().digest_size

SOCKET_PATH = 103
"""The longest path of a Unix socket in bytes: macOS keeps 104 for it with the final zero."""


class EngineRunningError(Exception):
    """An engine of that name plays already."""

    def __init__(self, name: str, pid: int | None) -> None:
        self.pid = pid
        who = f" (process {pid})" if pid else ""
        super().__init__(
            f"an engine named {name!r} plays already{who}: attach to it, end it, "
            "or give this one another name"
        )


class Address(msgspec.Struct, frozen=True):
    """Where an engine listens.

    Attributes:
        protocol: which messages it understands.
        socket: the path of its Unix socket.
        key: what both sides prove to know, in hex.
        pid: its process.
        started: when it started, in seconds since 1970.
    """

    protocol: int
    socket: str
    key: str
    pid: int
    started: float

    def proof(self, side: bytes, nonce: bytes) -> bytes:
        """Returns what one side answers to the other's nonce, 32 bytes."""
        return hmac.digest(bytes.fromhex(self.key), side + nonce, "sha256")


def runtime_folder() -> Path:
    """Returns the folder where engines of this user say that they run."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it names a folder in /tmp and warns; check_folder() looks at it.
        warnings.simplefilter("ignore")
        return Path(platformdirs.user_runtime_dir("hocket", appauthor=False))


def check_folder(folder: Path) -> None:
    """Refuses a folder that another user could have written into.

    Raises:
        PermissionError: it is no folder of this user alone; the words say what mends it.
        FileNotFoundError: there is none.
    """
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is no folder of yours: remove it, or have it removed")
    if found.st_mode & 0o077:
        raise PermissionError(f"{folder} is open to others: chmod 700 {folder}")
    above = os.stat(folder.parent)
    if above.st_uid not in (0, os.getuid()):
        raise PermissionError(f"{folder.parent} is another user's: set XDG_RUNTIME_DIR")
    if above.st_mode & 0o022 and not above.st_mode & stat.S_ISVTX:
        raise PermissionError(
            f"{folder.parent} can be written to by others: chmod go-w {folder.parent}"
        )


def find(name: str, folder: Path) -> Address | None:
    """Returns where the engine of that name says it listens, None where none says so.

    Raises:
        PermissionError: the folder could be another user's work.
    """
    check_name(name)
    try:
        check_folder(folder)
        with open_regular(folder / f"{name}.json") as file:
            return msgspec.json.decode(file.read(65_536), type=Address)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None  # a half or foreign file is as good as none: no engine writes one


def check_name(name: str) -> None:
    """Refuses, by ValueError, a name of an engine that is none."""
    if not NAME.match(name):
        raise ValueError(f"{name[:64]!r} is no name of an engine; legal: 1..32 of A-Z a-z 0-9 _ -")


class Claim:
    """One engine's hold on its name: a locked file, let go of by the system if it is killed.

    Attributes:
        address: where the engine of that name is to listen.
    """

    def __init__(self, name: str, folder: Path, protocol: int) -> None:
        """Takes the name.

        Raises:
            EngineRunningError: another engine has it.
            PermissionError: the folder could be another user's work.
            OSError: the folder cannot be written to, or its path is too long for a socket.
        """
        check_name(name)
        for each in (folder.parent, folder):  # the parent may be /tmp/runtime-UID, new as well
            with suppress(FileExistsError):
                each.mkdir(mode=0o700, parents=True)
        check_folder(folder)
        socket = folder / f"{name}.sock"
        if len(os.fsencode(socket)) > SOCKET_PATH:
            raise OSError(f"{socket} is longer than the {SOCKET_PATH} bytes a socket may have")
        self._file = folder / f"{name}.json"
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._lock = os.open(folder / f"{name}.lock", flags, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            running = find(name, folder)
            raise EngineRunningError(name, running.pid if running else None) from None
        key = os.urandom(NONCE).hex()
        self.address = Address(protocol, str(socket), key, os.getpid(), time.time())
        socket.unlink(missing_ok=True)

    def publish(self) -> None:
        """Says where the engine listens, once it does."""
        part = self._file.with_suffix(".part")
        part.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(part, flags, 0o600), "w", encoding="ascii") as file:
            json.dump(msgspec.to_builtins(self.address), file, indent=2)
        os.replace(part, self._file)

    def release(self) -> None:
        """Gives the name back."""
        self._file.unlink(missing_ok=True)
        Path(self.address.socket).unlink(missing_ok=True)
        os.close(self._lock)
