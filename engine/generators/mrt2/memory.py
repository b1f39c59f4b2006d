"""An instance's memory as bytes: arrays with their shapes and types, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

FORMAT = "hocket mrt2 1"


@dataclass
class Memory:
    """What an instance remembers.

    Attributes:
        model: whose memory it is.
        arrays: its state, in the order of its host.
    """

    model: str
    arrays: list[npt.NDArray[Any]]


class Leaf(msgspec.Struct, array_like=True):
    """One array; the type is a name that NumPy knows, `bfloat16` is kept as its bits."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


class Saved(msgspec.Struct):
    """All of it, as it is written."""

    format: str
    model: str
    leaves: list[Leaf]


def packed(memory: Memory) -> bytes:
    """Returns a memory as bytes."""
    leaves = [Leaf(str(each.dtype), each.shape, each.tobytes()) for each in memory.arrays]
    return msgspec.msgpack.encode(Saved(FORMAT, memory.model, leaves))


def unpacked(data: bytes) -> Memory:
    """Returns what `packed` was given.

    Raises:
        ValueError: it is no memory of an MRT2 model.
    """
    try:
        saved = msgspec.msgpack.decode(data, type=Saved)
        arrays = [
            np.frombuffer(each.data, _dtype(each.dtype)).reshape(each.shape)
            for each in saved.leaves
        ]
    except (msgspec.DecodeError, ValueError, TypeError):
        raise ValueError("this is no memory of an MRT2 model") from None
    if saved.format != FORMAT:
        raise ValueError("this is no memory of this version of an MRT2 model")
    return Memory(saved.model, arrays)


def _dtype(name: str) -> np.dtype[Any]:
    """Returns the type of an array by its name; NumPy learns bfloat16 from ml_dtypes."""
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    if name not in ("bool", "uint8", "uint32", "int32", "int64", "float16", "float32"):
        raise ValueError(name)
    return np.dtype(name)
