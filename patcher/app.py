"""The window: its parts, and the loop that draws them."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import dearpygui.dearpygui as dpg

from engine.registry import Registry
from patcher import keys
from patcher.attachment import Attachment
from patcher.canvas import Canvas
from patcher.document import Document
from patcher.editor import Editor
from patcher.fields import under_mouse
from patcher.look import TEXT, Look
from patcher.palette import Palette
from patcher.panels.panel import Panel, Region
from patcher.parts import PARTS
from patcher.workbench import Workbench

FRAME = 1 / 60
"""Seconds between two drawn frames; a screen that is slower sets its own pace."""
IDLE_FRAME = 1 / 30
"""The same while no hand is on the mouse or the keys."""
IDLE_AFTER = 1.0
"""Seconds without a hand."""
NICE = 5
"""How much the window gives way to the engine where both want a core."""


MENU, BAR, STATUS, BOTTOM, SIDE = TEXT + 8, 46, 34, 120, 340
"""Heights and widths of the regions round the canvas, in pixels at a scale of 1."""
STAGE_BAR, STAGE_BOTTOM = 72, 200
"""Heights of those that are played on, while the patch is performed."""


class App:
    """The window of the patcher.

    Attributes:
        editor: what all its parts work on.
        canvas: the patch.
        panels: the parts beside it.
        shown: which regions are open, by name.
    """

    def __init__(self, registry: Registry, attachment: Attachment, document: Document) -> None:
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        self.look = Look()
        self.editor = Editor(registry, self.look, attachment, document)
        self.canvas = Canvas(self.editor)
        self.palette = Palette(self.editor)
        self.workbench = Workbench(self.editor, self.canvas, self.palette.open)
        self.panels = [make(self.editor, self.canvas) for make in PARTS]
        self.shown: dict[Region, bool] = {"left": True, "right": True, "bottom": True}
        self._regions: dict[Region, int] = {}
        self._main = 0
        self._area = 0
        self._size: tuple[int, ...] = ()
        self._touched = time.monotonic()
        self._mouse: tuple[float, ...] = ()
        self._typed = False
        dpg.create_viewport(title="Hocket", width=1440, height=900, x_pos=0, y_pos=0)
        dpg.setup_dearpygui()
        self._build()

    def show(self) -> None:
        """Opens the window."""
        self.look.apply()
        dpg.show_viewport()
        with suppress(OSError, AttributeError):  # where a process may not, it competes as before
            os.nice(NICE)

    def run(self) -> None:
        """Draws until the window is closed."""
        while dpg.is_dearpygui_running():
            started = time.monotonic()
            self.draw()
            idle = started - self._touched > IDLE_AFTER
            rest = (IDLE_FRAME if idle else FRAME) - (time.monotonic() - started)
            if rest > 0:
                time.sleep(rest)

    def draw(self) -> None:
        """Takes in what has happened and draws one frame."""
        # A key that ends the typing is told one frame after it has ended.
        typed, self._typed = self._typed, keys.typing()
        self.editor.typing = typed or self._typed
        dpg.run_callbacks(dpg.get_callback_queue())
        self.editor.pump()
        self.workbench.refresh()
        self.canvas.refresh()
        self.palette.refresh()
        for panel in self.panels:
            panel.refresh()
        self._lay_out()
        dpg.render_dearpygui_frame()
        mouse = (*dpg.get_mouse_pos(local=False), dpg.is_mouse_button_down(0))
        if mouse != self._mouse:
            self._mouse, self._touched = mouse, time.monotonic()

    def close(self) -> None:
        """Takes the window down."""
        dpg.destroy_context()

    def _build(self) -> None:
        with dpg.window(no_scrollbar=True, no_scroll_with_mouse=True) as main:
            self._area = dpg.add_child_window(no_scrollbar=True, no_scroll_with_mouse=True)
        dpg.set_primary_window(main, True)
        self._main = main
        self.canvas.build(self._area)
        self._add_actions()
        self.workbench.build()
        self.palette.build(main)
        for panel in self.panels:
            panel.build(self._parent(panel))
        self._build_menus()
        keys.listen(self._pressed)
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._wheel)

    def _parent(self, panel: Panel) -> int:
        """Returns what a part is made in; its region is made for the first in it."""
        if panel.region == "over":
            return self._main
        tabbed = panel.region in ("left", "right")
        if panel.region not in self._regions:
            region = dpg.add_child_window(parent=self._main, no_scrollbar=True)
            self._regions[panel.region] = region
            if tabbed:
                dpg.add_tab_bar(parent=region)
        region = self._regions[panel.region]
        if not tabbed:
            return int(dpg.add_group(parent=region, horizontal=panel.region == "bar"))
        bar = dpg.get_item_children(region, 1)[0]
        tab = dpg.add_tab(label=panel.title, parent=bar)
        return int(dpg.add_child_window(parent=tab, border=False))

    def _build_menus(self) -> None:
        with dpg.viewport_menu_bar() as bar:
            for title, actions in self.editor.actions.menus().items():
                if not actions:
                    continue
                with dpg.menu(label=title, parent=bar):
                    for each in actions:
                        dpg.add_menu_item(
                            label=each.title,
                            shortcut=each.keys[0].replace("Ctrl", keys.COMMAND)
                            if each.keys
                            else "",
                            callback=lambda _, __, run: run(),
                            user_data=each.run,
                        )

    def _add_actions(self) -> None:
        add = self.editor.actions.add
        add("Undo", self.editor.undo, "Ctrl+Z", menu="Edit")
        add("Redo", self.editor.redo, "Ctrl+Shift+Z", "Ctrl+Y", menu="Edit")

    def _lay_out(self) -> None:
        """Gives each region its place; only where the window has another size."""
        px, shown, regions = self.look.px, self.shown, self._regions
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        stage = self.canvas.locked
        state = (width, height, stage, *shown.values())
        if state == self._size:
            return
        self._size = state
        menu = px(MENU)
        bar = px(STAGE_BAR if stage else BAR) if "bar" in regions else 0
        status = px(STATUS) if "status" in regions else 0
        open_ = {**shown, "stage": stage}
        open_["left"] &= not stage
        open_["right"] &= not stage
        foot_room = px(STAGE_BOTTOM if stage else BOTTOM)
        below = foot_room if "bottom" in regions and open_["bottom"] else 0
        left = px(SIDE * 0.75) if "left" in regions and open_["left"] else 0
        right = px(SIDE) if "right" in regions and open_["right"] else 0
        top, foot = menu + bar, height - status - below
        places: dict[Region, tuple[int, int, int, int]] = {
            "bar": (0, menu, width, bar),
            "left": (0, top, left, foot - top),
            "right": (width - right, top, right, foot - top),
            "bottom": (0, foot, width, below),
            "status": (0, height - status, width, status),
            "stage": (0, top, width, foot - top),
        }
        for name, region in regions.items():
            self._put(region, *places[name], open_=open_.get(name, True))
        self._put(self._area, left, top, width - left - right, foot - top, open_=not stage)

    def _put(self, item: int, x: int, y: int, width: int, height: int, open_: bool = True) -> None:
        dpg.configure_item(item, pos=[x, y], width=width, height=height, show=open_)

    def _pressed(self, name: str) -> None:
        self._touched = time.monotonic()
        self.editor.actions.press(name, self.editor.typing)

    def _wheel(self, _: int, steps: float) -> None:
        widget = under_mouse() if keys.held()[0] else None
        if widget:
            widget.step(1 if steps > 0 else -1, fine=keys.held()[1])
        elif self.canvas.hovered():
            self.canvas.zoom_by(1 if steps > 0 else -1, tuple(dpg.get_mouse_pos(local=False)))
