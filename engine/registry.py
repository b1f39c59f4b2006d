"""Every node type that is installed, ours and others', through one door."""

from __future__ import annotations

import difflib
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from engine import node
from engine.nodetype import NodeType

GROUP = "hocket.nodes"
BUILT_IN = "builtin"
LIMIT = 10.0
"""Seconds a package may take to import; JAX and matplotlib together take 1.5."""


@dataclass(frozen=True)
class Fault:
    """A package of node types that could not be loaded, and why."""

    package: str
    error: str


@dataclass(frozen=True)
class Registry:
    """Node types by name.

    Attributes:
        types: by their present names, sorted.
        aliases: by names they had before.
        faults: the packages that could not be loaded.
    """

    types: Mapping[str, NodeType]
    aliases: Mapping[str, NodeType]
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, declared: Mapping[str, NodeType], faults: Iterable[Fault] = ()) -> Registry:
        """Makes a registry of what `node` declared: names and aliases to node types."""
        types = {name: each for name, each in sorted(declared.items()) if each.name == name}
        aliases = {name: each for name, each in declared.items() if each.name != name}
        return cls(MappingProxyType(types), MappingProxyType(aliases), tuple(faults))

    def find(self, name: str) -> NodeType | None:
        """Returns the node type of this name or former name, or None."""
        return self.types.get(name) or self.aliases.get(name)

    def near(self, name: str) -> list[str]:
        """Returns up to three names that may have been meant."""
        return difflib.get_close_matches(name, self.types, 3)


def discover(packages: Iterable[EntryPoint], limit: float = LIMIT) -> Registry:
    """Loads node packages; one that raises, exits, hangs or clashes is a fault and adds nothing.

    Our own come first, so that no other package can take their names, and take as long as they
    need; each of the others has `limit` seconds.
    """
    faults = []
    hanging = []
    for package in sorted(packages, key=lambda each: (each.name != BUILT_IN, each.name)):
        before = dict(node.DECLARED)
        try:
            if package.name == BUILT_IN:
                package.load()
            else:
                _load_within(limit, package)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a package may exit as well as raise
            _forget(package, before)
            faults.append(Fault(package.name, f"{type(error).__name__}: {error}"))
            if isinstance(error, TimeoutError):
                hanging.append((package, before))
    for package, before in hanging:  # it may have woken up since, and declared more
        _forget(package, before)
    return Registry.of(dict(node.DECLARED), faults)


def _load_within(limit: float, package: EntryPoint) -> None:
    """Imports a package on a thread that is left to itself after `limit` seconds.

    Raises:
        TimeoutError: it takes longer.
        BaseException: whatever the package raised.
    """
    raised: list[BaseException] = []

    def load() -> None:
        try:
            package.load()
        except BaseException as error:  # raised again where it was asked for
            raised.append(error)

    loader = threading.Thread(target=load, name=f"import of {package.name}", daemon=True)
    loader.start()
    loader.join(limit)
    if loader.is_alive():
        raise TimeoutError(f"still importing after {limit:g} s, so it was left out")
    if raised:
        raise raised[0]


def _forget(package: EntryPoint, before: Mapping[str, NodeType]) -> None:
    """Takes back what a package declared before it failed, but not what others did.

    It may have imported another package, which declares its types but once.
    """
    own = re.split(r"[.:]", package.value)[0]
    for name, declared in list(node.DECLARED.items()):
        module = declared.make.__module__
        if name not in before and (module.split(".")[0] == own or module not in sys.modules):
            del node.DECLARED[name]


@cache
def load_registry() -> Registry:
    """Returns the node types installed on this machine, loaded once."""
    return discover(entry_points(group=GROUP))
