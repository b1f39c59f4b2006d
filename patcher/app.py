"""The window: its parts, and the loop that draws them."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Protocol

import dearpygui.dearpygui as dpg

from engine.registry import Registry
from patcher.canvas import Canvas
from patcher.document import Document
from patcher.editing.attachment import Attachment
from patcher.editing.editor import Editor
from patcher.mishaps import Mishaps
from patcher.panels.patching.palette import NodePalette
from patcher.panels.patching.workbench import Workbench
from patcher.parts import PARTS
from patcher.regions import Regions
from patcher.screen import screen_scale
from patcher.state import Closable, Theme, load_preferences
from patcher.ui import keys
from patcher.ui.look import Look
from patcher.ui.menubar import MenuBar
from patcher.ui.view import Point
from patcher.widgets.fields import under_mouse

PICTURE = 1 / 60
"""Seconds between two that are drawn; a screen that is slower sets its own pace."""
IDLE_PICTURE = 1 / 30
"""The same while no hand is on the mouse or the keys."""
IDLE_AFTER = 1.0
"""Seconds without a hand."""
NICE = 10
"""How much the window gives way to the engine where both want a core."""
FEW_CORES = 2
"""With as many or fewer the window leaves one free for at least half of the time while the engine
plays: where it is drawn by software, frames of the engine took a fifth longer otherwise."""
SIZE = (1440, 900)
"""Of the window at first, in pixels at a scale of 1."""
MOST = (2560, 1500)
"""Of the window at first, whatever the scale."""
SCALES = (0.75, 0.875, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
"""Steps of the size of text and ports."""


class Part(Protocol):
    """What is brought up to date before each drawn frame."""

    def refresh(self) -> None:
        """Takes in what has changed."""


class App:
    """The window of the patcher.

    Args:
        attachment: the engine it plays through.
        document: what it shows first.
        asked: whether that is played whatever the engine plays already.
        scale: of text and ports, 0.75..3; None for the preferred one.

    Attributes:
        editor: what all its parts work on.
        canvas: the patch.
        regions: where they lie.
    """

    def __init__(
        self,
        registry: Registry,
        attachment: Attachment,
        document: Document,
        asked: bool = True,
        scale: float | None = None,
    ) -> None:
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        liked = load_preferences()
        self._wanted = (liked.theme, scale or liked.scale or screen_scale())
        self.look = Look(*self._wanted)
        self.editor = Editor(registry, self.look, attachment, document, asked)
        self.mishaps = Mishaps(self.editor.say)
        self._titled = ""
        self._touched = time.monotonic()
        self._mouse: tuple[float, ...] = ()
        self._typed = False
        self._stopped = False
        self._few_cores = (os.cpu_count() or 1) <= FEW_CORES
        self._worn = self._wanted
        self._fitted: Document | None = None
        self._sight: tuple[Point, int] | None = None
        self._closed = liked.closed
        self._compose()
        width, height = map(min, map(self.look.px, SIZE), MOST)
        dpg.create_viewport(
            title="Hocket", width=width, height=height, x_pos=0, y_pos=0, disable_close=True
        )
        dpg.set_exit_callback(self.editor.filing.leave)
        dpg.setup_dearpygui()
        self._build()

    def show(self) -> None:
        """Opens the window."""
        self.look.apply()
        # First of all, for the threads that draw by software have it from this one.
        with suppress(OSError, AttributeError):  # where a process may not, it competes as before
            os.nice(NICE)
        dpg.show_viewport()

    def run(self) -> None:
        """Draws until the window is closed, or `stop` is called."""
        while dpg.is_dearpygui_running() and not (self._stopped or self.editor.filing.leaving):
            started, worked = time.monotonic(), time.process_time()
            self.draw()
            idle = started - self._touched > IDLE_AFTER
            rest = (IDLE_PICTURE if idle else PICTURE) - (time.monotonic() - started)
            if self._gives_way():
                rest = max(rest, time.process_time() - worked)
            if rest > 0:
                time.sleep(rest)

    def stop(self) -> None:
        """Ends `run` at once; unsaved work is kept for the next start."""
        self._stopped = True

    def _gives_way(self) -> bool:
        """Whether the engine needs the core; not while a step of editing is still to be shown."""
        shown = self.canvas.patch is self.editor.patch
        return self._few_cores and self.editor.attachment.ready and shown

    def draw(self) -> None:
        """Takes in what has happened and draws one picture."""
        if self._wanted != self._worn:
            self._rebuild()
        # A key that ends the typing is told one picture after it has ended.
        typed, self._typed = self._typed, keys.typing()
        self.editor.typing = typed or self._typed or self.editor.dialogs.shown
        for job in dpg.get_callback_queue() or ():
            with self.mishaps.survived():
                dpg.run_callbacks([job])
        with self.mishaps.survived():
            self.editor.pump()
        for part in self._parts:
            with self.mishaps.survived():
                part.refresh()
        with self.mishaps.survived():
            self.editor.send()
        with self.mishaps.survived():
            self.regions.refresh(banner=self.editor.notice is not None)
        with self.mishaps.survived():
            self._fit()
        with self.mishaps.survived():
            self._show_title()
        dpg.render_dearpygui_frame()
        mouse = (*dpg.get_mouse_pos(local=False), dpg.is_mouse_button_down(0))
        if mouse != self._mouse:
            self._mouse, self._touched = mouse, time.monotonic()

    def close(self) -> None:
        """Takes the window down; what is unsaved is kept for the next start."""
        self.editor.filing.close()
        dpg.destroy_context()

    def _compose(self) -> None:
        """Makes all the parts."""
        editor = self.editor
        self.canvas = Canvas(editor)
        self.regions = Regions(self.look, self.canvas, self._closed)
        self.palette = NodePalette(editor)
        self.workbench = Workbench(editor, self.canvas, self.palette.open)
        self.panels = [make(editor, self.canvas) for make in PARTS]
        self._menus = MenuBar(editor.actions)
        self._parts: list[Part] = [
            self.workbench,
            self.canvas,
            self.palette,
            *self.panels,
            editor.popups,
            editor.dialogs,
            self._menus,
        ]

    def _build(self) -> None:
        """Has all the parts make their items."""
        self.regions.build()
        self.canvas.build(self.regions.area)
        self._add_actions()
        self.workbench.build()
        self.palette.build()
        for panel in self.panels:
            panel.build(self.regions.parent(panel))
        self.editor.popups.build()
        self.editor.dialogs.build()
        self._menus.build()
        keys.listen(self._pressed)
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._wheel)

    def _add_actions(self) -> None:
        self.editor.filing.add_actions()
        add, toggle = self.editor.actions.add, self._toggle
        editor = self.editor
        add("Undo", editor.undo, "Ctrl+Z", menu="Edit", about=lambda: editor.document.undo_name)
        add(
            "Redo",
            editor.redo,
            "Ctrl+Shift+Z",
            "Ctrl+Y",
            menu="Edit",
            about=lambda: editor.document.redo_name,
        )
        add("Left side", lambda: toggle("left"), "Ctrl+B", menu="View")
        add("Right side", lambda: toggle("right"), "Ctrl+Shift+B", menu="View")
        add("Piano", lambda: toggle("bottom"), "Ctrl+P", menu="View")
        add("Next tab", lambda: self.regions.next_tab("right"), "Ctrl+Tab", menu="View")
        add("Dark or light", self._change_theme, "Ctrl+Shift+L", menu="View")
        add("Larger", lambda: self._scale(1), "Ctrl+Shift+=", menu="View")
        add("Smaller", lambda: self._scale(-1), "Ctrl+Shift+-", menu="View")

    def _rebuild(self) -> None:
        """Makes every item anew in other colours or another size; the music goes on.

        What the hands hold is let go of. What is seen stays: the stage, and where the view is.
        """
        self.editor.hint = ""
        self.editor.document.seal()
        locked, fonts = self.canvas.locked, self.look.fonts
        if self._fitted is self.editor.document and self._sight is None:
            self._sight = self.canvas.sight()
        for item in dpg.get_all_items():
            if item != fonts and dpg.does_item_exist(item) and not dpg.get_item_parent(item):
                dpg.delete_item(item)
        self.look.change(*self._wanted)
        self._worn = self._wanted
        self.editor.actions.clear()
        self._compose()
        self.canvas.locked = locked
        self._build()
        self.look.apply()

    def _fit(self) -> None:
        """Brings a patch that was opened into the middle of the canvas, once it is drawn.

        One that was made anew is shown as it was seen before.
        """
        document, canvas = self.editor.document, self.canvas
        if self._fitted is document and self._sight is None:
            return
        items = (canvas.editor, *(each.item for each in canvas.boxes.values()))
        if not all(map(_is_drawn, items)):
            return
        sight = self._sight if self._fitted is document else None
        self._fitted, self._sight = document, None
        if sight:
            canvas.look_at(*sight)
        else:
            self.workbench.arranging.fit()

    def _toggle(self, name: Closable) -> None:
        self._closed ^= {name}
        self.regions.closed = self._closed
        self.editor.prefer(closed=self._closed)

    def _change_theme(self) -> None:
        theme, scale = self._wanted
        other: Theme = "light" if theme == "dark" else "dark"
        self._wanted = other, scale
        self.editor.prefer(theme=other)

    def _scale(self, steps: int) -> None:
        theme, scale = self._wanted
        near = min(range(len(SCALES)), key=lambda number: abs(SCALES[number] - scale))
        scale = SCALES[min(max(near + steps, 0), len(SCALES) - 1)]
        self._wanted = theme, scale
        self.editor.prefer(scale=scale)
        self.editor.say(f"Text and ports at {scale:.0%}")

    def _show_title(self) -> None:
        document = self.editor.document
        title = f"{'● ' if document.unsaved else ''}{document.title} — Hocket"
        if title != self._titled:
            self._titled = title
            dpg.set_viewport_title(title)

    def _pressed(self, name: str) -> None:
        self._touched = time.monotonic()
        self.editor.actions.press(name, self.editor.typing)

    def _wheel(self, _: int, steps: float) -> None:
        widget = under_mouse() if keys.held()[0] else None
        if widget:
            widget.step(1 if steps > 0 else -1, fine=keys.held()[1])
        elif self.canvas.hovered():
            self.canvas.zoom_by(1 if steps > 0 else -1, tuple(dpg.get_mouse_pos(local=False)))


def _is_drawn(item: int) -> bool:
    width, _ = dpg.get_item_rect_size(item)
    return bool(width)
