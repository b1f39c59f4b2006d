"""An editor without a window: its questions are answered, and its engine played, by a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine import edits
from engine.client import EngineGoneError, RefusedError
from engine.commands import AnyCommand, GetPatch, SetPatch
from engine.files import dumps
from engine.messages import Event, PatchChanged, Snapshot
from engine.patch import Patch, Problem
from engine.registry import load_registry
from patcher.document import Document
from patcher.editing.editor import Editor

REGISTRY = load_registry()


def lfo(rate: float = 1.0, title: str = "") -> Patch:
    """Returns a patch with one LFO."""
    patch = edits.add(Patch(title=title), REGISTRY, "control.lfo", "lfo")
    return edits.set_value(patch, REGISTRY, "lfo", "rate", rate)


class Questions:
    """In place of the dialogs: keeps the last question until a test answers it."""

    def __init__(self) -> None:
        self.title = ""
        self.text = ""
        self.choices: dict[str, Callable[[], object]] = {}
        self.chosen: Callable[[Path], object] | None = None
        self.proposed = Path()

    def ask(self, title: str, text: str, *choices: tuple[str, Callable[[], object]]) -> None:
        self.title, self.text, self.choices = title, text, dict(choices)

    def answer(self, words: str) -> None:
        """Gives the answer that begins so."""
        (run,) = [run for label, run in self.choices.items() if label.startswith(words)]
        self.title, self.choices = "", {}
        run()

    def open_file(
        self, title: str, start: Path, suffixes: Sequence[str], chosen: Callable[[Path], object]
    ) -> None:
        self.proposed, self.chosen = start, chosen

    save_file = open_file

    def choose(self, path: Path) -> None:
        """Chooses a file."""
        assert self.chosen
        chosen, self.chosen = self.chosen, None
        chosen(path)


class Engine:
    """In place of the attachment: keeps what is sent until a test answers it."""

    def __init__(self) -> None:
        self.ready = False
        self.trouble = ""
        self.attached = 0
        self.snapshot: Snapshot | None = None
        self.sent: list[AnyCommand] = []
        self.events: list[Event] = []
        self.plays = PatchChanged(0, "{}")
        self.holds = False
        self.refuses: tuple[Problem, ...] = ()
        self._waiting: list[tuple[AnyCommand, Callable[[Any], None] | None]] = []
        self._lost: list[Callable[[Any], None]] = []

    def appear(self) -> None:
        """An engine is reached."""
        self.ready = True
        self.attached += 1

    def fall(self) -> None:
        """It is gone, and with it all that it has not answered."""
        self.ready = False
        waiting, self._waiting = self._waiting, []
        self._lost += [answer for _, answer in waiting if answer]

    def post(self, command: AnyCommand, answer: Callable[[Any], None] | None = None) -> None:
        self.sent.append(command)
        self._waiting.append((command, answer))

    def heard(self) -> tuple[bytes, ...]:
        return ()

    def pump(self) -> list[Event]:
        while self._lost:
            self._lost.pop()(EngineGoneError("the engine has gone"))
        waiting: list[tuple[AnyCommand, Callable[[Any], None] | None]] = []
        if not self.holds:
            waiting, self._waiting = self._waiting, []
        for command, answer in waiting:
            self._do(command, answer)
        events, self.events = self.events, []
        return events

    def restart(self) -> None:
        self.trouble = ""

    def of(self, kind: type) -> list[Any]:
        """Returns what was sent of a kind."""
        return [each for each in self.sent if isinstance(each, kind)]

    def change(self, patch: Patch, by: str = "") -> None:
        """Somebody else has it play another patch."""
        self.plays = PatchChanged(self.plays.revision + 1, dumps(patch).decode(), by=by)
        self.events.append(self.plays)

    def _do(self, command: AnyCommand, answer: Callable[[Any], None] | None) -> None:
        reply: PatchChanged | RefusedError | None = None
        if isinstance(command, SetPatch) and self.refuses:
            reply = RefusedError("the patch is refused", self.refuses)
        elif isinstance(command, SetPatch):
            self.plays = reply = PatchChanged(
                self.plays.revision + 1, command.text, command.folder, command.path, by=command.by
            )
            self.events.append(reply)
        elif isinstance(command, GetPatch):
            reply = self.plays
        if answer:
            answer(reply)


class Bench:
    """An editor on a document, with its questions and its engine."""

    def __init__(self, document: Document, asked: bool = True) -> None:
        self.engine = Engine()
        self.questions = Questions()
        self.editor = Editor(REGISTRY, None, self.engine, document, asked)  # type: ignore[arg-type]
        self.editor.dialogs = self.questions  # type: ignore[assignment]
        self.filing = self.editor.filing

    def go_on(self, frames: int = 3) -> None:
        """Draws some frames."""
        for _ in range(frames):
            self.editor.pump()

    def start(self) -> None:
        """An engine is reached, and is told what it needs to know."""
        self.engine.appear()
        self.go_on()

    def set(self, rate: float) -> None:
        """Turns the knob of the LFO."""
        self.editor.turn("lfo", {"rate": rate})

    @property
    def rate(self) -> float:
        """Where that knob is."""
        return float(self.editor.patch.nodes["lfo"].values["rate"])
