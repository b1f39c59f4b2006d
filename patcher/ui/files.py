"""The choice of a file: a list of folders and files, and a line to type a path into."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import dearpygui.dearpygui as dpg

from patcher.shown import shown
from patcher.ui.buttons import light
from patcher.ui.colours import rgba
from patcher.ui.look import Look
from patcher.ui.placing import centre

WIDTH, HEIGHT = 720, 520
"""Of the dialog, in pixels at a scale of 1."""
MOST = 2_000
"""Rows of one folder; who wants another types more of its name."""


def entries(folder: Path, suffixes: Sequence[str], typed: str = "") -> list[Path]:
    """Returns what a folder holds: its folders and then the files that end so, hidden ones left
    out, of those the ones whose names hold what is typed.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(folder) as found:
        seen = [each for each in found if not each.name.startswith(".")]
    fitting = [each for each in seen if typed.lower() in each.name.lower()]
    files = [each.name for each in fitting if _is_file(each, suffixes)]
    folders = [each.name for each in fitting if each.is_dir()]
    names = [*sorted(folders, key=str.lower), *sorted(files, key=str.lower)]
    return [folder / name for name in names]


def resolve(folder: Path, typed: str) -> Path:
    """Returns the path that is meant by what is typed while a folder is shown."""
    try:
        path = Path(typed.strip()).expanduser()
    except RuntimeError:  # ~ of a user whom the system does not know
        path = Path(typed.strip())
    return Path(os.path.normpath(folder / path))


class FileDialog:
    """A list of what a folder holds, and a line that narrows it or takes a whole path."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._window = 0
        self._title = self._place = self._name = self._list = self._done = self._said = 0
        self._folder = Path()
        self._suffixes: Sequence[str] = ()
        self._chosen: Callable[[Path], object] | None = None
        self._saving = False
        self._rows: list[tuple[Path, int]] = []
        self._at = -1
        self._typed = ""
        self._focus = 0

    def build(self) -> None:
        """Makes the window, hidden."""
        px, width = self._look.px, self._look.px(WIDTH)
        with dpg.window(
            show=False,
            modal=True,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            width=width,
            height=px(HEIGHT),
        ) as self._window:
            self._title = dpg.add_text("")
            with dpg.group(horizontal=True):
                dpg.add_button(label="Up", callback=lambda: self._go(self._folder.parent))
                dpg.add_button(label="Home", callback=lambda: self._go(Path.home()))
                self._place = dpg.add_text("")
            self._list = dpg.add_child_window(height=px(HEIGHT - 178), border=True)
            self._name = dpg.add_input_text(width=-1, hint="A name, or a path")
            self._said = dpg.add_text("")
            with dpg.group(horizontal=True):
                self._done = dpg.add_button(
                    label="Open", width=px(110), height=px(34), callback=lambda: self._accept()
                )
                dpg.add_button(
                    label="Cancel", width=px(110), height=px(34), callback=lambda: self._close()
                )
        light(self._look, self._done, self._look.palette.accent)

    @property
    def shown(self) -> bool:
        """Whether it waits for an answer."""
        return self._chosen is not None

    @property
    def _verb(self) -> str:
        """What is done with what is chosen."""
        if self._saving:
            return "Save"
        return "Open" if self._suffixes else "Choose"

    def open(
        self,
        title: str,
        start: Path,
        suffixes: Sequence[str],
        chosen: Callable[[Path], object],
        name: str | None = None,
    ) -> None:
        """Asks for a path.

        Args:
            start: the folder that is shown first.
            suffixes: of the files that are shown; none where a folder is asked for.
            chosen: told the path.
            name: what is proposed where to save; None for a file to open.
        """
        self._suffixes, self._chosen, self._saving = suffixes, chosen, name is not None
        dpg.set_value(self._title, title)
        dpg.configure_item(self._done, label=self._verb)
        self._go(start if os.path.isdir(start) else Path.home())
        self._write(name or "")
        dpg.configure_item(self._window, show=True)
        self._focus = 2

    def take(self, keys: str) -> bool:
        """Takes the keys that go through the list, and those that end it; lets no other pass."""
        if not self.shown:
            return False
        if keys in ("Up", "Down"):
            self._mark(self._at + (1 if keys == "Down" else -1))
        elif keys == "Enter":
            self._accept()
        elif keys == "Esc":
            self._close()
        elif keys == "Alt+Up":
            self._go(self._folder.parent)
        elif keys == "Alt+Home":
            self._go(Path.home())
        return True

    def refresh(self) -> None:
        """Follows what is typed; once a drawn frame."""
        if not self.shown:
            return
        centre(self._window)
        if self._focus:  # a window that opens takes the focus for itself at first
            self._focus -= 1
            dpg.focus_item(self._name)
        typed = dpg.get_value(self._name)
        if typed != self._typed:
            self._typed = typed
            dpg.set_value(self._said, "")
            if not self._saving:
                self._fill("" if os.sep in typed else typed)

    def _go(self, folder: Path) -> None:
        self._folder = folder
        dpg.set_value(self._place, shown(folder))
        if not self._saving:
            self._write("")
        self._fill()
        self._focus = 1

    def _write(self, text: str) -> None:
        self._typed = shown(text)
        dpg.set_value(self._name, self._typed)

    def _fill(self, typed: str = "") -> None:
        """Lists the folder."""
        look = self._look
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        dpg.set_value(self._said, "")
        try:
            found = entries(self._folder, self._suffixes, typed)
        except OSError as error:
            self._complain(f"{self._folder} cannot be read: {error.strerror}")
            return
        for number, path in enumerate(found[:MOST]):
            row = dpg.add_selectable(
                label=shown(path.name) + os.sep * os.path.isdir(path),
                parent=self._list,
                user_data=number,
                callback=lambda _, __, clicked: self._click(clicked),
            )
            self._rows.append((path, int(row)))
        if not found:
            here = "Nothing here" if self._suffixes else "No folder in this one"
            words = "Nothing here is called so" if typed else here
            dpg.add_text(words, parent=self._list, color=rgba(look.palette.faint))
        self._mark(0 if typed else -1)

    def _mark(self, number: int) -> None:
        """Lights a row; none for −1."""
        self._at = min(max(number, -1), len(self._rows) - 1)
        for each, (_, row) in enumerate(self._rows):
            dpg.set_value(row, each == self._at)
        if self._at >= 0:
            height = self._look.px(24) * self._at
            dpg.set_y_scroll(self._list, max(height - self._look.px(HEIGHT / 3), 0))

    def _click(self, number: int) -> None:
        """A folder is entered, a file marked; one that is marked already is taken."""
        path, _ = self._rows[number]
        if os.path.isdir(path):
            self._go(path)
        elif self._saving and self._at != number:
            self._write(path.name)
            self._mark(number)
        elif self._at == number:
            self._accept()
        else:
            self._mark(number)

    def _accept(self) -> None:
        """Takes the marked row, else what is typed."""
        typed = dpg.get_value(self._name)
        if self._at >= 0 and not (self._saving and typed):
            path = self._rows[self._at][0]
        elif typed:
            path = resolve(self._folder, typed)
        elif self._suffixes:
            return
        else:
            self._finish(self._folder)
            return
        if os.path.isdir(path):
            self._go(path)
        elif not self._suffixes:
            self._complain(f"There is no folder {path}")
        elif not self._saving and not os.path.isfile(path):
            self._complain(f"There is no file {path}")
        elif self._saving and not os.path.isdir(path.parent):
            self._complain(f"There is no folder {path.parent}")
        else:
            self._finish(path)

    def _finish(self, path: Path) -> None:
        chosen = self._chosen
        self._close()
        if chosen:
            chosen(path)

    def _complain(self, text: str) -> None:
        dpg.set_value(self._said, shown(text))
        dpg.configure_item(self._said, color=rgba(self._look.palette.bad))

    def _close(self) -> None:
        self._chosen = None
        dpg.configure_item(self._window, show=False)


def _is_file(entry: os.DirEntry[str], suffixes: Sequence[str]) -> bool:
    return entry.is_file() and os.path.splitext(entry.name)[1].lower() in suffixes
