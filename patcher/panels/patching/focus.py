"""The value that the keyboard turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from patcher.editing.editor import Editor
from patcher.widgets.fields.widget import Widget

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "Up, Shift+Tab": "The value before",
        "Down, Tab": "The next",
        "Left, Right": "Turn it, with Shift finely; on a pad all four",
        "Enter": "Type it, open its list; on a pad, the next point",
        "Backspace": "Back to its default",
        "L": "Learn a MIDI controller",
        "P": "On the perform panel, or off it",
        "Alt+Left, Alt+Right": "Earlier, later on the panel",
        "Shift+F10": "All that can be done with it",
        "Esc": "The keys do what they did",
    }
)
"""What the keys do while they turn a value."""


class Focus:
    """Goes from value to value, and turns them, by keys alone.

    Args:
        editor: what it is a part of.
        fields: returns the values that it goes through, by `node.port`, and pads by their node.

    Attributes:
        place: the value, as `node.port`, or the node of a pad; None while the keys do what they
            do elsewhere.
    """

    def __init__(self, editor: Editor, fields: Callable[[], Mapping[str, Widget]]) -> None:
        self.place: str | None = None
        self._editor = editor
        self._fields = fields

    @property
    def possible(self) -> bool:
        """Whether there are values to go through."""
        return bool(self._fields())

    def begin(self) -> None:
        """Takes the first value."""
        self.place = next(iter(self._fields()))
        self._editor.say("Tab goes on, arrows turn, Enter types, Esc ends; ? lists the rest")

    def end(self) -> None:
        """Gives the keys back."""
        self._editor.document.seal()
        self.place = None

    def keep(self) -> None:
        """Ends where the value is no longer among those it goes through."""
        if self.place and self.place not in self._fields():
            self.end()

    def take(self, keys: str) -> bool:
        """Does what keys stand for here; says whether they stand for anything."""
        field = self._fields().get(self.place) if self.place else None
        if field is None or self._editor.popups.menu.shown:
            return False
        bare = keys.removeprefix("Shift+")
        if bare in ("Up", "Down", "Left", "Right"):
            if not field.arrow(bare, fine=bare != keys):
                self._go(1 if bare == "Down" else -1)
        elif bare == "Tab":
            self._go(1 if bare == keys else -1)
        elif keys == "Enter":
            field.enter()
        elif keys in ("Backspace", "Delete"):
            field.reset()
        elif keys == "Shift+F10":
            choices = [(each.title, "", each.run) for each in field.rows()]
            self._editor.popups.choosing.offer(self.place or "", choices)
        elif keys == "Esc":
            self.end()
        else:
            return self._ask(field, keys)
        return True

    def _ask(self, field: Widget, keys: str) -> bool:
        """Does what is offered for the value under a letter, unless letters are played."""
        rows = field.rows() if self._editor.actions.letters else ()
        row = next((each for each in rows if each.key == keys), None)
        if row:
            row.run()
        return row is not None

    def _go(self, steps: int) -> None:
        assert self.place
        self._editor.document.seal()
        places = list(self._fields())
        self.place = places[(places.index(self.place) + steps) % len(places)]
