"""What one generator hears in one frame, and its 144 tokens as Magenta RealTime 2 counts them."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.past import NO_PAST, PastData
from engine.signals import MASKED, NO_STYLE, PITCHES, NotesArray, StyleArray

STYLE_TOKENS = 12
TOKENS = STYLE_TOKENS + PITCHES + 1 + 2 + 1

TOKEN_OFFSET = 7
"""6 reserved tokens and 1 for dropout come before the first value; masked (−1) becomes 6."""

Watch = Literal["off", "tell", "restart"]
"""What is done about an instance that has fallen silent or is stuck."""
Precision = Literal["auto", "float32", "bfloat16", "8bit", "4bit"]
"""What a model computes with."""

GUIDANCE_STEP = 0.2
DRUMS_GUIDANCE_STEP = 1.0
GUIDANCE_LOW, GUIDANCE_HIGH = -1.0, 7.0


class Conditioning(NamedTuple):
    """Everything one generator receives for one frame.

    Attributes:
        model: the name of the model that plays, `sketch` or an MRT2 model.
        seed: what the instance's random numbers start from.
        style: float32[768], all zeros for none.
        notes: int8[128], −1..3 per MIDI pitch.
        drums: −1 the model decides, 0 none, 1 drums.
        style_guidance, notes_guidance, drums_guidance: −1..7.
        temperature: 0..3; 0 is the most likely choice only.
        top_k: 1..1024, how many candidates are considered.
        reset: True in the frame in which the instance forgets what it played.
        style_depth: how many of the 12 style tokens are sent, coarsest first; 0..12.
        beat: the number of the transport's quarter note that the frame lies in, −1 where the
            patch does not say. The sketch goes by it; no token holds it.
        past: what the instance takes itself to have played when it begins and after a reset; no
            token holds it.
        watch: what is done when the instance has fallen silent or is stuck.
    """

    model: str = "sketch"
    seed: int = 0
    style: StyleArray = NO_STYLE
    notes: NotesArray = MASKED
    drums: int = -1
    style_guidance: float = 1.6
    notes_guidance: float = 2.4
    drums_guidance: float = 4.0
    temperature: float = 1.1
    top_k: int = 50
    reset: bool = False
    style_depth: int = 6
    beat: int = -1
    past: PastData = NO_PAST
    watch: Watch = "off"


def at_precision(model: str, precision: str) -> str:
    """Returns the name by which a model is opened at a precision: `mrt2_small@8bit`.

    The sketch has none to choose.
    """
    plain = precision == "auto" or model == Conditioning().model
    return model if plain else f"{model}@{precision}"


def guidance_bin(value: float, step: float = GUIDANCE_STEP) -> int:
    """Returns the token of a guidance strength: (clip(value, −1, 7) + 1) / step, rounded.

    The vocabularies hold no row for 7.0 itself: it would land on the first row of the next
    channel. So the last bin is one step below: 6.8, or 6.0 for drums.
    """
    clipped = min(max(value, GUIDANCE_LOW), GUIDANCE_HIGH - step)
    return round((clipped - GUIDANCE_LOW) / step)


def tokens(
    conditioning: Conditioning, style_tokens: npt.NDArray[np.int32] | None
) -> npt.NDArray[np.int32]:
    """Returns the 144 tokens of one frame, int32: style 12, notes 128, drums 1, guidance 3.

    Args:
        conditioning: the frame's conditioning.
        style_tokens: int32[12] in 0..1023, the quantised style; None where there is no style.
            Tokens past `conditioning.style_depth` are masked, as the live apps mask the finest.
    """
    values = np.full(TOKENS, -1, np.int32)
    if style_tokens is not None:
        depth = conditioning.style_depth
        values[:depth] = style_tokens[:depth]
    values[STYLE_TOKENS : STYLE_TOKENS + PITCHES] = conditioning.notes
    values[-4] = conditioning.drums
    values[-3] = guidance_bin(conditioning.style_guidance)
    values[-2] = guidance_bin(conditioning.notes_guidance)
    values[-1] = guidance_bin(conditioning.drums_guidance, DRUMS_GUIDANCE_STEP)
    return values + TOKEN_OFFSET
