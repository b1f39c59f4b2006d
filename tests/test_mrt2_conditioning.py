"""The 144 tokens of a frame are those that the library builds from the same wishes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

from engine.conditioning import GUIDANCE_HIGH, Conditioning, tokens

STYLES = arrays(np.int32, 12, elements=st.integers(0, 1023))
NOTES = arrays(np.int8, 128, elements=st.integers(-1, 3))


def built(heard: Conditioning, style: Any) -> Any:
    """Returns what the library feeds its model with."""
    from magenta_rt.jax import model, system

    known = SimpleNamespace(
        _model=model.get_model_class("mrt2_small")(), cfg_scales={}, temperature=1.0, top_k=1
    )
    masked = np.where(np.arange(12) < heard.style_depth, -1 if style is None else style, -1)
    block, _ = system.MagentaRT2System._build_conditioning(
        known,
        {
            "mulan_tokens_25hz": masked,
            "pianoroll_with_onsets_tokens": heard.notes.astype(np.int32),
            "drum_pianoroll_tokens": [heard.drums],
        },
        {
            "musiccoca": heard.style_guidance,
            "notes": heard.notes_guidance,
            "drums": heard.drums_guidance,
        },
    )
    return np.asarray(block.values[0, 0])


@given(
    st.none() | STYLES,
    NOTES,
    st.integers(-1, 1),
    st.tuples(st.floats(-1, 6.8), st.floats(-1, 6.8), st.floats(-1, 6)),
    st.integers(0, 12),
)
def test_whatever_is_wished_for_gives_the_library_s_tokens(style, notes, drums, guidance, depth):
    heard = Conditioning(
        notes=notes,
        drums=drums,
        style_guidance=guidance[0],
        notes_guidance=guidance[1],
        drums_guidance=guidance[2],
        style_depth=depth,
    )
    np.testing.assert_array_equal(tokens(heard, style), built(heard, style))


def test_the_strongest_guidance_is_a_step_less_than_the_library_s_which_has_no_row_for_it():
    heard = Conditioning(
        style_guidance=GUIDANCE_HIGH, notes_guidance=GUIDANCE_HIGH, drums_guidance=GUIDANCE_HIGH
    )
    np.testing.assert_array_equal(built(heard, None)[-3:] - tokens(heard, None)[-3:], [1, 1, 1])
