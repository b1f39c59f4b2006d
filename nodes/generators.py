"""The generator: where everything a patch works out comes together and a model plays it."""

from __future__ import annotations

import math
from typing import Annotated

from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.node import node
from engine.signals import (
    MASKED,
    NO_STYLE,
    Bipolar,
    Control,
    Guidance,
    Notes,
    Range,
    Style,
    Switch,
)

SEEDS = 2**32
GOLDEN = 0x9E3779B1
"""2^32 over the golden ratio, made odd: multiples of it are spread evenly over all seeds."""


@node("generator.model")
class Model:
    """Plays: a music model that follows notes and style and makes up the rest.

    The sound is a frame behind nothing: what is decided in a frame is heard in it. The random
    numbers start from the node's seed where the performance's seed is 0, else from
    (seed + 2654435761 · performance's seed) mod 2^32, so that every node has its own.

    Args:
        model: which model plays; "sketch" is built in, needs no download, and is a stand-in for
            a real one.
        seed: what its random choices start from.
        style_depth: how many of the 12 style tokens an MRT2 model is sent, coarsest first.
        style: what to sound like.
        notes: what to play; where pitches are masked the model decides.
        drums: -1 the model decides, 0 none, 1 drums.
        style_guidance: how strictly the style is followed.
        notes_guidance: how strictly the notes are followed.
        drums_guidance: how strictly the drums are followed.
        temperature: how daring it is; 0 plays the likeliest only.
        top_k: how many candidates it chooses among.
        reset: forgets all that was played when switched on.
        beat: which quarter note it is, as control.beat's number says; -1 for a time of its own.
            The sketch strikes and adds on it; an MRT2 model does not hear it.
    """

    def __init__(self) -> None:
        self._reset = False

    def __call__(
        self,
        frame: Frame,
        model: str = "sketch",
        seed: int = 0,
        style_depth: Annotated[int, Range(0, 12)] = 6,
        style: Style = NO_STYLE,
        notes: Notes = MASKED,
        drums: Bipolar = -1.0,
        style_guidance: Guidance = 1.6,
        notes_guidance: Guidance = 2.4,
        drums_guidance: Guidance = 4.0,
        temperature: Annotated[Control, Range(0, 3)] = 1.1,
        top_k: Annotated[Control, Range(1, 1024, log=True)] = 50.0,
        reset: Switch = 0.0,
        beat: Annotated[Control, Range(-1, 1_000_000, "beats")] = -1.0,
    ) -> Conditioning:
        if frame.seed:
            seed = (seed + GOLDEN * frame.seed) % SEEDS
        pressed = reset >= 0.5
        struck, self._reset = pressed and not self._reset, pressed
        return Conditioning(
            model=model,
            seed=seed,
            style=style,
            notes=notes,
            drums=math.floor(drums + 0.5),
            style_guidance=style_guidance,
            notes_guidance=notes_guidance,
            drums_guidance=drums_guidance,
            temperature=temperature,
            top_k=math.floor(top_k + 0.5),
            reset=struck,
            style_depth=style_depth,
            beat=math.floor(beat),
        )
