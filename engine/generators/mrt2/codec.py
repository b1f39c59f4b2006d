"""The library's codec on a CPU, with two of its layers computed another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.jax as sl


def as_products(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], context: Any
) -> Any:
    """Computes small transposed convolutions as matrix products; for `nn.intercept_methods`.

    Where the input has no more places than the kernel, XLA turns the two round, and on a CPU runs
    what comes of it in a plain loop: 70 ms for a layer that takes 7 as a product, 2 of them in
    every frame of every instance. Sums are rounded in another order, by 1e-6 of their size.
    """
    layer = context.module
    if context.method_name != "_layer" or not isinstance(layer, sl.Conv2DTranspose):
        return call(*args, **kwargs)
    values, padding = args
    config = layer.config
    plain = config.groups == 1 and tuple(config.dilation_rate) == (1, 1)
    kernel_size = tuple(config.kernel_size)
    small = values.shape[1] * values.shape[2] <= kernel_size[0] * kernel_size[1]
    if not small or not plain or config.use_weight_norm or config.kernel_constraint:
        return call(*args, **kwargs)
    parameters = layer.variables["params"]
    dtype = config.compute_dtype or values.dtype
    kernel, bias = parameters["kernel"], parameters.get("bias")
    return (
        _transposed(values.astype(dtype), kernel.astype(dtype), config.strides, padding),
        None if bias is None else bias.astype(dtype),
    )


def _transposed(
    values: jax.Array, kernel: jax.Array, strides: tuple[int, int], padding: Any
) -> jax.Array:
    """Returns a transposed convolution of [B, H, W, I] with [h, w, I, O], padded as XLA pads."""
    # Each place of the input gives a patch of the output; the patches overlap and are added. One
    # product for each place in a patch takes the kernel as it lies: to turn it round takes 40 ms.
    height, width = kernel.shape[:2]
    rows = [
        jnp.stack([values @ kernel[-1 - x, -1 - y] for y in range(width)], axis=3)
        for x in range(height)
    ]
    made = jnp.stack(rows, axis=2)
    for axis, (size, stride, (low, high)) in enumerate(
        zip(kernel.shape[:2], strides, padding, strict=True)
    ):
        made = _added(made, 1 + axis, size, stride)
        length = made.shape[1 + axis]
        made = jax.lax.slice_in_dim(made, size - 1 - low, length - (size - 1 - high), axis=1 + axis)
    return made


def _added(patches: jax.Array, axis: int, size: int, stride: int) -> jax.Array:
    """Adds patches of `size` on the axis after `axis` at every `stride`; that axis goes."""
    steps = -(-size // stride)
    places = patches.shape[axis]
    wide = _padded(patches, axis + 1, 0, steps * stride - size)
    shape = (*wide.shape[: axis + 1], steps, stride, *wide.shape[axis + 2 :])
    blocks = jnp.split(wide.reshape(shape), steps, axis=axis + 1)
    moved = [
        _padded(jnp.squeeze(block, axis + 1), axis, number, steps - 1 - number)
        for number, block in enumerate(blocks)
    ]
    total = jnp.sum(jnp.stack(moved), axis=0)
    joined = (*total.shape[:axis], (places + steps - 1) * stride, *total.shape[axis + 2 :])
    length = (places - 1) * stride + size
    return jax.lax.slice_in_dim(total.reshape(joined), 0, length, axis=axis)


def _padded(values: jax.Array, axis: int, low: int, high: int) -> jax.Array:
    widths = [(0, 0)] * values.ndim
    widths[axis] = (low, high)
    return jnp.pad(values, widths)
