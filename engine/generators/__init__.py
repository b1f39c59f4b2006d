"""Generators: what turns conditioning into audio. One host is one model with many instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NewType, Protocol

from engine.conditioning import Conditioning
from engine.past import NO_PAST, PastData
from engine.signals import AudioArray
from engine.style import Encoder

Slot = NewType("Slot", int)
"""One instance within its host."""


MODELS = ("sketch",)
"""The models that `open_host` knows, by name."""

KEPT_PASTS = 8
"""How many pasts a host keeps worked out, the latest: an instance of `mrt2_base` has 17 MB."""


class ModelUnavailableError(Exception):
    """A model is not installed, or cannot run on this machine; the message says what to do."""


class Host(Protocol):
    """One model, many instances, one forward pass for all of them.

    Equal seeds, conditioning and starting state give equal audio, and no instance hears another.
    """

    stand_in: bool
    """True for the sketch, which only stands in for a real model."""

    def prepare(self, instances: int) -> None:
        """Compiles what so many instances at once need, which may take seconds.

        Called off the frame loop, also while others step; `step` must not wait for it.
        """

    def add(self, seed: int) -> Slot:
        """Makes an instance that has heard nothing yet."""

    def remove(self, slot: Slot) -> None:
        """Forgets an instance; the others do not notice."""

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        """Returns the next frame of each instance named, float32[1920, 2]."""

    def save(self, slot: Slot) -> bytes:
        """Returns an instance's whole memory."""

    def restore(self, slot: Slot, memory: bytes) -> None:
        """Brings back what `save` returned; the same audio follows.

        Raises:
            ValueError: the memory is not of this model.
        """

    def ground(self, past: PastData) -> None:
        """Works out what an instance with this past remembers, which may take seconds.

        Called off the frame loop, also while others step. The latest
        KEPT_PASTS are kept; where it was not, `reset` and a `step` with `reset` do it themselves.

        Raises:
            ValueError: this model can have no such past; the message says why.
            ModelUnavailableError: something that is needed for it is not installed.
        """

    def reset(self, slot: Slot, seed: int, past: PastData = NO_PAST) -> None:
        """Makes an instance as `add` made it, or one with a past; raises as `ground` does."""


def open_host(model: str, encoder: Encoder) -> Host:
    """Opens the model called `model`; styles reach it as `encoder` makes them.

    Raises:
        ModelUnavailableError: there is no such model here.
    """
    if model == "sketch":
        from engine.generators.sketch.host import SketchHost

        return SketchHost(encoder)
    from engine.generators.mrt2.opening import open_mrt2

    return open_mrt2(model, encoder)
