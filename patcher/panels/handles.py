"""What the controls of the stage are moved and taken off by while it is arranged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import dearpygui.dearpygui as dpg

from patcher.editing.editor import Editor
from patcher.editing.steps import take_off_stage
from patcher.panels.stage import TALL, Control, Rect, aim
from patcher.ui.buttons import add_button
from patcher.ui.overlay import Overlay
from patcher.ui.view import Point
from patcher.widgets.fields.widget import STILL

SIDE = 56
"""Of a button, in pixels at a scale of 1, as wide beside the name only where there is room."""
GAP = 8
"""As the stage has it between items."""


class Handled(NamedTuple):
    """A control with its buttons."""

    control: Control
    rect: Rect
    buttons: tuple[int, ...]


class Handles:
    """Buttons in the place of each control, by which it is dragged to another place, too.

    Args:
        editor: what it is a part of.
        move: moves what the panel shows to a position among the others.
    """

    def __init__(self, editor: Editor, move: Callable[[str, int], object]) -> None:
        self._editor = editor
        self._look = editor.look
        self._move = move
        self._overlay = Overlay(editor.look)
        self._all: list[Handled] = []
        self._taken: Handled | None = None
        self._pressed: Point = (0.0, 0.0)
        self._down = self._moved = False

    def clear(self) -> None:
        """Forgets all, and what was in the hand."""
        self._all.clear()
        self._let_go()

    def build(self, group: int, control: Control, rect: Rect, text: float) -> None:
        """Makes the buttons of a control.

        Args:
            text: the height of letters.
        """
        entry, gap, tall = control.entry, self._look.px(GAP), control.kind in TALL
        # The buttons lie below the name of a tall control, and beside that of another.
        width = (rect.width - 2 * gap) // 3 if tall else rect.width // 4 - gap
        side = self._look.px(SIDE)
        width, height = (width, side) if tall else (min(width, side), rect.height)
        room = rect.width if tall else rect.width - 3 * (width + gap)
        name = control.place.label if control.place else control.node
        at = self._editor.patch.panel.index(entry)
        with dpg.group(parent=group, horizontal=not tall, horizontal_spacing=gap) as parts:
            grip = add_button(
                int(parts),
                self._look.fitted(name, text, room - text),
                lambda: None,
                f"Drag it to another place: {entry}",
                width=room,
                height=rect.height - side - gap if tall else rect.height,
            )
            with dpg.group(horizontal=True, horizontal_spacing=gap) as row:
                buttons = [
                    add_button(
                        int(row),
                        words,
                        partial(self._press, run),
                        f"{tip}: {entry}",
                        width=width,
                        height=height,
                    )
                    for words, run, tip in (
                        ("◀", partial(self._move, entry, at - 1), "Earlier"),
                        ("×", partial(take_off_stage, self._editor, entry), "Take off"),
                        ("▶", partial(self._move, entry, at + 1), "Later"),
                    )
                ]
        self._all.append(Handled(control, rect, (grip, *buttons)))

    def watch(self) -> None:
        """Looks at the mouse, once a drawn frame."""
        mouse: Point = tuple(dpg.get_mouse_pos(local=False))
        was_down, self._down = self._down, dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        if self._taken is None:
            if self._down and not was_down:
                self._taken, self._pressed = self._under(), mouse
            return
        far = max(abs(mouse[0] - self._pressed[0]), abs(mouse[1] - self._pressed[1]))
        self._moved |= far >= STILL
        self._overlay.clear()
        if self._moved:
            self._go_on(self._taken, mouse)
        if not self._down:
            self._let_go()

    def take(self, keys: str) -> bool:
        """Has Esc put back what is in the hand."""
        held = self._taken is not None and keys == "Esc"
        if held:
            self._let_go()
        return held

    def _go_on(self, taken: Handled, mouse: Point) -> None:
        """Shows where the control in the hand would go, and has it go there on release."""
        left, top = self._origin(taken)
        at = (mouse[0] - left, mouse[1] - top)
        number, beyond = aim([(each.control.kind, each.rect) for each in self._all], at)
        target = self._all[number]
        if not self._down:
            others = [each for each in self._editor.patch.panel if each != taken.control.entry]
            if target.control.entry in others:
                position = others.index(target.control.entry) + beyond
                self._move(taken.control.entry, position)
            return
        palette, rect = self._look.palette, target.rect
        dx, dy = mouse[0] - self._pressed[0] + left, mouse[1] - self._pressed[1] + top
        self._overlay.box(_corners(taken.rect, dx, dy), palette.accent)
        x, y, gap = left + rect.x, top + rect.y, self._look.px(4)
        if target.control.kind in TALL:
            x += rect.width + gap if beyond else -gap
            self._overlay.line((x, y), (x, y + rect.height), palette.good)
        else:
            y += rect.height + gap if beyond else -gap
            self._overlay.line((x, y), (x + rect.width, y), palette.good)

    def _press(self, run: Callable[[], object]) -> None:
        """Does what a button is for, unless it was dragged."""
        if not self._moved:
            run()

    def _let_go(self) -> None:
        self._taken, self._moved = None, False
        self._overlay.clear()

    def _under(self) -> Handled | None:
        """Returns the control that the mouse is over."""
        return next(
            (each for each in self._all if any(map(dpg.is_item_hovered, each.buttons))), None
        )

    def _origin(self, handled: Handled) -> Point:
        """Returns where on the screen the stage begins."""
        left, top = dpg.get_item_rect_min(handled.buttons[0])
        return left - handled.rect.x, top - handled.rect.y


def _corners(rect: Rect, dx: float, dy: float) -> tuple[Point, Point]:
    """Returns the corners of a place, moved."""
    start = (rect.x + dx, rect.y + dy)
    return start, (start[0] + rect.width, start[1] + rect.height)
