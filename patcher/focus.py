"""The value that the keyboard turns."""

from __future__ import annotations

from patcher.canvas import Canvas
from patcher.editor import Editor
from patcher.fields import Field


class Focus:
    """Goes from value to value of the selected node, and turns them, by keys alone.

    Attributes:
        place: the node and the port of the value; None while the keys do what they do elsewhere.
    """

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self.place: tuple[str, str] | None = None
        self._editor = editor
        self._canvas = canvas

    @property
    def possible(self) -> bool:
        """Whether one node is selected that has values."""
        return len(self._editor.selection.nodes) == 1 and bool(self._ports(self._selected))

    def begin(self) -> None:
        """Takes the first value of the selected node."""
        self.place = (self._selected, self._ports(self._selected)[0])
        self._editor.say(
            "Up and down go from value to value, left and right turn, with Shift finely. "
            "Enter types, Backspace resets, Esc ends"
        )

    def end(self) -> None:
        """Gives the keys back."""
        self._editor.document.seal()
        self.place = None

    def keep(self) -> None:
        """Ends where the value has gone, or its node is no longer the selected one."""
        if self.place and (self._editor.selection.nodes != {self.place[0]} or not self._field):
            self.end()

    def take(self, keys: str) -> bool:
        """Does what keys stand for here; says whether they stand for anything."""
        field = self._field
        if field is None:
            return False
        bare = keys.removeprefix("Shift+")
        if bare in ("Up", "Down"):
            self._go(1 if bare == "Down" else -1)
        elif bare in ("Left", "Right"):
            field.step(1 if bare == "Right" else -1, fine=bare != keys)
        elif keys == "Enter":
            field.enter()
        elif keys in ("Backspace", "Delete"):
            field.reset()
        elif keys == "Esc":
            self.end()
        else:
            return False
        return True

    @property
    def _selected(self) -> str:
        return next(iter(self._editor.selection.nodes))

    @property
    def _field(self) -> Field | None:
        box = self._canvas.boxes.get(self.place[0]) if self.place else None
        return box.fields.get(self.place[1]) if box and self.place else None

    def _ports(self, node: str) -> list[str]:
        box = self._canvas.boxes.get(node)
        return list(box.fields) if box else []

    def _go(self, steps: int) -> None:
        assert self.place
        self._editor.document.seal()
        node, port = self.place
        ports = self._ports(node)
        self.place = (node, ports[(ports.index(port) + steps) % len(ports)])
