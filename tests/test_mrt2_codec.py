"""The codec of MRT2 on a CPU sounds as the library computes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")


NOISE = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("kernel", "strides"), [((4, 3), (2, 1)), ((4, 4), (2, 2)), ((3, 4), (1, 2)), ((3, 6), (1, 3))]
)
def test_a_transposed_convolution_gives_the_same_three_frames_in_a_row(kernel, strides):
    import sequence_layers.jax as sl

    from engine.generators.mrt2.codec import laid

    layer = sl.Conv2DTranspose.Config(
        filters=8, kernel_size=kernel, strides=strides, time_padding="causal"
    ).make()
    weights, bias = _noise(*kernel, 16, 8), _noise(8)
    frames = _noise(3, 2, 2, 5, 16)
    expected = _played(layer, {"kernel": weights, "bias": bias}, frames)
    with _our_way() as calls:
        again = _played(layer, {"kernel": laid(weights), "bias": bias}, frames)
    assert len(calls) == len(frames)
    np.testing.assert_allclose(again, expected, atol=2e-5)


def test_a_convolution_of_few_outputs_gives_the_same_three_frames_in_a_row():
    import sequence_layers.jax as sl

    layer = sl.Conv2D.Config(filters=2, kernel_size=(7, 5), time_padding="causal").make()
    parameters = {"kernel": _noise(7, 5, 16, 2), "bias": _noise(2)}
    frames = _noise(3, 2, 2, 9, 16)
    expected = _played(layer, parameters, frames)
    with _our_way() as calls:
        again = _played(layer, parameters, frames)
    assert len(calls) == len(frames)
    np.testing.assert_allclose(again, expected, atol=5e-5)


def test_a_small_codec_sounds_as_the_librarys_for_six_frames():
    import jax
    import sequence_layers.jax as sl
    from flax.linen import intercept_methods, meta
    from magenta_rt.jax import spectrostream

    from engine.generators.mrt2.codec import as_plain, lay

    config = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config()
    codec = replace(config, decoder_base_conv_depth=8).make()
    spec = sl.ShapeDType((config.num_features,), np.float32)

    def begin(module: Any) -> Any:
        return module.embeddings_to_waveform_layer.get_initial_state(2, spec, training=False)

    def step(module: Any, embeddings: Any, state: Any) -> Any:
        layer = module.embeddings_to_waveform_layer
        sound, state = layer.step(sl.Sequence.from_values(embeddings), state, training=False)
        return sound.values, state

    frames = _noise(6, 2, 1, config.num_features)
    key = jax.random.PRNGKey(0)
    shapes = jax.eval_shape(
        lambda: codec.init(key, method=lambda it: step(it, frames[0], begin(it)))
    )
    parameters = jax.tree.map(lambda each: _noise(*each.shape), meta.unbox(shapes)["params"])
    for each in jax.tree.leaves(parameters):
        each /= np.sqrt(each.size // each.shape[-1])
    state = codec.apply({"params": parameters}, method=begin)

    def played() -> Any:
        run = jax.jit(lambda *given: codec.apply({"params": parameters}, *given, method=step))
        now, sounds = state, []
        for frame in frames:
            sound, now = run(frame, now)
            sounds.append(np.asarray(sound))
        return np.concatenate(sounds, axis=1)

    expected = played()
    lay(parameters)
    with intercept_methods(as_plain):
        again = played()
    assert expected.shape == (2, 6 * 1920, 2)
    np.testing.assert_allclose(again, expected, atol=1e-5 * np.abs(expected).max())


def _noise(*shape: int) -> Any:
    return NOISE.standard_normal(shape).astype(np.float32)


def _played(layer: Any, parameters: Any, frames: Any) -> Any:
    """Returns what a layer makes of frames [n, B, T, W, I], one after another."""
    import jax.numpy as jnp
    import sequence_layers.jax as sl

    bound = layer.bind({"params": parameters})
    spec = sl.ShapeDType(frames.shape[3:], jnp.float32)
    state, made = bound.get_initial_state(frames.shape[1], spec, training=False), []
    for frame in frames:
        sequence = sl.Sequence.from_values(jnp.asarray(frame))
        sound, state = bound.step(sequence, state, training=False)
        made.append(np.asarray(sound.values))
    return np.concatenate(made, axis=1)


@contextmanager
def _our_way() -> Iterator[list[Any]]:
    """Has layers computed as plain convolutions; gives the list of those that were."""
    import flax.linen

    from engine.generators.mrt2.codec import as_plain

    calls: list[Any] = []

    def counted(call: Any, args: Any, kwargs: Any, context: Any) -> Any:
        if context.method_name != "_layer":
            return call(*args, **kwargs)
        calls.append(context)
        return as_plain(_never, args, kwargs, context)

    with flax.linen.intercept_methods(counted):
        yield calls


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("the library's own way was taken")
