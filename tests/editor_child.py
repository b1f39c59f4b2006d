"""The editor as the command line opens it, in a process that also tells a test what it shows.

python -m tests.editor_child FD [--alone] ARGUMENTS OF hocket…

FD is a pipe on which questions come and answers go, one of each at a time, between two drawn
frames. With --alone there is no engine.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from engine.commands import AnyCommand
from engine.files import dumps, loads
from engine.messages import Event
from patcher import app, cli
from patcher.canvas import Canvas
from patcher.document import Document
from patcher.editing import attachment
from patcher.panels.music import Music
from patcher.panels.perform import Perform
from patcher.panels.piano import Piano

Point = tuple[float, float]

CLICKED = {"Button", "MenuItem", "Menu", "Selectable", "Tab", "Checkbox"}
"""The kinds of items that are named by what is read on them, as Dear PyGui calls them."""

MORE = 0.004
"""Seconds for the question that follows an answer: not each costs a frame."""


class NoEngine:
    """What a window has where no engine can be started."""

    name = "none"
    state = "no engine"
    trouble = ""
    ready = False
    attached = 0
    pid = None
    snapshot = None

    def __init__(self, *_: object) -> None:
        pass

    def post(self, command: AnyCommand, answer: object = None) -> None:
        pass

    def heard(self) -> tuple[bytes, ...]:
        return ()

    def pump(self) -> list[Event]:
        return []

    def close(self, ends: bool = False) -> None:
        pass


class Witness:
    """Answers questions on a window; each public method is one.

    Args:
        window: what is asked about.
        draw: draws a frame of it.
        pipe: where questions come from.
    """

    def __init__(self, window: app.App, draw: Callable[[app.App], None], pipe: Connection) -> None:
        self._window = window
        self._draw = draw
        self._editor = window.editor
        self._pipe = pipe
        self._drawn = 0
        self._first = time.monotonic()
        self._edited = self._seen = 0.0
        self._due: int | None = None

    @property
    def _canvas(self) -> Canvas:
        """The canvas, which is another after a change of colours or of size."""
        return self._window.canvas

    def listen(self) -> None:
        """Takes the next question, if there is one; called after each drawn frame."""
        self._drawn += 1
        if self._seen < self._edited:
            self._seen = time.monotonic()
        patience = 0.0
        if self._due is not None:
            if self._drawn < self._due:
                return
            self._due = None
            self._pipe.send((True, None))
        while self._pipe.poll(patience):
            patience = MORE
            try:
                name, *arguments = self._pipe.recv()
            except EOFError:  # the test has gone
                sys.exit(1)
            if name == "frames":
                self._due = self._drawn + arguments[0]
                return
            try:
                answer = True, getattr(self, name)(*arguments)
            except Exception:  # it is the test that is to fail
                answer = False, traceback.format_exc()
            self._pipe.send(answer)

    def patch(self) -> str:
        """The patch, as a file has it."""
        return dumps(self._editor.patch).decode()

    def about(self) -> dict[str, Any]:
        """What is known of the document, the engine and the player's last doings."""
        editor, document = self._editor, self._editor.document
        return {
            "title": document.title,
            "unsaved": document.unsaved,
            "read_only": document.read_only,
            "history": tuple(each.name for each in document._steps[: document._position]),
            "selected": sorted(editor.selection.nodes),
            "hint": editor.hint,
            "remarks": [each.text for each in editor.remarks],
            "problems": [str(each) for each in editor.problems],
            "ready": editor.attachment.ready,
            "playing": editor.playing,
            "typing": editor.typing,
        }

    def shown(self) -> tuple[set[str], set[str]]:
        """The nodes and cables that Dear PyGui has, told by what the canvas knows of its items."""
        canvas = self._canvas
        names = {box.item: name for name, box in canvas.boxes.items()}
        pins = {
            item: f"{name}.{port}"
            for name, box in canvas.boxes.items()
            for (_, port), item in box.pins.items()
        }
        cables, nodes = (dpg.get_item_children(canvas.editor, slot) for slot in (0, 1))
        ends = [dpg.get_item_configuration(each) for each in cables]
        return (
            {names.get(each, f"item {each}") for each in nodes if dpg.get_item_label(each)},
            {f"{pins.get(each['attr_1'])} {pins.get(each['attr_2'])}" for each in ends},
        )

    def values(self) -> dict[str, Any]:
        """What the fields of the nodes show, by `node.port`."""
        return {
            str(field.place): field.value
            for box in self._canvas.boxes.values()
            for field in box.fields.values()
        }

    def open(self, path: str) -> None:
        """Opens a file as a new window does: nothing is said, selected or to be taken back."""
        self._editor.document.close()
        self._editor.open(Document.open(self._editor.registry, Path(path)))
        self._editor.remarks.clear()

    def edit(self, name: str, text: str) -> bool:
        """Takes a step of editing to a patch."""
        patch = loads(text.encode())
        self._edited = time.monotonic()
        return self._editor.edit(name, lambda _: patch)

    def edited(self) -> tuple[float, float]:
        """When the last `edit` began and when it was drawn, in seconds of the monotonic clock."""
        return self._edited, self._seen

    def first(self) -> float:
        """When the first frame was drawn, in seconds of the monotonic clock."""
        return self._first

    def pace(self, count: int) -> float:
        """How long a drawn frame takes in ms of all processors, over so many without a pause.

        What else runs on the machine does not count.
        """
        began = time.process_time()
        for _ in range(count):
            self._draw(self._window)
        return 1e3 * (time.process_time() - began) / count

    def undo(self) -> None:
        """Takes the last step back."""
        self._editor.undo()

    def redo(self) -> None:
        """Takes it again."""
        self._editor.redo()

    def fit(self) -> None:
        """Brings all nodes into the middle of the canvas."""
        canvas = self._canvas
        canvas.fit([canvas.corners(name) for name in canvas.boxes], canvas.area())

    def at(self, x: float, y: float) -> Point:
        """Where a part (0..1) of the canvas's width and height is on the screen."""
        (left, top), (right, bottom) = self._canvas.area()
        return left + x * (right - left), top + y * (bottom - top)

    def pin(self, kind: str, place: str) -> Point:
        """Where the pin of a port is; kind is `inlet` or `outlet`, place is `node.port`."""
        node, _, port = place.partition(".")
        box = self._canvas.boxes[node]
        x, _ = dpg.get_item_rect_min(box.item)
        if kind == "outlet":
            x += dpg.get_item_rect_size(box.item)[0]
        (shown,) = dpg.get_item_children(box.pins[kind, port], 1)
        return x, _middle(shown)[1]

    def node(self, name: str) -> Point:
        """Where the title of a node is."""
        x, y = dpg.get_item_rect_min(self._canvas.boxes[name].item)
        return x + 20, y + 10

    def field(self, place: str) -> Point:
        """Where the field of a value is."""
        node, _, port = place.partition(".")
        return _middle(self._canvas.boxes[node].fields[port].input)

    def pad(self, node: str) -> tuple[float, float, float, float]:
        """Where the pad of a node is: left, top, width and height."""
        pad = self._canvas.boxes[node].pad
        assert pad
        return *dpg.get_item_rect_min(pad.input), *dpg.get_item_rect_size(pad.input)

    def key(self, pitch: int) -> Point:
        """Where the front of a key of the piano is."""
        (piano,) = (each for each in self._window.panels if isinstance(each, Piano))
        return piano.front(pitch)

    def cell(self, pitch: int, ago: int) -> Point | None:
        """Where a pitch is in the note view as it was some frames ago; None while it is empty."""
        (music,) = (each for each in self._window.panels if isinstance(each, Music))
        return music.notes.place(pitch, ago)

    def fader(self, place: str) -> Point:
        """Where a value is on the stage."""
        (stage,) = (each for each in self._window.panels if isinstance(each, Perform))
        return _middle(stage.fields[place].input)

    def item(self, words: str, kind: str = "") -> Point | None:
        """Where the first item is on which is read what begins so; None while none is shown.

        Args:
            kind: of item, as in CLICKED or `Text`; empty for any of them.
        """
        for item in dpg.get_all_items():
            if not _words(item, kind).startswith(words):
                continue
            if dpg.get_item_type(item) == "mvAppItemType::mvMenuItem":
                if at := _in_popup(item):
                    return at
            elif dpg.is_item_visible(item):
                return _middle(item)
        return None

    def picture(self, path: str) -> None:
        """Writes what is on the screen, some frames later, to a PNG file."""
        Path(path).unlink(missing_ok=True)
        dpg.output_frame_buffer(path)


def _middle(item: int) -> Point:
    (x, y), (width, height) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
    return x + width / 2, y + height / 2


def _in_popup(item: int) -> Point | None:
    """Where a row of the menu at the mouse is; Dear PyGui says less of it than of other items."""
    window = dpg.get_item_parent(item)
    if dpg.get_item_type(window) != "mvAppItemType::mvWindowAppItem":
        return None
    if not dpg.is_item_shown(window):
        return None
    (left, top), (x, y) = dpg.get_item_pos(window), dpg.get_item_pos(item)
    return left + x + 20, top + y + 8


def _words(item: int, wanted: str) -> str:
    """Returns what is read on an item that can be clicked, or is text; else nothing."""
    kind = dpg.get_item_type(item).rpartition("::mv")[2]
    if wanted not in ("", kind):
        return ""
    if kind == "Text":
        return str(dpg.get_value(item))
    return str(dpg.get_item_label(item) or "") if kind in CLICKED else ""


def main() -> None:
    fd, *arguments = sys.argv[1:]
    pipe = Connection(int(fd))
    if arguments[0] == "--alone":
        attachment.Attachment = NoEngine  # type: ignore[assignment, misc]
        app.NICE = 0  # there is no engine to give way to
        del arguments[0]
    draw = app.App.draw
    witnesses: dict[app.App, Witness] = {}

    def draw_and_listen(window: app.App) -> None:
        draw(window)
        if window not in witnesses:
            witnesses[window] = Witness(window, draw, pipe)
        witnesses[window].listen()

    app.App.draw = draw_and_listen  # type: ignore[method-assign]
    sys.argv = ["hocket", *arguments]
    cli.main()


if __name__ == "__main__":
    main()
