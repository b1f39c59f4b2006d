"""Patch files: reading what may be anything, and writing so that nothing is ever lost."""

from __future__ import annotations

import json
import math
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from engine.patch import (
    MAX_CABLES,
    MAX_NODES,
    MAX_WHOLE,
    Cable,
    Node,
    Patch,
    PatchError,
    Problem,
    id_fault,
    short,
    text_fault,
)
from engine.regular import open_regular

FORMAT = 1
SUFFIX = ".hocket"
MAX_BYTES = 8 * 2**20
MAX_COMMAS = 500_000
"""As cheap a measure of how many parts a file has as there is, taken before it is parsed."""

MAX_DEPTH = 64
MAX_PROBLEMS = 100
"""How many faults of one file are told; a hostile one could have millions."""

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""`MIGRATIONS[n]` turns the JSON of format n into that of format n + 1."""


class FormatError(PatchError):
    """The patch was written by a newer Hocket; `needs` is the format it has."""

    def __init__(self, needs: int) -> None:
        self.needs = needs
        fault = f"has format {needs}; this version reads up to {FORMAT}: needs a newer hocket"
        super().__init__([Problem("format", fault)])


class NodeData(msgspec.Struct):
    """A node as the file has it."""

    type: str
    at: tuple[float, float] = (0.0, 0.0)
    values: dict[str, Any] = {}


class PatchData(msgspec.Struct):
    """A patch as the file has it; `hocket schema` prints its JSON Schema."""

    format: int
    title: str = ""
    author: str = ""
    license: str = ""
    description: str = ""
    tags: list[str] = []
    nodes: dict[str, NodeData] = {}
    cables: list[tuple[str, str]] = []


def load_patch(path: Path) -> Patch:
    """Reads a patch file.

    Raises:
        PatchError: it is no legal patch; every problem has its place in the file.
        FormatError: it was written by a newer version.
        OSError: it cannot be read, or is not a regular file.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise PatchError.at("", f"the file has {size / 2**20:.1f} MB; at most 8 MB are read")
        return loads(file.read(MAX_BYTES + 1))


def loads(data: bytes, migrations: Mapping[int, Migration] = MIGRATIONS) -> Patch:
    """Reads a patch from the bytes of a file; raises as `load_patch` does."""
    if fault := _size_fault(data):
        raise PatchError.at("", fault)
    raw = _parse(data)
    format_ = raw.get("format")
    if isinstance(format_, bool) or not isinstance(format_, int) or format_ < 0:
        fault = f"is {short(repr(format_))}; a patch begins with its format, 1"
        raise PatchError.at("format", fault)
    if format_ > FORMAT:
        raise FormatError(format_)
    while format_ < FORMAT:
        if format_ not in migrations:
            raise PatchError.at("format", f"is {format_}; legal are 1..{FORMAT}")
        try:
            raw = migrations[format_](raw)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise PatchError.at("", f"is no legal patch of format {format_}: {error!r}") from None
        format_ += 1
    return _patch(raw)


def _size_fault(data: bytes) -> str | None:
    if len(data) > MAX_BYTES:
        return f"the file has {len(data) / 2**20:.1f} MB; at most 8 MB are read"
    if data.count(b",") > MAX_COMMAS:
        return f"the file has more than {MAX_COMMAS:,} commas, and so too many parts"
    return None


def _parse(data: bytes) -> dict[str, Any]:
    """Returns the JSON object in `data`, after refusing what the json module lets pass."""
    try:
        raw = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        place = f"line {line}, column {column}"
        raise PatchError.at(place, "is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise PatchError.at(place, f"not JSON: {error.msg}") from None
    except RecursionError:
        raise PatchError.at("", f"is nested more than {MAX_DEPTH} deep") from None
    except ValueError as error:  # an integer of more than 4,300 digits
        raise PatchError.at("", f"not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise PatchError.at("", "is not a patch: a patch is a JSON object")
    problems = list(islice(_limits(raw), MAX_PROBLEMS))
    if problems:
        raise PatchError(problems)
    return raw


class _Repeating(dict[str, Any]):
    """A JSON object in which the key `twice` stood more than once."""

    twice: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeating = _Repeating(found)
    repeating.twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return repeating


def _limits(raw: dict[str, Any]) -> Iterator[Problem]:
    """Yields what is too large, too deep, repeated or not finite, without recursion."""
    for key, most in (("nodes", MAX_NODES), ("cables", MAX_CABLES)):
        held = raw.get(key)
        if isinstance(held, (dict, list)) and len(held) > most:
            yield Problem(key, f"has {len(held):,}; at most {most:,} are legal")
    inside: list[Iterator[tuple[str, Any]]] = [iter([("", raw)])]
    while inside:
        for place, value in inside[-1]:
            if not isinstance(value, (dict, list)):
                if fault := _value_fault(value):
                    yield Problem(place, fault)
            elif len(inside) > MAX_DEPTH:
                yield Problem(place, f"is nested more than {MAX_DEPTH} deep")
            else:
                yield from _key_faults(place, value)
                inside.append(_parts(place, value))
                break
        else:
            inside.pop()


def _parts(place: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    """Yields what an object or array holds, each with its place, short however long the keys."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield short(f"{place}[{number}]"), each
    else:
        for key, each in value.items():
            yield short(f"{place}.{key}" if place else key), each


def _key_faults(place: str, value: dict[str, Any] | list[Any]) -> Iterator[Problem]:
    if isinstance(value, _Repeating):
        yield Problem(place, f"the key {short(value.twice)!r} stands twice in one object")
    if isinstance(value, dict):
        for key in value:
            if fault := text_fault(key):
                yield Problem(short(f"{place}.{key}" if place else key), f"the key is {fault}")


def _value_fault(value: object) -> str | None:
    if isinstance(value, str):
        return text_fault(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "is not a finite number"
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        return "is a whole number beyond ±2^53"
    return None


def _patch(raw: dict[str, Any]) -> Patch:
    try:
        data = msgspec.convert(raw, PatchData)
    except msgspec.ValidationError as error:
        fault, _, place = str(error).partition(" - at `")
        raise PatchError.at(_place(place.rstrip("`"), raw), fault) from None
    problems = []
    for name, node in data.nodes.items():
        if wrong := id_fault(name):
            problems.append(Problem(short(f"nodes.{name}"), wrong))
        if not all(abs(part) < 1e6 for part in node.at):
            problems.append(Problem(short(f"nodes.{name}.at"), "is outside ±1,000,000 pixels"))
    cables = []
    for number, (start, end) in enumerate(data.cables):
        try:
            cables.append(Cable.between(start, end))
        except ValueError as fault:
            problems.append(Problem(f"cables[{number}]", str(fault)))
    for cable, count in Counter(cables).items():
        if count > 1:
            problems.append(Problem("cables", f"{cable} stands more than once"))
    if problems:
        raise PatchError(problems)
    nodes = {
        name: Node(node.type, node.at, node.values, _extra(raw["nodes"][name], NodeData))
        for name, node in data.nodes.items()
    }
    return Patch(
        data.title,
        data.author,
        data.license,
        data.description,
        tuple(data.tags),
        nodes,
        tuple(cables),
        _extra(raw, PatchData),
    )


def _place(path: str, raw: dict[str, Any]) -> str:
    """Turns msgspec's `$.nodes[...].at` into `nodes.lag1.at` where the node can be told."""
    path = path.removeprefix("$").removeprefix(".")
    head, found, tail = path.partition("[...]")
    held = raw.get(head)
    if not found or not isinstance(held, dict):
        return path
    for name, each in held.items():
        try:
            msgspec.convert(each, NodeData)
        except msgspec.ValidationError:
            return short(f"{head}.{name}{tail}")
    return path


def _extra(raw: Mapping[str, Any], known: type[msgspec.Struct]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in known.__struct_fields__}


def dumps(patch: Patch) -> bytes:
    """Returns a patch as the bytes of its file: sorted keys, one node and one cable per line.

    Raises:
        PatchError: they would be more than `loads` reads.
    """
    head = {
        "author": patch.author,
        "description": patch.description,
        "format": FORMAT,
        "license": patch.license,
        "tags": list(patch.tags),
        "title": patch.title,
        **patch.extra,
    }
    parts = {key: _json(value) for key, value in head.items()}
    parts["nodes"] = _lines(
        "{}", (f"{_json(name)}: {_json(_node_json(node))}" for name, node in patch.nodes.items())
    )
    parts["cables"] = _lines("[]", (_json([each.start, each.end]) for each in patch.cables))
    # The format comes first, so that a reader knows at once what follows.
    order = ["format", *sorted(key for key in parts if key != "format")]
    body = ",\n".join(f"  {_json(key)}: {parts[key]}" for key in order)
    data = f"{{\n{body}\n}}\n".encode()
    if fault := _size_fault(data):
        raise PatchError.at("", fault)
    return data


def _node_json(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"type": node.type, "at": [_plain(part) for part in node.at]}
    if node.values:
        found["values"] = dict(node.values)
    return {**found, **node.extra}


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _lines(brackets: str, items: Iterable[str]) -> str:
    inside = ",\n".join(f"    {item}" for item in items)
    return f"{brackets[0]}\n{inside}\n  {brackets[1]}" if inside else brackets


def save_patch(patch: Patch, path: Path) -> None:
    """Writes a patch so that the file holds the old bytes or the new, never a mixture.

    The bytes go to a temporary file beside it, to the disk, then in place of the old file, whose
    mode stays. A symbolic link stays one, and its target is written.

    Raises:
        PatchError: the file would be too large to be read again.
        OSError: the disk is full, the folder cannot be written, or what is there is not a
            regular file; the old file is intact.
    """
    data = dumps(patch)
    path = Path(os.path.realpath(path))
    mode = _mode(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:32]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _mode(path: Path) -> int:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is not a regular file")
    return stat.S_IMODE(mode)


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def schema() -> dict[str, Any]:
    """Returns the JSON Schema (2020-12) of a patch file."""
    found = msgspec.json.schema(PatchData)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
