"""JAX as all generators use it: compiled code is kept, and a GPU's memory is taken as needed."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any


def set_up() -> None:
    """Sets JAX up before its first use, where the user has not done so.

    Without a word JAX takes three quarters of a GPU's memory at once, which others need too. What
    was compiled is read from the disk at the next start.
    """
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    config: Any = jax.config
    if config.jax_compilation_cache_dir is None and (folder := _cache_folder()):
        config.update("jax_compilation_cache_dir", str(folder))


@cache
def few_rows() -> dict[str, Any]:
    """Returns the compiler's options for products of few rows on a CPU, where it knows them.

    Left to itself it takes YNNPACK for 2 rows and more, which is made for many: 24 products with
    4,096 columns of 1,024 took 47 ms for 4 rows, 28 without it.
    """
    import jax

    options: dict[str, Any] = {"xla_cpu_experimental_ynn_fusion_type": ""}
    try:
        jax.jit(lambda number: number, compiler_options=options).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:  # an experiment ends one day
        return {}
    return options


def _cache_folder() -> Path | None:
    """Returns the folder for compiled code, or None where none can be written."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("hocket")) / "jax"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
