"""What the frame loop has moved, in the order in which it was heard, for the document to follow."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.deck import Deck
from engine.places import Place


class Moved(NamedTuple):
    """Values that were moved on a deck.

    Attributes:
        turned: by controllers; else the document has them already.
    """

    deck: Deck
    values: Mapping[Place, Any]
    turned: bool


class Moves:
    """What was moved and is not in the document yet.

    A value of the document is on its way until the frame loop has it: a controller that turns it
    meanwhile is heard no longer than until then, and is not followed.

    Attributes:
        waiting: what was moved since the document followed.
    """

    def __init__(self) -> None:
        self.waiting: deque[Moved] = deque()
        self._coming: Counter[Place] = Counter()

    def coming(self, values: Mapping[Place, Any]) -> None:
        """Takes note that values of the document are on their way."""
        self._coming.update(values.keys())

    def turned(self, deck: Deck, values: Mapping[Place, Any]) -> None:
        """Takes note of what controllers turned; in the frame loop."""
        self.waiting.append(Moved(deck, values, True))

    def arrived(self, deck: Deck, values: Mapping[Place, Any]) -> None:
        """Takes note that values that were `coming` are heard; in the frame loop."""
        self.waiting.append(Moved(deck, values, False))

    def take(self, deck: Deck | None) -> dict[Place, Any]:
        """Takes out what was turned on a deck and is heard still, of each value the latest."""
        latest: dict[Place, Any] = {}
        while self.waiting:
            moved = self.waiting.popleft()
            if not moved.turned:
                self._coming -= Counter(moved.values.keys())
            elif moved.deck is deck:
                latest |= {
                    place: value
                    for place, value in moved.values.items()
                    if place not in self._coming
                }
        return latest
