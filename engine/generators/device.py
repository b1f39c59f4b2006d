"""What a library computes on here, and how much memory it has taken of it."""

from __future__ import annotations

import os
from typing import Any


def device(library: str) -> str:
    """Returns what models play on by `jax`, `mlx` or `numpy`, in words; imports the library."""
    if library == "jax":
        import jax

        on: Any = jax.devices()[0]
        return f"JAX on {_cpu() if on.platform == 'cpu' else on.device_kind}"
    if library == "mlx":
        from engine.generators.mlx_streams import mx

        on = mx.default_device()
        return f"MLX on {_cpu() if on.type == mx.cpu else mx.device_info(on)['device_name']}"
    return f"NumPy on {_cpu()}"


def memory_taken(library: str) -> int | None:
    """Returns how many bytes of the device's memory are taken; None where it does not tell."""
    if library == "jax":
        import jax

        stats = jax.devices()[0].memory_stats()
        return int(stats["bytes_in_use"]) if stats else None
    if library == "mlx":
        from engine.generators.mlx_streams import mx

        return int(mx.get_active_memory())
    return None


def _cpu() -> str:
    return f"the CPU, {os.cpu_count()} cores"
