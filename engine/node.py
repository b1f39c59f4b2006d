"""A callable is a node type: what its signature and docstring declare, read once at import."""

from __future__ import annotations

import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from mido.frozen import FrozenMessage

from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.patch import ID
from engine.ports import Group, Inlet, Outlet, Setting, split_help
from engine.signals import AUDIO, Asset, MidiPort, Range, SignalType

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")
C = TypeVar("C", bound=Callable[..., Any])


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
        return _place(self.make)

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
            tuple((f"{each.name}{number}", each) for each in group.fields)
            for number in sorted(numbers)
        )

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
                raise NodeError(f"{key} is declared twice: at {first} and at {_place(make)}")
        DECLARED.update(dict.fromkeys((name, *aliases), declared))
        return make

    return declare


def read(
    name: str,
    make: Callable[..., Any],
    aliases: tuple[str, ...] = (),
    renamed: dict[str, str] | None = None,
) -> NodeType:
    """Reads a node type from a callable; raises NodeError naming it, its place and the fault."""

    def wrong(fault: str) -> NodeError:
        return NodeError(f"{name} at {_place(make)}: {fault}")

    for each in (name, *aliases):
        if not NAME.match(each):
            raise wrong(f"the name {each!r} is not like family.name in lower case")
    doc = inspect.cleandoc(make.__doc__ or "")
    if not doc:
        raise wrong("it has no docstring; its first line is the help users read")
    body, ports_help = split_help(doc)

    try:
        call = _frame_call(make)
        parameters = list(_parameters(call))
        late = list(_parameters(make.after)) if hasattr(make, "after") else []
        declared = _Declared()
        returns = typing.get_type_hints(call, include_extras=True).get("return")
        for parameter, hint in parameters:
            _read_parameter(declared, parameter, hint, ports_help, late=False)
        for parameter, hint in late:
            _read_parameter(declared, parameter, hint, ports_help, late=True)
        role, outlets = _read_outlets(returns, ports_help)
        _check_names(declared, outlets, ports_help, renamed or {})
    except (NodeError, NameError) as fault:
        raise wrong(str(fault)) from None
    return NodeType(
        name=name,
        make=make,
        role=role,
        summary=body.partition("\n")[0],
        help=body,
        inlets=tuple(declared.inlets),
        settings=tuple(declared.settings),
        outlets=outlets,
        bundle=returns if hasattr(returns, "_fields") and role == "node" else None,
        group=declared.group,
        services=declared.services,
        wants_frame=declared.wants_frame,
        aliases=tuple(aliases),
        renamed=dict(renamed or {}),
    )


@dataclass
class _Declared:
    """What a signature has declared so far."""

    inlets: list[Inlet] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    group: Group | None = None
    services: dict[str, type] = field(default_factory=dict)
    wants_frame: bool = False


def _frame_call(make: Callable[..., Any]) -> Callable[..., Any]:
    """Returns what is called in each frame: the function, or a class's `__call__`."""
    if not inspect.isclass(make):
        return make
    if not any("__call__" in vars(each) for each in make.__mro__):
        raise NodeError("it has no __call__")
    try:
        inspect.signature(make).bind()
    except TypeError as fault:
        raise NodeError(f"__init__ is called with nothing: {fault}") from None
    return make.__call__


def _parameters(call: Callable[..., Any]) -> Iterator[tuple[inspect.Parameter, Any]]:
    hints = typing.get_type_hints(call, include_extras=True)
    for parameter in inspect.signature(call).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            raise NodeError(f"**{parameter.name} cannot be read as ports")
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise NodeError(f"{parameter.name} stands before a /, but nodes are called by name")
        if parameter.name not in hints:
            raise NodeError(f"{parameter.name} has no type")
        yield parameter, hints[parameter.name]


def _read_parameter(
    declared: _Declared,
    parameter: inspect.Parameter,
    hint: Any,
    ports_help: dict[str, str],
    late: bool,
) -> None:
    name, default = parameter.name, parameter.default
    help_ = ports_help.get(name, "")
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        if late:
            raise NodeError(f"*{name} cannot be a late inlet")
        if declared != _Declared():
            raise NodeError(f"*{name} comes first; what follows it is passed by name")
        declared.group = _read_group(name, hint, ports_help)
    elif late and not _metadata(hint, SignalType):
        raise NodeError(f"{name}: after() takes inlets only")
    elif hint is Frame:
        if name != "frame":
            raise NodeError(f"{name} is a Frame; it must be called frame")
        declared.wants_frame = True
    elif inspect.isclass(hint) and issubclass(hint, Service):
        declared.services[name] = hint
    elif signal := _metadata(hint, SignalType):
        declared.inlets.append(_read_inlet(name, hint, signal, default, help_, late))
    else:
        declared.settings.append(_read_setting(name, hint, default, help_))


def _read_inlet(
    name: str, hint: Any, signal: SignalType, default: Any, help_: str, late: bool = False
) -> Inlet:
    if default is inspect.Parameter.empty:
        default = signal.neutral
    inlet = Inlet(name, signal, default, _metadata(hint, Range), help_, late)
    if signal.valued:
        try:
            inlet.check(default)
        except ValueError as fault:
            raise NodeError(f"the default of {name}: {fault}") from None
    return inlet


def _read_group(name: str, hint: Any, ports_help: dict[str, str]) -> Group:
    signal: SignalType | None = _metadata(hint, SignalType)
    if signal:
        singular = name.removesuffix("s") if signal.name != "Notes" else name
        help_ = ports_help.get(name, "")
        empty = inspect.Parameter.empty
        return Group(name, (_read_inlet(singular, hint, signal, empty, help_),))
    if not hasattr(hint, "_fields"):
        raise NodeError(f"*{name}: {hint!r} is neither a signal nor a NamedTuple of signals")
    inlets = []
    for field_name, field_hint in typing.get_type_hints(hint, include_extras=True).items():
        signal = _metadata(field_hint, SignalType)
        if signal is None:
            raise NodeError(f"*{name}: {field_name} is not a signal")
        default = hint._field_defaults.get(field_name, inspect.Parameter.empty)
        help_ = ports_help.get(field_name, "")
        inlets.append(_read_inlet(field_name, field_hint, signal, default, help_))
    return Group(name, tuple(inlets), hint)


def _read_setting(name: str, hint: Any, default: Any, help_: str) -> Setting:
    plain = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    range_, asset = _metadata(hint, Range), _metadata(hint, Asset)
    if asset:
        return Setting(name, Asset, "", asset=asset, help=help_)
    if default is inspect.Parameter.empty:
        raise NodeError(f"the setting {name} has no default")
    if typing.get_origin(plain) is Literal:
        choices = typing.get_args(plain)
        setting = Setting(name, type(choices[0]), default, choices=choices, help=help_)
    elif inspect.isclass(plain) and issubclass(plain, enum.Enum):
        choices = tuple(member.value for member in plain)
        default = default.value if isinstance(default, plain) else default
        setting = Setting(name, type(choices[0]), default, None, choices, None, plain, help_)
    elif plain in (bool, int, float, str, MidiPort):
        setting = Setting(name, plain, default, range_, help=help_)
    else:
        raise NodeError(f"{name} has the type {plain!r}, which is neither a signal nor a setting")
    try:
        setting.check(default)
    except ValueError as fault:
        raise NodeError(f"the default of {name}: {fault}") from None
    return setting


def _read_outlets(hint: Any, ports_help: dict[str, str]) -> tuple[Role, tuple[Outlet, ...]]:
    if hint is Conditioning:
        return "generator", (Outlet(AUDIO.port, AUDIO, ports_help.get(AUDIO.port, "")),)
    if hint is Output:
        return "output", ()
    if hint in (SentMidi, SentOsc):
        return "sender", ()
    if signal := _metadata(hint, SignalType):
        return "node", (Outlet(signal.port, signal, ports_help.get(signal.port, "")),)
    if inspect.isclass(hint) and hasattr(hint, "_fields"):
        outlets = []
        for name, each in typing.get_type_hints(hint, include_extras=True).items():
            signal = _metadata(each, SignalType)
            if signal is None:
                raise NodeError(f"the outlet {name} is not a signal")
            outlets.append(Outlet(name, signal, ports_help.get(name, "")))
        return "node", tuple(outlets)
    raise NodeError(
        f"it returns {hint!r}; legal are a signal, a NamedTuple of signals, Conditioning, "
        "Output, SentMidi, SentOsc"
    )


def _check_names(
    declared: _Declared,
    outlets: tuple[Outlet, ...],
    ports_help: dict[str, str],
    renamed: dict[str, str],
) -> None:
    grouped: tuple[Inlet, ...] = declared.group.fields if declared.group else ()
    ports: list[Inlet | Setting] = [*declared.inlets, *declared.settings, *grouped]
    names = [each.name for each in ports]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise NodeError(f"{', '.join(sorted(twice))} is declared twice")
    for name in (*names, *(outlet.name for outlet in outlets)):
        if not ID.match(name):
            raise NodeError(f"the port {name!r} is not of a-z, 0-9 and _")
        if name in names and declared.group and declared.group.member(name):
            raise NodeError(f"{name} could be one of *{declared.group.name} too")
    for each in grouped:
        if re.search(r"\d", each.name):
            raise NodeError(f"the port {each.name!r} gets a number and has one already")
    known = {*names, *(outlet.name for outlet in outlets)}
    stray = set(ports_help) - known - ({declared.group.name} if declared.group else set())
    if stray:
        raise NodeError(f"the docstring describes {', '.join(sorted(stray))}, which is no port")
    for former, now in renamed.items():
        if now not in known or former in known:
            raise NodeError(f"renamed: {former!r} must be no port and {now!r} must be one")


def _metadata(hint: Any, kind: type) -> Any:
    """Returns the last annotation of `kind` in `hint`: the outermost one wins."""
    found = [each for each in getattr(hint, "__metadata__", ()) if isinstance(each, kind)]
    return found[-1] if found else None


def _place(make: Callable[..., Any]) -> str:
    call: object = make.__call__ if inspect.isclass(make) else make
    code = getattr(call, "__code__", None)
    if isinstance(code, types.CodeType):
        return f"{code.co_filename}:{code.co_firstlineno}"
    return f"{make.__module__}.{make.__qualname__}"
