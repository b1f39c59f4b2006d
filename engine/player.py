"""One turn of the frame loop: condition, step every instance, mix. Rendering is playing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.generators import Host, ModelUnavailableError, Slot, open_host
from engine.plan import NodeFailure, Plan
from engine.signals import AUDIO, AudioArray
from engine.style import Encoder


class Player:
    """Runs a plan frame by frame, and lets another take over between two frames.

    Instances belong to generator nodes by id: one that stays in the next plan plays on.

    Attributes:
        plan: what is playing, None before the first.
        conditioning: what each generator heard in the last frame, by node id.
        audio: what each generator made of it, float32[1920, 2].
    """

    def __init__(
        self, encoder: Encoder, open_host: Callable[[str, Encoder], Host] = open_host
    ) -> None:
        self.plan: Plan | None = None
        self.conditioning: Mapping[str, Conditioning] = {}
        self.audio: Mapping[str, AudioArray] = {}
        self._encoder = encoder
        self._open_host = open_host
        self._hosts: dict[str, Host] = {}
        self._instances: dict[str, tuple[str, Slot]] = {}

    def prepare(self, plan: Plan) -> None:
        """Opens the models a plan needs, which may take seconds.

        Raises:
            ModelUnavailableError: one is not to be had; the message names the node.
        """
        for name in plan.generators:
            model = _model(plan, name)
            if model not in self._hosts:
                try:
                    self._hosts[model] = self._open_host(model, self._encoder)
                except ModelUnavailableError as error:
                    raise ModelUnavailableError(f"{name}.model: {error}") from None

    def stand_ins(self) -> tuple[str, ...]:
        """Returns the opened models that only stand in for a real one, by name."""
        return tuple(sorted(name for name, host in self._hosts.items() if host.stand_in))

    def swap(self, plan: Plan) -> Plan | None:
        """Lets a prepared plan take over; returns the old one, to be freed where time is.

        Memory of the nodes that stayed is kept, instances whose nodes left are removed.
        """
        old, self.plan = self.plan, plan
        if old:
            plan.adopt(old)
        for name in set(self._instances) - set(plan.generators):
            self._remove(name)
        return old

    def step(self, frame: Frame) -> AudioArray:
        """Returns the sound of one frame, float32[1920, 2].

        Raises:
            NodeFailure: a node raised, or its sound is not finite; the message names it.
            ModelUnavailableError: a value chose a model that `prepare` has not opened.
        """
        if self.plan is None:
            raise RuntimeError("a player steps only after swap()")
        self.conditioning = self.plan.condition(frame)
        batches: defaultdict[str, dict[Slot, Conditioning]] = defaultdict(dict)
        for name, conditioning in self.conditioning.items():
            batches[conditioning.model][self._slot(name, conditioning)] = conditioning
        made = {model: self._hosts[model].step(batch) for model, batch in batches.items()}
        self.audio = {
            name: made[model][slot]
            for name, (model, slot) in self._instances.items()
            if name in self.conditioning
        }
        heard = self.plan.mix(frame, self.audio)
        if not np.isfinite(heard).all():
            raise NodeFailure(self._blame())
        return heard

    def _slot(self, name: str, conditioning: Conditioning) -> Slot:
        model, slot = self._instances.get(name, (None, None))
        host = self._hosts.get(conditioning.model)
        if host is None:
            raise ModelUnavailableError(f"{name}.model: {conditioning.model!r} is not open yet")
        if slot is None or model != conditioning.model:
            if slot is not None:
                self._remove(name)
            slot = host.add(conditioning.seed)
            self._instances[name] = (conditioning.model, slot)
        return slot

    def _remove(self, name: str) -> None:
        model, slot = self._instances.pop(name)
        self._hosts[model].remove(slot)

    def _blame(self) -> str:
        """Says which node's sound is not finite, the first in order."""
        assert self.plan is not None
        for name, step in self.plan.steps.items():
            for outlet in step.type.outlets:
                value = self.plan.latest(name, outlet.name)
                if outlet.signal is AUDIO and not np.isfinite(value).all():
                    return f"{name} ({step.type.name}) made a sound not finite"
        return "the output is not finite"


def _model(plan: Plan, name: str) -> str:
    """Returns the model a generator node asks for; one without that setting gets the default."""
    if "model" in plan.steps[name].values:
        return str(plan.value(name, "model"))
    return Conditioning().model
