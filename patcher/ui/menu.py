"""Menus that open at the mouse, or below a field: of what may be chosen, or done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from patcher.ui.actions import Actions
from patcher.ui.popup import Popup
from patcher.ui.view import Point


@dataclass(frozen=True)
class Row:
    """A line of a menu; one without a title parts those above it from those below.

    Attributes:
        run: what it does.
        chosen: whether it is what is set now.
        key: the letter that does it while the keyboard turns the value; empty for none.
        shortcut: the keys that do it at any time; empty for none.
        possible: whether it can be done now.
        under: the title of the menu that it is in within the menu; empty for none.
    """

    title: str = ""
    run: Callable[[], object] = lambda: None
    chosen: bool = False
    key: str = ""
    shortcut: str = ""
    possible: bool = True
    under: str = ""


class Menu:
    """One window, filled anew each time that it opens."""

    def __init__(self, actions: Actions) -> None:
        self._popup = Popup(actions)

    def build(self) -> None:
        """Makes the window, hidden."""
        self._popup.build()

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return self._popup.shown

    def open(self, rows: Iterable[Row], at: Point) -> None:
        """Opens it at a place of the screen."""
        window = self._popup.item
        dpg.delete_item(window, children_only=True)
        menus = {"": window}
        for row in rows:
            if row.under not in menus:
                menus[row.under] = int(dpg.add_menu(label=row.under, parent=window))
            if row.title:
                self._add(menus[row.under], row)
            else:
                dpg.add_separator(parent=menus[row.under])
        self._popup.open(at)

    def refresh(self) -> None:
        """Keeps it within the screen; once a drawn frame."""
        self._popup.refresh()

    def _add(self, parent: int, row: Row) -> None:
        def chosen() -> None:
            self._popup.close()
            row.run()

        dpg.add_menu_item(
            label=row.title,
            shortcut=row.shortcut,
            check=row.chosen,
            default_value=row.chosen,
            enabled=row.possible,
            parent=parent,
            callback=lambda: chosen(),
        )
