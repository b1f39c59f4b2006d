"""A callable is a node type; all that who writes one imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.nodetype import NodeError, NodeType, Output, SentMidi, SentOsc, Service, place_of
from engine.signature import read

__all__ = ["NodeError", "NodeType", "Output", "SentMidi", "SentOsc", "Service", "node", "read"]

C = TypeVar("C", bound=Callable[..., Any])

DECLARED: dict[str, NodeType] = {}
"""Every node type declared by a module imported so far, by name and by alias."""


def node(
    name: str, *, aliases: tuple[str, ...] = (), renamed: dict[str, str] | None = None
) -> Callable[[C], C]:
    """Declares a function or class as the node type `name` and returns it unchanged.

    Parameters typed with a signal are inlets, parameters of a plain type are settings, `frame`
    receives the `Frame`, services are handed in by type, and `*name` is any number of inlets.
    In a class `__call__` is one frame; a method `after` receives its inlets at the end of the
    frame, so a cable into them may close a cycle. The docstring is the help; an `Args:` section
    has the help of the ports.

    Args:
        name: `family.name`, lower case.
        aliases: names this type had before.
        renamed: ports by the names they had before.

    Raises:
        NodeError: the declaration is wrong, or the name is taken.
    """

    def declare(make: C) -> C:
        declared = read(name, make, aliases, renamed or {})
        for key in (name, *aliases):
            if key in DECLARED:
                first = DECLARED[key].where
                raise NodeError(f"{key} is declared twice: at {first} and at {place_of(make)}")
        DECLARED.update(dict.fromkeys((name, *aliases), declared))
        return make

    return declare
