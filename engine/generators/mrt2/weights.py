"""The weights of MRT2 on JAX: cast once, and laid as they are read, so that no frame copies them.

The library casts its weights in every frame. On a CPU it also copies a third of them, to turn the
kernels of the attention's outputs round and to cut the legal part out of the last projection.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.jax as sl
from flax.linen.dtypes import promote_dtype
from magenta_rt.jax import system

from engine.generators.mrt2.codec import lay

CAST = ("kernel", "embedding")
"""Parameters that the library casts before it computes with them. The others, such as those of
normalisations and attention sinks, it uses in float32."""
OUTPUT = "...nh,dnh->...d"
"""How the library has an attention's output."""


def load(checkpoint: Path, precision: str, decoder: Any, on_cpu: bool) -> Any:
    """Returns a checkpoint's parameters on the device, for layers called through `as_laid`.

    Args:
        precision: what the transformer's are cast to.
        decoder: the configuration of the `LegalDecoder` that they are for.
        on_cpu: whether the codec's layers are called through `as_plain`.
    """
    with jax.default_device(jax.devices("cpu")[0]):
        loaded = system._load_jax_weights(checkpoint)
        _cut(loaded["params"]["depthformer"]["decoder"]["depth_body"]["to_logits"], decoder)
        if on_cpu:
            lay(loaded["params"]["soundstream"])

    def put(path: Any, leaf: Any) -> Any:
        names = [each.key for each in path]
        if "depthformer" in names and names[-1].startswith(CAST):
            leaf = leaf.astype(precision)
        if names[-2:] == ["output_projection", "kernel"]:
            leaf = leaf.transpose(2, 1, 0).reshape(-1, len(leaf))
        return jax.device_put(leaf, jax.devices()[0])

    return jax.tree_util.tree_map_with_path(put, loaded)


def _cut(project: dict[str, Any], decoder: Any) -> None:
    """Puts a kernel for each codebook, `kernel_0` and so on, in place of one for all tokens."""
    kernel, size = project.pop("kernel"), decoder.codebook_size
    for book in range(decoder.num_codebooks):
        low = decoder.num_reserved_tokens + book * size
        project[f"kernel_{book}"] = kernel[:, low : low + size].copy()


def as_laid(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], context: Any
) -> Any:
    """Computes an attention's output with its kernel as `load` lays it; for `intercept_methods`.

    The products and the order of their sums are the library's. No MRT2 model has a bias there.
    """
    layer = context.module
    if context.method_name != "layer" or not isinstance(layer, sl.EinsumDense):
        return call(*args, **kwargs)
    config = layer.config
    if config.equation != OUTPUT:
        return call(*args, **kwargs)
    kernel = layer.variables["params"]["kernel"]

    def product(values: jax.Array) -> jax.Array:
        values, laid = promote_dtype(values, kernel, dtype=config.compute_dtype)
        flat = values.swapaxes(-1, -2).reshape(*values.shape[:-2], -1)
        return jnp.matmul(flat, laid, precision=config.precision)

    return args[0].apply_values_masked(product)
