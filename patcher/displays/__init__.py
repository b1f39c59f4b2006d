"""What nodes show of the signals that run through them."""

from engine.node import NodeType
from patcher.displays.display import Display
from patcher.look import Look

__all__ = ["Display", "displays_for"]


def displays_for(look: Look, node: str, declared: NodeType | None) -> list[Display]:
    """Returns what a node of a type shows below its values."""
    return []
