"""What every picture of a signal on a node is."""

from __future__ import annotations

from typing import Protocol

from engine.messages import Snapshot


class Display(Protocol):
    """A picture on a node: a meter, a wave, a trace.

    Attributes:
        ports: the outlets it shows, as `node.outlet`; the canvas has them watched.
    """

    ports: frozenset[str]

    def build(self, parent: int, width: float, scale: float) -> None:
        """Makes the items inside `parent`.

        Args:
            width: in pixels.
            scale: pixels on the screen for one at a zoom and a scale of 1.
        """

    def resize(self, width: float, scale: float) -> None:
        """Takes another size."""

    def show(self, snapshot: Snapshot) -> None:
        """Shows what a frame carried; called once a snapshot while the node is on the screen."""
