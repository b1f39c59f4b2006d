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
from patcher.ui.listing import Listing
from patcher.ui.look import TEXT
from patcher.ui.popup import Popup
from patcher.ui.view import Point

Fits: TypeAlias = Callable[[NodeType], str | None]
"""Says which port of a new node the waiting cable would take; empty where no cable waits, None
where the node has no such port."""

WIDTH, LIST, ROW = 604, 330, 24
"""Of what is in it, and the heights of the list and of a row, in pixels at a scale of 1."""
DOT, NAME = 14, 180
"""Widths of the first columns."""
FOOT = 62
"""Height of what is said about the marked row."""
HINT = "Search: a name, what it takes and gives such as “midi notes”, or what it does"


class NodePalette:
    """Asks which node type to add; arrows and Enter, or a click, take one, Esc none."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._look = editor.look
        self._listing = Listing(self._fill, self._take, self._describe)
        self._popup = Popup(editor.actions, self._listing.take)
        self._list = self._foot = 0
        self._found: list[NodeType] = []
        self._used: list[str] = []
        self._chosen: Callable[[NodeType], None] = lambda _: None
        self._fits: Fits = lambda _: ""

    def build(self) -> None:
        """Makes the popup, hidden."""
        self._popup.build()
        px, parent = self._look.px, self._popup.item
        search = dpg.add_input_text(parent=parent, hint=HINT, width=px(WIDTH))
        self._list = dpg.add_child_window(parent=parent, width=px(WIDTH), height=px(LIST))
        self._foot = dpg.add_child_window(
            parent=parent, width=px(WIDTH), height=px(FOOT), no_scrollbar=True
        )
        self._listing.build(search, self._list)

    def open(
        self, at: Point, chosen: Callable[[NodeType], None], fits: Fits = lambda _: ""
    ) -> None:
        """Opens the list at a place of the screen; offers only what fits."""
        self._chosen, self._fits = chosen, fits
        self._used = added_types()
        self._popup.open(at)
        self._listing.begin()

    def refresh(self) -> None:
        """Follows what is typed; once a drawn frame."""
        if self._popup.shown:
            self._popup.refresh()
            self._listing.refresh()

    def _fill(self, typed: str) -> list[int]:
        """Lists what is found."""
        types = [
            each for each in self._editor.registry.types.values() if self._fits(each) is not None
        ]
        self._found = search(types, typed, self._used)
        px = self._look.px
        with dpg.table(
            parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit
        ) as table:
            for width in (DOT, NAME, 0):
                dpg.add_table_column(
                    init_width_or_weight=px(width), width_fixed=width > 0, width_stretch=not width
                )
            dpg.bind_item_theme(table, self._theme())
            rows = [self._add_row(table, *each) for each in enumerate(self._found)]
        if not self._found:
            dpg.add_text("Nothing of the kind fits here", parent=self._list)
        return rows

    def _add_row(self, table: int | str, number: int, declared: NodeType) -> int:
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
            room = look.px(WIDTH - DOT - NAME - 54)
            summary = look.fitted(words + spoken(declared.summary), look.px(TEXT), room)
            dpg.add_text(summary, color=rgba(palette.faint))
        return int(row)

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

    def _describe(self, number: int) -> None:
        """Says more about the node type of a row below the list."""
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
        dpg.add_text(spoken(declared.summary), parent=self._foot, wrap=look.px(WIDTH - 14))

    def _take(self, number: int) -> None:
        if number >= len(self._found):
            return
        self._popup.close()
        self._chosen(self._found[number])
