"""What stands in for a node of a plan: a stopwatch, one result for ever, a word beforehand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from engine.frame import Frame
from engine.signals import Midi


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


class Told:
    """Stands in for a node until its next frame, in which it first hears what is held already.

    Args:
        node: what is called.
        held: messages by the name of an inlet; those that reach the ports by `frame`.
        step_aside: called as soon as the node is.
    """

    def __init__(
        self,
        node: Callable[..., Any],
        held: Mapping[str, Midi | Mapping[str, Midi]],
        step_aside: Callable[[], None],
    ) -> None:
        self.node = node
        self.held = held
        self._step_aside = step_aside

    def __call__(self, *members: Any, **arguments: Any) -> Any:
        self._step_aside()
        for name, messages in self.held.items():
            arguments[name] = _after(messages, arguments[name])
        return self.node(*members, **arguments)


def _after(held: Midi | Mapping[str, Midi], now: Midi | Frame) -> Midi | Frame:
    """Returns what arrives now with what is held before it."""
    if isinstance(now, Frame):
        assert isinstance(held, Mapping)
        first = {port: (*each, *now.midi.get(port, ())) for port, each in held.items()}
        return now._replace(midi={**now.midi, **first})
    assert isinstance(held, tuple)
    return held + now
