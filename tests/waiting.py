"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

WAIT = 60.0
"""Seconds that a wait may take on a machine under load; what works takes a fraction of one."""


def wait_until(
    condition: Callable[[], Any], what: str = "it comes about", seconds: float = WAIT
) -> Any:
    """Returns what `condition` returns as soon as it is true; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s in vain until {what}")
        time.sleep(0.01)
    return result
