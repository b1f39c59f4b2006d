"""A patch that plays live: whatever its nodes and models do, a frame of sound comes of it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.conditioning import Conditioning
from engine.ensemble import Ensemble
from engine.fade import SILENT, Fade
from engine.frame import Frame
from engine.models import Models
from engine.plan import NodeFailure, Plan
from engine.player import Player
from engine.signals import ONSET, SILENCE, SUSTAIN, AudioArray, frozen

STRIKES = 3
"""Frames in a row that a node may fail before it is muted."""
CROSSFADE = 12
"""Frames that one patch takes to fade into another: 0.48 s."""


class Deck:
    """One patch as it plays, with a fader.

    A node that fails leaves what the generators hear as it was, or lets the sound fade out; after
    three frames in a row it is muted until the patch is edited.

    Args:
        first: the number of the frame it begins in, its own frame 0.
        fades_in: whether it comes up slowly, as another patch goes.

    Attributes:
        player: what runs the patch.
        fade, last: how the last frame was heard, and what was heard, float32[1920, 2].
        muted: the nodes that failed too often, and how.
        times: microseconds of each node, from the last frame that was `measured`.
    """

    def __init__(
        self,
        models: Models,
        first: int,
        fades_in: bool,
        on_event: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.player = Player(models, Ensemble(models, on_event))
        self.first = first
        self.fade = SILENT
        self.muted: dict[str, str] = {}
        self.times: dict[str, float] = {}
        self._on_event = on_event
        self._step = 0 if fades_in else CROSSFADE
        self._goes = False
        self._failures: dict[str, int] = {}
        self.last = SILENCE
        self._heard = 0.0 if fades_in else 1.0

    def swap(self, plan: Plan) -> Plan | None:
        """Lets a plan take over from the next frame on; returns the old one."""
        self.muted.clear()
        self._failures.clear()
        return self.player.swap(plan)

    def go(self) -> None:
        """Has it fade out; it is `gone` when it has."""
        self._goes = True

    @property
    def gone(self) -> bool:
        """Whether nothing will be heard of it any more."""
        return self._goes and self._step == 0

    def measured(self, frame: Frame, deadline: float) -> AudioArray:
        """Does what `step` does, and measures how long each node takes, into `times`."""
        if self.player.plan is None:
            return self.step(frame, deadline)
        with self.player.plan.timing() as self.times:
            return self.step(frame, deadline)

    def step(self, frame: Frame, deadline: float) -> AudioArray:
        """Returns what is heard in a frame, float32[1920, 2].

        Args:
            deadline: by `time.monotonic`, when the models' sounds must be there.
        """
        frame = frame._replace(number=frame.number - self.first)
        failed: set[str] = set()
        try:
            self.player.listen(frame)
        except NodeFailure as failure:
            failed.add(self._strike(failure))
            self.player.conditioning = {
                name: held(each) for name, each in self.player.conditioning.items()
            }
        self.player.play(deadline)
        made: AudioArray | None = None
        try:
            made = self.player.mix(frame)
        except NodeFailure as failure:
            failed.add(self._strike(failure))
        self._failures = {name: count for name, count in self._failures.items() if name in failed}
        return self._faded(made)

    def _faded(self, made: AudioArray | None) -> AudioArray:
        """Returns the sound of a frame at the fader's level."""
        if self._goes:
            self._step = max(0, self._step - 1)
        else:
            self._step = min(CROSSFADE, self._step + 1)
        # Equal power: two patches that know nothing of each other stay equally loud together.
        level = math.sin(math.pi / 2 * self._step / CROSSFADE)
        if made is None:
            self.fade = Fade(0.0, 0.0, used=False, tail=self._heard > 0)
        else:
            self.fade = Fade(self._heard, level)
        self._heard = self.fade.end
        self.last = self.fade.sound(made, self.last)
        return self.last

    def _strike(self, failure: NodeFailure) -> str:
        """Counts a failure, and mutes the node at the third in a row; returns the node's id."""
        name = failure.node
        count = self._failures[name] = self._failures.get(name, 0) + 1
        if count == 1:
            self._on_event(str(failure))
        if count == STRIKES and name and self.player.plan:
            self.player.plan.mute(name)
            self.muted[name] = str(failure)
            self._on_event(f"{name} is muted until the patch is edited: it failed {STRIKES} times")
        return name

    def close(self) -> None:
        """Lets go of its instances."""
        self.player.ensemble.close()


def held(conditioning: Conditioning) -> Conditioning:
    """Returns the same once more: what was struck goes on sounding, nothing is reset."""
    notes = np.where(conditioning.notes == ONSET, np.int8(SUSTAIN), conditioning.notes)
    return conditioning._replace(notes=frozen(notes), reset=False)
