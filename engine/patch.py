"""A patch: the document a musician makes. Frozen values; `engine.edits` makes new ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

MAX_NODES = 2_000
MAX_CABLES = 10_000
MAX_COMMENTS = 1_000
MAX_MAPPINGS = 1_000
MAX_CONTROL = 119
"""The last MIDI controller: 120..127 are channel mode messages, such as all notes off."""

MAX_SCENES = 128
"""As many as MIDI has programs."""

MAX_PANEL = 256
MAX_NAME = 64
MAX_TEXT = 65_536
MAX_ID = 64
MAX_WHOLE = 2**53
"""Beyond it whole numbers and the floats that JSON readers make of them part."""

ID = re.compile(r"[a-z][a-z0-9_]*\Z")
"""What a node or a comment may be called. `\\Z`, as `$` would let a trailing newline pass."""

COLOURS = ("grey", "blue", "green", "orange", "pink", "yellow")
"""What a comment may be coloured; another colour is kept, and drawn grey."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a patch.

    Attributes:
        place: `node`, `node.port` or a path into the file; empty for the whole patch.
        fault: what was wrong and what is legal.
        warning: True where the patch plays all the same.
    """

    place: str
    fault: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{short(self.place)}: {self.fault}" if self.place else self.fault


class PatchError(Exception):
    """A patch, or an edit of one, is not legal; `problems` says everything that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, place: str, fault: str) -> PatchError:
        return cls([Problem(place, fault)])


@dataclass(frozen=True)
class Node:
    """A placed box.

    Attributes:
        type: the name of its node type; one that is not installed is kept as it is.
        at: where it lies on the canvas, in pixels from the top left.
        values: what is set on it, as JSON has it, by port.
        extra: what a newer version wrote here; kept and saved back.
        bypass: True where it is taken out, and what feeds it goes on to what it fed.
        folded: True where it shows only what is patched or set; nothing is heard of that.
    """

    type: str
    at: tuple[float, float] = (0.0, 0.0)
    values: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    bypass: bool = False
    folded: bool = False


@dataclass(frozen=True, order=True)
class Cable:
    """A connection from an outlet to an inlet."""

    source: str
    outlet: str
    target: str
    inlet: str

    @classmethod
    def between(cls, start: str, end: str) -> Cable:
        """Makes a cable of two ports written `node.port`; ValueError if one is not."""
        return cls(*split_place(start), *split_place(end))

    @property
    def start(self) -> str:
        return f"{self.source}.{self.outlet}"

    @property
    def end(self) -> str:
        return f"{self.target}.{self.inlet}"

    def __str__(self) -> str:
        return f"{self.start} -> {self.end}"


@dataclass(frozen=True)
class Comment:
    """A text on the canvas; with a size, a coloured box drawn round what lies in it.

    Attributes:
        at: where it lies on the canvas, in pixels from the top left.
        size: width and height of the box in pixels, None for the text alone.
        colour: one of `COLOURS`; another is kept, and drawn grey.
        extra: what a newer version wrote here; kept and saved back.
    """

    text: str
    at: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] | None = None
    colour: str = COLOURS[0]
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MidiMapping:
    """A MIDI controller that moves a value.

    Attributes:
        channel, control: 1..16 and 0..119, as the controller sends them.
        node, port: the value that it moves.
        low, high: the values at 0 and at 127, None for those of the port's range; low may be
            above high.
        extra: what a newer version wrote here; kept and saved back.
    """

    channel: int
    control: int
    node: str
    port: str
    low: float | None = None
    high: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.node}.{self.port}"


@dataclass(frozen=True)
class Patch:
    """The whole document.

    Attributes:
        nodes: by id, in the order of their ids.
        cables: in order of where they start and end.
        comments: by id, in the order of their ids.
        mappings: in order of channel, control and place; at most one for each place.
        scenes: values by `node.port`, by the name of the scene, in the musician's order.
        panel: what the perform panel shows, in its order: nodes, and values as `node.port`.
        extra: what a newer version wrote at the top level; kept and saved back.
    """

    title: str = ""
    author: str = ""
    license: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    cables: tuple[Cable, ...] = ()
    comments: Mapping[str, Comment] = field(default_factory=dict)
    mappings: tuple[MidiMapping, ...] = ()
    scenes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    panel: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", MappingProxyType(dict(sorted(self.nodes.items()))))
        object.__setattr__(self, "cables", tuple(sorted(self.cables)))
        object.__setattr__(self, "comments", MappingProxyType(dict(sorted(self.comments.items()))))
        object.__setattr__(self, "mappings", tuple(sorted(self.mappings, key=_mapping_order)))
        object.__setattr__(self, "scenes", MappingProxyType(dict(self.scenes)))

    def cable_into(self, node: str, inlet: str) -> Cable | None:
        """Returns the cable that feeds an inlet, if one does."""
        return next(
            (each for each in self.cables if each.target == node and each.inlet == inlet), None
        )


def _mapping_order(mapping: MidiMapping) -> tuple[int, int, str, str]:
    return mapping.channel, mapping.control, mapping.node, mapping.port


def split_place(place: str) -> tuple[str, str]:
    """Returns the node and the port of a place written `node.port`; ValueError if it is none."""
    node, _, port = place.partition(".")
    if not ID.match(node) or not ID.match(port) or len(place) > 2 * MAX_ID + 1:
        raise ValueError(f"{place[: 2 * MAX_ID]!r} is not node.port")
    return node, port


def short(text: str) -> str:
    """Returns a text fit to print: no longer than a few lines, and nothing a terminal obeys."""
    if len(text) > 200:
        text = text[:200] + "…"
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def text_fault(text: str) -> str | None:
    """Says why a file of a patch cannot hold `text`, or returns None where it can."""
    if len(text) > MAX_TEXT:
        return f"a text of {len(text):,} characters; at most {MAX_TEXT:,} are legal"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a text with half a surrogate pair, which no UTF-8 file can hold"
    return None


def name_fault(name: str) -> str | None:
    """Says why `name` cannot be a scene's, or returns None where it can."""
    if name.strip() and len(name) <= MAX_NAME and name.isprintable():
        return None
    return f"{name[:MAX_NAME]!r} is no name; legal are 1..{MAX_NAME} characters on one line"


def id_fault(name: str) -> str | None:
    """Says why `name` cannot be the id of a node or a comment, or returns None where it can."""
    if not ID.match(name) or len(name) > MAX_ID:
        return (
            f"{name[:MAX_ID]!r} is no id; legal are up to {MAX_ID} of a-z, 0-9 and _, "
            "beginning with a letter"
        )
    return None
