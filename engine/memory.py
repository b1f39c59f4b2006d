"""The memory of a node as plain data and back, so that it can be kept in a file and trusted.

Pickle would run what a file tells it to. Here a file can only name classes that the node types at
hand are made of, and what comes out are plain values, arrays and objects of those classes.
"""

from __future__ import annotations

import enum
import random
import sys
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from mido.frozen import FrozenMessage

from engine.nodetype import Service
from engine.registry import Registry

MAX_DEPTH = 100
"""How deep memory may be nested; a linked list of a thousand links is refused, not followed."""

BIT_GENERATORS = {
    each.__name__: each
    for each in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.MT19937,
        np.random.Philox,
        np.random.SFC64,
    )
}
BROKEN = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError)
"""What a form that is not as `pack` makes it can raise."""
NO_FILES: Mapping[str, Any] = MappingProxyType({})


class MemoryFormError(ValueError):
    """Memory cannot be kept as data, or the data is no memory of this node."""


class Packing:
    """Packs the memory of nodes and unpacks it again.

    Packed are None, bool, int, float, str, bytes, enums, tuples, NamedTuples, lists, sets, dicts,
    deques, NumPy arrays and scalars, random generators, MIDI messages, and objects of classes
    that `registry`'s node types are made of: defined in their modules, or imported there from the
    engine. What stands in several places of one node stays one thing.

    Args:
        registry: whose node types are kept.
    """

    def __init__(self, registry: Registry) -> None:
        self._classes = _classes(registry)

    def pack(self, node: object, files: Mapping[str, Any] = NO_FILES) -> Any:
        """Returns a node's memory as data of which msgpack knows every kind.

        Args:
            files: what settings that name files hold, by a name that `unpack` will know;
                it is kept as that name.

        Raises:
            MemoryFormError: something in it cannot be kept; the message says where.
        """
        return _Packer(self._classes, files).state(node, type(node).__name__, 0)

    def unpack(self, node: object, packed: Any, files: Mapping[str, Any] = NO_FILES) -> None:
        """Gives `node` the memory that `pack` took from one of its type.

        Raises:
            MemoryFormError: this is no packed memory; `node` is as it was.
        """
        _Unpacker(self._classes, files).into(node, packed)

    def pack_value(self, value: Any, files: Mapping[str, Any] = NO_FILES) -> Any:
        """Returns any one value as data; raises as `pack` does."""
        return _Packer(self._classes, files).value(value, "the value", 0)

    def unpack_value(self, packed: Any, files: Mapping[str, Any] = NO_FILES) -> Any:
        """Returns what `pack_value` was given; raises as `unpack` does."""
        return _Unpacker(self._classes, files).whole(packed)


def _classes(registry: Registry) -> dict[str, type]:
    """Returns the classes that data may name."""
    found: dict[str, type] = {}
    for declared in registry.types.values():
        module = declared.make.__module__
        for each in list(vars(sys.modules[module]).values()) if module in sys.modules else []:
            if not isinstance(each, type) or issubclass(each, Service | BaseException):
                continue
            if each.__module__ == module or each.__module__.startswith("engine."):
                found[_name(each)] = each
    return found


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _fields(kind: type) -> list[str]:
    """Returns the names of an object's slots, its base classes' included."""
    names: list[str] = []
    for each in kind.__mro__:
        slots = vars(each).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    return [name for name in names if name not in ("__dict__", "__weakref__")]


class _Packer:
    """Packs one node.

    Plain values stand for themselves; all else is a list that begins with the name of its form.
    What can change is numbered as it is met, and met again it is only its number.
    """

    def __init__(self, classes: Mapping[str, type], files: Mapping[str, Any]) -> None:
        self._classes = classes
        self._files = {id(each): name for name, each in files.items() if each is not None}
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no id is given twice while packing

    def state(self, thing: object, place: str, depth: int) -> dict[str, Any]:
        """Returns the attributes of an object, packed."""
        state = dict(getattr(thing, "__dict__", {}))
        state |= {
            name: getattr(thing, name) for name in _fields(type(thing)) if hasattr(thing, name)
        }
        return {
            name: self.value(each, f"{place}.{name}", depth + 1) for name, each in state.items()
        }

    def value(self, value: Any, place: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise MemoryFormError(f"{place} is nested more than {MAX_DEPTH} deep")
        kind = type(value)
        if value is None or kind in (bool, float, str, bytes):
            return value
        if kind is int:
            # msgpack holds 64 bits; a keyboard of 128 pitches is a number of 128.
            return value if -(1 << 63) <= value < 1 << 63 else ["int", hex(value)]
        if id(value) in self._files:
            return ["file", self._files[id(value)]]
        if isinstance(value, np.generic):
            return ["scalar", value.dtype.str, value.tobytes()]
        if kind is tuple:
            return ["tuple", *self._all(value, place, depth)]
        if isinstance(value, enum.Enum):
            return ["enum", self._known(kind, place), self.value(value.value, place, depth + 1)]
        if isinstance(value, FrozenMessage):
            return ["message", self.value(value.dict(), place, depth + 1)]
        if isinstance(value, tuple):
            return ["named", self._known(kind, place), *self._all(value, place, depth)]
        for base in (str, int, float):
            if isinstance(value, base):
                known = self._known(kind, place)
                return ["plain", known, self.value(base(value), place, depth + 1)]
        if id(value) in self._seen:
            return ["again", self._seen[id(value)]]
        self._seen[id(value)] = len(self._seen)
        self._kept.append(value)
        return self._thing(value, kind, place, depth)

    def _thing(self, value: Any, kind: type, place: str, depth: int) -> Any:
        """Packs what has an identity of its own."""
        if kind is np.ndarray:
            if value.dtype.hasobject or value.dtype.fields:
                raise MemoryFormError(f"{place} is an array of {value.dtype}, not of numbers")
            form = [value.dtype.str, list(value.shape), value.flags.writeable]
            return ["array", *form, value.tobytes()]
        if kind in (list, set, frozenset):
            # In an order of their own: equal sets then give equal bytes.
            items = value if kind is list else sorted(value, key=repr)
            return [kind.__name__, *self._all(items, place, depth)]
        if kind is dict:
            return [
                "dict",
                *self._all([part for each in value.items() for part in each], place, depth),
            ]
        if kind is deque:
            return ["deque", value.maxlen, *self._all(value, place, depth)]
        if kind is np.random.Generator:
            state = value.bit_generator.state
            return ["generator", self.value(state, place, depth + 1)]
        if kind is random.Random:
            return ["random", self.value(value.getstate(), place, depth + 1)]
        if kind is object:
            return ["object"]
        return ["thing", self._known(kind, place), self.state(value, place, depth)]

    def _all(self, values: Any, place: str, depth: int) -> list[Any]:
        return [self.value(each, f"{place}[{at}]", depth + 1) for at, each in enumerate(values)]

    def _known(self, kind: type, place: str) -> str:
        name = _name(kind)
        if self._classes.get(name) is not kind:
            raise MemoryFormError(
                f"{place} is a {name}, which cannot be kept; legal are plain values, arrays and "
                "objects of classes that the node's module defines or imports from the engine"
            )
        return name


class _Unpacker:
    """Unpacks one node; the numbering is as `_Packer` gave it."""

    def __init__(self, classes: Mapping[str, type], files: Mapping[str, Any]) -> None:
        self._classes = classes
        self._files = files
        self._seen: list[Any] = []

    def whole(self, packed: Any) -> Any:
        """Returns one value."""
        try:
            return self._value(packed, 0)
        except BROKEN as error:
            raise _no_memory(error) from None

    def into(self, node: object, packed: Any) -> None:
        """Sets the attributes of an object, all or none."""
        try:
            state = self._state(type(node), packed, 0)
        except BROKEN as error:
            raise _no_memory(error) from None
        if hasattr(node, "__dict__"):
            vars(node).clear()
        _set(node, state)

    def _value(self, packed: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
        if packed is None or isinstance(packed, bool | int | float | str | bytes):
            return packed
        form, *parts = packed
        if form in ("list", "set", "frozenset", "dict", "deque", "thing", "generator", "random"):
            at = len(self._seen)
            self._seen.append(None)
            return self._container(form, parts, at, depth + 1)
        return self._single(form, parts, depth + 1)

    def _single(self, form: str, parts: list[Any], depth: int) -> Any:
        """Makes what nothing else can be a part of while it is made."""
        match form, parts:
            case "int", [str(digits)]:
                return int(digits, 16)
            case "file", [name]:
                return self._files[name]
            case "again", [at]:
                return self._seen[at]
            case "tuple", _:
                return tuple(self._value(each, depth) for each in parts)
            case "scalar", [dtype, data]:
                return np.frombuffer(data, np.dtype(dtype))[0]
            case "message", [fields]:
                return FrozenMessage(**self._value(fields, depth))
            case "array", [dtype, shape, writeable, data]:
                flat = np.frombuffer(bytearray(data), np.dtype(dtype))
                array = flat.reshape(shape)
                array.flags.writeable = bool(writeable)
                self._seen.append(array)
                return array
            case "object", []:
                self._seen.append(thing := object())
                return thing
            case "enum" | "plain" | "named", [name, *values]:
                kind = self._classes[name]
                if issubclass(kind, enum.Enum | tuple | str | int | float):
                    return kind(*(self._value(each, depth) for each in values))
        raise ValueError(f"there is no form {form!r} of {len(parts)} parts")

    def _container(self, form: str, parts: list[Any], at: int, depth: int) -> Any:
        """Makes what has a number, `at`, before its parts have theirs."""
        thing: Any
        if form == "list":
            self._seen[at] = thing = []
            thing.extend(self._value(each, depth) for each in parts)
        elif form == "dict":
            self._seen[at] = thing = {}
            for key, value in zip(parts[::2], parts[1::2], strict=True):
                key = self._value(key, depth)
                thing[key] = self._value(value, depth)
        elif form == "deque":
            self._seen[at] = thing = deque(maxlen=parts[0])
            thing.extend(self._value(each, depth) for each in parts[1:])
        elif form == "thing":
            kind = self._classes[parts[0]]
            self._seen[at] = thing = object.__new__(kind)
            _set(thing, self._state(kind, parts[1], depth))
        elif form == "generator":
            state = self._value(parts[0], depth)
            bits = BIT_GENERATORS[state["bit_generator"]]()
            bits.state = state
            self._seen[at] = thing = np.random.Generator(bits)
        elif form == "random":
            self._seen[at] = thing = random.Random()
            thing.setstate(self._value(parts[0], depth))
        else:
            kind = {"set": set, "frozenset": frozenset}[form]
            self._seen[at] = thing = kind(self._value(each, depth) for each in parts)
        return thing

    def _state(self, kind: type, packed: Any, depth: int) -> dict[str, Any]:
        """Returns the attributes of an object of this class."""
        if not isinstance(packed, dict):
            raise TypeError(f"{kind.__name__} is made of a dict, not of {type(packed).__name__}")
        state = {name: self._value(each, depth + 1) for name, each in packed.items()}
        if not kind.__dictoffset__ and (strange := state.keys() - _fields(kind)):
            raise ValueError(f"{kind.__name__} has no {min(strange)!r}")
        return state


def _set(thing: object, state: Mapping[str, Any]) -> None:
    slots = _fields(type(thing))
    for name, each in state.items():
        if name in slots:
            object.__setattr__(thing, name, each)  # a frozen dataclass refuses the plain way
        else:
            vars(thing)[name] = each


def _no_memory(error: Exception) -> MemoryFormError:
    return MemoryFormError(f"this is no packed memory: {error}")
