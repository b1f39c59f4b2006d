"""Patches to be read about and opened: those of Hocket, the player's own, those opened last."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import dearpygui.dearpygui as dpg

from patcher.editing.shelf import OWN, RECENT, Shelved, narrowed, shelf, tags_of
from patcher.panels.sheet import Sheet
from patcher.shown import shown
from patcher.state import own_folder
from patcher.ui.buttons import add_button
from patcher.ui.colours import rgba
from patcher.ui.listing import Listing
from patcher.ui.look import TITLE

LIST = 330
"""Width of the list, in pixels at a scale of 1."""
ANY = "All tags"


class Browser(Sheet):
    """Titles on the left, what is said about the marked one on the right.

    Typing narrows the list; the arrows mark, Enter or a double click opens.
    """

    title: ClassVar[str] = "Patches"
    WIDTH: ClassVar[int] = 900
    HEIGHT: ClassVar[int] = 600

    def build(self, parent: int | str) -> None:
        super().build(parent)
        self._shelf: list[Shelved] = []
        self._found: list[Shelved] = []
        self._listing = Listing(self._add_rows, self._open, self._describe)
        with dpg.item_handler_registry() as self._clicks:
            dpg.add_item_double_clicked_handler(callback=lambda: self._listing.take("Enter"))
        self.editor.actions.add("Patches…", self.open, "Ctrl+Shift+P", menu="File")

    def _fill(self, parent: int) -> None:
        px = self.look.px
        self._shelf = shelf()
        with dpg.group(parent=parent, horizontal=True) as row:
            self._search = dpg.add_input_text(hint="Search", width=px(LIST))
            self._tag = dpg.add_combo(
                [ANY, *tags_of(self._shelf)],
                default_value=ANY,
                width=px(200),
                callback=lambda: self._listing.renew(),
            )
            tip = f"Chooses the folder of your own patches; now {own_folder() or 'none'} (Alt+F)"
            add_button(int(row), "Your folder…", self._ask_folder, shown(tip))
        with dpg.group(parent=parent, horizontal=True):
            self._list = dpg.add_child_window(width=px(LIST))
            self._page = dpg.add_child_window()
        self._listing.build(self._search, self._list)
        self._listing.begin()

    def _update(self) -> None:
        self._listing.refresh()

    def _take(self, keys: str) -> bool:
        if not self.shown or self.editor.dialogs.shown:
            return False
        if keys == "Alt+F":
            self._ask_folder()
            return True
        return self._listing.take(keys) or super()._take(keys)

    def _add_rows(self, typed: str) -> list[int]:
        """Lists what is found, under the kinds of it."""
        tag = dpg.get_value(self._tag)
        self._found = narrowed(self._shelf, typed, "" if tag == ANY else tag)
        order = list(dict.fromkeys(each.kind for each in self._shelf))
        self._found.sort(key=lambda each: order.index(each.kind))
        rows, kind = [], ""
        faint = rgba(self.look.palette.faint)
        for number, each in enumerate(self._found):
            if each.kind != kind:
                kind = each.kind
                dpg.add_text(kind, parent=self._list, color=faint)
            row = dpg.add_selectable(
                label=f"{each.title}##{number}",
                parent=self._list,
                indent=self.look.px(10),
                user_data=number,
                callback=lambda _, __, clicked: self._listing.mark(clicked),
            )
            dpg.bind_item_handler_registry(row, self._clicks)
            if each.fault:
                dpg.bind_item_theme(row, self._faulty())
            rows.append(int(row))
        return rows

    def _describe(self, number: int) -> None:
        """Says what there is to say about the patch of a row."""
        page, look = self._page, self.look
        dpg.delete_item(page, children_only=True)
        if number >= len(self._found):
            dpg.add_text("No patch is described so", parent=page)
            return
        found, faint = self._found[number], rgba(look.palette.faint)
        look.enlarge(dpg.add_text(found.title, parent=page, wrap=0), TITLE)
        if found.kind in (OWN, RECENT):
            dpg.add_text(shown(found.path), parent=page, wrap=0, color=faint)
        if found.fault:
            dpg.add_text(shown(found.fault), parent=page, wrap=0, color=rgba(look.palette.warn))
            return
        dpg.add_text(", ".join(found.tags), parent=page, wrap=0, color=faint)
        dpg.add_text(found.description, parent=page, wrap=0)
        dpg.add_spacer(parent=page, height=look.px(6))
        tip = "Opens it, as a copy if it comes with Hocket (Enter)"
        add_button(page, "Open", lambda: self._open(number), tip)

    def _open(self, number: int) -> None:
        if number < len(self._found) and not self._found[number].fault:
            self.close()
            self.editor.filing.open(self._found[number].path)
        else:
            dpg.focus_item(self._search)  # Enter took the focus from it

    def _ask_folder(self) -> None:
        start = own_folder() or Path.home()
        self.editor.dialogs.open_folder("The folder of your patches", start, self._take_folder)

    def _take_folder(self, folder: Path) -> None:
        self.editor.prefer(patches=str(folder))
        self.open()
        count = sum(each.kind == OWN for each in self._shelf)
        self.editor.say(f"{folder} holds {count} {'patch' if count == 1 else 'patches'}")

    def _faulty(self) -> int:
        """Returns the looks of a row whose patch cannot be opened."""
        warn = rgba(self.look.palette.warn)
        return self.look.theme("faulty patch", {dpg.mvThemeCol_Text: warn})
