"""Where the boxes of a patch lie in a picture, none over another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import NamedTuple, TypeAlias

import networkx as nx
import numpy as np

Point: TypeAlias = tuple[float, float]
"""The top left corner of a box, in pixels."""

COLUMN_GAP, ROW_GAP = 90.0, 26.0
LARGEST = 30_000.0
"""The most pixels a picture may be wide or high as a patch places its nodes."""
SWEEPS = 4
"""How often boxes are drawn towards their neighbours; more changed nothing that is seen."""


class Size(NamedTuple):
    """How large a box is, in pixels."""

    width: float
    height: float


def place(
    sizes: Mapping[str, Size], wanted: Mapping[str, Point], edges: Iterable[tuple[str, str]]
) -> dict[str, Point]:
    """Returns a place for each box, the outermost ones touching 0 on the left and above.

    The places that are wanted, if no two boxes overlap there; else columns, from sources on
    the left to outputs on the right.
    """
    places = dict(wanted) if fit(sizes, wanted) else columns(sizes, edges)
    left = min((x for x, _ in places.values()), default=0.0)
    top = min((y for _, y in places.values()), default=0.0)
    return {name: (x - left, y - top) for name, (x, y) in places.items()}


def fit(sizes: Mapping[str, Size], places: Mapping[str, Point]) -> bool:
    """Whether no two boxes overlap, and all lie within a picture of sensible size."""
    start = np.array([places[name] for name in sizes], float).reshape(-1, 2)
    end = start + np.array(list(sizes.values()), float).reshape(-1, 2)
    if not len(start):
        return True
    if not np.all(end.max(0) - start.min(0) <= LARGEST):
        return False
    over = np.all((start[:, None] < end[None]) & (start[None] < end[:, None]), axis=2)
    return int(over.sum()) == len(start)


def columns(sizes: Mapping[str, Size], edges: Iterable[tuple[str, str]]) -> dict[str, Point]:
    """Returns places in columns, each box to the right of all that feed it, loops aside."""
    forward = _forward(sizes, edges)
    ranks = _ranks(forward)
    members: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for name in sizes:
        members[ranks[name]].append(name)
    middles = _middles(members, sizes, forward)
    places: dict[str, Point] = {}
    left = 0.0
    for column in members:
        places.update({name: (left, middles[name] - sizes[name].height / 2) for name in column})
        left += max((sizes[name].width for name in column), default=0.0) + COLUMN_GAP
    return places


def _forward(names: Iterable[str], edges: Iterable[tuple[str, str]]) -> nx.DiGraph:
    """Returns the graph without the edges that close a loop.

    An edge leads back where a depth-first search from the sources finishes its target later.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(names))
    graph.add_edges_from(sorted(edges))
    fed_last = nx.DiGraph()
    fed_last.add_nodes_from(sorted(graph, key=graph.in_degree))
    fed_last.add_edges_from(graph.edges)
    finished = {name: n for n, name in enumerate(nx.dfs_postorder_nodes(fed_last))}
    graph.remove_edges_from([(a, b) for a, b in graph.edges if finished[a] <= finished[b]])
    return graph


def _ranks(graph: nx.DiGraph) -> dict[str, int]:
    """Returns each box's column: after all that feed it, sources right before what they feed."""
    ranks: dict[str, int] = {}
    for name in nx.topological_sort(graph):
        ranks[name] = max((ranks[each] + 1 for each in graph.predecessors(name)), default=0)
    for name in graph:
        if not graph.in_degree(name) and graph.out_degree(name):
            ranks[name] = min(ranks[each] for each in graph.successors(name)) - 1
    return ranks


def _middles(
    members: list[list[str]], sizes: Mapping[str, Size], graph: nx.DiGraph
) -> dict[str, float]:
    """Returns the height of each box's middle, near those of the boxes it is patched to."""
    middles: dict[str, float] = {}
    for column in members:
        middles.update(_stacked(column, dict.fromkeys(column, 0.0), sizes))
    for sweep in range(SWEEPS):
        onward = sweep % 2 == 0
        for column in members if onward else reversed(members):
            near = graph.predecessors if onward else graph.successors
            pull = {
                name: fmean([middles[each] for each in near(name)] or [middles[name]])
                for name in column
            }
            middles.update(_stacked(column, pull, sizes))
    return middles


def _stacked(
    column: list[str], pull: Mapping[str, float], sizes: Mapping[str, Size]
) -> dict[str, float]:
    """Returns middles in the order of `pull`, as near to it as can be without an overlap."""
    order = sorted(column, key=lambda name: (pull[name], name))
    middles: dict[str, float] = {}
    end = -float("inf")
    for name in order:
        top = max(pull[name] - sizes[name].height / 2, end + ROW_GAP)
        middles[name] = top + sizes[name].height / 2
        end = top + sizes[name].height
    shift = fmean([pull[name] - middles[name] for name in order] or [0.0])
    return {name: middle + shift for name, middle in middles.items()}
