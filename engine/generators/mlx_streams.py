"""MLX as all of Hocket uses it: `mx`, its first streams made for every thread.

Who computes with MLX imports it from here, as the first to ask MLX for anything makes the first
streams. Importing MLX itself, or the library, asks nothing.
"""

from __future__ import annotations

import threading

import mlx.core as mx

__all__ = ["EVALUATING", "SHARED", "mx"]

EVALUATING = threading.Lock()
"""Held while an exported function is worked out: on a shared stream one at a time."""

# An export names its streams by number: 0, and 1 where there is a GPU too. Since MLX 0.31.2 a
# stream is for the thread alone that made it, by asking MLX for anything: elsewhere the function
# fails with "There is no Stream(cpu, 0) in current thread". So the first ones are made here.
SHARED = (
    [mx.new_thread_unsafe_stream(each) for each in (mx.gpu, mx.cpu) if mx.is_available(each)]
    if hasattr(mx, "new_thread_unsafe_stream")
    else [mx.default_stream(mx.default_device())]
)
"""The streams, the one of the default device first."""
