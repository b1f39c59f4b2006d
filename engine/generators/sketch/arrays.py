"""Arithmetic that NumPy, JAX and MLX share.

`xp` is `numpy`, `jax.numpy` or `mlx.core`, `Array` what it makes. In a product with an array a
number of NumPy's stands on the right: MLX's arrays do not take part on the left.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from engine.signals import FRAME_SAMPLES

Array: TypeAlias = Any
Namespace: TypeAlias = Any

# Least-squares polynomials in x² of cos 2πx and sin 2πx / x on [−½, ½]; the error is below 1e-6,
# −120 dB. As multiplications and additions they run in vector registers, where XLA's own sin
# and cos take five times as long on a CPU.
COS = (0.99999966, -19.7390322, 64.9300124, -85.2851589, 58.8478853, -21.1581068)
SIN = (6.28318514, -41.3416149, 81.6006144, -76.6211771, 41.3713076, -12.5143333)


def turn(xp: Namespace, cycles: Array) -> tuple[Array, Array]:
    """Returns the cosine and sine of an angle in cycles."""
    x = cycles - xp.round(cycles)
    square = x * x
    return _polynomial(square, COS), x * _polynomial(square, SIN)


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = coefficient + x * total
    return total


def noise(xp: Namespace, seed: Array, first: Array, count: int) -> Array:
    """Returns white noise in −1..1, float32[B, count].

    Every sample is a hash of the seed and its own number, so that a filter may look across a
    frame's border without memory. The hash is `lowbias32` of Chris Wellons' hash prospector.

    Args:
        seed, first: uint32[B], of each instance, the number of its first sample.
    """
    number = first[:, None] + xp.asarray(np.arange(count, dtype=np.uint32))
    word = number ^ (seed[:, None] * np.uint32(0x9E3779B9))
    word = (word ^ (word >> np.uint32(16))) * np.uint32(0x7FEB352D)
    word = (word ^ (word >> np.uint32(15))) * np.uint32(0x846CA68B)
    word = word ^ (word >> np.uint32(16))
    return (word >> np.uint32(8)).astype(xp.float32) * np.float32(2**-23) - np.float32(1)


def ramp(xp: Namespace) -> Array:
    """Returns float32[1920] that rises from 0 at the frame's start to almost 1 at its end."""
    return xp.arange(FRAME_SAMPLES, dtype=xp.float32) / np.float32(FRAME_SAMPLES)
