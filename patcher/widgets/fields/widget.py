"""What is turned by hand: an item that feels it, and a picture laid over that."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.editing.editor import Editor
from patcher.ui.colours import CLEAR, blend, rgba
from patcher.ui.menu import Row
from patcher.ui.view import Point
from patcher.widgets.fields.touch import feel

STILL = 2
"""Pixels the mouse may move and a press is still a click."""


class Widget:
    """Something that is turned by hand, on a node or on a panel.

    Dear PyGui's own widgets can show neither a name, a unit and a place along a range at once,
    nor be turned finely. So a plain button feels the hand, and a drawing lies over it.

    Args:
        editor: what it is a part of.
        node: whose values it turns.

    Attributes:
        input: the item that feels the hand.
        held: whether a hand is on it.
    """

    def __init__(self, editor: Editor, node: str) -> None:
        self.editor = editor
        self.node = node
        self.look = editor.look
        self.input: int = 0
        self.held = False
        self._size = (0.0, 0.0, 0.0)
        self._group: int = 0
        self._drawing: int = 0
        self._mouse: Point = (0.0, 0.0)
        self._moved = False

    @property
    def hovered(self) -> bool:
        """Whether the mouse is over it."""
        return bool(dpg.is_item_hovered(self.input))

    def build(self, parent: int, width: float, height: float, text: float) -> None:
        """Makes the items, in pixels.

        Args:
            text: the height of its letters.
        """
        self._group = dpg.add_group(parent=parent)
        self.input = dpg.add_button(parent=self._group, label="")
        feel(self.input, self)
        self._drawing = dpg.add_drawlist(int(width), int(height), parent=self._group)
        self.resize(width, height, text)

    def resize(self, width: float, height: float, text: float) -> None:
        """Takes another size, in pixels."""
        self._size = (width, height, text)
        palette = self.look.palette
        theme = self.look.theme(
            ("widget", palette.field, int(height), int(text)),
            {
                dpg.mvThemeCol_Button: rgba(palette.field),
                dpg.mvThemeCol_ButtonHovered: rgba(blend(palette.field, palette.accent, 0.12)),
                dpg.mvThemeCol_ButtonActive: rgba(blend(palette.field, palette.accent, 0.2)),
            },
            {
                # The drawing comes to lie over what is above it.
                dpg.mvStyleVar_ItemSpacing: (0, -int(height)),
                dpg.mvStyleVar_FramePadding: (text / 2, max((height - text) / 2, 0)),
            },
        )
        dpg.bind_item_theme(self._group, theme)
        dpg.configure_item(self.input, width=int(width), height=int(height))
        dpg.configure_item(self._drawing, width=int(width), height=int(height))
        self.draw()

    def draw(self) -> None:
        """Draws it anew, once it has been built."""
        if self._drawing:
            dpg.delete_item(self._drawing, children_only=True)
            self._draw()

    def press(self, at: Point) -> None:
        """A hand is put on it, at a place of the screen."""
        self.held, self._moved, self._mouse = True, False, at
        self._grab()

    def move(self, at: Point, fine: bool) -> None:
        """The hand that is on it moves."""
        dx, dy = at[0] - self._mouse[0], at[1] - self._mouse[1]
        if not self.held or (not self._moved and max(abs(dx), abs(dy)) < STILL):
            return
        self._moved, self._mouse = True, at
        if dx or dy:
            self._drag(dx, dy, fine)

    def let_go(self) -> None:
        """The hand lets go of it."""
        if not self.held:
            return
        self.held = False
        if self._moved:
            self._drop()
        else:
            self._click()

    def enter(self) -> None:
        """Begins what is done by the keyboard: a double click, or Enter."""

    def leave(self) -> None:
        """Ends it."""

    def ask(self) -> None:
        """Is asked for all else it can do: a right click."""

    def step(self, steps: int, fine: bool) -> None:
        """Goes some steps up, or down where they are negative."""

    def arrow(self, key: str, fine: bool) -> bool:
        """Does what an arrow key stands for; says whether it stands for anything."""
        if key in ("Left", "Right"):
            self.step(1 if key == "Right" else -1, fine)
        return key in ("Left", "Right")

    def reset(self) -> None:
        """Goes back to where it is of itself."""

    def rows(self) -> list[Row]:
        """Returns what else can be done with it, as its menu lists it."""
        return []

    def _draw(self) -> None:
        """Draws it over the input."""

    def _grab(self) -> None:
        """Is told of a press."""

    def _drag(self, dx: float, dy: float, fine: bool) -> None:
        """Is told how far the hand has moved, in pixels to the right and down."""

    def _drop(self) -> None:
        """Is told that a hand that moved has let go."""

    def _click(self) -> None:
        """Is told that a hand has let go that did not move."""

    def _box(
        self,
        start: Point,
        end: Point,
        fill: tuple[int, ...] = CLEAR,
        line: tuple[int, ...] = CLEAR,
        rounding: float | None = None,
    ) -> int:
        corner = self._size[2] / 4 if rounding is None else rounding
        return int(
            dpg.draw_rectangle(
                start, end, fill=fill, color=line, rounding=corner, parent=self._drawing
            )
        )

    def _dot(self, centre: Point, radius: float, fill: tuple[int, ...]) -> int:
        return int(dpg.draw_circle(centre, radius, fill=fill, color=CLEAR, parent=self._drawing))

    def _line(self, start: Point, end: Point, colour: tuple[int, ...]) -> int:
        return int(dpg.draw_line(start, end, color=colour, parent=self._drawing))

    def _wedge(self, one: Point, two: Point, three: Point) -> None:
        shade = rgba(self.look.palette.faint)
        dpg.draw_triangle(one, two, three, fill=shade, color=shade, parent=self._drawing)

    def _write(self, text: str, x: float, y: float, colour: str, size: float = 0.0) -> int:
        size = size or self._size[2]
        return int(dpg.draw_text((x, y), text, size=size, color=rgba(colour), parent=self._drawing))
