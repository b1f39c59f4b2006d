"""The generator: where everything a patch works out comes together and a model plays it."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np

from engine.conditioning import Conditioning, Precision, Watch, at_precision
from engine.frame import Frame
from engine.node import node
from engine.past import LONGEST_SOUND, MEMORY_SUFFIXES, NO_PAST, PastData, read_memory
from engine.signals import (
    FRAME_RATE,
    FRAME_SAMPLES,
    MASKED,
    NO_STYLE,
    Asset,
    Bipolar,
    Control,
    Guidance,
    Notes,
    Past,
    Range,
    Style,
    Switch,
    frozen,
)
from engine.sound import SUFFIXES, Sound, read_sound

SEEDS = 2**32
GOLDEN = 0x9E3779B1
"""2^32 over the golden ratio, made odd: multiples of it are spread evenly over all seeds."""


def read_past(path: Path) -> Sound:
    """Reads the first 28 s of a sound file; raises as `read_sound` does."""
    return read_sound(path, LONGEST_SOUND)


@node("generator.prefill")
def prefill(
    file: Annotated[Sound | None, Asset(read_past, SUFFIXES)],
    seconds: Annotated[float, Range(4, LONGEST_SOUND, "s")] = 22.0,
) -> Past:
    """Gives a generator a past: a sound that it takes itself to have played, or silence.

    An MRT2 model goes on from there when it begins and after a reset. The sketch hears no sounds
    and begins from nothing.

    Args:
        file: a sound file, of which the first 28 seconds are taken; none for silence.
        seconds: how long the silence is; a model remembers about the last 20.
    """
    if file is None:
        return silence(round(seconds * FRAME_RATE))
    return PastData(f"sound {file.key}", file.samples)


@lru_cache(maxsize=4)
def silence(frames: int) -> PastData:
    """Returns the past of an instance that has played nothing for so many frames."""
    sound = np.zeros((frames * FRAME_SAMPLES, 2), np.float32)
    return PastData(f"silence {frames}", frozen(sound))


@node("generator.bank")
def bank(file: Annotated[PastData | None, Asset(read_memory, MEMORY_SUFFIXES)]) -> Past:
    """Gives a generator the memory that one of the same model had once.

    It goes on from there when it begins and after a reset, with random choices of its own.

    Args:
        file: a saved memory; those of MRT2 end in .safetensors, those of the sketch in .memory.
    """
    return NO_PAST if file is None else file


@node("generator.model")
class Model:
    """Plays: a music model that follows notes and style and makes up the rest.

    The sound is a frame behind nothing: what is decided in a frame is heard in it. The random
    numbers start from the node's seed where the performance's seed is 0, else from
    (seed + 2654435761 · performance's seed) mod 2^32, so that every node has its own.

    Args:
        model: which model plays; "sketch" is built in, needs no download, and is a stand-in for
            a real one.
        precision: what an MRT2 model computes with: what is best for the machine ("auto"), or
            numbers of so many bits, "8bit" and "4bit" on MLX alone. It decides which tokens are
            drawn; each precision loads its own weights.
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
        past: what it takes itself to have played when it begins and after each reset. Where that
            takes time to work out, the reset waits for it and the music goes on.
        watch: what happens when it has fallen silent or is stuck: nothing ("off"), you are told
            ("tell"), or it begins anew from its past as well ("restart").
    """

    def __init__(self) -> None:
        self._reset = False

    def __call__(
        self,
        frame: Frame,
        model: str = "sketch",
        precision: Precision = "auto",
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
        past: Past = NO_PAST,
        watch: Watch = "off",
    ) -> Conditioning:
        if frame.seed:
            seed = (seed + GOLDEN * frame.seed) % SEEDS
        pressed = reset >= 0.5
        struck, self._reset = pressed and not self._reset, pressed
        return Conditioning(
            model=at_precision(model, precision),
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
            past=past,
            watch=watch,
        )
