"""The library's self-attention on MLX, for rows that did not begin together."""

from __future__ import annotations

from typing import Any

import magenta_rt  # noqa: F401  it puts `sequence_layers` on the path
import sequence_layers.mlx as sl

from engine.generators.mlx_streams import mx


class OwnClocks(sl.LocalDotProductSelfAttention):
    """A `LocalDotProductSelfAttention` whose rows each go by a clock of their own.

    By its clock a row knows where in its ring the keys and values of this frame belong. The
    library goes by the clock of the first row, and so writes an instance that joined later to
    other places than when it plays alone, or over what it still needs.
    """

    def step_with_emits(self, x: Any, state: Any, *, constants: Any = None) -> tuple[Any, Any, Any]:
        """Attends to the frames before, for each row; the library's step says to what."""
        *rings, clocks, queries, keys, values = state
        # At 0 the library writes to the first place, whence it is taken to the right one.
        heard, (*written, _, queries, keys, values), emits = super().step_with_emits(
            x, (*rings, mx.zeros_like(clocks), queries, keys, values), constants=constants
        )
        placed = [
            _placed(ring, new[:, :1], clocks) for ring, new in zip(rings, written, strict=True)
        ]
        return heard, (*placed, clocks + 1, queries, keys, values), emits


def _placed(ring: mx.array, new: mx.array, clocks: mx.array) -> mx.array:
    places = (clocks % ring.shape[1]).reshape(-1, *[1] * (ring.ndim - 1))
    return mx.put_along_axis(ring, mx.broadcast_to(places, new.shape), new, axis=1)


def own_clocks(module: Any) -> None:
    """Gives each row of all self-attention in a module, whose layers are built, its own clock."""
    for layer in module.modules():
        if type(layer) is sl.LocalDotProductSelfAttention:
            layer.__class__ = OwnClocks
