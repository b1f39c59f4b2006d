"""Reads a node type from a callable: what its signature and docstring declare."""

from __future__ import annotations

import enum
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.nodetype import NodeError, NodeType, Output, Role, SentMidi, SentOsc, Service, place_of
from engine.patch import ID
from engine.ports import Group, Inlet, Outlet, Setting, split_help
from engine.signals import AUDIO, Asset, MidiPort, Range, SignalType

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


def read(
    name: str,
    make: Callable[..., Any],
    aliases: tuple[str, ...] = (),
    renamed: dict[str, str] | None = None,
) -> NodeType:
    """Reads a node type from a callable; raises NodeError naming it, its place and the fault."""

    def wrong(fault: str) -> NodeError:
        return NodeError(f"{name} at {place_of(make)}: {fault}")

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
