"""Patches at random, of whatever node types there are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st

from engine import edits
from engine.patch import Patch, PatchError
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.signals import TEXT

WORDS = ("", "warm pad", "drums", "a choir of flutes")


@st.composite
def patches(draw: st.DrawFn, registry: Registry, kinds: Sequence[str], begun: Patch) -> Patch:
    """Draws 3 to 16 nodes beside those of `begun`, with most inlets patched where that is legal.

    Args:
        kinds: the node types that are drawn, those oftener that are in it oftener.
    """
    chance = draw(st.randoms(use_true_random=True))
    patch = begun
    for number in range(draw(st.integers(3, 16))):
        patch = edits.add(patch, registry, chance.choice(kinds), f"n{number}")
    held = [(name, registry.types[node.type]) for name, node in patch.nodes.items()]
    outlets = [(f"{name}.{each.name}", each.signal) for name, t in held for each in t.outlets]
    inlets = [(f"{name}.{each.name}", each) for name, t in held for each in t.inlets]
    for name, declared in held:
        for each in declared.group.fields if declared.group else ():
            inlets += [(f"{name}.{each.name}{number}", each) for number in (1, 3, 12)]
    chance.shuffle(inlets)
    for end, inlet in inlets:
        fitting = [start for start, signal in outlets if signal is inlet.signal]
        if fitting and chance.random() < 0.9:
            with suppress(PatchError):  # it would close a loop
                patch = edits.connect(patch, registry, chance.choice(fitting), end)
    settings = [(f"{name}.{each.name}", each) for name, t in held for each in t.settings]
    for end, port in [*inlets, *settings]:
        if chance.random() < 0.3:
            with suppress(PatchError):  # it takes no such value
                patch = edits.set_value(patch, registry, *end.split("."), _value(chance, port))
    return patch


def _value(chance: random.Random, port: Inlet | Setting) -> Any:
    """Returns a value that a port may take; sums of the numbers are exact."""
    if isinstance(port, Inlet) and port.signal is TEXT:
        return chance.choice(WORDS)
    if isinstance(port, Setting) and (port.choices or port.kind is bool):
        return chance.choice(port.choices or (False, True))
    ends = (port.range.low, port.range.high) if port.range else ()
    return chance.choice([-0.5, 0, 0.25, 1, 2, 64, *ends])
