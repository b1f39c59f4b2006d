"""The list of node types with a search, which opens where a node is to be added."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import dearpygui.dearpygui as dpg

from engine.nodetype import NodeType
from patcher.editing.editor import Editor
from patcher.editing.explaining import spoken
from patcher.editing.searching import main_signal, search, taken_and_given
from patcher.state import added_types
from patcher.ui.colours import rgba
from patcher.ui.look import TEXT
from patcher.ui.view import Point

Fits: TypeAlias = Callable[[NodeType], str | None]
"""Says which port of a new node the waiting cable would take; empty where no cable waits, None
where the node has no such port."""

WIDTH, LIST, ROW = 620, 330, 24
"""Of the window, and the heights of the list and of a row, in pixels at a scale of 1."""
DOT, NAME = 14, 180
"""Widths of the first columns."""
FOOT = 62
"""Height of what is said about the marked row."""
HINT = "Search: a name, what it takes and gives such as “midi notes”, or what it does"


class Palette:
    """Asks which node type to add; arrows and Enter, or a click, take one, Esc none."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._look = editor.look
        self._window = self._search = self._list = self._foot = 0
        self._rows: list[int] = []
        self._found: list[NodeType] = []
        self._used: list[str] = []
        self._typed: str | None = None
        self._marked = 0
        self._chosen: Callable[[NodeType], None] = lambda _: None
        self._fits: Fits = lambda _: ""

    def build(self, parent: int | str) -> None:
        """Makes the popup, hidden."""
        px = self._look.px
        self._window = dpg.add_window(
            show=False, popup=True, no_title_bar=True, no_move=True, no_resize=True, width=px(WIDTH)
        )
        self._search = dpg.add_input_text(parent=self._window, hint=HINT, width=-1)
        self._list = dpg.add_child_window(parent=self._window, height=px(LIST))
        self._foot = dpg.add_child_window(parent=self._window, height=px(FOOT), no_scrollbar=True)

    def open(
        self, at: Point, chosen: Callable[[NodeType], None], fits: Fits = lambda _: ""
    ) -> None:
        """Opens the list at a place of the screen, within the window; offers only what fits."""
        self._chosen, self._fits, self._typed = chosen, fits, None
        self._used = added_types()
        dpg.set_value(self._search, "")
        px = self._look.px
        height = px(LIST + FOOT + 3 * TEXT + 30)
        left = min(at[0], dpg.get_viewport_client_width() - px(WIDTH + 8))
        top = min(at[1], dpg.get_viewport_client_height() - height - px(8))
        place = [max(int(left), 0), max(int(top), 0)]
        dpg.configure_item(self._window, show=True, pos=place, height=height)
        dpg.focus_item(self._search)

    def refresh(self) -> None:
        """Follows what is typed, the keys and the mouse; once a drawn frame."""
        if not dpg.is_item_shown(self._window):
            return
        typed = dpg.get_value(self._search)
        if typed != self._typed:
            self._typed = typed
            self._fill()
        if dpg.is_key_pressed(dpg.mvKey_Escape):
            dpg.configure_item(self._window, show=False)
        elif dpg.is_key_pressed(dpg.mvKey_Return):
            self._take(self._marked)
        step = dpg.is_key_pressed(dpg.mvKey_Down) - dpg.is_key_pressed(dpg.mvKey_Up)
        if step and self._rows:
            self._mark((self._marked + step) % len(self._rows))
            self._reveal()

    def _fill(self) -> None:
        """Lists what is found."""
        types = [
            each for each in self._editor.registry.types.values() if self._fits(each) is not None
        ]
        self._found = search(types, self._typed or "", self._used)
        dpg.delete_item(self._list, children_only=True)
        dpg.set_y_scroll(self._list, 0)
        self._rows = []
        px = self._look.px
        with dpg.table(
            parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit
        ) as table:
            for width in (DOT, NAME, 0):
                dpg.add_table_column(
                    init_width_or_weight=px(width), width_fixed=width > 0, width_stretch=not width
                )
            dpg.bind_item_theme(table, self._theme())
            for number, declared in enumerate(self._found):
                self._add_row(table, number, declared)
        if not self._found:
            dpg.add_text("Nothing of the kind fits here", parent=self._list)
        self._mark(0)

    def _add_row(self, table: int | str, number: int, declared: NodeType) -> None:
        look, palette = self._look, self._look.palette
        signal = main_signal(declared)
        colour = look.colour(signal.name if signal else "")
        with dpg.table_row(parent=table):
            row = dpg.add_selectable(
                label="●",
                span_columns=True,
                user_data=number,
                callback=lambda _, __, taken: self._take(taken),
            )
            dpg.bind_item_theme(
                row, look.theme(("dot", colour), {dpg.mvThemeCol_Text: rgba(colour)})
            )
            dpg.add_text(look.fitted(declared.name, look.px(TEXT), look.px(NAME)))
            port = self._fits(declared)
            words = f"{port}   " if port else ""
            room = look.px(WIDTH - DOT - NAME - 70)
            summary = look.fitted(words + spoken(declared.summary), look.px(TEXT), room)
            dpg.add_text(summary, color=rgba(palette.faint))
        self._rows.append(int(row))

    def _theme(self) -> int:
        """Returns what makes rows as high as `ROW`, without gaps between them."""
        look, accent = self._look, self._look.palette.accent
        between = look.px(ROW - TEXT) / 2
        return look.theme(
            "palette",
            {
                dpg.mvThemeCol_Header: rgba(accent, 64),
                dpg.mvThemeCol_HeaderHovered: rgba(accent, 32),
                dpg.mvThemeCol_HeaderActive: rgba(accent, 64),
            },
            {
                dpg.mvStyleVar_FramePadding: (0, 0),
                dpg.mvStyleVar_CellPadding: (look.px(4), between),
                dpg.mvStyleVar_ItemSpacing: (look.px(8), 2 * between),
            },
        )

    def _mark(self, number: int) -> None:
        """Marks a row, and says more about its node type below the list."""
        self._marked = number
        for each, row in enumerate(self._rows):
            dpg.set_value(row, each == number)
        dpg.delete_item(self._foot, children_only=True)
        if number >= len(self._found):
            return
        look, declared = self._look, self._found[number]
        taken, given = map(" and ".join, taken_and_given(declared))
        dpg.add_text(
            f"{taken or 'nothing'} → {given or 'out'}",
            parent=self._foot,
            color=rgba(look.palette.faint),
        )
        dpg.add_text(spoken(declared.summary), parent=self._foot, wrap=look.px(WIDTH - 30))

    def _reveal(self) -> None:
        """Scrolls so that the marked row is seen."""
        row, top = self._look.px(ROW), dpg.get_y_scroll(self._list)
        start, room = self._marked * row, dpg.get_item_rect_size(self._list)[1]
        if start < top:
            dpg.set_y_scroll(self._list, start)
        elif start + row > top + room:
            dpg.set_y_scroll(self._list, start + row - room)

    def _take(self, number: int) -> None:
        if number >= len(self._found):
            return
        dpg.configure_item(self._window, show=False)
        self._chosen(self._found[number])
