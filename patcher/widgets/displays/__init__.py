"""What nodes show of the signals that run through them."""

from engine.nodetype import NodeType
from engine.signals import AUDIO, CONTROL, NOTES, SignalType
from patcher.ui.look import Look
from patcher.widgets.displays.display import Display
from patcher.widgets.displays.level import Level
from patcher.widgets.displays.strip import Strip
from patcher.widgets.displays.trace import Trace

__all__ = ["Display", "displays_for"]


def displays_for(look: Look, node: str, declared: NodeType | None) -> list[Display]:
    """Returns what a node of a type shows below its values."""
    if declared is None:
        return []

    def ports(signal: SignalType) -> tuple[str, ...]:
        return tuple(f"{node}.{each.name}" for each in declared.outlets if each.signal is signal)

    displays: list[Display] = [Level(look, node, port) for port in ports(AUDIO)]
    if declared.role == "output":
        displays.append(Level(look, node))
    if notes := ports(NOTES):
        displays.append(Strip(look, notes))
    if controls := ports(CONTROL):
        displays.append(Trace(look, controls))
    return displays
