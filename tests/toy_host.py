"""A host without a model, and a generator that plays in it live."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from engine.conditioning import Conditioning
from engine.ensemble import Ensemble
from engine.generators import Slot
from engine.models import Models
from engine.past import NO_PAST, PastData
from engine.signals import AudioArray

PATIENCE = 5.0
"""Seconds after which what never comes is waited for no longer."""


class ToyHost:
    """Keeps its instances; how one sounds, each kind of it says in `sound`.

    Attributes:
        seeds, pasts: what each instance began with.
        frames: how many each has played since.
        begun: how often one began.
    """

    stand_in = True

    def __init__(self) -> None:
        self.seeds: dict[Slot, int] = {}
        self.pasts: dict[Slot, PastData] = {}
        self.frames: dict[Slot, int] = {}
        self.begun = 0
        self._numbers = count()

    def sound(self, slot: Slot) -> AudioArray:
        """Returns the frame that an instance plays now, the `frames[slot]`th."""
        raise NotImplementedError

    def prepare(self, instances: int) -> None:
        """There is nothing to compile."""

    def add(self, seed: int) -> Slot:
        slot = Slot(next(self._numbers))
        self.reset(slot, seed)
        return slot

    def remove(self, slot: Slot) -> None:
        del self.seeds[slot], self.pasts[slot], self.frames[slot]

    def ground(self, past: PastData) -> None:
        """Any past will do."""

    def reset(self, slot: Slot, seed: int, past: PastData = NO_PAST) -> None:
        self.seeds[slot], self.pasts[slot], self.frames[slot] = seed, past, 0
        self.begun += 1

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        made = {}
        for slot, heard in conditioning.items():
            if heard.reset:
                self.reset(slot, heard.seed, heard.past)
            self.frames[slot] += 1
            made[slot] = self.sound(slot)
        return made


class Seat:
    """A generator in an ensemble, live.

    Args:
        hosts: the models that are open, by name.

    Attributes:
        said: what was told of it.
    """

    def __init__(self, **hosts: ToyHost) -> None:
        self.said: list[str] = []
        self.models = Models(object(), lambda model, _: hosts[model], self.said.append)  # type: ignore[arg-type, return-value]
        for model in hosts:
            self.models.open(model)
        self.ensemble = Ensemble(self.models, self.said.append)

    def step(self, past: PastData = NO_PAST, model: str = "toy", **heard: Any) -> float:
        """Returns the level at the end of a frame."""
        asked = Conditioning(model, past=past, **heard)
        sound = self.ensemble.step({"m": asked}, time.monotonic() + PATIENCE)["m"]
        return round(float(sound[-1, 0]), 6)
