"""Patch files: reading what may be anything, and writing so that nothing is ever lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.patch import COLOURS, Comment, MidiMapping, Node, Patch, PatchError, Problem, short
from engine.patchdata import MOST, PatchData, read
from engine.regular import open_regular, write_whole
from engine.untrusted import MAX_BYTES, parse, size_fault

FORMAT = 1
SUFFIX = ".hocket"
Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""`MIGRATIONS[n]` turns the JSON of format n into that of format n + 1."""


class FormatError(PatchError):
    """The patch was written by a newer Hocket; `needs` is the format it has."""

    def __init__(self, needs: int) -> None:
        self.needs = needs
        fault = f"has format {needs}; this version reads up to {FORMAT}: needs a newer hocket"
        super().__init__([Problem("format", fault)])


def load_patch(path: Path) -> Patch:
    """Reads a patch file.

    Raises:
        PatchError: it is no legal patch; every problem has its place in the file.
        FormatError: it was written by a newer version.
        OSError: it cannot be read, or is not a regular file.
    """
    return loads(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Reads what `loads` takes, without a look at what it means; raises as `load_patch` does."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise PatchError.at("", f"the file has {size / 2**20:.1f} MB; at most 8 MB are read")
        return file.read(MAX_BYTES + 1)


def loads(data: bytes, migrations: Mapping[int, Migration] = MIGRATIONS) -> Patch:
    """Reads a patch from the bytes of a file; raises as `load_patch` does."""
    raw = parse(data, MOST)
    format_ = raw.get("format")
    if isinstance(format_, bool) or not isinstance(format_, int) or format_ < 0:
        is_what = f"is {short(repr(format_))}" if "format" in raw else "is missing"
        fault = f"{is_what}; a patch begins with its format, 1"
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
    return read(raw)


def dumps(patch: Patch) -> bytes:
    """Returns a patch as the bytes of its file: sorted keys, one node, cable, … per line.

    What a patch may lack, from comments to the panel, is left out where it has none.

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
    parts["nodes"] = _table((name, _node_json(each)) for name, each in patch.nodes.items())
    parts["cables"] = _list([each.start, each.end] for each in patch.cables)
    if patch.comments:
        comments = ((name, _comment_json(each)) for name, each in patch.comments.items())
        parts["comments"] = _table(comments)
    if patch.mappings:
        parts["mappings"] = _list(map(_mapping_json, patch.mappings))
    if patch.scenes:
        scenes = patch.scenes.items()
        parts["scenes"] = _list({"name": name, "values": dict(held)} for name, held in scenes)
    if patch.panel:
        parts["panel"] = _list(patch.panel)
    # The format comes first, so that a reader knows at once what follows.
    order = ["format", *sorted(key for key in parts if key != "format")]
    body = ",\n".join(f"  {_json(key)}: {parts[key]}" for key in order)
    data = f"{{\n{body}\n}}\n".encode()
    if fault := size_fault(data):
        raise PatchError.at("", fault)
    return data


def _node_json(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"type": node.type, "at": [_plain(part) for part in node.at]}
    if node.values:
        found["values"] = dict(node.values)
    if node.bypass:
        found["bypass"] = True
    if node.folded:
        found["folded"] = True
    return {**found, **node.extra}


def _comment_json(comment: Comment) -> dict[str, Any]:
    found: dict[str, Any] = {"text": comment.text, "at": [_plain(part) for part in comment.at]}
    if comment.size:
        found["size"] = [_plain(part) for part in comment.size]
    if comment.colour != COLOURS[0]:
        found["colour"] = comment.colour
    return {**found, **comment.extra}


def _mapping_json(mapping: MidiMapping) -> dict[str, Any]:
    found = {"channel": mapping.channel, "control": mapping.control, "port": mapping.place}
    ends = {"low": mapping.low, "high": mapping.high}
    return {**found, **{key: end for key, end in ends.items() if end is not None}, **mapping.extra}


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _table(items: Iterable[tuple[str, Any]]) -> str:
    return _lines("{}", (f"{_json(name)}: {_json(each)}" for name, each in items))


def _list(items: Iterable[Any]) -> str:
    return _lines("[]", map(_json, items))


def _lines(brackets: str, items: Iterable[str]) -> str:
    inside = ",\n".join(f"    {item}" for item in items)
    return f"{brackets[0]}\n{inside}\n  {brackets[1]}" if inside else brackets


def save_patch(patch: Patch, path: Path) -> None:
    """Writes a patch, by `write_whole`; PatchError where it would be too large to be read again."""
    write_whole(path, dumps(patch))


def schema() -> dict[str, Any]:
    """Returns the JSON Schema (2020-12) of a patch file."""
    found = msgspec.json.schema(PatchData)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
