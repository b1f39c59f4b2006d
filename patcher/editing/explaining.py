"""What there is to say about a node, a port, a value or a cable, from docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.nodetype import NodeType
from engine.patch import Cable, Patch, Problem
from engine.ports import Inlet, Outlet, Setting
from engine.registry import Registry

Port = Inlet | Outlet | Setting

KINDS = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "on or off"}
"""Settings without a range or choices, in words."""


@dataclass(frozen=True)
class Told:
    """What is said of something.

    Attributes:
        title: its name.
        facts: what it is, in a line.
        text: what it is for; may be empty.
        fault: what is wrong with it; empty for nothing.
    """

    title: str
    facts: str
    text: str = ""
    fault: str = ""

    def __str__(self) -> str:
        return " · ".join(each for each in (self.title, self.fault or self.text) if each)


def about_node(name: str, type_: str, declared: NodeType | None, faults: Sequence[Problem]) -> Told:
    """Returns what to say of a node: its type's first sentence, and what is wrong with it."""
    fault = "\n".join(each.fault for each in faults)
    if declared is None:
        return Told(name, type_, "This node type is not installed. What was set is kept.", fault)
    return Told(name, type_, spoken(declared.summary), fault)


def about_port(place: str, port: Port) -> Told:
    """Returns what to say of a port or a setting, which is written `node.port`."""
    kind = type(port).__name__.lower()
    return Told(place, f"{kind}: {', '.join(facts(port))}", sentence(port.help))


def about_cable(cable: Cable, patch: Patch, registry: Registry) -> Told:
    """Returns what to say of a cable: what it carries, and what the inlet makes of it."""
    source, target = (
        registry.find(patch.nodes[name].type) for name in (cable.source, cable.target)
    )
    outlet = source.outlet(cable.outlet) if source else None
    inlet = target.inlet(cable.inlet) if target else None
    carries = f"carries {outlet.signal.name}" if outlet else "of a node that is not installed"
    return Told(f"{cable.start} → {cable.end}", carries, sentence(inlet.help) if inlet else "")


def facts(port: Port) -> Iterator[str]:
    """Yields what a port or a setting is: signal, legal values and unit, default."""
    if isinstance(port, Setting):
        yield KINDS.get(port.legal, port.legal)
        default = "" if port.asset else port.default
    else:
        yield port.signal.name
        default = port.default if isinstance(port, Inlet) and port.signal.valued else ""
    if isinstance(port, Inlet) and port.range:
        yield str(port.range)
    if default != "":
        yield f"{_plain(default)} unless set"
    if isinstance(port, Inlet) and port.late:
        yield "read for the next frame"


def sentence(words: str) -> str:
    """Returns the help of a port, which begins within a line, as a sentence."""
    return spoken(words[:1].upper() + words[1:])


def spoken(text: str) -> str:
    """Returns a text of a docstring as it is read: names in quotes, not in backticks."""
    return re.sub(r"`([^`]+)`", r"“\1”", text)


def paragraphs(text: str) -> list[str]:
    """Returns a docstring's paragraphs, each on one line; lists keep theirs."""
    return [
        part if re.search(r"^( |-)", part, re.MULTILINE) else " ".join(part.split())
        for part in re.split(r"\n\s*\n", spoken(text.strip()))
    ]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
