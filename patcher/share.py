"""Having a part in what ends with the last who has one."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from patcher.state import make_folder


class Share:
    """A part in something, until `release` or the death of this process.

    Args:
        path: the file that stands for it.

    Raises:
        OSError: the folder cannot be written, or somebody was the last and has not let go yet.
    """

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise

    def last(self) -> bool:
        """Says whether nobody else has a part; then nobody gets one before `release`.

        Where others have, this part is given up: of two who ask at once, one is the last.
        """
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._file, fcntl.LOCK_UN)  # some systems keep it, Linux does not
            return False
        return True

    def release(self) -> None:
        """Gives the part up."""
        os.close(self._file)
