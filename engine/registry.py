"""Every node type that is installed, ours and others', through one door."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from engine import node
from engine.node import NodeType

GROUP = "hocket.nodes"
BUILT_IN = "builtin"


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


def discover(packages: Iterable[EntryPoint]) -> Registry:
    """Loads node packages; one that raises, exits or clashes becomes a fault and adds nothing.

    Our own come first, so that no other package can take their names.
    """
    faults = []
    for package in sorted(packages, key=lambda each: (each.name != BUILT_IN, each.name)):
        before = dict(node.DECLARED)
        try:
            package.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a package may exit as well as raise
            _forget(package, before)
            faults.append(Fault(package.name, f"{type(error).__name__}: {error}"))
    return Registry.of(node.DECLARED, faults)


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
