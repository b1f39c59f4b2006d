"""Faults of the window itself: told to the player in a sentence, written down, and survived."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from patcher.state import make_folder, state_folder

LOG = "editor.log"


class Mishaps:
    """What went wrong in the window that should not have; each kind is told once.

    Args:
        say: tells the player.
    """

    def __init__(self, say: Callable[[str, bool], object]) -> None:
        self._say = say
        self._told: set[tuple[str, int]] = set()

    @contextmanager
    def survived(self) -> Iterator[None]:
        """Goes on after a fault in what is done within."""
        try:
            yield
        except Exception as fault:
            self._note(fault)

    def _note(self, fault: Exception) -> None:
        last = traceback.extract_tb(fault.__traceback__)[-1]
        place = (last.filename, last.lineno or 0)
        if place in self._told:
            return
        self._told.add(place)
        log = state_folder() / LOG
        with suppress(OSError):  # then it is at least said
            make_folder(log.parent)
            with open(log, "a", encoding="utf-8", errors="replace") as file:
                print(time.strftime("%Y-%m-%d %H:%M:%S"), file=file)
                traceback.print_exception(fault, file=file)
        words = f"{type(fault).__name__}: {fault}"
        self._say(f"A fault in Hocket, please report it: {words}. {log} says where", True)
