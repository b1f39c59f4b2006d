"""The state folder: what the editor keeps for itself between one start and the next."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import platformdirs
from filelock import FileLock
from msgspec import Meta

from engine.regular import open_regular, write_whole

PREFERENCES = "preferences.json"
RECENT = "recent.json"
ADDED = "added.json"
ENGINES = "engines"
MOST_RECENT = 12
MOST_ADDED = 200
MOST_BYTES = 64 * 2**20
"""More than the draft of the largest patch."""

Theme = Literal["dark", "light"]
Closable = Literal["left", "right", "bottom"]
"""The regions of the window that can be closed."""

T = TypeVar("T")


class Preferences(msgspec.Struct, frozen=True):
    """How a musician likes the editor.

    Attributes:
        scale: of text and ports, 0.75..3; None for what the screen says.
        welcome_seen: whether the first-run page was closed.
        octave: the lowest of the computer-keyboard piano, 0..8; 4 begins with middle C.
        closed: the regions of the window that are closed.
        patches: the folder of the player's own patches, as chosen; None where none was.
        saved: the folder that a patch was last saved to.
    """

    theme: Theme = "dark"
    scale: Annotated[float, Meta(ge=0.75, le=3.0)] | None = None
    welcome_seen: bool = False
    octave: Annotated[int, Meta(ge=0, le=8)] = 4
    closed: frozenset[Closable] = frozenset()
    patches: str | None = None
    saved: str | None = None


def state_folder() -> Path:
    """Returns the folder of this user's state; it need not be there yet."""
    return platformdirs.user_state_path("hocket", appauthor=False)


def load_preferences() -> Preferences:
    """Returns the kept preferences, the defaults where none can be read."""
    return _load(state_folder() / PREFERENCES, Preferences) or Preferences()


def save_preferences(preferences: Preferences) -> None:
    """Keeps preferences; OSError where the state folder cannot be written."""
    write_json(state_folder() / PREFERENCES, preferences)


def own_folder() -> Path | None:
    """Returns the folder of the player's own patches; None where nothing tells of one."""
    liked = load_preferences()
    if known := liked.patches or liked.saved:
        return Path(known)
    folder = platformdirs.user_documents_path() / "Hocket"
    return folder if folder.is_dir() else None


def recent_files() -> list[Path]:
    """Returns the patches that were opened or saved last, latest first, of those still there."""
    return [path for path in _recent() if path.is_file()]


def add_recent(path: Path) -> None:
    """Puts a patch first among the recent ones; OSError where that cannot be kept."""
    path = Path(os.path.abspath(path))
    others = [each for each in _recent() if each != path]
    latest = [path, *others][:MOST_RECENT]
    write_json(state_folder() / RECENT, [str(each) for each in latest])


def added_types() -> list[str]:
    """Returns the node types that were added last, each as often as it was, the latest first."""
    return _load(state_folder() / ADDED, list[str]) or []


def note_added(type_: str) -> None:
    """Notes that a node of this type was added; OSError where that cannot be kept."""
    write_json(state_folder() / ADDED, [type_, *added_types()][:MOST_ADDED])


def note_engine(name: str, pid: int) -> None:
    """Notes that an editor started the engine of this name; OSError where it cannot be kept."""
    write_json(state_folder() / ENGINES / f"{name}.json", pid)


def started_by_editor(name: str, pid: int) -> bool:
    """Says whether this engine was started by an editor, which so may end it."""
    return _load(state_folder() / ENGINES / f"{name}.json", int) == pid


def hold(path: Path) -> FileLock:
    """Takes the lock in a file, until its `release` or the death of this process.

    Raises:
        filelock.Timeout: another holds it.
        OSError: the folder cannot be written.
    """
    make_folder(path.parent)
    lock = FileLock(path, thread_local=False, blocking=False)
    lock.acquire()
    return lock


def digest(path: Path) -> str:
    """Returns a name for what belongs to a path, the same through every link to it."""
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]


def make_folder(folder: Path) -> None:
    """Makes a folder within the state folder, both this user's alone; OSError where it cannot."""
    for each in (state_folder(), folder):  # the mode is for the last of a path alone
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_json(path: Path, value: Any, lasting: bool = False) -> None:
    """Writes a value as JSON, whole or not at all; OSError where it cannot be.

    Args:
        lasting: as `write_whole` has it. The window's thread has no time to wait for the disk.
    """
    make_folder(path.parent)
    # Names of files need not be UTF-8. The json module escapes what is not, msgspec refuses it.
    data = json.dumps(msgspec.to_builtins(value), indent=2).encode("ascii")
    write_whole(path, data, lasting)


def read_json(path: Path, type_: type[T]) -> T:
    """Reads what `write_json` wrote.

    Raises:
        ValueError: it is not what was written.
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        data = file.read(MOST_BYTES)
    try:
        return msgspec.convert(json.loads(data), type_)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise ValueError(f"{path.name} is not as it was written: {error}") from None


def set_aside(path: Path) -> Path:
    """Renames a file that is not as it was written, and returns where it lies to be looked at."""
    aside = path.with_name(f"{path.name}.broken")
    with suppress(OSError):  # then it lies in the way, and still nothing is lost
        path.replace(aside)
    return aside


def _load(path: Path, type_: type[T]) -> T | None:
    """Returns what a file holds, or None, with the file set aside where it holds rubbish."""
    try:
        return read_json(path, type_)
    except ValueError:
        set_aside(path)
    except OSError:
        pass  # not there yet, or not to be read: either way there is nothing to go by
    return None


def _recent() -> list[Path]:
    return [Path(each) for each in _load(state_folder() / RECENT, list[str]) or ()]
