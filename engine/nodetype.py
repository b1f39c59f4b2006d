"""What is known about a kind of node, and what nodes may return that is no signal."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from mido.frozen import FrozenMessage

from engine.ports import Group, Inlet, Outlet, Setting


class Output:
    """What a node returns whose audio is heard: `return Output(audio)`; it has no outlet."""

    __slots__ = ("audio",)

    def __init__(self, audio: Any) -> None:
        self.audio = audio


class SentMidi(NamedTuple):
    """What a node returns whose messages go out by MIDI: it has no outlet.

    Attributes:
        port: the name of the port, empty for all.
        midi: the messages of this frame in order; `time` is seconds from the frame's start.
    """

    port: str
    midi: tuple[FrozenMessage, ...]


class SentOsc(NamedTuple):
    """What a node returns whose values go out by OSC: it has no outlet.

    Attributes:
        address: where to, beginning with a slash.
        values: what to send; none is sent where it is empty.
    """

    address: str
    values: tuple[float, ...]


Sent = SentMidi | SentOsc

Role = Literal["node", "generator", "output", "sender"]


class Service:
    """Base of what the engine hands to a node that asks for it by type."""


class NodeError(TypeError):
    """A node type is declared wrongly."""


@dataclass(frozen=True)
class NodeType:
    """All that is known about one kind of node.

    Attributes:
        name: `family.name`.
        make: the function, or the class whose instances have the memory.
        role: "node"; "generator" for one that returns `Conditioning` and whose audio comes
            from the host; "output" for one that is heard; "sender" for one whose messages
            leave the engine.
        bundle: the NamedTuple it returns where it has several outlets.
        services: parameter name to the type of service it is handed.
        wants_frame: whether it has a `frame` parameter.
        renamed: ports by their former names.
    """

    name: str
    make: Callable[..., Any]
    role: Role
    summary: str
    help: str
    inlets: tuple[Inlet, ...]
    settings: tuple[Setting, ...]
    outlets: tuple[Outlet, ...]
    bundle: type | None = None
    group: Group | None = None
    services: dict[str, type] = field(default_factory=dict)
    wants_frame: bool = False
    aliases: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]

    @property
    def is_end(self) -> bool:
        """Whether it plays for its own sake: what reaches no such node is left out."""
        return self.role in ("output", "sender")

    @property
    def has_memory(self) -> bool:
        return inspect.isclass(self.make)

    @property
    def where(self) -> str:
        """The file and line of the declaration."""
        return place_of(self.make)

    def inlet(self, port: str) -> Inlet | None:
        """Returns the inlet called `port`, numbered ones of the group included."""
        for inlet in self.inlets:
            if inlet.name == port:
                return inlet
        member = self.group.member(port) if self.group else None
        return member[0] if member else None

    def neutral(self) -> Any:
        """Returns what its outlets carry before the first frame."""
        values = [outlet.signal.neutral for outlet in self.outlets]
        if self.bundle:
            return self.bundle(*values)
        return values[0] if values else None

    def outlet(self, port: str) -> Outlet | None:
        return next((outlet for outlet in self.outlets if outlet.name == port), None)

    def value(self, port: str) -> Inlet | Setting | None:
        """Returns what a value may be set on: a setting, or an inlet that takes values."""
        for setting in self.settings:
            if setting.name == port:
                return setting
        inlet = self.inlet(port)
        return inlet if inlet and inlet.signal.valued else None

    def members(self, used: Iterable[str]) -> tuple[tuple[tuple[str, Inlet], ...], ...]:
        """Returns the sets of the group of which a port is fed or set, by number."""
        group = self.group
        if group is None:
            return ()
        numbers = {member[1] for port in used if (member := group.member(port))}
        return tuple(
            tuple((group.port(each, number), each) for each in group.fields)
            for number in sorted(numbers)
        )

    def ports(self, used: Iterable[str]) -> Iterator[tuple[str, Inlet | Setting]]:
        """Yields its inlets and settings by name; of its group, the sets in use as in `members`."""
        for inlet in self.inlets:
            yield inlet.name, inlet
        for members in self.members(used):
            yield from members
        for setting in self.settings:
            yield setting.name, setting

    def inlet_names(self) -> list[str]:
        """The names of the inlets as users read them; a group's end in an ellipsis."""
        grouped = [f"{inlet.name}1…" for inlet in self.group.fields] if self.group else []
        return [inlet.name for inlet in self.inlets] + grouped

    def value_names(self) -> list[str]:
        """The names of all that a value may be set on."""
        grouped = self.group.fields if self.group else ()
        return (
            [setting.name for setting in self.settings]
            + [inlet.name for inlet in self.inlets if inlet.signal.valued]
            + [f"{inlet.name}1…" for inlet in grouped if inlet.signal.valued]
        )


def place_of(make: Callable[..., Any]) -> str:
    """Returns where a callable is declared: its file and line, else its name."""
    call: object = make.__call__ if inspect.isclass(make) else make
    code = getattr(call, "__code__", None)
    if isinstance(code, types.CodeType):
        return f"{code.co_filename}:{code.co_firstlineno}"
    return f"{make.__module__}.{make.__qualname__}"
