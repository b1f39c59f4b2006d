"""Whether Hocket plays trained weights as the library does: `python -m bench.faithful MODEL`.

For JAX. Half a minute of music is played by the library's own loop and by Hocket, from one seed,
with the style of a text and chords that change, at bfloat16 and at float32, and compared sample for
sample. Ends with 1 where they differ. `hocket models download` brings what it needs.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from engine.conditioning import Conditioning
from engine.generators import open_host
from engine.generators.mrt2 import installed
from engine.signals import FRAME_RATE, MASKED
from engine.style import Encoder
from engine.style.opening import open_encoder

FRAMES = 30 * FRAME_RATE
SEED = 5
TEXT = "warm electric piano, slow"
CHORDS = ((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62))
"""Each is held for a second."""


def main(model: str, frames: int = FRAMES) -> int:
    encoder = open_encoder()
    if encoder.stand_in:
        sys.exit(f"MusicCoCa is not here: {installed.GET_ENCODER}")
    same = _same_style(encoder)
    for precision in ("bfloat16", "float32"):
        same = _same_sound(model, precision, encoder, frames) and same
    return 0 if same else 1


def _same_style(encoder: Encoder) -> bool:
    """Says whether a text becomes the tokens that the library makes of it, mapped."""
    from magenta_rt.musiccoca import MusicCoCa

    library = MusicCoCa()
    theirs = library.tokenize(library.embed(TEXT, use_mapper=True, seed=0))
    ours = encoder.tokens(encoder.text(TEXT))
    print(f"{TEXT!r}: the library {list(theirs)}, Hocket {list(ours)}")
    return np.array_equal(theirs, ours)


def _same_sound(model: str, precision: str, encoder: Encoder, frames: int) -> bool:
    """Says whether every sample is the same."""
    style = encoder.text(TEXT)
    host = open_host(f"{model}@{precision}", encoder)
    system = _library(model, precision)
    state = _keyed(system._jit_init_state(system._params, {}))
    slot = host.add(SEED)
    for frame in range(frames):
        notes = MASKED.copy()
        notes[list(CHORDS[frame // FRAME_RATE % len(CHORDS)])] = 3
        heard = Conditioning(model, SEED, style, notes, 1, 3.0, 1.0, 2.0, 1.1, 40, style_depth=12)
        theirs, state = system.generate(
            {
                "mulan_tokens_25hz": encoder.tokens(style),
                "pianoroll_with_onsets_tokens": notes.astype(np.int32),
                "drum_pianoroll_tokens": [heard.drums],
            },
            {"musiccoca": 3.0, "notes": 1.0, "drums": 2.0},
            heard.temperature,
            heard.top_k,
            1,
            state,
        )
        ours = host.step({slot: heard})[slot]
        if not np.array_equal(ours, theirs.samples):
            apart = np.abs(ours - theirs.samples).max()
            print(f"{model} at {precision}: frame {frame} differs, by up to {apart:.2g}")
            return False
    print(f"{model} at {precision}: {frames} frames are the same to the sample")
    return True


def _library(model: str, precision: str) -> Any:
    import jax.numpy as jnp
    from magenta_rt import MagentaRT2Jax, musiccoca
    from magenta_rt.jax import model as models

    models.get_model_class(model).compute_dtype = jnp.dtype(precision)
    return MagentaRT2Jax(model, musiccoca.MockMusicCoCa(), f"{model}.safetensors")


def _keyed(state: Any) -> Any:
    """Returns a state that draws from the seed; the library has no argument for it."""
    import jax

    (encoder, sos, (_, *decoder), *rest), *codec = state
    return ((encoder, sos, (jax.random.PRNGKey(SEED)[None], *decoder), *rest), *codec)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "mrt2_small"))
