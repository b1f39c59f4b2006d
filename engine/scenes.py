"""Scenes: all values of a patch under a name, to be brought back.

The edits are as those of `engine.edits`: pure, and refused in words by PatchError.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from engine.patch import MAX_SCENES, Patch, PatchError, name_fault
from engine.places import Place
from engine.ports import Inlet, Setting
from engine.registry import Registry


def store_scene(patch: Patch, registry: Registry, name: str) -> Patch:
    """Keeps every value under a name, defaults as well; a scene of that name becomes this one.

    The names of files are left out, as are values that are not legal.
    """
    if fault := name_fault(name):
        raise PatchError.at("scenes", fault)
    if name not in patch.scenes and len(patch.scenes) >= MAX_SCENES:
        raise PatchError.at("scenes", f"a patch has at most {MAX_SCENES}")
    values = {
        ".".join(place): now for place, known, now in _values(patch, registry) if _takes(known, now)
    }
    return replace(patch, scenes={**patch.scenes, name: values})


def remove_scene(patch: Patch, name: str) -> Patch:
    """Forgets a scene."""
    _scene(patch, name)
    return replace(
        patch, scenes={each: values for each, values in patch.scenes.items() if each != name}
    )


def rename_scene(patch: Patch, old: str, new: str) -> Patch:
    """Gives a scene another name; its place among the others stays."""
    _scene(patch, old)
    if fault := name_fault(new):
        raise PatchError.at("scenes", fault)
    if new in patch.scenes and new != old:
        raise PatchError.at("scenes", f"there is a scene {new!r} already")
    scenes = {new if each == old else each: values for each, values in patch.scenes.items()}
    return replace(patch, scenes=scenes)


def changes(patch: Patch, registry: Registry, name: str) -> dict[Place, Any]:
    """Returns the values that a scene changes; of what is there no more, or not legal, none."""
    scene = _scene(patch, name)
    found = {}
    for place, known, now in _values(patch, registry):
        goal = scene.get(".".join(place), now)
        if goal != now and _takes(known, goal):
            found[place] = goal
    return found


def recall(patch: Patch, registry: Registry, name: str) -> Patch:
    """Brings back the values of a scene."""
    nodes = dict(patch.nodes)
    for (node, port), value in changes(patch, registry, name).items():
        nodes[node] = replace(nodes[node], values={**nodes[node].values, port: value})
    return replace(patch, nodes=nodes)


def _scene(patch: Patch, name: str) -> Mapping[str, Any]:
    if name not in patch.scenes:
        raise PatchError.at("scenes", f"there is no scene {name!r}")
    return patch.scenes[name]


def _values(patch: Patch, registry: Registry) -> Iterator[tuple[Place, Inlet | Setting, Any]]:
    """Yields every value that a scene holds, with what declares it and what it is now."""
    fed: defaultdict[str, set[str]] = defaultdict(set)
    for cable in patch.cables:
        fed[cable.target].add(cable.inlet)
    for name, node in patch.nodes.items():
        declared = registry.find(node.type)
        if declared is None:
            continue
        members = declared.members({*fed[name], *node.values})
        known: list[Inlet | Setting] = [*declared.settings, *declared.inlets]
        for port, each in chain(((each.name, each) for each in known), *members):
            if each.asset if isinstance(each, Setting) else not each.signal.valued:
                continue
            yield (name, port), each, node.values.get(port, each.default)


def _takes(known: Inlet | Setting, value: Any) -> bool:
    try:
        known.check(value)
    except ValueError:
        return False
    return True
