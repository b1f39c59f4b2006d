"""The library's codec on a CPU, with two kinds of its layers computed as other convolutions.

Sums are rounded in another order there, by 1e-6 of their size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.jax as sl

UP = "conv2dtranspose"
"""How the names of the layers begin that hold a transposed convolution."""


def lay(parameters: dict[str, Any]) -> None:
    """Lays the kernels of all transposed convolutions as `as_plain` reads them.

    In a frame that would copy 43 MB.

    Args:
        parameters: those of the codec, or of some of its layers, nested as the library nests them.
    """
    for name, each in parameters.items():
        if name.startswith(UP):
            each["conv"]["kernel"] = laid(each["conv"]["kernel"])
        elif isinstance(each, dict):
            lay(each)


def laid(kernel: Any) -> Any:
    """Returns the kernel [h, w, I, O] of a transposed convolution as that of a plain one.

    It is [1, w / stride, I, h · stride · O]: what one column of the input gives, all rows and all
    columns as far as the next one's, are outputs. The strides are half the size, as the library
    has them: its size is max(3, 2 · stride).
    """
    height, width, inputs, outputs = kernel.shape
    across = width // 2
    columns = kernel[::-1].reshape(height, width // across, across, inputs, outputs)[:, :, ::-1]
    return columns.transpose(1, 3, 0, 2, 4).reshape(1, width // across, inputs, -1).copy()


def as_plain(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], context: Any
) -> Any:
    """Computes what XLA is slow at on a CPU as plain convolutions; for `nn.intercept_methods`.

    In a transposed convolution XLA multiplies the zeros that it puts between the places of the
    input: for the five with the largest images that takes 1.4 times as long. And where the image
    is no larger than the kernel it turns the two round and runs a plain loop: 22 ms for a layer
    that takes 1 so. Their kernels are laid by `lay`.

    A convolution of few outputs, such as the last one with 2, has the columns of its kernel as
    further outputs, for which it takes a third of the time.

    No layer of MRT2's codec has groups, or a kernel that is dilated or normalised.
    """
    layer = context.module
    if context.method_name != "_layer":
        return call(*args, **kwargs)
    values, parameters = args[0], layer.variables["params"]
    if isinstance(layer, sl.Conv2DTranspose):
        made = _transposed(values, parameters["kernel"], layer.config, padding=args[1])
        return made, parameters.get("bias")
    if isinstance(layer, sl.Conv2D) and _has_few_outputs(layer.config, values.shape[-1]):
        return _by_columns(values, parameters["kernel"], **kwargs) + parameters["bias"]
    return call(*args, **kwargs)


def _has_few_outputs(config: Any, inputs: int) -> bool:
    plain = config.strides == (1, 1) and config.use_bias and config.activation is None
    return plain and config.filters * config.kernel_size[1] < inputs


def _transposed(values: jax.Array, kernel: jax.Array, config: Any, padding: Any) -> jax.Array:
    """Returns a transposed convolution of [B, H, W, I], padded as XLA pads."""
    (height, width), (down, across) = config.kernel_size, config.strides
    beside, below = width // across - 1, height // down - 1
    made = _convolved(values, kernel, ((0, 0), (beside, beside)))
    batch, rows, columns, _ = made.shape
    parts = made.reshape(batch, rows, columns, below + 1, down, across * config.filters)
    # What a row gives reaches into the rows below, where it is added.
    moved = (
        jnp.pad(parts[:, :, :, at], ((0, 0), (at, below - at), (0, 0), (0, 0), (0, 0)))
        for at in range(below + 1)
    )
    total = sum(moved, start=jnp.float32(0)).swapaxes(2, 3)
    whole = total.reshape(batch, (rows + below) * down, columns * across, config.filters)
    for axis, (size, (low, high)) in enumerate(zip((height, width), padding, strict=True), 1):
        last = whole.shape[axis] - (size - 1 - high)
        whole = jax.lax.slice_in_dim(whole, size - 1 - low, last, axis=axis)
    return whole


def _by_columns(values: jax.Array, kernel: jax.Array, *, padding: Any, training: bool) -> jax.Array:
    """Returns a convolution of [B, H, W, I] with [h, w, I, O], padded as XLA pads."""
    height, width, inputs, outputs = kernel.shape
    columns = kernel.transpose(0, 2, 1, 3).reshape(height, 1, inputs, width * outputs)
    made = _convolved(values, columns, (padding[0], (0, 0)))
    made = made.reshape(*made.shape[:3], width, outputs)
    made = jnp.pad(made, ((0, 0), (0, 0), padding[1], (0, 0), (0, 0)))
    length = made.shape[2] - width + 1
    return sum((made[:, :, at : at + length, at] for at in range(width)), start=jnp.float32(0))


def _convolved(values: jax.Array, kernel: jax.Array, padding: Any) -> jax.Array:
    numbers = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(values, kernel, (1, 1), padding, dimension_numbers=numbers)
