"""One turn of the frame loop: condition, step every instance, mix. Rendering is playing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.adoption import adopt
from engine.conditioning import Conditioning
from engine.ensemble import Ensemble
from engine.frame import Frame
from engine.generators import ModelUnavailableError
from engine.models import Models
from engine.motion import Motion
from engine.places import Place
from engine.plan import NodeFailure, Plan
from engine.signals import AUDIO, FRAME_SAMPLES, PITCHES, SILENCE, STYLE_SIZE, AudioArray
from engine.sounding import HeldKeys


class Player:
    """Runs a plan frame by frame, and lets another take over between two frames.

    Instances belong to generator nodes by id: one that stays in the next plan plays on.

    Attributes:
        plan: what is playing, None before the first.
        conditioning: what each generator heard in the last frame, by node id.
        audio: what each generator made of it, float32[1920, 2].
        ensemble: the instances.
        motion: the values that MIDI mappings and scenes move.
    """

    def __init__(self, models: Models, ensemble: Ensemble | None = None) -> None:
        self.plan: Plan | None = None
        self.conditioning: Mapping[str, Conditioning] = {}
        self.audio: Mapping[str, AudioArray] = {}
        self.models = models
        self.ensemble = ensemble or Ensemble(models)
        self.motion = Motion()
        self._keys = HeldKeys()

    def prepare(self, plan: Plan) -> None:
        """Opens the models a plan needs and readies them, which may take seconds.

        Raises:
            ModelUnavailableError: one is not to be had; the message names the node.
        """
        asked = {name: plan.model(name) for name in plan.generators}
        instances = Counter(asked.values())
        for name, model in asked.items():
            try:
                self.models.open(model, instances[model])
            except ModelUnavailableError as error:
                raise ModelUnavailableError(f"{name}.model: {error}") from None
        self.ready(plan)

    def ready(self, plan: Plan) -> None:
        """Readies the models that are open for the instances that a plan adds; see `prepare`."""
        there = self.ensemble.sections()
        new = [name for name in plan.generators if name not in there]
        sections = Counter(self.models.get(plan.model(name)) for name in new)
        for section, instances in sections.items():
            if section:
                section.prepare(instances)

    def swap(self, plan: Plan) -> Plan | None:
        """Lets a prepared plan take over; returns the old one, to be freed where time is.

        Memory of the nodes that stayed is kept, instances whose nodes left are let go. Keys that
        are held are struck again where a cable brings them anew.
        """
        old, self.plan = self.plan, plan
        if old:
            adopt(plan, old, self._keys.again())
        self.motion.keep(plan)
        self.ensemble.keep(plan.generators)
        return old

    def send(self, values: Mapping[Place, Any], beats: float = 0.0) -> None:
        """Has values set from the next frame on, or brought there within some beats."""
        if self.plan:
            self.motion.send(self.plan, values, beats)

    def step(self, frame: Frame) -> AudioArray:
        """Returns the sound of one frame, float32[1920, 2].

        Raises:
            NodeFailure: a node or a model failed, or its sound is not finite; the message
                names it.
            ModelUnavailableError: a value chose a model that `prepare` has not opened.
        """
        self.listen(frame)
        self.play()
        return self.mix(frame)

    def listen(self, frame: Frame) -> None:
        """Moves values, and works out what each generator hears in a frame, into `conditioning`.

        Raises:
            NodeFailure: a node failed, or a generator is given what are no notes or no style.
        """
        if self.plan is None:
            raise RuntimeError("a player steps only after swap()")
        if frame.midi:
            self._keys.follow(frame.midi)
        self.motion.step(self.plan, frame)
        conditioning = self.plan.condition(frame)
        for name, heard in conditioning.items():
            faults = {"notes": _no_notes(heard.notes), "style": _no_style(heard.style)}
            for port, wrong in faults.items():
                if wrong:
                    raise self._mistold(name, port, wrong)
        self.conditioning = conditioning

    def play(self, deadline: float | None = None) -> None:
        """Steps every instance with what it hears, into `audio`; see `Ensemble.step`.

        A generator that has not heard anything yet is silent.
        """
        names = self.plan.generators if self.plan else ()
        heard = {name: self.conditioning[name] for name in names if name in self.conditioning}
        self.audio = dict.fromkeys(names, SILENCE) | self.ensemble.step(heard, deadline)

    def mix(self, frame: Frame) -> AudioArray:
        """Returns what is heard of the instances' sounds, float32[1920, 2].

        Raises:
            NodeFailure: a node failed, or its sound is not one frame of finite numbers.
        """
        assert self.plan is not None
        try:
            heard = self.plan.mix(frame, self.audio)
        except NodeFailure as failure:
            # What follows a node whose sound is wrong fails in its place.
            raise self._culprit() or failure from failure
        if _is_wrong(heard):
            raise self._culprit() or NodeFailure("", f"the output is {_is_wrong(heard)}")
        return heard

    def _mistold(self, name: str, port: str, wrong: str) -> NodeFailure:
        """Says who gives a generator what is wrong."""
        assert self.plan is not None
        cable = self.plan.steps[name].cables.get(port)
        who = cable.source if cable else name
        return NodeFailure(who, f"{who} ({self.plan.steps[who].type.name}) made {port} {wrong}")

    def _culprit(self) -> NodeFailure | None:
        """Returns which node's sound is wrong, the first in order."""
        assert self.plan is not None
        for name, step in self.plan.steps.items():
            for outlet in step.type.outlets:
                value = self.plan.latest(name, outlet.name)
                if outlet.signal is AUDIO and (wrong := _is_wrong(value)):
                    return NodeFailure(name, f"{name} ({step.type.name}) made a sound {wrong}")
        return None


def _is_wrong(sound: Any) -> str:
    """Says what is wrong with a frame of sound, or returns ""."""
    return _no_array(sound, np.float32, (FRAME_SAMPLES, 2)) or _not_finite(sound)


def _no_notes(notes: Any) -> str:
    return _no_array(notes, np.int8, (PITCHES,))


def _no_style(style: Any) -> str:
    return _no_array(style, np.float32, (STYLE_SIZE,)) or _not_finite(style)


def _no_array(value: Any, kind: type[np.generic], shape: tuple[int, ...]) -> str:
    """Says why something is not an array of this kind and shape, or returns ""."""
    if not isinstance(value, np.ndarray):
        return f"of type {type(value).__name__}, not an array"
    if value.dtype != kind:
        return f"of {value.dtype}, not {kind.__name__}"
    return "" if value.shape == shape else f"of shape {value.shape}, not {shape}"


def _not_finite(array: Any) -> str:
    return "" if np.isfinite(array).all() else "not finite"
