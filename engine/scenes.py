"""Scenes: all values of a patch under a name, to be brought back.

The edits are as those of `engine.edits`: pure, and refused in words by PatchError.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.knobs import Knobs
from engine.patch import MAX_SCENES, Patch, PatchError, name_fault
from engine.places import Place, with_values
from engine.ports import Inlet, Setting, names_a_file, takes
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
        ".".join(place): now for place, known, now in _values(patch, registry) if takes(known, now)
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


def goals(patch: Patch, registry: Registry, name: str) -> dict[Place, Any]:
    """Returns the values of a scene; of what is there no more, or not legal, none."""
    return {place: goal for place, goal, _ in _goals(patch, registry, name)}


def changes(patch: Patch, registry: Registry, name: str) -> dict[Place, Any]:
    """Returns those `goals` that are other than what is set now."""
    return {place: goal for place, goal, now in _goals(patch, registry, name) if goal != now}


def recall(patch: Patch, registry: Registry, name: str) -> Patch:
    """Brings back the values of a scene."""
    return with_values(patch, changes(patch, registry, name))


def _scene(patch: Patch, name: str) -> Mapping[str, Any]:
    if name not in patch.scenes:
        legal = ", ".join(map(repr, patch.scenes)) or "none"
        raise PatchError.at("scenes", f"there is no scene {name!r}; there are: {legal}")
    return patch.scenes[name]


def _goals(patch: Patch, registry: Registry, name: str) -> Iterator[tuple[Place, Any, Any]]:
    """Yields the legal values of a scene, each with what is set now."""
    scene = _scene(patch, name)
    for place, known, now in _values(patch, registry):
        text = ".".join(place)
        if text in scene and takes(known, scene[text]):
            yield place, scene[text], now


def _values(patch: Patch, registry: Registry) -> Iterator[tuple[Place, Inlet | Setting, Any]]:
    """Yields every value that a scene holds, with what declares it and what it is now."""
    used = defaultdict(set, {name: {*node.values} for name, node in patch.nodes.items()})
    for cable in patch.cables:
        used[cable.target].add(cable.inlet)
    for name, ports in Knobs(patch, registry).ports.items():
        used[name] |= ports
    for name, node in patch.nodes.items():
        declared = registry.find(node.type)
        for port, known in declared.ports(used[name]) if declared else ():
            valued = known.signal.valued if isinstance(known, Inlet) else not names_a_file(known)
            if valued:
                yield (name, port), known, node.values.get(port, known.default)
