"""The decks of a recorded performance, put on again as its log says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.adoption import adopt
from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.fade import Fade
from engine.files import loads
from engine.frame import NO_MIDI, NO_OSC, Frame, Transport
from engine.live import CEILING
from engine.memory import MemoryFormError, Packing
from engine.models import Instance, Models, Part, Section
from engine.patch import PatchError
from engine.plan import NodeFailure, Plan
from engine.recording.log import (
    NEVER,
    AnyMessage,
    DeckBegins,
    DeckFrame,
    FramePlayed,
    Inputs,
    LogError,
    PlanChanges,
    Saved,
    TurnChange,
    heard_after,
)
from engine.recording.scribe import plan_files
from engine.registry import Registry
from engine.render import offline_services
from engine.signals import FRAME_SAMPLES, SILENCE, AudioArray


@dataclass(eq=False)
class _Chair:
    """A generator node's place: who plays in it, and what it does until told otherwise."""

    section: Section | None = None
    instance: Instance | None = None
    turn: TurnChange = NEVER
    heard: Conditioning = field(default_factory=Conditioning)
    last: AudioArray = field(default_factory=lambda: SILENCE)


@dataclass(eq=False)
class _Deck:
    """One patch as it played."""

    plan: Plan
    first: int
    last: AudioArray
    chairs: dict[str, _Chair]
    fade: Fade = field(default_factory=Fade)
    inputs: Inputs | None = None
    osc: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: NO_OSC)


class Restage:
    """Plays what a log says, message by message.

    Args:
        models: where the instances come from.
        folder: where the files are looked for of a patch whose own folder is gone.
        on_event: told of what a patch lacks here.
    """

    def __init__(
        self, registry: Registry, models: Models, folder: Path, on_event: Callable[[str], None]
    ) -> None:
        self._registry = registry
        self._services = offline_services(models.encoder)
        self._models = models
        self._folder = folder
        self._on_event = on_event
        self._packing = Packing(registry)
        self._decks: dict[int, _Deck] = {}
        self._playing: tuple[int, ...] = ()

    def change(self, message: AnyMessage) -> None:
        """Does what happened between two frames.

        Raises:
            LogError: the log does not hold what it should.
            PatchError: a patch does not compile here.
            ModelUnavailableError: a model is not to be had.
        """
        if isinstance(message, DeckBegins):
            self._take_off(message.deck)
            self._compare_styles(message)
            for model, most in message.widths.items():
                self._models.open(model).widen(most)
            plan = self._plan(message)
            self._remember(plan, message.memory)
            chairs = {name: self._chair(name, each) for name, each in message.instances.items()}
            _mute(plan, message.muted)
            deck = _Deck(plan, message.first, _sound(message.last), chairs)
            self._decks[message.deck] = deck
        elif isinstance(message, PlanChanges):
            deck = self._deck(message.deck)
            plan = self._plan(message)
            adopt(plan, deck.plan)
            self._remember(plan, message.memory)
            deck.plan, deck.inputs, deck.osc = plan, None, NO_OSC
            for name in deck.chairs.keys() - set(plan.generators):
                _leave(deck.chairs.pop(name))

    def frame(self, message: FramePlayed) -> AudioArray:
        """Returns what was heard in a frame, float32[1920, 2].

        Raises:
            LogError: the log does not hold what it should.
            NodeFailure: a node or a model fails that did not fail then.
        """
        self._playing = tuple(each.deck for each in message.decks)
        for gone in self._decks.keys() - set(self._playing):
            self._take_off(gone)
        heard = SILENCE
        for each in message.decks:
            sound = self._step(self._deck(each.deck), each, message.number)
            heard = sound if heard is SILENCE else heard + sound
        return np.clip(heard, -CEILING, CEILING)

    def audio(self) -> dict[tuple[int, str], AudioArray]:
        """Returns what was heard of each generator in the last frame, by deck and node."""
        return {
            (number, name): chair.last
            for number in self._playing
            for name, chair in self._decks[number].chairs.items()
        }

    def _take_off(self, number: int) -> None:
        if number in self._decks:
            for chair in self._decks.pop(number).chairs.values():
                _leave(chair)

    def _deck(self, number: int) -> _Deck:
        if number not in self._decks:
            raise LogError(f"the log is broken: nothing is said of deck {number}")
        return self._decks[number]

    def _plan(self, message: DeckBegins | PlanChanges) -> Plan:
        folder = Path(message.folder) if message.folder else None
        if folder and not folder.is_dir():
            folder = self._folder
        patch = loads(message.text.encode())
        plan = compile_patch(patch, self._registry, self._services, folder)
        for problem in plan.problems:
            self._on_event(str(problem))
        _set_values(plan, message.values)
        return plan

    def _compare_styles(self, message: DeckBegins) -> None:
        """Tells of styles that the sketch does not know, as it knows those that are made here."""
        here = self._models.encoder.stand_in
        if message.stand_in != here:
            names = {True: "the stand-in", False: "MusicCoCa"}
            self._on_event(
                f"the styles were made by {names[message.stand_in]}, and the sketch goes by those "
                f"of {names[here]} here: it sounds different"
            )

    def _remember(self, plan: Plan, memory: Mapping[str, Any]) -> None:
        files = plan_files(plan)
        for name, packed in memory.items():
            node = plan.memory(name) if name in plan.steps else None
            if node is None:
                raise LogError(f"the log is broken: {name} has no memory")
            try:
                self._packing.unpack(node, packed, files)
            except MemoryFormError as error:
                raise LogError(f"the log is broken: {name}: {error}") from None

    def _chair(self, name: str, saved: Saved) -> _Chair:
        section = self._models.open(saved.model)
        instance = Instance(name)
        try:
            if section.model == saved.model:  # else another plays for it, and begins anew
                section.restore(instance, saved.memory)
        except ValueError as error:
            raise LogError(f"{name}: {error}") from None
        return _Chair(section, instance, last=_sound(saved.last))

    def _step(self, deck: _Deck, told: DeckFrame, number: int) -> AudioArray:
        """Returns what was heard of a deck in a frame."""
        _set_values(deck.plan, told.values)
        for name, packed in told.results.items():
            if name not in deck.plan.steps:
                raise LogError(f"the log is broken: there is no node {name!r}")
            deck.plan.put(name, self._value(packed))
        deck.fade = deck.fade if told.fade is None else told.fade
        if told.inputs:
            deck.inputs = told.inputs
            deck.osc = deck.osc if told.inputs.osc is None else self._value(told.inputs.osc)
        audio = self._play(deck, told.turns)
        made: AudioArray | None = None
        try:
            made = deck.plan.mix(self._frame(deck, number), audio)
        except NodeFailure:
            if deck.fade.used:
                raise
        deck.last = deck.fade.sound(made, deck.last)
        _mute(deck.plan, told.muted or ())
        return deck.last

    def _play(self, deck: _Deck, turns: Mapping[str, TurnChange]) -> dict[str, AudioArray]:
        """Returns the frame of every generator of a deck."""
        for name, turn in turns.items():
            chair = deck.chairs.setdefault(name, _Chair())
            chair.turn = turn
            chair.heard = heard_after(chair.heard, turn.heard)
        parts: defaultdict[Section, list[Part]] = defaultdict(list)
        for name, chair in deck.chairs.items():
            if chair.turn.stepped:
                part = self._part(name, chair, fresh=name in turns and chair.turn.fresh)
                parts[part[0]].append(part[1])
        made: dict[Instance, AudioArray] = {}
        for section, each in parts.items():
            made |= section.play(each).audio
        for name, chair in deck.chairs.items():
            sound = made.get(chair.instance) if chair.instance else None
            if sound is None and chair.turn.fade.used:
                raise NodeFailure(name, f"{name}: the model {chair.turn.model!r} failed")
            chair.last = chair.turn.fade.sound(sound, chair.last)
        silent = dict.fromkeys(deck.plan.generators, SILENCE)
        return silent | {name: chair.last for name, chair in deck.chairs.items()}

    def _part(self, name: str, chair: _Chair, fresh: bool) -> tuple[Section, Part]:
        """Returns what an instance is to do; one of another model takes the place of the last."""
        section = self._models.open(chair.turn.model)
        if chair.instance is None or chair.section is not section:
            _leave(chair)
            chair.section, chair.instance = section, Instance(name)
        return section, Part(chair.instance, chair.heard, fresh)

    def _frame(self, deck: _Deck, number: int) -> Frame:
        read = deck.inputs
        if read is None:
            return Frame(number - deck.first)
        midi = NO_MIDI if read.midi is None else self._value(read.midi)
        audio = SILENCE if read.audio is None else self._value(read.audio)
        transport = Transport(*read.transport)
        return Frame(number - deck.first, read.seed, midi, audio, transport, deck.osc)

    def _value(self, packed: Any) -> Any:
        try:
            return self._packing.unpack_value(packed)
        except MemoryFormError as error:
            raise LogError(f"the log is broken: {error}") from None


def _leave(chair: _Chair) -> None:
    if chair.section and chair.instance:
        chair.section.play((), [chair.instance])


def _mute(plan: Plan, names: Iterable[str]) -> None:
    for name in names:
        if name not in plan.steps:
            raise LogError(f"the log is broken: there is no node {name!r}")
        plan.mute(name)


def _set_values(plan: Plan, values: Mapping[str, Any]) -> None:
    for place, value in values.items():
        name, _, port = place.partition(".")
        try:
            plan.set_value(name, port, value)
        except PatchError as error:
            raise LogError(f"the log is broken: {error}") from None


def _sound(data: bytes) -> AudioArray:
    if not data:
        return SILENCE
    try:
        return np.frombuffer(data, np.float32).reshape(FRAME_SAMPLES, 2)
    except ValueError:
        raise LogError("the log is broken: it holds a frame of sound that is none") from None
