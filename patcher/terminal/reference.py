"""The node reference in docs/nodes.md, written from the node types themselves: `make docs`."""

from __future__ import annotations

from engine.registry import Registry, load_registry
from patcher.terminal.describe import page

HEAD = "# Nodes\n\nEvery built-in node, as `hocket nodes NAME` prints it.\n"


def markdown(registry: Registry) -> str:
    """Returns the reference: a chapter for each family, a section for each node type."""
    parts = [HEAD]
    family = ""
    for declared in registry.types.values():
        if declared.family != family:
            family = declared.family
            parts.append(f"## {family}\n")
        _, _, rest = page(declared).partition("\n\n")
        parts.append(f"### {declared.name}\n\n```\n{rest}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(markdown(load_registry()), end="")
