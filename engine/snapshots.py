"""What clients see of a frame, made off the frame loop from what the loop left behind."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.conditioning import Conditioning
from engine.deck import Deck
from engine.ensemble import Turn
from engine.live import Live, Moment
from engine.messages import (
    AudioSeen,
    DeviceState,
    GeneratorState,
    Meter,
    MidiSeen,
    NotesSeen,
    Recording,
    Seen,
    Snapshot,
    StyleSeen,
    TransportState,
)
from engine.nodetype import Output
from engine.past import PastData
from engine.plan import Plan
from engine.signals import (
    AUDIO,
    CONTROL,
    FRAME_RATE,
    MIDI,
    NOTES,
    PAST,
    SAMPLE_RATE,
    STYLE,
    TEXT,
    AudioArray,
    SignalType,
)

POINTS = 96
"""Of a watched sound's wave, 20 samples each."""

_past_words: WeakKeyDictionary[PastData, str] = WeakKeyDictionary()
"""What was said of pasts that are still there: to find that 28 s are silence takes 0.8 ms."""


def snapshot(
    live: Live,
    moment: Moment,
    *,
    revision: int,
    follow: str,
    latency: float,
    watched: Iterable[str],
    devices: tuple[DeviceState, ...],
    recording: Recording | None,
    cpu: float,
) -> Snapshot:
    """Returns how everything is after a frame.

    Args:
        latency: of the device itself, in seconds.
        watched: outlets, as `node.outlet`.
        cpu: CPU seconds a second that the process takes of late.
    """
    transport = moment.frame.transport
    deck = live.decks[-1] if live.decks else None
    plan = deck.player.plan if deck else None
    faults = {each.name: each.note for each in devices if not each.alive}
    meters: dict[str, Meter] = {}
    generators: dict[str, GeneratorState] = {}
    if deck and plan:
        faults |= deck.muted
        meters = {name: meter(audio) for name, audio in deck.player.audio.items()}
        meters |= {name: meter(audio) for name, audio in _outputs(plan)}
        turns = deck.player.ensemble.turns
        generators = {
            name: _generator(heard, turns.get(name))
            for name, heard in deck.player.conditioning.items()
        }
    return Snapshot(
        frame=moment.frame.number,
        revision=revision,
        transport=TransportState(
            transport.beat, transport.tempo, transport.playing, transport.bar, follow
        ),
        generators=generators,
        output=meter(moment.heard),
        meters=meters,
        frame_ms=1e3 * moment.seconds,
        load=live.load,
        queued=moment.left,
        margin_ms=1e3 * moment.margin,
        underruns=live.speakers.underruns,
        latency_ms=1e3 * (live.margin.expected + latency),
        node_us=_times(deck, moment),
        devices=devices,
        faults=faults,
        recording=recording,
        seen=_seen(plan, watched) if plan else {},
        moving=deck.player.motion.moving(moment.frame.number - deck.first) if deck else {},
        heard=_heard(live, moment.frame.number),
        cpu=cpu,
        latency=live.margin.mode,
    )


class Cpu:
    """How much this process takes of the machine's processors.

    Attributes:
        share: CPU seconds a second of late; 2 is two processors.
    """

    def __init__(self) -> None:
        self.share = 0.0
        self._now, self._spent = time.monotonic(), time.process_time()

    def look(self) -> float:
        """Returns the share, measured since the last look, and smoothed over a second."""
        now, spent = time.monotonic(), time.process_time()
        passed = max(now - self._now, 1e-3)
        new = (spent - self._spent) / passed
        self.share += (new - self.share) * (1.0 - math.exp(-passed))
        self._now, self._spent = now, spent
        return self.share


def meter(audio: AudioArray) -> Meter:
    """Returns how loud a frame is."""
    left, right = np.abs(audio).max(axis=0).tolist()
    samples = audio.ravel()
    return Meter(left, right, float(np.sqrt(np.dot(samples, samples) / samples.size)))


def past_words(past: PastData) -> str:
    """Returns what a past is, in a few words."""
    words = _past_words.get(past)
    if words is None:
        words = _past_words[past] = _describe(past)
    return words


def _describe(past: PastData) -> str:
    if past.sound is None:
        return "a saved memory" if past.memory else "none"
    kind = "a sound" if past.sound.any() else "silence"
    return f"{kind} of {len(past.sound) / SAMPLE_RATE:.1f} s"


def _outputs(plan: Plan) -> Iterable[tuple[str, AudioArray]]:
    for name in plan.mix_order:
        step = plan.steps[name]
        if step.type.role == "output" and isinstance(result := plan.result(name), Output):
            yield name, result.audio


def _generator(heard: Conditioning, turn: Turn | None) -> GeneratorState:
    if turn is None or turn.conditioning is None:
        state = "silent until it begins anew"
    elif not turn.fade.used:
        state = "failed"
    else:
        state = "playing"
    return GeneratorState(
        turn.model if turn else heard.model,
        heard.notes.tobytes(),
        heard.drums,
        heard.style.astype("<f2").tobytes(),
        state,
    )


def _heard(live: Live, number: int) -> tuple[bytes, ...]:
    """Takes out the messages that came in since they were last taken, those of the last second."""
    taken = [live.heard.popleft() for _ in range(len(live.heard))]
    return tuple(bytes(each.bin()) for at, each in taken if number - at <= FRAME_RATE)


def _times(deck: Deck | None, moment: Moment) -> dict[str, float] | None:
    return dict(deck.times) if deck and moment.measured else None


def _seen(plan: Plan, watched: Iterable[str]) -> dict[str, Seen]:
    seen: dict[str, Seen] = {}
    for place in watched:
        name, _, port = place.partition(".")
        step = plan.steps.get(name)
        outlet = step.type.outlet(port) if step else None
        if outlet:
            # What a node of another package makes may be nothing that can be shown.
            with suppress(Exception):
                seen[place] = _value(outlet.signal, plan.latest(name, port))
    return seen


def _value(signal: SignalType, value: Any) -> Seen:
    if signal is NOTES:
        return NotesSeen(value.tobytes())
    if signal is STYLE:
        return StyleSeen(value.astype("<f2").tobytes())
    if signal is MIDI:
        return MidiSeen(tuple(bytes(each.bin()) for each in value))
    if signal is AUDIO:
        middle = value.mean(axis=1).reshape(POINTS, -1)
        wave = np.stack([middle.min(axis=1), middle.max(axis=1)], axis=1)
        return AudioSeen(meter(value), wave.astype("<f2").tobytes())
    if signal is PAST:
        return past_words(value)
    assert signal in (CONTROL, TEXT)
    return value if signal is TEXT else float(value)
