"""Windows over the canvas that are opened to read or choose something, and closed by Esc."""

from __future__ import annotations

from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.panel import Region
from patcher.ui import menubar
from patcher.ui.placing import centre

EDGE = 14
"""Round what is in it, in pixels at a scale of 1."""


class Sheet:
    """A window in the middle; what is in it is made when it opens.

    Attributes:
        WIDTH, HEIGHT: in pixels at a scale of 1; it is no larger than the screen.
    """

    region: ClassVar[Region] = "over"
    title: ClassVar[str] = ""
    WIDTH: ClassVar[int] = 900
    HEIGHT: ClassVar[int] = 640

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self.editor = editor
        self.look = editor.look
        self._window = 0

    def build(self, parent: int | str) -> None:
        self._window = int(
            dpg.add_window(
                label=self.title,
                show=False,
                no_move=True,
                no_resize=True,
                no_collapse=True,
                on_close=lambda: self._closed(),
            )
        )
        edge = self.look.px(EDGE)
        theme = self.look.theme("sheet", sizes={dpg.mvStyleVar_WindowPadding: (edge, edge)})
        dpg.bind_item_theme(self._window, theme)
        self.editor.actions.ask_first(self._take, typing=True)

    def refresh(self) -> None:
        if self.shown:
            centre(self._window)
            self._update()

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return bool(dpg.is_item_shown(self._window))

    @property
    def width(self) -> int:
        """How wide it is, in pixels."""
        return min(self.look.px(self.WIDTH), int(dpg.get_viewport_client_width()))

    def open(self) -> None:
        """Fills the window and shows it."""
        px = self.look.px
        # It lies in the middle, and leaves the menus free.
        room = dpg.get_viewport_client_height() - 2 * px(menubar.HEIGHT)
        height = min(px(self.HEIGHT), room)
        dpg.delete_item(self._window, children_only=True)
        self._fill(self._window)
        dpg.configure_item(self._window, width=self.width, height=height, show=True)
        dpg.focus_item(self._window)

    def close(self) -> None:
        """Hides the window."""
        if self.shown:
            dpg.configure_item(self._window, show=False)
            self._closed()

    def _take(self, keys: str) -> bool:
        """Does what keys stand for while it is open."""
        if not self.shown or keys != "Esc":
            return False
        self.close()
        return True

    def _fill(self, parent: int) -> None:
        """Makes what is in the window."""

    def _update(self) -> None:
        """Shows what has changed; once a drawn frame while it is open."""

    def _closed(self) -> None:
        """Is told when the window is closed."""
