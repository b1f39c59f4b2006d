"""Copying: some nodes of a patch as a patch of their own, and such a patch put into another.

The edits are as those of `engine.edits`: pure, and refused in words by PatchError.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from engine import graph
from engine.comments import find_comment
from engine.compiler import modernise
from engine.edits import find_node, first_free, point
from engine.patch import MAX_CABLES, MAX_COMMENTS, MAX_NODES, Patch, PatchError
from engine.registry import Registry


def fragment(patch: Patch, names: Iterable[str], comments: Iterable[str] = ()) -> Patch:
    """Returns nodes with all cables into them, and comments, as a patch that may be saved as text.

    A cable that comes from a node outside is kept as it is, for `paste` to take up or leave.
    """
    kept = {name: find_node(patch, name) for name in names}
    return Patch(
        nodes=kept,
        cables=tuple(each for each in patch.cables if each.target in kept),
        comments={name: find_comment(patch, name) for name in comments},
    )


def corner(found: Patch) -> tuple[float, float]:
    """Returns the top left corner of what a patch holds, (0, 0) where that is nothing."""
    nodes, comments = found.nodes.values(), found.comments.values()
    places = [*(each.at for each in nodes), *(each.at for each in comments)]
    return (min(x for x, _ in places), min(y for _, y in places)) if places else (0.0, 0.0)


def paste(
    patch: Patch, registry: Registry, found: Patch, at: tuple[float, float], incoming: bool
) -> tuple[Patch, tuple[str, ...]]:
    """Puts a fragment into a patch; returns that patch and the ids of the new nodes.

    A node whose id is free keeps it; the others get the next number. A cable that would not fit is
    left out; node types that are not installed are kept.

    Args:
        at: where the top left corner of the fragment comes to lie, in pixels.
        incoming: whether to patch the cables that came from outside, where that is here, too.
    """
    found = modernise(found, registry)
    for key, most, count in (
        ("nodes", MAX_NODES, len(patch.nodes) + len(found.nodes)),
        ("cables", MAX_CABLES, len(patch.cables) + len(found.cables)),
        ("comments", MAX_COMMENTS, len(patch.comments) + len(found.comments)),
    ):
        if count > most:
            raise PatchError.at("", f"would make {count:,} {key}; at most {most:,} are legal")
    left, top = corner(found)

    def shifted(name: str, place: tuple[float, float]) -> tuple[float, float]:
        return point(name, (place[0] - left + at[0], place[1] - top + at[1]))

    nodes, comments = _fresh(found.nodes, patch.nodes), _fresh(found.comments, patch.comments)
    placed = {
        nodes[name]: replace(each, at=shifted(name, each.at)) for name, each in found.nodes.items()
    }
    said = {
        comments[name]: replace(each, at=shifted(name, each.at))
        for name, each in found.comments.items()
    }
    pasted = replace(patch, nodes={**patch.nodes, **placed}, comments={**patch.comments, **said})
    cables = (
        replace(each, source=nodes.get(each.source, each.source), target=nodes[each.target])
        for each in found.cables
        if each.target in nodes and (each.source in nodes or incoming)
    )
    fitting = {each for each in cables if graph.cable_fault(pasted, each, registry) is None}
    pasted = replace(pasted, cables=(*patch.cables, *fitting))
    before = {*graph.check(patch, registry)}
    faults = [each for each in graph.check(pasted, registry) if each not in before]
    if faults := [each for each in faults if not each.warning]:
        raise PatchError(faults)
    return pasted, tuple(nodes.values())


def _fresh(names: Collection[str], taken: Iterable[str]) -> dict[str, str]:
    """Returns an id for each of some names that is free, and no other's name."""
    taken, found = {*taken}, {}
    used = {*taken, *names}
    for name in names:
        found[name] = first_free(name, used) if name in taken else name
        used.add(found[name])
    return found
