"""What lasts about the document or the engine, told above the canvas, and what can be done."""

from __future__ import annotations

from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.filing import Notice
from patcher.panels.panel import Region
from patcher.shown import shown
from patcher.ui.colours import CLEAR, blend, rgba


class Banner:
    """A strip with a sentence and its buttons; it is there only while there is a notice."""

    region: ClassVar[Region] = "banner"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._parent: int | str = 0
        self._shown: Notice | None = None

    def build(self, parent: int | str) -> None:
        self._parent = parent
        look = self._editor.look
        ground = {
            dpg.mvThemeCol_ChildBg: rgba(blend(look.palette.panel, look.palette.warn, 0.22)),
        }
        edge = look.px(8)
        sizes = {dpg.mvStyleVar_WindowPadding: (2 * edge, edge)}
        dpg.bind_item_theme(dpg.get_item_parent(parent), look.theme("banner", ground, sizes))

    def refresh(self) -> None:
        notice = self._editor.notice
        if notice == self._shown:
            return
        self._shown = notice
        dpg.delete_item(self._parent, children_only=True)
        if notice is None:
            return
        words = dpg.add_button(label=shown(notice.text), parent=self._parent)
        flat = dict.fromkeys(
            (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive),
            CLEAR,
        )
        dpg.bind_item_theme(words, self._editor.look.theme("flat", flat))
        for label, run in notice.choices:
            dpg.add_button(
                label=label,
                parent=self._parent,
                user_data=run,
                callback=lambda _, __, chosen: chosen(),
            )
