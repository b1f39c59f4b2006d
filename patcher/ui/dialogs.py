"""Windows that must be answered before anything else: a question, and the choice of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import dearpygui.dearpygui as dpg

from patcher.shown import shown
from patcher.ui.actions import Actions
from patcher.ui.buttons import light
from patcher.ui.colours import rgba
from patcher.ui.files import FileDialog
from patcher.ui.look import TITLE, Look
from patcher.ui.placing import centre

Choice: TypeAlias = tuple[str, Callable[[], object]]
"""What a button says, and what it does."""

WIDTH = 460
"""Of a question, in pixels at a scale of 1."""
EDGE = 20
BESIDE = 3
"""Buttons that stand side by side; more stand one below the other."""


class Question:
    """A question with a few answers.

    The arrows and Tab go from one to the next and Enter takes the one that is lit, at first the
    first; Esc takes the last.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._window = 0
        self._choices: Sequence[Choice] = ()
        self._buttons: list[int] = []
        self._at = 0

    def build(self) -> None:
        """Makes the window, hidden."""
        self._window = dpg.add_window(
            show=False, modal=True, no_title_bar=True, no_move=True, no_resize=True, autosize=True
        )
        edge = self._look.px(EDGE)
        theme = self._look.theme("question", sizes={dpg.mvStyleVar_WindowPadding: (edge, edge)})
        dpg.bind_item_theme(self._window, theme)

    @property
    def shown(self) -> bool:
        """Whether it waits for an answer."""
        return bool(self._choices)

    def ask(self, title: str, text: str, choices: Sequence[Choice]) -> None:
        """Asks; the answer closes it and then does what it stands for."""
        look = self._look
        dpg.delete_item(self._window, children_only=True)
        heading = dpg.add_text(shown(title), parent=self._window, wrap=look.px(WIDTH))
        look.enlarge(heading, TITLE)
        if text:
            faint = rgba(look.palette.faint)
            dpg.add_text(shown(text), parent=self._window, wrap=look.px(WIDTH), color=faint)
        dpg.add_spacer(parent=self._window, width=look.px(WIDTH), height=look.px(8))
        beside = len(choices) <= BESIDE
        row = dpg.add_group(parent=self._window, horizontal=beside)
        self._buttons = [
            int(
                dpg.add_button(
                    label=shown(label),
                    parent=row,
                    height=look.px(34),
                    width=0 if beside else look.px(WIDTH),
                    user_data=number,
                    callback=lambda _, __, chosen: self._answer(chosen),
                )
            )
            for number, (label, _) in enumerate(choices)
        ]
        self._choices = choices
        self._light(0)
        dpg.configure_item(self._window, show=True)

    def take(self, keys: str) -> bool:
        """Answers by keys; while it is shown it takes all of them."""
        if not self.shown:
            return False
        if keys in ("Right", "Down", "Tab"):
            self._light(self._at + 1)
        elif keys in ("Left", "Up", "Shift+Tab"):
            self._light(self._at - 1)
        elif keys in ("Enter", "Space"):
            self._answer(self._at)
        elif keys == "Esc":
            self._answer(len(self._choices) - 1)
        return True

    def refresh(self) -> None:
        """Keeps it in the middle of the window."""
        if self.shown:
            centre(self._window)

    def _light(self, number: int) -> None:
        self._at = number % len(self._choices)
        for each, button in enumerate(self._buttons):
            light(self._look, button, self._look.palette.accent if each == self._at else None)

    def _answer(self, number: int) -> None:
        _, run = self._choices[number]
        self._choices = ()
        dpg.configure_item(self._window, show=False)
        run()


class Dialogs:
    """The questions and choices of files of one window, one at a time."""

    def __init__(self, look: Look, actions: Actions) -> None:
        self._actions = actions
        self._question = Question(look)
        self._file = FileDialog(look)

    def build(self) -> None:
        """Makes the windows, hidden."""
        self._question.build()
        self._file.build()
        self._actions.ask_first(self._file.take, typing=True)
        self._actions.ask_first(self._question.take, typing=True)

    def refresh(self) -> None:
        """Follows what is typed; once a drawn frame."""
        self._question.refresh()
        self._file.refresh()

    @property
    def shown(self) -> bool:
        """Whether one waits for an answer."""
        return self._question.shown or self._file.shown

    def ask(self, title: str, text: str, *choices: Choice) -> None:
        """Asks a question. Enter takes the first answer, Esc the last."""
        self._question.ask(title, text, choices)

    def open_file(
        self, title: str, start: Path, suffixes: Sequence[str], chosen: Callable[[Path], object]
    ) -> None:
        """Asks for a file that is there.

        Args:
            start: the folder that is shown first.
            suffixes: of the files that are offered, such as `.wav`.
            chosen: told the path.
        """
        self._file.open(title, start, suffixes, chosen)

    def open_folder(self, title: str, start: Path, chosen: Callable[[Path], object]) -> None:
        """Asks for a folder that is there; `start` is shown first."""
        self._file.open(title, start, (), chosen)

    def save_file(
        self, title: str, start: Path, suffixes: Sequence[str], chosen: Callable[[Path], object]
    ) -> None:
        """Asks where to save.

        Args:
            start: the path that is proposed.
            suffixes: of the files that are shown.
            chosen: told the path; there may be a file already.
        """
        self._file.open(title, start.parent, suffixes, chosen, name=start.name)
