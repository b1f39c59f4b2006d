"""A real MRT2 model with few and random weights, as a checkpoint that the library loads.

What does not shrink is the table of styles and the codec. The codec's decoder is replaced, where
the library has a place for it, by one dense layer from an embedding to 1,920 samples: every
token is heard, and a frame takes no 100 ms.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from engine.conditioning import TOKENS
from engine.signals import FRAME_SAMPLES

NAME = "mrt2_tiny"
LAYERS, WIDTH = 1, 32


@contextmanager
def tiny_model() -> Iterator[None]:
    """Has the library know a model `mrt2_tiny`, and give it the small codec."""
    import magenta_rt  # noqa: F401
    import sequence_layers.jax as sl
    from magenta_rt.config import ModelSpec
    from magenta_rt.jax import model, spectrostream

    size = ModelSpec(
        num_layers=LAYERS,
        model_dims=WIDTH,
        hidden_dims=2 * WIDTH,
        num_heads=2,
        dim_per_head=WIDTH // 2,
        ffn_use_gated_activation=False,
    )

    class Tiny(model.MagentaRT2ModelBase):
        encoder_size = decoder_temporal_size = decoder_depth_size = size

    make = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config

    def small_codec(**given: Any) -> Any:
        to_sound = sl.Conv1DTranspose.Config(
            filters=2,
            kernel_size=FRAME_SAMPLES,
            strides=FRAME_SAMPLES,
            padding="causal",
            name="to_sound",
        )
        return dataclasses.replace(
            make(**given),
            mock_embeddings_to_waveform_layer=to_sound,
            mock_embeddings_to_waveform_layer_ratio=FRAME_SAMPLES,
        )

    with (
        mock.patch.dict(model.MODEL_REGISTRY, {NAME: Tiny}),
        mock.patch.object(
            spectrostream, "stft_spectrostream_40ms_generic_48khz_stereo_config", small_codec
        ),
    ):
        yield


def write_checkpoint(path: Path, model: str = NAME, seed: int = 0) -> None:
    """Writes random parameters for a model, as large as they are after an initialisation."""
    import flax.linen
    import flax.traverse_util
    import jax
    import jax.numpy as jnp
    import safetensors.numpy
    import sequence_layers.jax as sl
    from magenta_rt.jax import model as models
    from magenta_rt.jax import spectrostream, system

    declared = models.get_model_class(model)()
    sampler = system.MagentaRT2Sampler.Config(
        depthformer=declared.depthformer_config(),
        spectrostream=spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config(
            rvq_truncation_level=declared.spectrostream.rvq_truncation_level,
            use_unique_codes=False,
        ),
    ).make()

    def step(layer: Any) -> Any:
        block = sl.Sequence.from_values(jnp.zeros((1, 1, TOKENS), jnp.int32))
        constants = {"temperature": jnp.ones(1), "top_k": jnp.ones(1, jnp.int32)}
        spec = jax.ShapeDtypeStruct((TOKENS,), jnp.int32)
        state = layer.get_initial_state(1, spec, constants={}, training=False)
        return layer.step_with_emits(block, state, training=False, constants=constants)

    keys = {"params": jax.random.PRNGKey(0), "random": jax.random.PRNGKey(0)}
    shapes = flax.linen.meta.unbox(jax.eval_shape(lambda: sampler.init(keys, method=step)))
    noise = np.random.default_rng(seed)
    flat = flax.traverse_util.flatten_dict(shapes)
    drawn = {"/".join(name): _drawn(noise, name[-1], each.shape) for name, each in flat.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    safetensors.numpy.save_file(drawn, path)


def _drawn(noise: np.random.Generator, name: str, shape: tuple[int, ...]) -> Any:
    """Returns parameters that keep the signals' power: a normalisation's scale is 1."""
    if len(shape) < 2:
        return np.full(shape, float(name == "scale"), np.float32)
    inputs = shape[-1] if name == "embedding" else np.prod(shape[:-1])
    return (noise.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)
