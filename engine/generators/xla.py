"""JAX as all generators use it: compiled code is kept, and a GPU's memory is taken as needed."""

from __future__ import annotations

import os
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


def _cache_folder() -> Path | None:
    """Returns the folder for compiled code, or None where none can be written."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("hocket")) / "jax"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
