"""What is wrong with which node: what the engine found in the patch, and what fails just now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engine.patch import Patch, Problem


def faults_of(
    patch: Patch, problems: Sequence[Problem], failing: Mapping[str, str]
) -> dict[str, list[Problem]]:
    """Returns what is wrong by the node that has it, the worst first.

    Args:
        problems: those of the patch.
        failing: in words, by node or by the name of a device; a device's fault is that of the
            nodes that name it.
    """
    found: defaultdict[str, list[Problem]] = defaultdict(list)
    for each in problems:
        found[each.place.partition(".")[0]].append(each)
    for name, words in failing.items():
        users = [node for node, each in patch.nodes.items() if name in each.values.values()]
        for node in [name] if name in patch.nodes else users:
            found[node].append(Problem(node, words))
    return {
        node: sorted(faults, key=lambda each: each.warning)
        for node, faults in found.items()
        if node in patch.nodes
    }
