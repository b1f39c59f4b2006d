"""What the hosts of MLX share: a state's arrays as NumPy's and back, its key, a quiet loader."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import AbstractContextManager, redirect_stdout
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from engine.generators.mlx_streams import mx


def copied(leaves: Iterable[mx.array]) -> list[npt.NDArray[Any]]:
    """Returns arrays on the host; MLX hands out bfloat16 only by its bits."""
    return [
        np.array(each.view(mx.uint16)).view(ml_dtypes.bfloat16)
        if each.dtype == mx.bfloat16
        else np.array(each)
        for each in leaves
    ]


def taken(arrays: Iterable[npt.NDArray[Any]]) -> list[mx.array]:
    """Returns arrays of the host as MLX's."""
    return [
        mx.array(each.view(np.uint16)).view(mx.bfloat16)
        if each.dtype == ml_dtypes.bfloat16
        else mx.array(each)
        for each in arrays
    ]


def place_of_key(leaves: list[mx.array]) -> int:
    """Returns which array of a state is the key of its random numbers: the only one of its kind."""
    return next(
        at for at, leaf in enumerate(leaves) if leaf.dtype == mx.uint32 and leaf.shape[-1] == 2
    )


def keyed(leaves: list[mx.array], place: int, seed: int) -> list[mx.array]:
    """Returns a state whose key, at a place of it, is that of a seed.

    Exported with guidance in several passes, a state has keys for all; the first is used.
    """
    state = list(leaves)
    state[place] = mx.broadcast_to(mx.random.key(seed), leaves[place].shape)
    return state


def loading_quietly() -> AbstractContextManager[Any]:
    """Keeps the library's loaders from the standard output, where they tell their progress.

    It belongs to what the user asked for.
    """
    return redirect_stdout(io.StringIO())
