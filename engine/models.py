"""Opened models: one host each, on a thread of its own, that every player's instances share."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.conditioning import Conditioning
from engine.generators import Host, ModelUnavailableError, Slot, open_host
from engine.generators.pasts import Pasts
from engine.past import PastData
from engine.signals import FRAME_SAMPLES, AudioArray
from engine.style import Encoder
from engine.worker import Worker

ABSURD = 8.0
"""+18 dBFS: no model is as loud unless something broke."""


@dataclass(eq=False)
class Instance:
    """One generator node's live state in a host.

    Attributes:
        name: the node's id.
        slot: its place in the host; None until it has been stepped.
    """

    name: str
    slot: Slot | None = field(default=None)


class Part(NamedTuple):
    """What one instance is to do in a frame.

    Attributes:
        conditioning: what it hears.
        fresh: whether it begins anew from its conditioning's seed.
    """

    instance: Instance
    conditioning: Conditioning
    fresh: bool


class Played(NamedTuple):
    """What came of a frame's parts.

    Attributes:
        audio: float32[1920, 2] by instance, of those that played.
        faults: what was wrong with the others.
    """

    audio: dict[Instance, AudioArray]
    faults: dict[Instance, Exception]


class RubbishError(Exception):
    """What a generator returned is no sound."""


class Section:
    """One host. Everything is asked of it in one thread at a time, in order.

    Attributes:
        closed: whether it was given up; nothing more is done.
        most: how many instances it has had at a time, or was prepared for. A host sizes its batch
            by it, and a batch of another size rounds differently: by 2·10⁻⁸, −153 dB, with the
            sketch on JAX.
    """

    def __init__(self, model: str, host: Host) -> None:
        self.model = model
        self.stand_in = host.stand_in
        self._host = host
        self._instances: set[Instance] = set()
        self.most = 0
        self._prepared = 0
        self.closed = False
        self._worker = Worker(f"model {model}")
        self._pasts = Pasts(self._begin_grounding)

    def prepare(self, instances: int) -> None:
        """Compiles what so many more instances need, off the frame loop; may take seconds."""
        wanted = len(self._instances) + instances
        if wanted > self._prepared:
            self._host.prepare(wanted)
            self._prepared = wanted
            self.most = max(self.most, wanted)

    def ground(self, past: PastData) -> Future[None]:
        """Has a past worked out on a thread of its own, once; of late ones it is known at once."""
        return self._pasts.get(past)

    def _begin_grounding(self, past: PastData) -> Future[None]:
        worker = Worker(f"past of {self.model}")
        grounding = worker.submit(lambda: self._host.ground(past))
        worker.close()
        return grounding

    def begin(self, parts: Iterable[Part], leaving: Iterable[Instance] = ()) -> Future[Played]:
        """Has `play` done on the section's own thread."""
        parts, leaving = tuple(parts), tuple(leaving)
        return self._worker.submit(lambda: self.play(parts, leaving))

    def play(self, parts: Iterable[Part], leaving: Iterable[Instance] = ()) -> Played:
        """Steps instances together; one that fails does not keep the others from playing."""
        for instance in leaving:
            if instance.slot is not None:
                self._host.remove(instance.slot)
                self._instances.discard(instance)
                instance.slot = None
        played = Played({}, {})
        ready: dict[Instance, Conditioning] = {}
        for instance, conditioning, fresh in parts:
            try:
                seed, past = conditioning.seed, conditioning.past
                slot, begins = instance.slot, fresh
                if slot is None:
                    slot, begins = self._add(instance, seed), bool(past.key)
                if begins:
                    self._host.reset(slot, seed, past)
                ready[instance] = conditioning
            except Exception as fault:  # out of memory, say: the others play on
                played.faults[instance] = fault
        if not ready:
            return played
        try:
            self._step(ready, played)
        except Exception as fault:
            if len(ready) == 1:
                played.faults.update(dict.fromkeys(ready, fault))
            else:
                self._step_apart(ready, played)
        return played

    def _step_apart(self, ready: dict[Instance, Conditioning], played: Played) -> None:
        """Steps instances one by one, to tell who it is that fails."""
        for instance, conditioning in ready.items():
            try:
                self._step({instance: conditioning}, played)
            except Exception as fault:
                played.faults[instance] = fault

    def _step(self, ready: dict[Instance, Conditioning], played: Played) -> None:
        batch = {each.slot: heard for each, heard in ready.items() if each.slot is not None}
        made = self._host.step(batch)
        for instance in ready:
            audio = made.get(instance.slot) if instance.slot is not None else None
            if wrong := _wrong(audio):
                played.faults[instance] = RubbishError(wrong)
            elif audio is not None:
                played.audio[instance] = audio

    def save(self, instance: Instance) -> Future[bytes]:
        """Has an instance's whole memory taken after what was begun until now, without waiting.

        It is b"" for one that has not played yet.
        """
        host = self._host
        return self._worker.submit(
            lambda: b"" if instance.slot is None else host.save(instance.slot)
        )

    def restore(self, instance: Instance, memory: bytes) -> None:
        """Makes an instance that goes on as the one that was saved would have.

        Raises:
            ValueError: the memory is not of this model.
        """
        if memory:
            self._host.restore(self._add(instance, 0), memory)

    def widen(self, most: int) -> None:
        """Has a batch as wide as if there had been so many instances at a time."""
        extra = [Instance("") for _ in range(most - len(self._instances))]
        for each in extra:
            self._add(each, 0)
        self.play((), extra)

    def _add(self, instance: Instance, seed: int) -> Slot:
        instance.slot = self._host.add(seed)
        self._instances.add(instance)
        self.most = max(self.most, len(self._instances))
        return instance.slot

    def close(self) -> None:
        """Lets the thread end after what it is at."""
        self.closed = True
        self._worker.close()


def _wrong(audio: AudioArray | None) -> str:
    """Says why something is not one frame of sound, or returns ""."""
    if audio is None:
        return "returned nothing"
    if getattr(audio, "shape", None) != (FRAME_SAMPLES, 2):
        return f"returned an array of shape {getattr(audio, 'shape', None)}, not (1920, 2)"
    # One pass: NaN and infinities are larger than any bound, or compare as not smaller.
    if not np.abs(audio).max() <= ABSURD:
        return "returned a sound that is not finite, or over +18 dBFS"
    return ""


class Models:
    """The models that are open, by name.

    Args:
        on_event: told when opening takes place where nobody waits for it, and how it ended, and
            of a model that another plays for.
        fallback: the model that plays in place of one that is not to be had.

    Attributes:
        encoder: what makes the styles that reach them.
    """

    def __init__(
        self,
        encoder: Encoder,
        open_host: Callable[[str, Encoder], Host] = open_host,
        on_event: Callable[[str], None] = lambda text: None,
        fallback: str | None = None,
    ) -> None:
        self.encoder = encoder
        self._open_host = open_host
        self._on_event = on_event
        self._fallback = fallback
        self._replaced: set[str] = set()
        self._sections: dict[str, Section] = {}
        self._refused: dict[str, str] = {}
        self._opening: set[str] = set()
        self._given_up: dict[str, int] = {}
        self._lock = threading.Lock()

    def open(self, model: str, instances: int = 1) -> Section:
        """Returns a model's section, opening it first where needed, which may take seconds.

        Args:
            instances: for how many it is readied, before anybody can step it.

        Raises:
            ModelUnavailableError: it is not to be had.
        """
        with self._lock:
            try:
                return self._opened(self.who_plays(model), instances)
            except ModelUnavailableError as error:
                fallback = self._fallback
                if fallback is None or self.who_plays(model) == fallback:
                    raise
                section = self._opened(fallback, instances)
                self._replaced.add(model)
                self._on_event(f"the model {fallback!r} plays in place of {model!r}: {error}")
                return section

    def _opened(self, model: str, instances: int) -> Section:
        if model not in self._sections:
            section = Section(model, self._open_host(model, self.encoder))
            section.prepare(max(instances, self._given_up.pop(model, 0)))
            self._sections[model] = section
            self._refused.pop(model, None)
            # What it brought along is looked at no more: it stays, and is much.
            gc.freeze()
        return self._sections[model]

    def who_plays(self, model: str) -> str:
        """Returns the name of the model that plays where `model` is asked for, at once."""
        return self._fallback if self._fallback and model in self._replaced else model

    def get(self, model: str) -> Section | None:
        """Returns the section that plays a model, if it is open, at once."""
        return self._sections.get(self.who_plays(model))

    def request(self, model: str) -> None:
        """Begins to open a model on a thread, once; what was refused is not tried again."""
        if self.get(model) or model in self._opening or model in self._refused:
            return
        self._opening.add(model)
        threading.Thread(
            target=self._open, args=(model,), name=f"open {model}", daemon=True
        ).start()

    def _open(self, model: str) -> None:
        self._on_event(f"opening the model {model!r}")
        try:
            section = self.open(model)
            self._on_event(f"the model {section.model!r} is open")
        except Exception as error:  # no memory for it, say: what plays plays on
            words = str(error) or type(error).__name__
            self._refused[model] = words
            self._on_event(f"the model {model!r} cannot be opened: {words}")
        finally:
            self._opening.discard(model)

    def renew(self, section: Section) -> None:
        """Gives up a section that hangs; the model is opened anew when it is next asked for."""
        if self._sections.get(section.model) is section:
            del self._sections[section.model]
            self._given_up[section.model] = section.most
        section.close()

    def widths(self) -> dict[str, int]:
        """Returns how many instances each open model has had at a time."""
        return {name: each.most for name, each in self._sections.copy().items()}

    def stand_ins(self) -> tuple[str, ...]:
        """Returns the open models that only stand in for a real one, by name."""
        return tuple(sorted(name for name, each in self._sections.items() if each.stand_in))

    def close(self) -> None:
        """Ends the threads of all."""
        for section in self._sections.values():
            section.close()
