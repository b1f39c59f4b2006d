"""The sound of an anchor and the text for it land near each other."""

from __future__ import annotations

import numpy as np

from engine.conditioning import Conditioning
from engine.generators.sketch.anchors import ANCHORS, Anchor
from engine.generators.sketch.host import SketchHost
from engine.signals import NotesArray
from engine.style import Samples
from tests.sketching import ENCODER, held

PITCHED = [anchor for anchor in ANCHORS if anchor.manner.kit < 0.2]
TUNE = ((0,), (3,), (7,), (10,), (-2, 2, 5), (0, 3, 8))


def tune(anchor: Anchor) -> list[NotesArray]:
    """Four notes and two chords, a bass's only its lowest, about where the anchor plays."""
    low, high = anchor.manner.register < 45, anchor.manner.register > 70
    base = 36 if low else 72 if high else 60
    chords = [steps[:1] if low else steps for steps in TUNE]
    return [each for steps in chords for each in held(*(base + step for step in steps), frames=12)]


def renders() -> dict[str, Samples]:
    """Returns the tune of each anchor with a pitch, float32[n, 2]."""
    host = SketchHost(ENCODER)
    slots = {anchor.name: host.add(5) for anchor in PITCHED}
    styles = {name: ENCODER.text(name) for name in slots}
    made: dict[str, list[Samples]] = {name: [] for name in slots}
    for frame in zip(*(tune(anchor) for anchor in PITCHED), strict=True):
        played = host.step(
            {
                slot: Conditioning(notes=notes, style=styles[name], drums=0)
                for (name, slot), notes in zip(slots.items(), frame, strict=True)
            }
        )
        for name, slot in slots.items():
            made[name].append(played[slot])
    return {name: np.concatenate(each) for name, each in made.items()}


def test_a_render_is_nearer_to_its_own_text_than_to_nearly_all_others() -> None:
    texts = {anchor.name: ENCODER.text(anchor.name) for anchor in ANCHORS}
    nearer = {}
    for name, sound in renders().items():
        near = {other: float(ENCODER.sound(sound) @ text) for other, text in texts.items()}
        nearer[name] = np.mean([near[name] > near[other] for other in texts if other != name])
    assert {name: share for name, share in nearer.items() if share < 0.9} == {}
