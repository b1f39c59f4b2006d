"""A stage to record from: decks that play patches frame by frame, as the frame loop does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from mido.frozen import FrozenMessage
from toys import patch

from engine.compiler import compile_patch
from engine.deck import Deck
from engine.frame import NO_MIDI, NO_OSC, Frame, Transport
from engine.models import Models
from engine.patch import Patch
from engine.recording import MOST_WAITING, Recorder
from engine.registry import Registry, load_registry
from engine.render import offline_services
from engine.signals import SILENCE, AudioArray, frozen
from engine.style.sketch import SketchEncoder
from tests.waiting import wait_until

REGISTRY = load_registry()

NODES = {
    "keys": "midi.input",
    "held": "notes.held",
    "prompt": "style.prompt",
    "model1": "generator.model",
    "model2": "generator.model",
    "wobble": "control.lfo",
    "amp": "audio.gain",
    "loud": "audio.level",
    "speed": "control.map",
    "sway": "control.lfo",
    "pan": "audio.pan",
    "gate": "audio.gate",
    "ear": "audio.input",
    "mixer": "audio.mix",
    "limit": "audio.limiter",
    "out": "audio.output",
}
CABLES = [
    "keys.midi > held.midi",
    "held.notes > model1.notes",
    "prompt.style > model1.style",
    "held.notes > gate.notes",
    "wobble.control > amp.gain",
    "model1.audio > amp.audio",
    "model1.audio > loud.audio",
    "loud.control > speed.control",
    "speed.control > sway.rate",
    "sway.control > pan.position",
    "amp.audio > pan.audio",
    "model2.audio > gate.audio",
    "pan.audio > mixer.audio1",
    "gate.audio > mixer.audio2",
    "ear.audio > mixer.audio3",
    "mixer.audio > limit.audio",
    "limit.audio > out.audio",
]
VALUES = {
    "prompt.text": "warm strings",
    "wobble.low": -12.0,
    "wobble.rate": 3.0,
    "speed.high": 9.0,
    "sway.low": -1.0,
    "model2.seed": 5,
    "gate.release": 0.2,
}


def full_patch(changes: Mapping[str, Any] | None = None, title: str = "Full") -> Patch:
    """A patch in which every kind of signal crosses from condition into mix."""
    return patch(NODES, CABLES, {**VALUES, **(changes or {})}, title)


def thin_patch(text: str = "sub bass", title: str = "Thin") -> Patch:
    """A generator, heard as it is."""
    nodes = {"prompt": "style.prompt", "model1": "generator.model", "out": "audio.output"}
    cables = ["prompt.style > model1.style", "model1.audio > out.audio"]
    return patch(nodes, cables, {"prompt.text": text}, title)


class Stage:
    """Plays decks, and has what is on it recorded.

    Attributes:
        decks: those that play.
        heard: every frame so far.
        osc: the numbers that came by OSC.
    """

    def __init__(self, registry: Registry = REGISTRY, models: Models | None = None) -> None:
        self.registry = registry
        self.models = models or Models(SketchEncoder())
        self.said: list[str] = []
        self.decks: list[Deck] = []
        self.heard: list[AudioArray] = []
        self.recorder: Recorder | None = None
        self.number = 0
        self.osc: Mapping[str, tuple[float, ...]] = NO_OSC
        self.wait = 60.0

    def put_on(self, found: Patch, folder: Path | None = None) -> None:
        """Crossfades to another patch."""
        deck = Deck(self.models, self.number, bool(self.decks), self.said.append)
        plan = compile_patch(found, self.registry, offline_services(), folder)
        deck.player.prepare(plan)
        deck.swap(plan)
        for each in self.decks:
            each.go()
        self.decks.append(deck)

    def edit(self, found: Patch) -> None:
        """Lets another version take over."""
        self.decks[-1].swap(compile_patch(found, self.registry, offline_services()))

    def set(self, node: str, port: str, value: Any) -> None:
        plan = self.decks[-1].player.plan
        assert plan is not None
        plan.set_value(node, port, value)

    def record(self, folder: Path, **options: Any) -> Recorder:
        folder.mkdir(exist_ok=True)
        self.recorder = Recorder(folder, self.registry, on_event=self.said.append, **options)
        return self.recorder

    def stop(self) -> Recorder:
        recorder = self.recorder
        assert recorder is not None
        self.recorder = None
        recorder.stop()
        return recorder

    def close(self) -> None:
        """Lets go of every instance."""
        for each in self.decks:
            each.close()

    def play(self, frames: int, keep_up: bool = True) -> None:
        """Plays some frames, with keys pressed and sound coming in.

        Args:
            keep_up: whether to wait for a recorder that falls behind.
        """
        for _ in range(frames):
            self._turn()
            if self.recorder and keep_up:
                wait_until(self._is_keeping_up, "the recorder keeps up")

    def _is_keeping_up(self) -> bool:
        recorder = self.recorder
        return not recorder or recorder.over or recorder.waiting < MOST_WAITING // 2

    def _turn(self) -> None:
        number = self.number
        if self.recorder:
            self.recorder.begin(self.decks)
        frame = Frame(
            number,
            7,
            {"Keys": keys(number)} if number % 5 == 0 else NO_MIDI,
            noise(number),
            Transport(number * 0.08),
            self.osc,
        )
        heard = SILENCE
        for deck in self.decks:
            sound = deck.step(frame, time.monotonic() + self.wait)
            heard = sound if heard is SILENCE else heard + sound
        heard = frozen(np.clip(heard, -1, 1))
        self.heard.append(heard)
        if self.recorder:
            self.recorder.frame(frame, self.decks, heard)
        for deck in self.decks:
            if deck.gone:
                deck.close()
        self.decks = [each for each in self.decks if not each.gone]
        self.number += 1


def keys(number: int) -> tuple[FrozenMessage, ...]:
    """A key pressed every tenth frame, let go of five frames later."""
    kind = "note_off" if number % 10 else "note_on"
    return (FrozenMessage(kind, note=48 + number // 10 % 24, velocity=90, time=0.01),)


def noise(number: int) -> AudioArray:
    """A frame of quiet noise, as a microphone hears it."""
    rng = np.random.default_rng(number)
    return frozen(rng.uniform(-0.01, 0.01, (1920, 2)).astype(np.float32))


def short_take(folder: Path, stage: Stage) -> bytes:
    """Returns the log of a short recording."""
    stage.put_on(thin_patch())
    recorder = stage.record(folder)
    stage.play(3)
    recorder.remark("the device ran dry once")
    stage.play(2)
    stage.stop()
    return recorder.log.read_bytes()
