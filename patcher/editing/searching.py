"""Finding node types by what is typed: names, families, what they take and give, words of help."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.nodetype import NodeType
from engine.ports import Inlet, Outlet, Setting
from engine.signals import SignalType

NAME, PART, FAMILY, PORT, SUMMARY, HELP = range(6)
"""Where a word is found, the best first: at the beginning of the name, anywhere in the name, the
family, a port or its signal, the line that sums up, the rest of the help."""

FIRST = 6
"""Node types used of late that come first while nothing is typed."""


def search(types: Iterable[NodeType], typed: str, used: Sequence[str] = ()) -> list[NodeType]:
    """Returns the node types in which every typed word is found, the best first.

    Two signals in a row, such as `midi notes`, ask for what makes the second of the first. Of
    those that fit as well, the one used more often comes first.

    Args:
        used: names of node types, each as often as it was used, the latest first.
    """
    words = typed.lower().replace("→", " ").split()
    if not words:
        return _by_use(types, used)
    often = Counter(used)
    found = []
    for each in types:
        rank = _rank(each, words)
        if rank is not None:
            found.append((not _makes(each, words), rank, -often[each.name], each.name, each))
    return [each for *_, each in sorted(found, key=lambda row: row[:4])]


def main_signal(declared: NodeType) -> SignalType | None:
    """Returns the signal that a node type is about: what it gives first, else what it takes."""
    ports: list[Inlet | Outlet] = [*declared.outlets, *_inlets(declared)]
    return ports[0].signal if ports else None


def taken_and_given(declared: NodeType) -> tuple[list[str], list[str]]:
    """Returns the names of the signals that a node type takes and of those that it gives.

    The numbers that its knobs take are not among them, unless it takes nothing else.
    """
    taken = list(dict.fromkeys(each.signal.name for each in _inlets(declared)))
    fed = [each for each in taken if each != "Control"]
    return fed or taken, list(dict.fromkeys(each.signal.name for each in declared.outlets))


def _by_use(types: Iterable[NodeType], used: Sequence[str]) -> list[NodeType]:
    latest = list(dict.fromkeys(used))[:FIRST]

    def place(declared: NodeType) -> tuple[int, str]:
        name = declared.name
        return (latest.index(name) if name in latest else FIRST), name

    return sorted(types, key=place)


def _rank(declared: NodeType, words: Sequence[str]) -> int | None:
    """Returns the sum of where the words are found; None where one of them is not."""
    total = 0
    for word in words:
        place = _place(declared, word)
        if place is None:
            return None
        total += place
    return total


def _place(declared: NodeType, word: str) -> int | None:
    family, _, name = declared.name.partition(".")
    ports: list[Inlet | Outlet] = [*_inlets(declared), *declared.outlets]
    values: list[Inlet | Outlet | Setting] = [*ports, *declared.settings]
    if name.startswith(word) or ("." in word and declared.name.startswith(word)):
        return NAME
    if any(word in each for each in (name, *declared.aliases)):
        return PART
    if family.startswith(word):
        return FAMILY
    names = [each.name for each in values] + [each.signal.name.lower() for each in ports]
    if any(each.startswith(word) for each in names):
        return PORT
    beginning = re.compile(rf"\b{re.escape(word)}")
    if beginning.search(declared.summary.lower()):
        return SUMMARY
    text = " ".join([declared.help, *(each.help for each in values)]).lower()
    return HELP if beginning.search(text) else None


def _makes(declared: NodeType, words: Sequence[str]) -> bool:
    """Says whether it takes the first and gives the second of two signals named in a row."""
    taken, given = ({each.lower() for each in names} for names in taken_and_given(declared))
    return any(
        any(each.startswith(start) for each in taken)
        and any(each.startswith(end) for each in given)
        for start, end in pairwise(words)
    )


def _inlets(declared: NodeType) -> list[Inlet]:
    return [*declared.inlets, *(declared.group.fields if declared.group else ())]
