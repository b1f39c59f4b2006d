"""All that a key or a menu does, in one table: menus, shortcuts and their list come from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import shorten
from typing import TypeAlias

from patcher.shown import shown

Take: TypeAlias = Callable[[str], bool]
"""Told keys that were pressed; says whether it takes them for itself."""

MENUS = ("File", "Edit", "View", "Play", "Help")
"""In the order in which they stand."""
MOST_ABOUT = 48
"""Letters of what an action is about."""


@dataclass(frozen=True)
class Action:
    """Something the player can have done.

    Attributes:
        title: as a menu has it.
        run: does it.
        keys: shortcuts, such as `Ctrl+Shift+Z`; Ctrl stands for Cmd on macOS.
        menu: the menu it is in; empty for none.
        possible: whether it can be done now.
        typing: whether its keys work while a text is typed, too.
        about: returns what it would be done to now, such as the step to be undone, or None.
    """

    title: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    menu: str = ""
    possible: Callable[[], bool] = lambda: True
    typing: bool = False
    about: Callable[[], str | None] | None = None

    @property
    def words(self) -> str:
        """Its title, and what it would be done to now."""
        about = self.about() if self.about else None
        if not about:
            return self.title
        return f"{self.title} {shorten(shown(about), MOST_ABOUT, placeholder=' …')}"

    def do(self) -> None:
        """Does it, if it can be done now."""
        if self.possible():
            self.run()


class Actions:
    """The table of actions; parts of the window add theirs when they are made.

    Attributes:
        letters: False while letters are played on: shortcuts of a single letter rest then.
    """

    def __init__(self) -> None:
        self.letters = True
        self._actions: list[Action] = []
        self._by_keys: dict[str, Action] = {}
        self._takers: list[tuple[Take, bool]] = []

    def clear(self) -> None:
        """Empties the table, for parts that are made anew."""
        self._actions.clear()
        self._by_keys.clear()
        self._takers.clear()

    def add(
        self,
        title: str,
        run: Callable[[], object],
        *keys: str,
        menu: str = "",
        possible: Callable[[], bool] = lambda: True,
        typing: bool = False,
        about: Callable[[], str | None] | None = None,
    ) -> None:
        """Adds an action; see `Action` for what is told of it.

        Raises:
            ValueError: another has one of its keys.
        """
        action = Action(title, run, keys, menu, possible, typing, about)
        for each in keys:
            if each in self._by_keys:
                raise ValueError(f"{each} does {self._by_keys[each].title!r} already")
            self._by_keys[each] = action
        self._actions.append(action)

    def ask_first(self, take: Take, typing: bool = False) -> None:
        """Has something asked before the table is, the last first.

        Args:
            typing: whether it is asked while a text is typed, too.
        """
        self._takers.insert(0, (take, typing))

    def press(self, keys: str, typing: bool) -> bool:
        """Does what keys stand for, if anything; says whether they do."""
        if any(take(keys) for take, always in self._takers if always or not typing):
            return True
        action = self._by_keys.get(keys)
        if action is None or (typing and not action.typing):
            return False
        if not self.letters and len(keys) == 1 and keys.isalpha():
            return False
        action.do()
        return True

    def titled(self, title: str) -> Action:
        """Returns the action of a title."""
        return next(each for each in self._actions if each.title == title)

    def menus(self) -> dict[str, list[Action]]:
        """Returns the actions of each menu, in the order in which they were added."""
        found: dict[str, list[Action]] = {menu: [] for menu in MENUS}
        for each in self._actions:
            if each.menu:
                found[each.menu].append(each)
        return found

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions)
