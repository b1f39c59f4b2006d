"""What the sketch plays on its kit."""

from __future__ import annotations

from engine.conditioning import Conditioning
from engine.generators.sketch.anchors import Manner
from engine.generators.sketch.chance import Chance
from engine.generators.sketch.grid import BAR, Place

Hits = dict[str, float]
"""Levels of the pieces that are struck."""

LEAST_KIT = 0.15
"""How much of a style must be drums for it to play a beat by itself."""
BROKEN, FOUR = 0.35, 0.65
"""How electric a kit is that plays a broken beat, and one that plays four to the floor."""

BACKBEAT = (4, 12)
ROCK: dict[str, tuple[int, ...]] = {
    "kick": (0, 10),
    "snare": BACKBEAT,
    "hat": (0, 2, 4, 6, 8, 10, 12, 14),
}
BREAK: dict[str, tuple[int, ...]] = {
    "kick": (0, 2, 10, 11),
    "snare": (4, 7, 9, 12),
    "hat": (0, 2, 4, 6, 8, 10, 12, 14),
}
HOUSE: dict[str, tuple[int, ...]] = {
    "kick": (0, 4, 8, 12),
    "snare": BACKBEAT,
    "clap": BACKBEAT,
    "open hat": (2, 6, 10, 14),
    "hat": (0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15),
}
"""Sixteenths of a bar."""
FILL = ("high tom", "high tom", "low tom", "low tom")
"""The last four sixteenths of a bar."""

USUAL = 4.0
"""The drums guidance at which a beat is played as it is written."""

LOUD = {"kick": 0.9, "snare": 0.8, "clap": 0.6, "open hat": 0.5, "hat": 0.5}
SOFT = 0.35
"""Of a ghost note, and of a sixteenth that is neither on a beat nor between two."""


def hits(place: Place, heard: Conditioning, manner: Manner, chance: Chance) -> Hits:
    """Returns what is struck in this frame.

    Drums 0 is none. Drums 1 is a hit in every frame that has it: the kick near the first
    and third beat, the snare near the second and fourth, else the hat. Left free, it plays
    a beat if the style has a kit in it, with ghost notes and fills where the temperature is
    above 0; a cymbal begins every fourth bar but the first.

    Drums guidance g is how closely a free kit follows the style, as notes guidance is for the
    notes: the style's share of drums counts g / 4 times, 0 to 1.75, both for whether there is a
    beat at all and for how loud it is. So at 0 and below a free kit is silent, at 4 it plays as
    the style says, and above that it also plays where the style has few drums in it. What drums
    0 and 1 say is obeyed at any guidance.
    """
    if heard.drums == 0:
        return {}
    if heard.drums == 1:
        return _stroke(place.nearest % BAR)
    kit = manner.kit * min(max(heard.drums_guidance / USUAL, 0.0), 1.75)
    if not place.begins or kit < LEAST_KIT:
        return {}
    level = min(kit * 1.5, 1.0)
    return {piece: level * each for piece, each in _beat(place, heard, manner, chance).items()}


def _beat(place: Place, heard: Conditioning, manner: Manner, chance: Chance) -> Hits:
    bar, at = divmod(place.sixteenth, BAR)
    pattern = ROCK if manner.electric < BROKEN else BREAK if manner.electric < FOUR else HOUSE
    struck = {piece: LOUD[piece] for piece, places in pattern.items() if at in places}
    if "hat" in struck and at % 4:
        struck["hat"] = LOUD["hat"] if at % 2 == 0 else SOFT
    if at not in BACKBEAT and "snare" in struck:
        struck["snare"] *= 0.6
    if at == 0 and bar and bar % 4 == 0:
        struck["cymbal"] = 0.6
    if heard.temperature <= 0.0:
        return struck
    if chance.draw() < 0.08 * heard.temperature:
        ghost = "kick" if at in (3, 7, 11) else "snare" if at in (9, 15) else "hat"
        struck[ghost] = max(struck.get(ghost, 0.0), SOFT)
    # Every fourth bar may end in a fill.
    if bar % 4 == 3 and at >= BAR - len(FILL) and chance.draw() < 0.35 * heard.temperature:
        within = at - BAR + len(FILL)
        struck[FILL[within]] = 0.5 + 0.1 * within
    return struck


def _stroke(sixteenth: int) -> Hits:
    if sixteenth % 8 == 0:
        return {"kick": 0.9}
    return {"snare": 0.8} if sixteenth % 8 == 4 else {"hat": 0.6}
