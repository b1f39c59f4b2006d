"""A small window that asks for a text, in the place that the text is for."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from patcher.ui.actions import Actions
from patcher.ui.colours import rgba
from patcher.ui.look import Look
from patcher.ui.popup import Popup
from patcher.ui.view import Point

WIDTH = 280


class Asking:
    """Asks for a text: Enter takes it, as does a click elsewhere; Esc leaves all as it was."""

    def __init__(self, look: Look, actions: Actions) -> None:
        self._look = look
        self._popup = Popup(actions)
        self._input = 0
        self._before = ""
        self._taken: Callable[[str], object] = lambda _: None
        self._open = False

    def build(self) -> None:
        """Makes the window, hidden."""
        self._popup.build()
        self._open = False

    def ask(
        self, at: Point, text: str, taken: Callable[[str], object], lines: int = 1, hint: str = ""
    ) -> None:
        """Asks for a text at a place of the screen.

        Args:
            text: what it is now.
            taken: told the text in the end, be it the same.
            lines: how many are seen; with more than one, Ctrl+Enter begins the next.
        """
        self._before, self._taken, self._open = text, taken, True
        dpg.delete_item(self._popup.item, children_only=True)
        look = self._look
        several = lines > 1
        self._input = dpg.add_input_text(
            parent=self._popup.item,
            default_value=text,
            hint=hint,
            width=look.px(WIDTH),
            on_enter=True,
            auto_select_all=not several,
            multiline=several,
            ctrl_enter_for_new_line=several,
            callback=self._entered,
            **({"height": look.px(22 * lines)} if several else {}),
        )
        if several:
            dpg.add_text(
                "Enter takes it, Ctrl+Enter begins a line",
                color=rgba(look.palette.faint),
                parent=self._popup.item,
            )
        self._popup.open(at)
        dpg.focus_item(self._input)

    def refresh(self) -> None:
        """Takes the text where a click elsewhere has closed the window."""
        self._popup.refresh()
        if self._open and not self._popup.shown:
            self._close(take=not self._popup.given_up)

    def _entered(self) -> None:
        self._close(take=True)

    def _close(self, take: bool) -> None:
        self._open = False
        self._popup.close()
        self._taken(dpg.get_value(self._input) if take else self._before)
