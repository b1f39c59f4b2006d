"""The library's codec on a CPU, with two kinds of its layers computed as products.

Sums are rounded in another order there, by 1e-6 of their size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.jax as sl

MANY = 2**20
"""Weights from which on a transposed convolution of this codec is computed as products. Two have
6.3 and 2.1 million of them for 5 and 10 places of the input, five less than 0.8 for 40 and more."""


def lay(parameters: dict[str, Any]) -> None:
    """Lays the kernels of transposed convolutions with many weights as `as_products` reads them.

    Args:
        parameters: those of the codec, or of some of its layers, nested as the library nests them.
    """
    for name, each in parameters.items():
        if not isinstance(each, dict):
            continue
        if name.startswith("conv2dtranspose") and each["conv"]["kernel"].size >= MANY:
            each["conv"] |= taps(each["conv"].pop("kernel"))
        else:
            lay(each)


def taps(kernel: Any) -> dict[str, Any]:
    """Returns the kernel [h, w, I, O] of a transposed convolution as one parameter for each place.

    They are named by the place in the patch that a place of the input becomes. A slice of one
    parameter would be copied in every frame: 32 MB of them took 30 ms.
    """
    height, width = kernel.shape[:2]
    return {_tap(x, y): kernel[-1 - x, -1 - y].copy() for x in range(height) for y in range(width)}


def _tap(x: int, y: int) -> str:
    return f"kernel_{x}_{y}"


def as_products(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], context: Any
) -> Any:
    """Computes what XLA is slow at on a CPU another way; for `nn.intercept_methods`.

    A transposed convolution whose kernel is laid by `taps` is a product for each place of it. XLA
    turns input and kernel round where the input has no more places, and runs a plain loop: 29 ms
    for a layer that takes 1 so.

    A convolution of few outputs, such as the last one with 2, has the columns of its kernel as
    further outputs, for which it takes a third of the time.

    No layer of MRT2's codec has groups, or a kernel that is dilated or normalised.
    """
    layer = context.module
    if context.method_name != "_layer":
        return call(*args, **kwargs)
    values, parameters = args[0], layer.variables["params"]
    if isinstance(layer, sl.Conv2DTranspose) and "kernel" not in parameters:
        made = _transposed(values, parameters, layer.config, padding=args[1])
        return made, parameters.get("bias")
    if isinstance(layer, sl.Conv2D) and _has_few_outputs(layer.config, values.shape[-1]):
        return _by_columns(values, parameters["kernel"], **kwargs) + parameters["bias"]
    return call(*args, **kwargs)


def _has_few_outputs(config: Any, inputs: int) -> bool:
    plain = config.strides == (1, 1) and config.use_bias and config.activation is None
    return plain and config.filters * config.kernel_size[1] < inputs


def _transposed(values: jax.Array, parameters: Any, config: Any, padding: Any) -> jax.Array:
    """Returns a transposed convolution of [B, H, W, I], padded as XLA pads."""
    height, width = config.kernel_size
    rows = [
        jnp.stack([values @ parameters[_tap(x, y)] for y in range(width)], axis=3)
        for x in range(height)
    ]
    made = jnp.stack(rows, axis=2)
    for axis, (stride, pads) in enumerate(zip(config.strides, padding, strict=True), 1):
        made = _joined(made, axis, stride, pads)
    return made


def _by_columns(values: jax.Array, kernel: jax.Array, *, padding: Any, training: bool) -> jax.Array:
    """Returns a convolution of [B, H, W, I] with [h, w, I, O], padded as XLA pads."""
    height, width, inputs, outputs = kernel.shape
    columns = kernel[:, ::-1].transpose(0, 2, 1, 3).reshape(height, 1, inputs, width * outputs)
    made = jax.lax.conv_general_dilated(
        values,
        columns,
        (1, 1),
        (padding[0], (0, 0)),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return _joined(made.reshape(*made.shape[:3], width, outputs), 2, 1, padding[1])


def _joined(patches: jax.Array, axis: int, stride: int, padding: tuple[int, int]) -> jax.Array:
    """Adds the patches, on the axis after `axis`, where they overlap at every `stride`.

    That axis goes. Of the sum there remains what XLA gives with this padding.
    """
    places, size = patches.shape[axis : axis + 2]
    steps = -(-size // stride)
    wide = _padded(patches, axis + 1, 0, steps * stride - size)
    shape = (*wide.shape[: axis + 1], steps, stride, *wide.shape[axis + 2 :])
    blocks = jnp.split(wide.reshape(shape), steps, axis=axis + 1)
    moved = [
        _padded(jnp.squeeze(block, axis + 1), axis, number, steps - 1 - number)
        for number, block in enumerate(blocks)
    ]
    total = jnp.sum(jnp.stack(moved), axis=0)
    whole = total.reshape(
        *total.shape[:axis], (places + steps - 1) * stride, *total.shape[axis + 2 :]
    )
    length = (places - 1) * stride + size
    low, high = padding
    return jax.lax.slice_in_dim(whole, size - 1 - low, length - (size - 1 - high), axis=axis)


def _padded(values: jax.Array, axis: int, low: int, high: int) -> jax.Array:
    widths = [(0, 0)] * values.ndim
    widths[axis] = (low, high)
    return jnp.pad(values, widths)
