"""What becomes of unsaved work that editors left which ended unexpectedly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from engine.compiler import modernise
from engine.files import loads
from patcher.document import Document
from patcher.editing.drafts import Draft, Drafts

if TYPE_CHECKING:
    from patcher.editing.editor import Editor

MOST = 6
"""Drafts that are offered at once; the others wait for the next start."""

Open: TypeAlias = Callable[[Callable[[], Document]], object]
"""Has a document made and shown, once nothing else is unsaved."""


class Recovery:
    """Offers what was left."""

    def __init__(self, editor: Editor, drafts: Drafts, open_: Open) -> None:
        self._editor = editor
        self._drafts = drafts
        self._open = open_

    def discard_same(self, document: Document) -> None:
        """Removes the drafts of what is here anyway, once this editor has one of it."""
        self._drafts.keep(document)
        if not self._drafts.flush():
            return
        for draft in self._drafts.recoverable():
            patch = loads(draft.text.encode())
            if modernise(patch, self._editor.registry) == document.patch:
                self._drafts.discard(draft)

    def offer(self) -> None:
        """Asks what is to become of unsaved work that editors left which ended unexpectedly."""
        drafts = self._drafts.recoverable()[:MOST]
        if not drafts:
            return

        def recover(draft: Draft) -> None:
            registry = self._editor.registry
            self._open(lambda: self._drafts.recover(draft, registry))

        def discard() -> None:
            for draft in drafts:
                self._drafts.discard(draft)

        offers = [(f"{each.title}, {_when(each.when)}", partial(recover, each)) for each in drafts]
        self._editor.dialogs.ask(
            "Hocket ended unexpectedly",
            "This work was not saved. It can be opened as an untitled patch.",
            *offers,
            ("Discard it" if len(drafts) == 1 else "Discard all", discard),
            ("Decide at the next start", lambda: None),
        )


def _when(seconds: float) -> str:
    """Returns a time of the day, with the date where that is not today."""
    then = datetime.fromtimestamp(seconds)
    today = then.date() == datetime.now().date()
    return f"{then:%H:%M}" if today else f"{then:%d %B, %H:%M}"
