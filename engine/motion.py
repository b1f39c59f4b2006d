"""Values that move while a patch plays: after MIDI controllers, and on their way to a scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.frame import Frame
from engine.places import Place
from engine.plan import Plan
from engine.ports import Inlet, Setting, raw
from engine.scaling import between, is_number
from engine.signals import FRAME_RATE

LATELY = FRAME_RATE
"""Frames, one second, for which a value that was moved counts as moving."""


@dataclass
class Way:
    """A value's way to another.

    Attributes:
        known: what declares it.
        start, goal: where it comes from and goes to, as a patch holds them.
        beats: how long that takes, in quarter notes; `done` of them are over.
    """

    known: Inlet | Setting
    start: Any
    goal: Any
    beats: float
    done: float = 0.0


class Motion:
    """Moves values of a plan, frame by frame.

    Attributes:
        on_mapped: told, in the frame loop, of the values that MIDI controllers moved.
    """

    def __init__(self) -> None:
        self.on_mapped: Callable[[Mapping[Place, Any]], None] = lambda values: None
        self._ways: dict[Place, Way] = {}
        self._moved: dict[Place, tuple[Any, int]] = {}

    def send(self, plan: Plan, values: Mapping[Place, Any], beats: float) -> None:
        """Has values set, or within some beats brought to where they shall be.

        Whatever way each was on ends here. Those of nodes that do not run are left alone.
        """
        for place, goal in values.items():
            self._ways.pop(place, None)
            self._moved.pop(place, None)
            known = plan.declared(*place)
            if known is None or (start := raw(plan.value(*place))) == goal:
                continue
            if beats > 0:
                self._ways[place] = Way(known, start, goal, beats)
            else:
                plan.put_value(*place, known.check(goal))

    def keep(self, plan: Plan) -> None:
        """Goes on with another plan; of nodes that left, or became others, nothing moves on."""
        self._ways = {
            place: way for place, way in self._ways.items() if plan.declared(*place) is way.known
        }
        self._moved = {place: each for place, each in self._moved.items() if place[0] in plan.steps}

    def step(self, plan: Plan, frame: Frame) -> None:
        """Moves what is to move in a frame; who turns a knob takes its value off its way."""
        moved: dict[Place, Any] = {}
        if plan.knobs and frame.midi and (moved := plan.knobs.turned(frame.midi)):
            self.send(plan, moved, 0.0)
            self.on_mapped(moved)
        if self._ways:
            moved |= self._go_on(plan, frame.transport.tempo / (60.0 * FRAME_RATE))
        for place, value in moved.items():
            self._moved[place] = (value, frame.number)

    def moving(self, number: int) -> dict[str, Any]:
        """Returns what was moved in the last second before a frame, by `node.port`.

        From any thread.
        """
        return {
            ".".join(place): value
            for place, (value, at) in self._moved.copy().items()
            if number - at <= LATELY
        }

    def _go_on(self, plan: Plan, beats: float) -> dict[Place, Any]:
        """Goes on by some beats, and returns the values that this moves."""
        values = {}
        for place, way in list(self._ways.items()):
            way.done += beats
            there = way.done >= way.beats
            if not there and not is_number(way.known):
                continue
            values[place] = between(way.known, way.start, way.goal, min(1.0, way.done / way.beats))
            if there:
                del self._ways[place]
            # What lies between two legal numbers is one; to check 2,000 of them would take 6 ms.
            plan.put_value(*place, way.known.check(way.goal) if there else values[place])
        return values
