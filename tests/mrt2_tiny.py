"""A real MRT2 model with few and random weights, as a checkpoint that the library loads.

What does not shrink is the table of styles and the codec. The codec's decoder is replaced, where
the library has a place for it, by one dense layer from an embedding to 1,920 samples: every
token is heard, and a frame takes no 100 ms.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from engine.conditioning import TOKENS
from engine.signals import FRAME_SAMPLES, StyleArray, frozen

NAME = "mrt2_tiny"
LAYERS, WIDTH = 1, 32
HORIZON = 5
"""Frames that it remembers: few, so that a short test goes past them."""
STYLE = frozen(np.linspace(-1, 1, 768, dtype=np.float32))
OTHER_STYLE = frozen(STYLE[::-1].copy())


def tokenize(style: StyleArray) -> Any:
    """Returns 12 tokens, which are others for another style."""
    return (np.abs(style[:12]) * 1000).astype(np.int32)


@contextlib.contextmanager
def tiny_model(width: int = WIDTH) -> Iterator[None]:
    """Has the library know a model `mrt2_tiny` on JAX, and give it the small codec."""
    import magenta_rt  # noqa: F401
    from magenta_rt.jax import model, spectrostream

    with _known(model, spectrostream, _to_sound(), width):
        yield


@contextlib.contextmanager
def tiny_mlx_model(width: int = WIDTH) -> Iterator[None]:
    """Has the library know the same model on MLX, with the same small codec."""
    import magenta_rt  # noqa: F401
    import sequence_layers.mlx as sl
    from magenta_rt.mlx import load_weights, model, spectrostream

    codec = sl.Serial.Config([_to_sound()])
    with (
        _known(model, spectrostream, codec, width),
        mock.patch.object(load_weights, "load_spectrostream_weights", _load_small_codec),
    ):
        yield


@contextlib.contextmanager
def _known(model: Any, spectrostream: Any, to_sound: Any, width: int) -> Iterator[None]:
    from magenta_rt.config import ModelSpec

    size = ModelSpec(
        num_layers=LAYERS,
        model_dims=width,
        hidden_dims=2 * width,
        num_heads=2,
        dim_per_head=width // 2,
        ffn_use_gated_activation=False,
    )

    class Tiny(model.MagentaRT2ModelBase):
        encoder_size = decoder_temporal_size = decoder_depth_size = size
        encoder_max_past_horizon = HORIZON
        decoder_temporal_self_attention_max_past_horizon = HORIZON
        decoder_temporal_cross_attention_max_past_horizon = HORIZON

    make = spectrostream.stft_spectrostream_40ms_generic_48khz_stereo_config

    def small_codec(**given: Any) -> Any:
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


def _to_sound() -> Any:
    import sequence_layers.jax as sl

    return sl.Conv1DTranspose.Config(
        filters=2,
        kernel_size=FRAME_SAMPLES,
        strides=FRAME_SAMPLES,
        padding="causal",
        name="to_sound",
    )


def _load_small_codec(codec: Any, _: Path, *, soundstream_params: Any) -> int:
    """Loads the small codec in MLX, whose loader knows the real one alone."""
    import sequence_layers.mlx as sl

    from engine.generators.mlx_streams import mx

    codec.quantizer.embedding = mx.array(np.array(soundstream_params["quantizer"]["embedding"]))
    layer = codec.embeddings_to_waveform_layer
    spec = sl.ChannelSpec(shape=(256,), dtype=mx.float32)
    layer.step(sl.Sequence.from_values(mx.zeros((1, 1, 256))), layer.get_initial_state(1, spec))
    kernel = np.array(soundstream_params["to_sound"]["kernel"])[::-1].transpose(2, 0, 1)
    layer.layers[0].inner.kernel = mx.array(np.ascontiguousarray(kernel))
    return 0


def write_checkpoint(path: Path, model: str = NAME, seed: int = 0) -> None:
    """Writes random parameters for a model, as large as they are after an initialisation."""
    import flax.linen
    import flax.traverse_util
    import jax
    import jax.numpy as jnp
    import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
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


def write_export(folder: Path, checkpoint: Path) -> Path:
    """Exports the model for MLX within `tiny_mlx_model`; returns the function's file."""
    from magenta_rt.mlx import export

    from engine.generators.mlx_streams import SHARED, mx

    # As in the exporter's own process, where the first stream is the one it computes on.
    with contextlib.redirect_stdout(io.StringIO()), mx.stream(SHARED[0]):
        export.main(
            model_name=NAME,
            output_name=NAME,
            output_dir=str(folder),
            checkpoint=str(checkpoint),
        )
    return folder / NAME / f"{NAME}.mlxfn"


def _drawn(noise: np.random.Generator, name: str, shape: tuple[int, ...]) -> Any:
    """Returns parameters that keep the signals' power: a normalisation's scale is 1."""
    if len(shape) < 2:
        return np.full(shape, float(name == "scale"), np.float32)
    inputs = shape[-1] if name == "embedding" else np.prod(shape[:-1])
    return (noise.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)
