"""What every value's widget is: an input that takes mouse and keys, and a picture drawn over it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias

import dearpygui.dearpygui as dpg

from engine.ports import Inlet, Setting
from patcher.colours import rgba
from patcher.editor import Editor
from patcher.look import TEXT, Look

Port: TypeAlias = Inlet | Setting

ROW = 24
"""The height of a field, in pixels at a scale of 1."""


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
        return self.name.replace("_", " ")


class Field(ABC):
    """The widget of one value, on a node or on a panel.

    A drawing lies over the widget that is typed into: it shows the name, the value with its
    unit, and how far along its range it is, which Dear PyGui's own widgets cannot.

    Args:
        editor: what it is a part of.
        place: the value it is for.

    Attributes:
        input: the item that takes mouse and keys.
        value: what it shows; of an inlet with a cable, what the cable brings.
        driven: whether a cable, a controller or a morph moves it just now.
    """

    def __init__(self, editor: Editor, place: Place) -> None:
        self.editor = editor
        self.look = editor.look
        self.place = place
        self.value: Any = place.port.default
        self.driven = False
        self.input: int = 0
        self._size = (0.0, 0.0, 0.0)
        self._group: int = 0
        self._drawing: int = 0

    def build(self, parent: int, width: float, height: float, text: float) -> None:
        """Makes the items, in pixels.

        Args:
            text: the height of its letters.
        """
        self._size = (width, height, text)
        self._group = dpg.add_group(parent=parent)
        self.input = self._build(self._group)
        self._drawing = dpg.add_drawlist(int(width), int(height), parent=self._group)
        self.resize(width, height, text)

    def resize(self, width: float, height: float, text: float) -> None:
        """Takes another size, in pixels."""
        self._size = (width, height, text)
        above = max((height - text) / 2 - 1, 0)
        theme = self.look.theme(
            ("field", int(height), above),
            {dpg.mvThemeCol_Text: (0, 0, 0, 0), dpg.mvThemeCol_TextDisabled: (0, 0, 0, 0)},
            {
                dpg.mvStyleVar_ItemSpacing: (0, -int(height)),
                dpg.mvStyleVar_FramePadding: (4, above),
            },
        )
        dpg.bind_item_theme(self._group, theme)
        dpg.configure_item(self.input, width=int(width))
        dpg.configure_item(self._drawing, width=int(width), height=int(height))
        self._redraw()

    def show(self, value: Any, driven: bool = False) -> None:
        """Shows a value, unless a hand is on it."""
        if (value, driven) == (self.value, self.driven) or (self.held and not driven):
            return
        self.value, self.driven = value, driven
        self._put(value)
        self._redraw()

    @property
    def held(self) -> bool:
        """Whether a hand is on it, or it is being typed into."""
        return bool(self.input) and dpg.is_item_active(self.input)

    @property
    def hovered(self) -> bool:
        """Whether the mouse is over it."""
        return bool(self.input) and dpg.is_item_hovered(self.input)

    @abstractmethod
    def _build(self, parent: int) -> int:
        """Makes the input and returns it."""

    @abstractmethod
    def _put(self, value: Any) -> None:
        """Gives the input a value."""

    @abstractmethod
    def words(self) -> str:
        """Returns the value as it is read, with its unit."""

    def part(self) -> float:
        """Returns how far along its range the value is, 0..1."""
        return 0.0

    def _turn(self, value: Any, released: bool = False) -> None:
        self.value = value
        self._redraw()
        self.editor.turn(self.place.node, {self.place.name: value}, released)

    def _redraw(self) -> None:
        width, height, size = self._size
        palette = self.look.palette
        dpg.delete_item(self._drawing, children_only=True)
        fill = palette.warn if self.driven else palette.accent
        if self.part() > 0:
            dpg.draw_rectangle(
                (0, 0),
                (max(width * min(self.part(), 1.0), 2.0), height),
                fill=rgba(fill, 90),
                color=(0, 0, 0, 0),
                rounding=4,
                parent=self._drawing,
            )
        edge, above = size / 2, (height - size) / 2
        self._write(self.place.label, edge, above, palette.faint)
        room = width - 2.5 * edge - self.look.width(self.place.label, size)
        words = self.look.fitted(self.words(), size, room)
        self._write(words, width - edge - self.look.width(words, size), above, palette.ink)

    def _write(self, text: str, x: float, y: float, colour: str) -> None:
        dpg.draw_text((x, y), text, size=self._size[2], color=rgba(colour), parent=self._drawing)


def text_size(look: Look, zoom: float = 1.0) -> float:
    """Returns the height of letters at a zoom, in pixels."""
    return max(TEXT * look.scale * zoom, 5.0)
