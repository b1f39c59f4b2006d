"""What stands in a patch file, key by key, and the patch that is read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Annotated, Any

import msgspec

from engine.patch import (
    COLOURS,
    MAX_CABLES,
    MAX_COMMENTS,
    MAX_CONTROL,
    MAX_MAPPINGS,
    MAX_NODES,
    MAX_PANEL,
    MAX_SCENES,
    Cable,
    Comment,
    MidiMapping,
    Node,
    Patch,
    PatchError,
    Problem,
    id_fault,
    name_fault,
    short,
    split_place,
)
from engine.untrusted import MAX_PROBLEMS

MOST = {
    "nodes": MAX_NODES,
    "cables": MAX_CABLES,
    "comments": MAX_COMMENTS,
    "mappings": MAX_MAPPINGS,
    "scenes": MAX_SCENES,
    "panel": MAX_PANEL,
}
"""How many parts a patch may have, by key."""


class NodeData(msgspec.Struct):
    """A node as the file has it."""

    type: str
    at: tuple[float, float] = (0.0, 0.0)
    values: dict[str, Any] = {}
    bypass: bool = False
    folded: bool = False


class CommentData(msgspec.Struct):
    """A comment as the file has it."""

    text: str
    at: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] | None = None
    colour: str = COLOURS[0]


class MappingData(msgspec.Struct):
    """A MIDI mapping as the file has it."""

    channel: Annotated[int, msgspec.Meta(ge=1, le=16)]
    control: Annotated[int, msgspec.Meta(ge=0, le=MAX_CONTROL)]
    port: str
    low: float | None = None
    high: float | None = None


class SceneData(msgspec.Struct, forbid_unknown_fields=True):
    """A scene as the file has it."""

    name: str
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
    comments: dict[str, CommentData] = {}
    mappings: list[MappingData] = []
    scenes: list[SceneData] = []
    panel: list[str] = []


LISTED = {"nodes": NodeData, "comments": CommentData}
"""What lies at the top level by id."""


def read(raw: dict[str, Any]) -> Patch:
    """Returns the patch in the JSON of a file; PatchError where it is none, with all its faults."""
    try:
        data = msgspec.convert(raw, PatchData)
    except msgspec.ValidationError as error:
        fault, _, place = str(error).partition(" - at `")
        raise PatchError.at(_place(place.rstrip("`"), raw), fault) from None
    if problems := list(islice(_faults(data), MAX_PROBLEMS)):
        raise PatchError(problems)
    return Patch(
        title=data.title,
        author=data.author,
        license=data.license,
        description=data.description,
        tags=tuple(data.tags),
        nodes={
            name: Node(
                each.type,
                each.at,
                each.values,
                _extra(raw["nodes"][name], NodeData),
                each.bypass,
                each.folded,
            )
            for name, each in data.nodes.items()
        },
        cables=tuple(Cable.between(start, end) for start, end in data.cables),
        comments={
            name: Comment(
                each.text,
                each.at,
                each.size,
                each.colour,
                _extra(raw["comments"][name], CommentData),
            )
            for name, each in data.comments.items()
        },
        mappings=tuple(
            MidiMapping(
                each.channel,
                each.control,
                *split_place(each.port),
                each.low,
                each.high,
                _extra(raw["mappings"][number], MappingData),
            )
            for number, each in enumerate(data.mappings)
        ),
        scenes={each.name: each.values for each in data.scenes},
        panel=tuple(data.panel),
        extra=_extra(raw, PatchData),
    )


def _faults(data: PatchData) -> Iterator[Problem]:
    """Yields what the types of the parts do not say."""
    for key, listed in (("nodes", data.nodes), ("comments", data.comments)):
        for name, each in listed.items():
            if wrong := id_fault(name):
                yield Problem(short(f"{key}.{name}"), wrong)
            if not all(abs(part) < 1e6 for part in each.at):
                yield Problem(short(f"{key}.{name}.at"), "is outside ±1,000,000 pixels")
    for name, comment in data.comments.items():
        if comment.size and not all(0 < part < 1e6 for part in comment.size):
            yield Problem(short(f"comments.{name}.size"), "is outside 0..1,000,000 pixels")
    for number, scene in enumerate(data.scenes):
        if wrong := name_fault(scene.name):
            yield Problem(f"scenes[{number}].name", wrong)
    for at, place in _places(data):
        try:
            split_place(place)
        except ValueError as fault:
            yield Problem(at, str(fault))
    yield from _repeats("cables", (f"{start} -> {end}" for start, end in data.cables))
    yield from _repeats("mappings", (each.port for each in data.mappings))
    yield from _repeats("scenes", (each.name for each in data.scenes))
    yield from _repeats("panel", data.panel)


def _places(data: PatchData) -> Iterator[tuple[str, str]]:
    """Yields what is to be `node.port`, each with where it stands."""
    for number, ends in enumerate(data.cables):
        yield from ((f"cables[{number}]", end) for end in ends)
    for number, mapping in enumerate(data.mappings):
        yield f"mappings[{number}].port", mapping.port
    for number, scene in enumerate(data.scenes):
        yield from ((f"scenes[{number}].values", place) for place in scene.values)
    for number, place in enumerate(data.panel):
        if id_fault(place):  # a node may stand here, too
            yield f"panel[{number}]", place


def _repeats(key: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(key, f"{short(name)} stands more than once")


def _place(path: str, raw: dict[str, Any]) -> str:
    """Turns msgspec's `$.nodes[...].at` into `nodes.lag1.at` where the node can be told."""
    path = path.removeprefix("$").removeprefix(".")
    head, found, tail = path.partition("[...]")
    held = raw.get(head)
    if not found or head not in LISTED or not isinstance(held, dict):
        return path
    for name, each in held.items():
        try:
            msgspec.convert(each, LISTED[head])
        except msgspec.ValidationError:
            return short(f"{head}.{name}{tail}")
    return path


def _extra(raw: Mapping[str, Any], known: type[msgspec.Struct]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in known.__struct_fields__}
