"""What every part of the window is."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

Region = Literal["bar", "banner", "left", "right", "bottom", "status", "stage", "over"]
"""Where a part lies: in the bar above the canvas or the strip below that, in a tab on the left or
on the right of it, below it, on the status line, in its place while the patch is performed, or in a
window of its own over all the rest."""


class Panel(Protocol):
    """A part of the window, made once and brought up to date before each drawn frame.

    It is made with the `Editor` and the `Canvas`.

    Attributes:
        region: where it lies.
        title: of its tab, if it is one.
    """

    region: ClassVar[Region]
    title: ClassVar[str]

    def build(self, parent: int | str) -> None:
        """Makes the items inside `parent`, and adds what it does to the table of actions."""

    def refresh(self) -> None:
        """Shows what has changed; costs next to nothing where nothing has."""
