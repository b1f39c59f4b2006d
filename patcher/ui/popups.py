"""The small windows that open at the mouse, one of each, whoever opens them."""

from __future__ import annotations

from patcher.ui.actions import Actions
from patcher.ui.asking import Asking
from patcher.ui.choosing import Choosing
from patcher.ui.look import Look
from patcher.ui.menu import Menu


class Popups:
    """Opened by all the parts of a window.

    Attributes:
        asking: asks for a text.
        choosing: has one of many chosen by typing.
        menu: lists what can be done with something.
    """

    def __init__(self, look: Look, actions: Actions) -> None:
        self.asking = Asking(look, actions)
        self.choosing = Choosing(look, actions)
        self.menu = Menu(actions)

    def build(self) -> None:
        """Makes them, hidden."""
        for each in (self.asking, self.choosing, self.menu):
            each.build()

    def refresh(self) -> None:
        """Looks after those that are open; once a drawn frame."""
        for each in (self.asking, self.choosing, self.menu):
            each.refresh()
