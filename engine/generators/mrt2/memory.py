"""An instance's memory as bytes: a safetensors file, as the live apps write their memory banks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

BOOKS, CODES, RESERVED = 12, 1024, 6
"""A frame is a code of each codebook, whose token is code + book · 1024 + 6."""
LARGEST_HEADER = 2**20
"""Bytes; that of `mrt2_base` has 20,000."""
TYPES: dict[str, type] = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "U32": np.uint32,
    "I32": np.int32,
    "I64": np.int64,
    "BF16": ml_dtypes.bfloat16,
    "F16": np.float16,
    "F32": np.float32,
}
"""The types that a state can have, by their names in a file."""


@dataclass
class Memory:
    """What an instance remembers.

    Attributes:
        model: whose memory it is; empty where the file does not say, as those of the live apps.
        arrays: its state, in the order of its host.
    """

    model: str
    arrays: list[npt.NDArray[Any]]


class Header(msgspec.Struct):
    """What a file says of itself beside its arrays; those that MLX writes say null."""

    metadata: dict[str, str] | None = msgspec.field(name="__metadata__", default=None)


def packed(memory: Memory) -> bytes:
    """Returns a memory as bytes: `state_0`, `state_1`, …, and whose they are."""
    arrays = {f"state_{at}": np.asarray(each, order="C") for at, each in enumerate(memory.arrays)}
    return save(arrays, {"model": memory.model})


def unpacked(data: bytes) -> Memory:
    """Returns what `packed` was given, or what a live app saved.

    Raises:
        ValueError: it is no memory of an MRT2 model.
    """
    size = int.from_bytes(data[:8], "little")
    if size > LARGEST_HEADER:
        raise ValueError("this is no memory of an MRT2 model")
    try:
        found = dict(deserialize(data))
        arrays = [_array(found[f"state_{at}"]) for at in range(len(found))]
        header = msgspec.json.decode(data[8 : 8 + size], type=Header)
    except (SafetensorError, msgspec.DecodeError, KeyError, ValueError):
        raise ValueError("this is no memory of an MRT2 model") from None
    if not all(map(_is_sane, arrays)):
        raise ValueError("this memory is broken: it holds numbers that no model remembers")
    return Memory((header.metadata or {}).get("model", ""), arrays)


def _array(found: dict[str, Any]) -> npt.NDArray[Any]:
    return np.frombuffer(found["data"], TYPES[found["dtype"]]).reshape(found["shape"])


def _is_sane(array: npt.NDArray[Any]) -> bool:
    """Says whether a model can be given an array of a file that may hold anything.

    MLX would look up a token beyond the last in memory that is not its own.
    """
    if array.dtype.kind in "iu" and array.shape[-1:] == (BOOKS,):
        return bool(((array >= 0) & (array < RESERVED + BOOKS * CODES)).all())
    return array.dtype.kind in "biu" or bool(np.isfinite(array).all())
