"""What every value's widget is: its name, the value with its unit, and how far along it is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import dearpygui.dearpygui as dpg

from engine import edits
from engine.ports import Inlet, Setting, takes
from patcher.editing.editor import Editor
from patcher.ui import keys
from patcher.ui.colours import rgba
from patcher.ui.look import Look
from patcher.ui.menu import Row
from patcher.ui.view import Point
from patcher.widgets.fields.offers import offers
from patcher.widgets.fields.touch import feel_typing
from patcher.widgets.fields.widget import Widget
from patcher.words import label

Port: TypeAlias = Inlet | Setting

ROW = 24
"""The height of a field of one line, in pixels at a scale of 1."""


@dataclass(frozen=True)
class Place:
    """A value that a field is for.

    Attributes:
        node, name: whose value, and what it is called there.
        port: what is legal for it; numbered inlets of a group share one.
    """

    node: str
    name: str
    port: Port

    def __str__(self) -> str:
        return f"{self.node}.{self.name}"

    @property
    def label(self) -> str:
        """What stands on it."""
        return label(self.name)


class Field(Widget, ABC):
    """The widget of one value, on a node or on a panel.

    Args:
        editor: what it is a part of.
        place: the value it is for.

    Attributes:
        value: what it shows: the patch's value, or where a cable, a controller or a morph moves
            it, where it is just now.
        driven: whether it is moved so.
        feed: the outlet whose cable feeds it; empty for none.
        control: the MIDI controller that moves it, in words; empty for none.
        learning: whether it waits for a MIDI controller.
        focused: whether the keyboard turns it.
        ROWS: lines it is high.
        RESETS: whether a right click on the value gives the default back at once.
    """

    ROWS: ClassVar[float] = 1.0
    RESETS: ClassVar[bool] = True

    def __init__(self, editor: Editor, place: Place) -> None:
        super().__init__(editor, place.node)
        self.place = place
        self.value: Any = place.port.default
        self.driven = False
        self.feed = ""
        self.control = ""
        self.learning = False
        self.focused = False
        self._kept: Any = self.value
        self._typing: int = 0
        self._began = 0
        self._fill: int = 0
        self._words: int = 0
        self._right = self._free = 0.0

    def show(self, value: Any) -> None:
        """Shows the value that the patch has, unless something moves it or a hand is on it.

        The default stands in for what is not legal, as a file may hold anything.
        """
        port = self.place.port
        value = value if takes(port, value) else port.default
        self._kept = value
        if not self.driven and not self.held:
            self._set(value)

    def follow(self, value: Any) -> None:
        """Shows where a cable, a controller or a morph moves it; None where nothing does."""
        driven = value is not None
        if self.held or (not driven and not self.driven):
            return
        changed = driven != self.driven
        self.driven = driven
        self._set(value if driven else self._kept, changed)

    def mark(
        self, feed: str = "", control: str = "", learning: bool = False, focused: bool = False
    ) -> None:
        """Shows what else there is to say about it; see the attributes."""
        marks = (feed, control, learning, focused)
        if marks != (self.feed, self.control, self.learning, self.focused):
            self.feed, self.control, self.learning, self.focused = marks
            if not feed:
                self.follow(None)
            self.draw()

    @property
    def hovered(self) -> bool:
        if not self._typing:
            return super().hovered
        # What was made just now has not been drawn: the mouse that began it is over it.
        return dpg.get_frame_count() <= self._began or bool(dpg.is_item_hovered(self._typing))

    @property
    def typing(self) -> bool:
        """Whether it is being typed into."""
        return self._typing != 0

    @abstractmethod
    def call(self, value: Any, short: bool = False) -> str:
        """Returns a value as it is read, with its unit; shorter where there is little room."""

    def part(self) -> tuple[float, float]:
        """Returns from where to where along its range it is filled, 0..1."""
        return 0.0, 0.0

    def text(self) -> str:
        """Returns the value as it is typed."""
        return str(self.value)

    def read(self, text: str) -> Any:
        """Returns the value that is typed; raises ValueError saying what is legal."""
        return text

    def enter(self) -> None:
        if self._refuse_feed() or self._typing:
            return
        self.held = False
        self._began = dpg.get_frame_count()
        width = self._size[0]
        dpg.configure_item(self.input, show=False)
        dpg.delete_item(self._drawing, children_only=True)
        self._typing = dpg.add_input_text(
            parent=self._group,
            before=self._drawing,
            default_value=self.text(),
            width=int(width),
            auto_select_all=True,
        )
        feel_typing(self._typing, self)
        dpg.focus_item(self._typing)

    def leave(self) -> None:
        """Takes over what was typed; Esc has given the old text back by then."""
        typed, old = dpg.get_value(self._typing), self.text()
        dpg.delete_item(self._typing)
        self._typing = 0
        dpg.configure_item(self.input, show=True)
        self.draw()
        if typed == old:
            return
        try:
            self.turn(self.read(typed))
        except ValueError as fault:
            self.editor.say(f"{self.place}: {fault}", bad=True)

    def ask(self) -> None:
        """On the name, lists all else that can be done; on the value, gives the default back."""
        left = dpg.get_item_rect_min(self.input)[0]
        at = dpg.get_mouse_pos(local=False)
        if self.RESETS and at[0] > left + self._name_width:
            self.reset()
        else:
            self.editor.popups.menu.open(self.rows(), at)

    def rows(self) -> list[Row]:
        return list(offers(self))

    def reset(self) -> None:
        node, name = self.place.node, self.place.name
        held = self.editor.patch.nodes.get(node)
        if held and name in held.values:
            self.editor.edit(
                f"Reset {self.place}", lambda patch: edits.clear_value(patch, node, name)
            )

    def turn(self, value: Any, released: bool = True) -> None:
        """Sets the value by hand; a drag is one step of editing until the hand lets go."""
        if self._refuse_feed():
            return
        if self.editor.turn(self.place.node, {self.place.name: value}, released):
            self._kept = value
            self._set(value)

    def resize(self, width: float, height: float, text: float) -> None:
        super().resize(width, height, text)
        if self._typing:
            dpg.configure_item(self._typing, width=int(width))

    def draw(self) -> None:
        if not self._typing:
            self._fill = self._words = 0
            super().draw()

    def press(self, at: Point) -> None:
        if keys.held()[0]:
            self.enter()
        elif not self._refuse_feed():
            super().press(at)

    def _set(self, value: Any, changed: bool = False) -> None:
        if changed or type(value) is not type(self.value) or value != self.value:
            self.value = value
            if changed or not self._slide():
                self.draw()

    def _slide(self) -> bool:
        """Shows another value by what is drawn already, at a fifth of the cost, where that does."""
        start, end = self.part()
        if self._typing or not self._words or (end > start) != bool(self._fill):
            return False
        words, left = self._fit(self._right)
        if left < self._free:
            return False
        above = (self._size[1] - self._size[2]) / 2
        dpg.configure_item(self._words, text=words, pos=(left, above), color=rgba(self._ink()))
        if self._fill:
            dpg.configure_item(self._fill, **dict(zip(("pmin", "pmax"), self._filled, strict=True)))
        return True

    def _refuse_feed(self) -> bool:
        """Says why a hand can do nothing here, if a cable feeds it."""
        if self.feed:
            self.editor.say(f"{self.feed} moves {self.place}; pull the cable to set it by hand")
        return bool(self.feed)

    @property
    def _name_width(self) -> float:
        size = self._size[2]
        return size + self.look.width(self.place.label, size)

    @property
    def _waits(self) -> bool:
        """Whether it says what it waits for in place of a value."""
        return self.learning or (bool(self.feed) and not self.driven)

    def _draw(self) -> None:
        self._draw_fill()
        self._draw_name(self._draw_value())
        self._draw_edge()

    def _draw_fill(self) -> None:
        palette = self.look.palette
        start, end = self.part()
        if end > start:
            fill = rgba(palette.warn if self.driven else palette.accent, 90)
            self._fill = self._box(*self._filled, fill)

    @property
    def _filled(self) -> tuple[Point, Point]:
        """The corners of what is filled, a hundredth of the width at least."""
        width, height, _ = self._size
        start, end = self.part()
        return (start * width, 0.0), (max(end, start + 0.01) * width, height)

    def _draw_value(self) -> float:
        """Draws the value at the right, and returns where it begins."""
        return self._draw_words(self._size[0] - self._size[2] / 2)

    def _draw_words(self, right: float) -> float:
        words, left = self._fit(right)
        above = (self._size[1] - self._size[2]) / 2
        self._words, self._right = self._write(words, left, above, self._ink()), right
        return left

    def _fit(self, right: float) -> tuple[str, float]:
        """Returns the value in words that fit to the left of `right`, and where they begin."""
        size = self._size[2]
        room = right - size / 2 - self._name_width
        words = self._present()
        if self.look.width(words, size) > room:
            words = self._present(short=True)
        words = self.look.fitted(words, size, max(room, right / 2))
        return words, right - self.look.width(words, size)

    def _draw_name(self, right: float) -> None:
        _, height, size = self._size
        edge = size / 2
        name = self.look.fitted(self.place.label, size, right - 2 * edge)
        self._write(name, edge, (height - size) / 2, self.look.palette.faint)
        end = edge + self.look.width(name, size)
        # A name that was cut, or a mark that found no room, may fit beside another value.
        self._free = math.inf if self.control or name != self.place.label else end
        if self.control:
            self._draw_badge(end, right)

    def _draw_badge(self, left: float, right: float) -> None:
        """Draws the mark of a MIDI controller after the name, where there is room."""
        _, height, size = self._size
        width, half = self.look.width("M", 0.75 * size) + 0.4 * size, 0.42 * size
        if left + 0.4 * size + width > right:
            return
        start, middle = left + 0.4 * size, height / 2
        colour = self.look.palette.signals["Midi"]
        self._box((start, middle - half), (start + width, middle + half), line=rgba(colour))
        self._write("M", start + 0.2 * size, middle - 0.375 * size, colour, 0.75 * size)

    def _draw_edge(self) -> None:
        if self.focused or self.learning:
            width, height, _ = self._size
            palette = self.look.palette
            colour = palette.warn if self.learning else palette.accent
            self._box((1, 1), (width - 1, height - 1), line=rgba(colour))

    def _present(self, short: bool = False) -> str:
        if self.learning:
            return "turn…" if short else "turn a knob"
        return f"← {self.feed.partition('.')[0]}" if self._waits else self.call(self.value, short)

    def _ink(self) -> str:
        """Returns the colour of the value."""
        palette = self.look.palette
        return palette.warn if self._waits or self.driven else palette.ink


def text_size(look: Look, zoom: float = 1.0) -> float:
    """Returns the height of letters at a zoom, in pixels."""
    return max(look.text * zoom, 2.0)
