"""MRT2 on JAX: equal to the library to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.conditioning import Conditioning
from tests.mrt2_tiny import NAME, STYLE, tokenize

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_one_instance_plays_what_the_library_plays_sample_for_sample(weights, precision):
    import jax
    import jax.numpy as jnp
    from magenta_rt import MagentaRT2Jax, musiccoca
    from magenta_rt.jax import model

    from engine.generators.mrt2.jax_host import JaxHost

    model.MODEL_REGISTRY[NAME].compute_dtype = jnp.dtype(precision)
    system = MagentaRT2Jax(NAME, musiccoca.MockMusicCoCa(), str(weights))
    host = JaxHost(NAME, weights, tokenize, precision)
    notes = np.full(128, -1, np.int8)
    notes[60:65] = (0, 1, 2, 3, 0)
    heard = Conditioning(NAME, 5, STYLE, notes, 1, 3.0, 1.0, 2.0, 0.9, 30, style_depth=12)
    slot = host.add(5)
    state = system._jit_init_state(system._params, {})
    state = _keyed(state, jax.random.PRNGKey(5)[None])
    for _ in range(6):
        expected, state = system.generate(
            {
                "mulan_tokens_25hz": tokenize(STYLE),
                "pianoroll_with_onsets_tokens": notes.astype(np.int32),
                "drum_pianoroll_tokens": [1],
            },
            {"musiccoca": 3.0, "notes": 1.0, "drums": 2.0},
            0.9,
            30,
            1,
            state,
        )
        made = host.step({slot: heard})[slot]
        assert np.ptp(made) > 0.01
        np.testing.assert_array_equal(made, expected.samples)


def _keyed(state: Any, key: Any) -> Any:
    (encoder, sos, (_, *decoder), countdown), *codec = state
    return ((encoder, sos, (key, *decoder), countdown), *codec)
