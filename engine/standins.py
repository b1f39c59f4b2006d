"""What stands in for a node of a plan: a stopwatch around it, or one result for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


class Timed:
    """Calls a node and adds up how long it takes."""

    def __init__(self, node: Callable[..., Any], name: str, times: dict[str, float]) -> None:
        self._node = node
        self._name = name
        self._times = times

    def __call__(self, *members: Any, **arguments: Any) -> Any:
        return self._measured(self._node, *members, **arguments)

    def after(self, **arguments: Any) -> None:
        self._measured(self._node.after, **arguments)  # type: ignore[attr-defined]

    def _measured(self, call: Callable[..., Any], *members: Any, **arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*members, **arguments)
        finally:
            taken = 1e6 * (time.perf_counter() - began)
            self._times[self._name] = self._times.get(self._name, 0.0) + taken


class Muted:
    """Stands in for a node that failed too often."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def __call__(self, *members: Any, **arguments: Any) -> Any:
        return self._result

    def after(self, **arguments: Any) -> None:
        """Hears nothing."""
