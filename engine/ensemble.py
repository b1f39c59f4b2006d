"""The instances of a plan's generators, stepped together, and what happens when one fails."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.conditioning import Conditioning
from engine.fade import SILENT, Fade
from engine.generators import ModelUnavailableError
from engine.health import Health
from engine.models import Instance, Models, Part, Played, Section
from engine.past import NO_PAST
from engine.patch import PatchError
from engine.plan import NodeFailure
from engine.signals import FRAME_RATE, SILENCE, AudioArray

FIRST_REST = FRAME_RATE
"""Frames that an instance rests after its first failure: one second, then twice as long each."""
LONGEST_REST = 60 * FRAME_RATE
FORGIVEN = 10 * FRAME_RATE
"""Frames of good playing after which earlier failures no longer count."""
MANY = 3
"""Failures in short order after which a generator rests longer each time, and is called muted."""
HUNG = 10 * FRAME_RATE
"""Frames after which a host that does not return is given up and its model opened anew."""


class Turn(NamedTuple):
    """What one instance did in a frame; by its turns a performance can be played again.

    Attributes:
        model: whose instance it is.
        conditioning: what it was stepped with; None where it was not.
        fresh: whether it began anew, from the conditioning's seed.
        fade: what was heard of it.
    """

    model: str
    conditioning: Conditioning | None = None
    fresh: bool = False
    fade: Fade = SILENT


@dataclass(eq=False)
class Chair:
    """One generator node's place in the ensemble.

    Attributes:
        section, instance: the model, and who plays in it.
        fresh: whether the instance begins anew in its next frame.
        restarts: whether it is reset as soon as its past is worked out.
        refused: the key of the past that it was told it cannot have.
        health: whether it plays as it should, since it began; None while nobody watches it.
        gain: what its sound ended at; 1 while all is well.
        rest: frames until it begins anew after a failure.
        failures: how many there were in short order.
        good: frames since the last.
        last: what was heard of it in the frame before.
    """

    section: Section
    instance: Instance
    fresh: bool = False
    restarts: bool = False
    refused: str = ""
    health: Health | None = None
    gain: float = 1.0
    rest: int = 0
    failures: int = 0
    good: int = 0
    last: AudioArray = field(default_factory=lambda: SILENCE)


class Ensemble:
    """Steps what generators hear, each model's instances in one batch, models side by side.

    Args:
        on_event: told in one sentence of what failed and what is done about it.

    Attributes:
        turns: what each generator node did in the last frame.
    """

    def __init__(self, models: Models, on_event: Callable[[str], None] = lambda text: None) -> None:
        self.turns: dict[str, Turn] = {}
        self._models = models
        self._on_event = on_event
        self._chairs: dict[str, Chair] = {}
        self._leaving: defaultdict[Section, list[Instance]] = defaultdict(list)
        self._late: dict[Section, tuple[Future[Played], int]] = {}

    def keep(self, names: Iterable[str]) -> None:
        """Lets go of the instances whose nodes are not among `names`."""
        for name in self._chairs.keys() - set(names):
            self._leave(self._chairs.pop(name))

    def step(
        self, heard: Mapping[str, Conditioning], deadline: float | None = None
    ) -> dict[str, AudioArray]:
        """Returns one frame of every generator named, float32[1920, 2].

        Args:
            deadline: the time, by `time.monotonic`, at which what is not there yet is replaced
                by a fade-out; None to wait, and to raise where an instance fails.

        Raises:
            NodeFailure: an instance failed, and there is no deadline.
            ModelUnavailableError: a model is not open, or what hears a past is not installed, and
                there is no deadline.
            PatchError: a generator cannot have the past it is given, and there is no deadline.
        """
        self._look_at_late()
        turns: dict[str, Turn] = {}
        parts: defaultdict[Section, list[Part]] = defaultdict(list)
        for name, conditioning in heard.items():
            turn, part = self._turn(name, conditioning, deadline is None)
            turns[name] = turn
            if part:
                parts[self._chairs[name].section].append(part)
        made = self._play(parts, deadline)
        audio: dict[str, AudioArray] = {}
        for name, turn in turns.items():
            chair = self._chairs.get(name)
            if chair is None:
                audio[name] = SILENCE
                continue
            sound, asked = made.get(chair.instance), turn.conditioning
            if asked and sound is not None:
                self._look_after(name, chair, asked, sound)
            elif asked:
                tail = turn.fade.tail or chair.gain > 0
                turn = turn._replace(fade=Fade(0.0, 0.0, used=False, tail=tail))
            self._count_good(chair, turn)
            chair.last, chair.gain = turn.fade.sound(sound, chair.last), turn.fade.end
            turns[name], audio[name] = turn, chair.last
        self.turns = turns
        return audio

    def _turn(
        self, name: str, conditioning: Conditioning, strict: bool
    ) -> tuple[Turn, Part | None]:
        """Decides what a generator node does in this frame, before it is known to succeed."""
        plays = self._models.who_plays(conditioning.model)
        if plays != conditioning.model:
            conditioning = conditioning._replace(model=plays)
        chair = self._chairs.get(name)
        tail = False
        if chair and chair.section.closed:
            del self._chairs[name]
            chair = None
        if chair is None or chair.section.model != conditioning.model:
            section = self._section(name, conditioning.model, strict)
            if section is None and chair is None:
                return Turn(conditioning.model), None
            if section is None:
                conditioning = conditioning._replace(model=chair.section.model)  # type: ignore[union-attr]
            else:
                chair, before = Chair(section, Instance(name), fresh=True), chair
                if before:
                    chair.last, tail = before.last, before.gain > 0
                    chair.gain = 0.0
                    self._leave(before)
                self._chairs[name] = chair
        assert chair is not None
        model = chair.section.model
        if chair.rest:
            chair.rest -= 1
            return Turn(model), None
        if chair.section in self._late:
            return Turn(model), None
        fresh, chair.fresh = chair.fresh, False
        conditioning = self._with_past(name, chair, conditioning, fresh, strict)
        if fresh or conditioning.reset:
            chair.health = None
        turn = Turn(model, conditioning, fresh, Fade(chair.gain, 1.0, tail=tail))
        return turn, Part(chair.instance, conditioning, fresh)

    def _with_past(
        self, name: str, chair: Chair, heard: Conditioning, fresh: bool, strict: bool
    ) -> Conditioning:
        """Returns what is heard with a past that is worked out, for which a reset waits."""
        if heard.past.key:
            grounding = chair.section.ground(heard.past)
            if not strict and not grounding.done():
                chair.restarts |= heard.reset or fresh
                return heard._replace(past=NO_PAST, reset=False)
            if fault := grounding.exception():
                if strict:
                    raise _refusal(name, fault) from fault
                if chair.refused != heard.past.key:
                    chair.refused = heard.past.key
                    self._on_event(f"{name}.past: {fault}; it begins from nothing")
                heard = heard._replace(past=NO_PAST)
        if chair.restarts or heard.reset:
            chair.restarts = False
            heard = heard._replace(reset=True)
        return heard

    def _section(self, name: str, model: str, strict: bool) -> Section | None:
        section = self._models.get(model)
        if section is None:
            if strict:
                raise ModelUnavailableError(f"{name}.model: {model!r} is not open yet")
            self._models.request(model)
        return section

    def _play(
        self, parts: Mapping[Section, list[Part]], deadline: float | None
    ) -> dict[Instance, AudioArray]:
        """Has every section play its parts; returns the sounds that were made in time."""
        made: dict[Instance, AudioArray] = {}
        leaving, self._leaving = self._leaving, defaultdict(list)
        if deadline is None:
            for section in {**parts, **leaving}:
                played = section.play(parts.get(section, ()), leaving.get(section, ()))
                for instance, fault in played.faults.items():
                    name = instance.name
                    raise NodeFailure(name, f"{name}: {_words(section, fault)}") from fault
                made |= played.audio
            return made
        futures = {
            section: section.begin(parts.get(section, ()), leaving.get(section, ()))
            for section in {**parts, **leaving}
        }
        awaited = [futures[section] for section in parts]
        wait(awaited, timeout=max(0.0, deadline - time.monotonic()))
        for section in parts:
            if futures[section].done():
                made |= self._take(section, futures[section])
            else:
                self._late[section] = (futures[section], 0)
                self._count_late(section)
        return made

    def _take(self, section: Section, future: Future[Played]) -> dict[Instance, AudioArray]:
        """Returns the sounds of a section that is done; those that failed get a rest."""
        try:
            played = future.result()
        except Exception as error:  # no instance's, but the host's own
            played = Played({}, {each.instance: error for each in self._in(section)})
        for instance, fault in played.faults.items():
            chair = self._chairs.get(instance.name)
            if chair is None or chair.instance is not instance:
                continue
            chair.failures += 1
            chair.good, chair.fresh = 0, True
            chair.rest = min(FIRST_REST * 2 ** (chair.failures - 1), LONGEST_REST)
            done = "muted" if chair.failures >= MANY else "faded out"
            self._on_event(
                f"{instance.name}: {_words(section, fault)}; "
                f"{done}, it begins anew in {chair.rest // FRAME_RATE} s"
            )
        return played.audio

    def _in(self, section: Section) -> list[Chair]:
        return [each for each in self._chairs.values() if each.section is section]

    def _count_late(self, section: Section) -> None:
        """Notes that a section is late; what is late again and again rests, not to chop."""
        rest = 0
        for chair in self._in(section):
            chair.failures += 1
            chair.good = 0
            if chair.failures >= MANY:
                rest = min(FIRST_REST * 2 ** (chair.failures - MANY), LONGEST_REST)
                chair.rest = rest
        done = f"it rests for {rest // FRAME_RATE} s" if rest else "it fades out until it is back"
        self._on_event(f"the model {section.model!r} is late; {done}")

    def _look_at_late(self) -> None:
        """Takes back the sections that are done by now; gives up one that hangs."""
        for section, (future, frames) in list(self._late.items()):
            if future.done():
                del self._late[section]
                self._take(section, future)
            elif frames == HUNG:
                del self._late[section]
                self._models.renew(section)
                self._chairs = {
                    name: each for name, each in self._chairs.items() if each.section is not section
                }
                self._on_event(f"the model {section.model!r} hangs; it is opened anew")
            else:
                self._late[section] = (future, frames + 1)

    def _count_good(self, chair: Chair, turn: Turn) -> None:
        chair.good += turn.fade.used
        if chair.good == FORGIVEN:
            chair.failures = 0

    def _look_after(self, name: str, chair: Chair, heard: Conditioning, sound: AudioArray) -> None:
        """Notices an instance that has fallen silent or is stuck, and does what was asked for."""
        if heard.watch == "off":
            chair.health = None
            return
        chair.health = chair.health or Health()
        if wrong := chair.health.hear(sound, heard):
            chair.restarts |= heard.watch == "restart"
            done = "; it begins anew" if heard.watch == "restart" else ""
            self._on_event(f"{name} {wrong}{done}")

    def _leave(self, chair: Chair) -> None:
        self._leaving[chair.section].append(chair.instance)

    def sections(self) -> dict[str, tuple[Section, Instance]]:
        """Returns who plays for each generator node."""
        return {name: (each.section, each.instance) for name, each in self._chairs.items()}

    def close(self) -> None:
        """Lets go of every instance, without waiting."""
        self.keep(())
        for section, leaving in self._leaving.items():
            section.begin((), leaving)
        self._leaving.clear()


def _refusal(name: str, fault: BaseException) -> Exception:
    """Returns what a render ends with where a generator cannot have its past."""
    if isinstance(fault, ValueError):
        return PatchError.at(f"{name}.past", str(fault))
    if isinstance(fault, ModelUnavailableError):
        return ModelUnavailableError(f"{name}.past: {fault}")
    return NodeFailure(name, f"{name}.past: {fault}")


def _words(section: Section, fault: Exception) -> str:
    said = str(fault) or type(fault).__name__
    return f"the model {section.model!r} failed: {said}"
