"""One plan takes over from another while it plays: what is kept, let go of and struck again."""

from __future__ import annotations

from collections.abc import Mapping

from engine.frame import NO_MIDI
from engine.plan import Plan, Step
from engine.signals import MIDI, Midi
from engine.sounding import Sounding
from engine.standins import Muted, Told


def adopt(plan: Plan, old: Plan, held: Mapping[str, Midi] = NO_MIDI) -> None:
    """Takes over the memory of every node of `old` whose id and type stayed.

    A node whose Midi comes from elsewhere now, directly or through other nodes, lets go of the
    notes it held. In its next frame it hears those that are on where its Midi comes from now, so
    that a key that was held all the time sounds again when its cable is back.

    To be called between two frames; `old` is not to be run again, and may be freed on another
    thread.

    Args:
        held: the messages that switch on what is held, by port.
    """
    moved: set[str] = set()  # nodes whose Midi is not what it was
    for name, step in plan.steps.items():
        if not _plays_on(plan, old, step, moved):
            moved.add(name)
            if told := _told(plan, step, moved, held):
                plan.tell(name, told)


def _plays_on(plan: Plan, old: Plan, step: Step, moved: set[str]) -> bool:
    """Takes over a node; returns whether it was there, and its Midi is what it was."""
    name = step.name
    before = old.steps.get(name)
    if before is None or before.type is not step.type:
        return False
    plan.put(name, old.result(name))
    node = old.node(name)
    if isinstance(node, Muted):
        return False  # an edit is a reason to try again, from new
    sources = step.midi_sources
    same = sources == before.midi_sources and moved.isdisjoint(
        step.cables[port].source for port in sources
    )
    if step.type.has_memory:
        plan.put_node(name, memory := old.memory(name))
        if not same and hasattr(memory, "release"):
            memory.release()
    if same and isinstance(node, Told):
        plan.tell(name, node.held)
    return same


def _told(
    plan: Plan, step: Step, moved: set[str], held: Mapping[str, Midi]
) -> dict[str, Midi | Mapping[str, Midi]]:
    """Returns what a node is to hear first of what is held, by the name of its argument.

    A node that works on sound is told nothing: a replayed recording would not know of it.
    """
    kind = step.type
    if step.name not in plan.condition_order and kind.role != "sender":
        return {}
    told: dict[str, Midi | Mapping[str, Midi]] = {}
    inlets = [inlet.name for inlet in kind.inlets if inlet.signal is MIDI and not inlet.late]
    if held and kind.wants_frame and not inlets and any(o.signal is MIDI for o in kind.outlets):
        told["frame"] = held
    for name in inlets:
        cable = step.cables.get(name)
        # One that moved hands on by itself what it hears first.
        if cable and cable.source not in moved:
            sounding = getattr(plan.memory(cable.source), "sounding", None)
            if isinstance(sounding, Sounding) and (again := sounding.again()):
                told[name] = again
    return told
