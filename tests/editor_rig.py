"""The editor's window on a screen without a monitor, with a real mouse and a real keyboard."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from engine.client import Client, EngineGoneError
from engine.commands import Quit
from engine.files import loads
from engine.patch import Patch
from engine.runtime import find
from tests.waiting import wait_until

MISSING = next(
    (
        f"{program} is missing (Debian: apt install {package})"
        for program, package in (("Xvfb", "xvfb"), ("xdotool", "xdotool"))
        if not shutil.which(program)
    ),
    "",
)
"""Why no window can be tested here; empty where one can."""

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "out" / "screens"
"""Where pictures of the window go, to be looked at."""

WIDTH, HEIGHT = 1440, 900
"""Of the screen, in pixels: as large as the window opens."""

ENDING = 10.0
"""Seconds that an engine may take to end."""

STEPS = 2
"""Places at which a dragged mouse is seen on its way."""

Point = tuple[float, float]


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """Has an X server without a monitor; yields its name for DISPLAY."""
    reader, writer = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


class Window:
    """A running `hocket edit` on a screen of its own, and the hands before it; a context manager.

    Args:
        home: a folder that holds its runtime and state folders. A short path: sockets go there.
        arguments: of the command line after `hocket edit`.
        alone: True for no engine.

    Attributes:
        started: when the command was given, in seconds of the monotonic clock.
    """

    def __init__(self, home: Path, *arguments: object, alone: bool = False) -> None:
        self._stack = contextlib.ExitStack()
        display = self._stack.enter_context(screen())
        self.environment = {**surroundings(home), "DISPLAY": display}
        # Mesa draws with as many threads as there are cores, which then wait for each other.
        self.environment["LP_NUM_THREADS"] = "1"
        self._errors = home / "errors.txt"
        self._pipe, child = Pipe()
        self._stack.callback(self._pipe.close)
        command = [sys.executable, "-X", "faulthandler", "-m", "tests.editor_child"]
        command += [
            str(child.fileno()),
            *(["--alone"] if alone else []),
            "edit",
            *map(str, arguments),
        ]
        self._alone = alone
        self.started = time.monotonic()
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                pass_fds=[child.fileno()],
                stdout=errors,
                stderr=errors,
            )
        child.close()

    def __enter__(self) -> Window:
        try:
            self.frames(3)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, file: Path) -> Window:
        """Opens a file in full view, whatever the test before has left open."""
        self.hands("key", "Escape")
        self.ask("open", str(file))
        self.frames()
        self.ask("fit")
        self.frames()
        return self

    def close(self) -> None:
        """Ends the window if it is open still, and the engine that it left playing."""
        try:
            if self.process.poll() is None:
                if not self._alone:  # one that is still starting could not be told
                    self.wait_for_engine()
                self.process.terminate()
            self.wait()
        finally:
            self.kill()
            self._stack.close()
            self._end_engine()

    def _end_engine(self) -> None:
        """Ends the engine in good order, as a JACK server is held up by a client that is killed."""
        address = find("default", Path(self.environment["XDG_RUNTIME_DIR"], "hocket"))
        if not address:
            return
        try:
            with contextlib.suppress(EngineGoneError), self.client() as client:
                client.request(Quit(), ENDING)
            wait_until(lambda: not running(address.pid), "the engine ends", ENDING)
        except (AssertionError, TimeoutError):
            os.kill(address.pid, signal.SIGKILL)  # or the tests to come would find its ports
            raise

    def wait_for_engine(self) -> None:
        """Waits until the window has reached an engine."""
        self.wait_until("the engine answers", lambda: self.about("ready"))

    def client(self) -> Client:
        """Returns a connection of the test's own to the engine."""
        return Client.connect(folder=Path(self.environment["XDG_RUNTIME_DIR"], "hocket"))

    def wait(self) -> int:
        """Waits for its end and returns its exit status."""
        return self.process.wait(30.0)

    def kill(self) -> None:
        """Ends it as a crash would; the engine plays on until `close`."""
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        """Returns what it printed."""
        return self._errors.read_text(errors="replace")

    def ask(self, question: str, *arguments: Any) -> Any:
        """Returns what a method of `editor_child.Witness` does."""
        try:
            self._pipe.send((question, *arguments))
            assert self._pipe.poll(60.0), f"{question}: no frame was drawn for a minute"
            well, answer = self._pipe.recv()
        except (EOFError, OSError):
            status = self.process.wait(30.0)
            raise AssertionError(
                f"the window ended with status {status} at {question!r}:\n{self.said()}"
            ) from None
        assert well, answer
        return answer

    def frames(self, count: int = 3) -> None:
        """Waits until so many more frames are drawn.

        What a hand does is taken in in the first, answered in the second and drawn in the third.
        """
        self.ask("frames", count)

    @property
    def patch(self) -> Patch:
        """The patch of the document."""
        return loads(self.ask("patch").encode())

    @property
    def cables(self) -> set[str]:
        """The cables of the document, as `a.outlet b.inlet`."""
        return {f"{each.start} {each.end}" for each in self.patch.cables}

    def about(self, what: str) -> Any:
        """Returns what `Witness.about` knows under a name."""
        return self.ask("about")[what]

    def wait_until(self, what: str, condition: Any) -> Any:
        """Waits until something is so; fails with what the window last said, and a picture."""
        try:
            return wait_until(condition, what)
        except AssertionError as error:
            about, picture = self.ask("about"), self.picture("failed")
            raise AssertionError(f"{error}; the window: {about}; see {picture}") from None

    def wait_to_type(self) -> None:
        """Waits until the keys go into a field."""
        self.wait_until("something may be typed", lambda: self.about("typing"))

    def wait_for_remark(self, part: str) -> None:
        """Waits until the player is told something."""
        self.wait_until(
            f"it says {part!r}",
            lambda: any(part in each for each in self.about("remarks")),
        )

    def picture(self, name: str) -> Path:
        """Takes a picture of the window, to be looked at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.ask("picture", str(path))
        wait_until(lambda: path.exists() and path.read_bytes().endswith(b"IEND\xaeB`\x82"), name)
        return path

    def hands(self, *arguments: object) -> None:
        """Has mouse and keyboard do something, in the words of xdotool."""
        subprocess.run(
            ["xdotool", *(str(each) for each in arguments)], env=self.environment, check=True
        )
        self.frames()

    def move(self, to: Point) -> None:
        """Moves the mouse."""
        self.hands("mousemove", round(to[0]), round(to[1]))

    def click(self, at: Point, button: int = 1) -> None:
        """Clicks a place of the screen; button 1 is the left, 2 the middle, 3 the right."""
        self.move(at)
        self.hands("mousedown", button, "sleep", 0.05, "mouseup", button, "sleep", 0.05)

    def double_click(self, at: Point) -> None:
        """Clicks twice, until a text can be typed: drawn frames may be too far apart for it."""
        self.move(at)

        def typing() -> bool:
            self.hands("click", "--repeat", 2, "--delay", 20, 1)
            self.frames(6)
            return bool(self.about("typing"))

        self.wait_until("a double click is taken for one", typing)

    def press(self, at: Point, button: int = 1) -> None:
        """Moves the mouse there and holds its button."""
        self.move(at)
        self.hands("mousedown", button)

    def drag(self, start: Point, *through: Point, button: int = 1, drop: bool = True) -> None:
        """Drags from one place of the screen through others; holds on at the last unless `drop`."""
        self.press(start, button)
        x, y = start
        for left, top in through:
            for step in range(1, STEPS + 1):
                part = step / STEPS
                self.move((x + part * (left - x), y + part * (top - y)))
            x, y = left, top
        if drop:
            self.drop(button)

    def drop(self, button: int = 1) -> None:
        """Lets go of the mouse."""
        self.hands("mouseup", button)

    def keys(self, *names: str) -> None:
        """Presses keys one after the other, in X's names, such as `ctrl+z` and `Return`."""
        for each in names:
            *held, key = each.split("+")
            for modifier in held:
                self.hands("keydown", modifier)
            self.hands("key", key)
            for modifier in held:
                self.hands("keyup", modifier)

    def type(self, text: str) -> None:
        """Types a text; a frame takes in one letter at most."""
        self.hands("type", "--delay", 20, text)
        self.frames(len(text))

    def patch_cable(self, start: str, end: str, drop: bool = True) -> None:
        """Drags a cable from an outlet to an inlet, both `node.port`."""
        self.drag(self.ask("pin", "outlet", start), self.ask("pin", "inlet", end), drop=drop)

    def choose(self, words: str, kind: str = "") -> None:
        """Clicks the item on which is read what begins so, once it is there and stands still."""

        def found() -> Point | None:
            place: Point | None = self.ask("item", words, kind)
            self.frames()
            return place if self.ask("item", words, kind) == place else None

        self.click(self.wait_until(f"{words!r} is shown", found))

    def add(self, type_: str, at: Point) -> None:
        """Adds a node at a place of the bare canvas, by the menu of the right mouse button."""
        self.click(at, button=3)
        self.choose("Add a node")
        self.wait_to_type()
        self.type(type_)
        self.keys("Return")


def surroundings(home: Path) -> dict[str, str]:
    """Returns the environment of a command whose runtime and state folders lie in a folder."""
    folders = {name: home / name.lower() for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME")}
    for each in folders.values():
        each.mkdir(mode=0o700, exist_ok=True)
    preferences = folders["XDG_STATE_HOME"] / "hocket" / "preferences.json"
    if not preferences.exists():  # the page of the first start is for those who have not seen it
        preferences.parent.mkdir(mode=0o700, exist_ok=True)
        preferences.write_text('{"welcome_seen": true}')
    return {**os.environ, **{name: str(folder) for name, folder in folders.items()}}


def running(pid: int) -> bool:
    """Says whether there is a process of that number; one that nobody has waited for is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
