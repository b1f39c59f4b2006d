"""What a frame leaves to be written down, and how it is put into the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from engine.conditioning import Conditioning
from engine.deck import Deck
from engine.ensemble import Turn
from engine.fade import Fade
from engine.files import dumps
from engine.frame import NO_OSC, Frame, Transport
from engine.memory import MemoryFormError, Packing
from engine.plan import Plan
from engine.ports import Setting, raw
from engine.recording.log import (
    NEVER,
    DeckBegins,
    DeckFrame,
    FramePlayed,
    Inputs,
    LogWriter,
    PlanChanges,
    Saved,
    TurnChange,
    heard_changes,
)
from engine.signals import SILENCE, AudioArray

SAVING = 10.0
"""Seconds that a model may take to hand over an instance's memory."""


class Kept(NamedTuple):
    """An instance before a frame: its model, its memory to come, and its last sound."""

    model: str
    memory: Future[bytes]
    last: AudioArray


class Begun(NamedTuple):
    """A deck, or its new plan, as it is before a frame.

    Attributes:
        deck: its number.
        whole: False where only its plan is new.
        faults: what of its memory cannot be written down.
    """

    deck: int
    whole: bool
    first: int
    plan: Plan
    values: tuple[Any, ...]
    memory: Mapping[str, Any]
    faults: tuple[str, ...]
    instances: Mapping[str, Kept]
    last: AudioArray
    muted: tuple[str, ...]
    widths: Mapping[str, int]
    stand_in: bool


class TakenDeck(NamedTuple):
    """What a deck did in a frame; nothing in it changes any more."""

    deck: int
    plan: Plan
    turns: Mapping[str, Turn]
    audio: Mapping[str, AudioArray]
    results: tuple[Any, ...]
    values: tuple[Any, ...]
    muted: tuple[str, ...]
    fade: Fade


class Taken(NamedTuple):
    """A frame as it was played."""

    frame: Frame
    decks: tuple[TakenDeck, ...]
    heard: AudioArray


def begun(packing: Packing, number: int, deck: Deck, plan: Plan, old: Plan | None) -> Begun:
    """Returns a deck as it is between two frames, in the frame loop.

    Args:
        old: the plan that was written down last; None for a deck that is to be written whole.
    """
    names = plan.mix_order
    if old is not None:
        names = tuple(each for each in names if each in old.condition_order)
    files = plan_files(plan)
    memory, faults = {}, []
    for name in names:
        node = plan.memory(name)
        if node is not None:
            try:
                memory[name] = packing.pack(node, files)
            except Exception as error:  # what a node is made of may raise when it is looked at
                faults.append(f"{name}: {error}")
    instances: dict[str, Kept] = {}
    if old is None:
        for name, (section, instance) in deck.player.ensemble.sections().items():
            last = deck.player.audio.get(name, SILENCE)
            instances[name] = Kept(section.model, section.save(instance), last)
    return Begun(
        number,
        old is None,
        deck.first,
        plan,
        plan.values,
        memory,
        tuple(faults),
        instances,
        deck.last,
        tuple(deck.muted),
        deck.player.models.widths(),
        deck.player.models.encoder.stand_in,
    )


def taken(number: int, deck: Deck, plan: Plan) -> TakenDeck:
    """Returns what a deck did in the frame that has just been played, in the frame loop."""
    return TakenDeck(
        number,
        plan,
        deck.player.ensemble.turns,
        deck.player.audio,
        tuple(map(plan.result, plan.mix_inputs)),
        plan.values,
        tuple(deck.muted),
        deck.fade,
    )


def plan_files(plan: Plan) -> dict[str, Any]:
    """Returns what the settings hold that name files, by `node.port`."""
    return {
        f"{name}.{each.name}": plan.value(name, each.name)
        for name, step in plan.steps.items()
        for each in step.type.settings
        if each.asset
    }


def plan_values(plan: Plan, values: tuple[Any, ...]) -> dict[str, Any]:
    """Returns what is set in a table of values, as a patch would hold it, by `node.port`."""
    found = {}
    for name, step in plan.steps.items():
        for port, place in step.values.items():
            known = step.type.value(port)
            if known and not (isinstance(known, Setting) and known.asset):
                found[f"{name}.{port}"] = raw(values[place])
    return found


@dataclass
class _Known:
    """What the log says of a deck so far."""

    plan: Plan
    values: tuple[Any, ...]
    muted: tuple[str, ...] = ()
    fade: Fade | None = None
    inputs: Inputs | None = None
    osc: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: NO_OSC)
    results: dict[str, Any] = field(default_factory=dict)
    turns: dict[str, TurnChange] = field(default_factory=dict)
    heard: dict[str, Conditioning] = field(default_factory=dict)


class Scribe:
    """Writes frames into a log, each as what differs from the frame before.

    Args:
        on_event: told of what cannot be written down.
    """

    def __init__(self, log: LogWriter, packing: Packing, on_event: Callable[[str], None]) -> None:
        self._log = log
        self._packing = packing
        self._on_event = on_event
        self._known: dict[int, _Known] = {}
        self._unkept: set[str] = set()

    def begin(self, begun: Begun) -> None:
        """Writes a deck or its new plan; waits for its models to hand over their memory."""
        for fault in begun.faults:
            self._say_unkept(fault)
        plan, values = begun.plan, begun.values
        text = dumps(plan.patch).decode()
        folder = None if plan.folder is None else str(plan.folder)
        told = plan_values(plan, values)
        memory = dict(begun.memory)
        if not begun.whole and begun.deck in self._known:
            known = self._known[begun.deck]
            known.plan, known.values, known.results = plan, values, {}
            known.muted, known.inputs, known.osc = begun.muted, None, NO_OSC
            for gone in known.turns.keys() - set(plan.generators):
                del known.turns[gone]
                known.heard.pop(gone, None)
            self._log.write(PlanChanges(begun.deck, text, folder, told, memory))
            return
        self._known[begun.deck] = _Known(plan, values, begun.muted)
        instances = {
            name: Saved(each.model, self._memory(name, each), _sound(each.last))
            for name, each in begun.instances.items()
        }
        self._log.write(
            DeckBegins(
                begun.deck,
                begun.first,
                text,
                folder,
                told,
                memory,
                instances,
                _sound(begun.last),
                begun.muted,
                dict(begun.widths),
                begun.stand_in,
            )
        )

    def write(self, taken: Taken) -> None:
        """Writes a frame."""
        decks = tuple(self._deck(each, taken.frame) for each in taken.decks)
        self._log.write(FramePlayed(taken.frame.number, decks))
        for gone in self._known.keys() - {each.deck for each in taken.decks}:
            del self._known[gone]

    def _deck(self, deck: TakenDeck, frame: Frame) -> DeckFrame:
        known = self._known[deck.deck]
        values: dict[str, Any] = {}
        if deck.values != known.values:
            before = plan_values(deck.plan, known.values)
            now = plan_values(deck.plan, deck.values)
            values = {name: each for name, each in now.items() if not _same(each, before[name])}
            known.values = deck.values
        results: dict[str, Any] = {}
        for name, result in zip(deck.plan.mix_inputs, deck.results, strict=True):
            if name not in known.results or not _same(result, known.results[name]):
                known.results[name] = result
                self._keep(results, name, result)
        muted = None if deck.muted == known.muted else deck.muted
        fade = None if deck.fade == known.fade else deck.fade
        known.muted, known.fade = deck.muted, deck.fade
        turns = {
            name: change
            for name, turn in deck.turns.items()
            if (change := self._turn(known, name, turn)) is not None
        }
        return DeckFrame(
            deck.deck, turns, results, values, muted, fade, self._inputs(known, deck.plan, frame)
        )

    def _turn(self, known: _Known, name: str, turn: Turn) -> TurnChange | None:
        before = known.turns.get(name, NEVER)
        heard: dict[str, Any] = {}
        if turn.conditioning is not None:
            last = known.heard.get(name, Conditioning())
            heard = heard_changes(turn.conditioning, last)
            known.heard[name] = turn.conditioning
        stepped = turn.conditioning is not None
        lasting = TurnChange(turn.model, stepped, fade=turn.fade)
        known.turns[name] = lasting
        if lasting == before and not heard and not turn.fresh:
            return None
        return TurnChange(turn.model, stepped, turn.fresh, turn.fade, heard)

    def _inputs(self, known: _Known, plan: Plan, frame: Frame) -> Inputs | None:
        """Returns the frame for the nodes that mix and read it, if there are any."""
        if not any(plan.steps[name].type.wants_frame for name in plan.mix_order):
            return None
        parts: dict[str, Any] = {}
        if frame.midi:
            self._keep(parts, "midi", dict(frame.midi))
        if frame.audio is not SILENCE:
            self._keep(parts, "audio", frame.audio)
        if frame.osc is not known.osc:
            known.osc = frame.osc
            self._keep(parts, "osc", dict(frame.osc))
        inputs = Inputs(frame.seed, Transport(*frame.transport), **parts)
        if inputs == known.inputs:
            return None
        known.inputs = inputs
        return inputs

    def _keep(self, parts: dict[str, Any], name: str, value: Any) -> None:
        try:
            parts[name] = self._packing.pack_value(value)
        except MemoryFormError as error:
            self._say_unkept(f"{name}: {error}")

    def _memory(self, name: str, kept: Kept) -> bytes:
        try:
            return kept.memory.result(SAVING)
        except Exception as error:  # whatever a model raises, the others are written down
            self._say_unkept(f"{name}: {str(error) or type(error).__name__}")
            return b""

    def _say_unkept(self, fault: str) -> None:
        """Says once of each that the replay will differ."""
        if fault not in self._unkept:
            self._unkept.add(fault)
            self._on_event(f"recording: a replay will differ, as this cannot be kept: {fault}")


def _sound(audio: AudioArray) -> bytes:
    return b"" if audio is SILENCE else audio.tobytes()


def _same(one: Any, other: Any) -> bool:
    """Whether two results are equal, arrays included, and of one kind."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
