"""The codec of MRT2 on a CPU sounds as the library computes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")


@pytest.mark.parametrize(
    ("kernel", "strides"), [((4, 3), (2, 1)), ((4, 4), (2, 2)), ((3, 4), (1, 2)), ((3, 6), (1, 3))]
)
def test_a_transposed_convolution_as_products_gives_the_same_three_frames_in_a_row(kernel, strides):
    import flax.linen
    import jax.numpy as jnp
    import magenta_rt  # noqa: F401
    import sequence_layers.jax as sl

    from engine.generators.mrt2.codec import as_products

    layer = sl.Conv2DTranspose.Config(
        filters=8, kernel_size=kernel, strides=strides, time_padding="causal"
    ).make()
    noise = np.random.default_rng(0)
    frames = noise.standard_normal((3, 2, 2, 5, 16)).astype(np.float32)
    parameters = {
        "kernel": noise.standard_normal((*kernel, 16, 8)).astype(np.float32),
        "bias": noise.standard_normal(8).astype(np.float32),
    }
    bound = layer.bind({"params": parameters})

    def played() -> Any:
        spec = sl.ShapeDType((5, 16), jnp.float32)
        state, made = bound.get_initial_state(2, spec, training=False), []
        for frame in frames:
            sequence = sl.Sequence.from_values(jnp.asarray(frame))
            sound, state = bound.step(sequence, state, training=False)
            made.append(np.asarray(sound.values))
        return np.concatenate(made, axis=1)

    expected = played()
    calls = []

    def counted(call: Any, args: Any, kwargs: Any, context: Any) -> Any:
        if context.method_name != "_layer":
            return call(*args, **kwargs)
        calls.append(context)
        return as_products(_never, args, kwargs, context)

    with flax.linen.intercept_methods(counted):
        again = played()
    assert len(calls) == len(frames)
    np.testing.assert_allclose(again, expected, atol=2e-5)


def _never(*_: Any) -> Any:
    raise AssertionError("the library's own way was taken")
