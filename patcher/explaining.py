"""What there is to say about a node, a port, a value or a cable, from docstrings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.nodetype import NodeType
from engine.patch import Cable, Patch, Problem
from engine.ports import Inlet, Outlet, Setting
from engine.registry import Registry
from engine.signals import MidiPort
from patcher.describe import legal_words, plain

Port = Inlet | Outlet | Setting


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
    return Told(name, type_, declared.summary, fault)


def about_port(place: str, port: Port) -> Told:
    """Returns what to say of a port or a setting, which is written `node.port`."""
    return Told(place, ", ".join(facts(port)), sentence(port.help))


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
    """Yields what a port or a setting is: signal, range and unit, default."""
    if isinstance(port, Outlet):
        yield f"outlet: {port.signal.name}"
        return
    if isinstance(port, Setting):
        yield "setting"
        yield legal_words(port)
    else:
        yield f"inlet: {port.signal.name}"
        if port.range:
            yield str(port.range)
    if isinstance(port, Setting):
        said = not (port.asset or port.kind is MidiPort)
    else:
        said = port.signal.valued
    if said and port.default != "":
        yield f"{plain(port.default)} unless set"
    if isinstance(port, Inlet) and port.late:
        yield "read for the next frame"


def sentence(words: str) -> str:
    """Returns the help of a port, which begins within a line, as a sentence."""
    return words[:1].upper() + words[1:]
