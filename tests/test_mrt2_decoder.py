"""What MRT2's decoder on JAX works out its own way is what the library's way gives."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


@settings(deadline=None)
@given(st.lists(FINITE, min_size=16, max_size=16), st.integers(1, 16), st.integers(1, 16))
def test_the_kth_largest_is_the_kth_of_those_sorted(numbers, k, other):
    values = np.array([numbers, numbers[::-1]], np.float32)[:, None]
    found = np.asarray(_kth_largest()(values, np.array([[[k]], [[other]]], np.int32)))
    largest = np.sort(values[0, 0])[::-1]
    np.testing.assert_array_equal(found[:, 0, 0], [largest[k - 1], largest[other - 1]])


@cache
def _kth_largest() -> Any:
    import jax

    from engine.generators.mrt2.decoder import kth_largest

    return jax.jit(kth_largest)
