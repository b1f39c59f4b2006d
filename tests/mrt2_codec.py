"""The files of the codec's encoder with random weights: of the real size, or of a small one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

MAKE = "stft_spectrostream_40ms_generic_48khz_stereo_config"
CHANNELS = 2
"""Of the first layer, which has 32: a second of sound takes MLX on a CPU 15 s with those."""


@contextmanager
def small_encoder() -> Iterator[None]:
    """Has the library know a codec whose encoder has a 16th of the channels in each layer."""
    import magenta_rt  # noqa: F401
    from magenta_rt.jax import spectrostream as on_jax

    modules = [on_jax]
    with suppress(ImportError):
        from magenta_rt.mlx import spectrostream as on_mlx

        modules.append(on_mlx)
    with ExitStack() as stack:
        for module in modules:
            narrow = partial(_narrow, getattr(module, MAKE))
            stack.enter_context(mock.patch.object(module, MAKE, narrow))
        yield


def _narrow(make: Callable[..., Any], **given: Any) -> Any:
    return dataclasses.replace(make(**given), encoder_base_conv_depth=CHANNELS)


def write_codec(folder: Path, seed: int = 0) -> None:
    """Writes the files as they are downloaded, in the same layout; the size is the library's."""
    import flax.linen
    import flax.traverse_util
    import jax
    import jax.numpy as jnp
    import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
    import sequence_layers.jax as sl
    from magenta_rt.jax import spectrostream
    from safetensors.numpy import save_file

    codec = getattr(spectrostream, MAKE)().make()

    def encode(layer: Any) -> Any:
        sound = sl.Sequence.from_values(jnp.zeros((1, 7680, 2)))
        return layer.waveform_to_codes(sound, training=False)

    shapes = jax.eval_shape(lambda: codec.init(jax.random.PRNGKey(0), method=encode))
    flat = flax.traverse_util.flatten_dict(flax.linen.meta.unbox(shapes))
    noise = np.random.default_rng(seed)
    drawn = {"/".join(name): _drawn(noise, each.shape) for name, each in flat.items()}
    embedding = drawn.pop("params/quantizer/embedding")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(drawn, folder / "encoder.safetensors")
    quantizer = {"params/soundstream/quantizer/embedding": embedding}
    save_file(quantizer, folder / "quantizer.safetensors")


def _drawn(noise: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Returns parameters that keep the signals' power, and biases a tenth of it."""
    inputs = np.prod(shape[:-1]) if len(shape) == 4 else 100
    return (noise.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)
