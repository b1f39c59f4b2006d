"""What the sketch plays on its kit."""

from __future__ import annotations

from engine.conditioning import Conditioning
from engine.generators.sketch.anchors import Manner
from engine.generators.sketch.chance import Chance
from engine.generators.sketch.grid import BAR, Place

Hits = tuple[float, float, float]
"""Levels of kick, snare and hat, 0 where not struck."""

NONE: Hits = (0.0, 0.0, 0.0)
LEAST_KIT = 0.15
"""How much of a style must be drums for it to play a beat by itself."""


def hits(place: Place, heard: Conditioning, manner: Manner, chance: Chance) -> Hits:
    """Returns what is struck in this frame.

    Drums 0 is none. Drums 1 is a hit in every frame that has it: the kick near the first
    and third beat, the snare near the second and fourth, else the hat. Left free, it plays
    a beat if the style has a kit in it, with ghost notes and fills where the temperature is
    above 0.
    """
    if heard.drums == 0:
        return NONE
    if heard.drums == 1:
        return _stroke(place.nearest % BAR)
    if not place.begins or manner.kit < LEAST_KIT:
        return NONE
    at = place.sixteenth % BAR
    four = manner.electric > 0.5
    kick = at % 4 == 0 if four else at in (0, 10)
    snare, hat = at in (4, 12), at % 4 == 2 if four else at % 2 == 0
    ghost = fill = 0.0
    if heard.temperature > 0.0:
        if chance.draw() < 0.08 * heard.temperature:
            ghost = 0.35
        # Every fourth bar may end in a fill.
        last = place.sixteenth // BAR % 4 == 3 and at >= BAR - 4
        if last and chance.draw() < 0.3 * heard.temperature:
            fill = 0.5 + 0.1 * (at - BAR + 4)
    level = min(manner.kit * 1.5, 1.0)
    return (
        level * max(0.9 * kick, ghost * (at in (3, 7, 11))),
        level * max(0.8 * snare, ghost * (at in (9, 15)), fill),
        level * max((0.7 if at % 4 == 0 else 0.5) * hat, ghost),
    )


def _stroke(sixteenth: int) -> Hits:
    if sixteenth % 8 == 0:
        return 0.9, 0.0, 0.0
    return (0.0, 0.8, 0.0) if sixteenth % 8 == 4 else (0.0, 0.0, 0.6)
