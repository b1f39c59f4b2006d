"""The frame loop on a live clock: 25 times a second, as late as can be, whatever happens."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from mido.frozen import FrozenMessage

from engine.deck import Deck
from engine.frame import EVERY_PORT, NO_OSC, Frame
from engine.margin import Margin
from engine.node import SentMidi, SentOsc
from engine.signals import FRAME_RATE, SILENCE, AudioArray, Midi, frozen
from engine.song import ALL_NOTES_OFF, ALL_SOUND_OFF
from engine.transport import Conductor

FRAME_SECONDS = 1 / FRAME_RATE
WAIT = 0.005
"""Seconds of sleep at most before the queue is looked at again: a device's clock is its own."""
SWITCH_INTERVAL = 1e-4
"""Seconds after which Python lets another thread run; with the usual 5 ms frames starve."""
MOST_MESSAGES = 256
"""MIDI messages from clients that wait for a frame; of more only those are taken that end notes."""
MOST_ENDS = 4096
"""Twice all pitches of all channels: whatever more comes ends nothing any more."""
CEILING = 1.0
"""Full scale: the last thing before the device is that nothing is over it."""

PANIC: Midi = tuple(
    FrozenMessage("control_change", channel=channel, control=control, value=0)
    for channel in range(16)
    for control in (ALL_SOUND_OFF, ALL_NOTES_OFF)
)


class Out(Protocol):
    """Where the sound goes."""

    underruns: int

    def queued(self) -> float:
        """Returns the seconds of sound written that the device has not taken yet."""

    def write(self, audio: AudioArray) -> None:
        """Takes one frame, float32[1920, 2], at once."""


class In(Protocol):
    """Where sound comes from."""

    def read(self) -> AudioArray:
        """Returns one frame, float32[1920, 2], at once; silence where there is none."""


class Ports(Protocol):
    """Where MIDI comes from and goes to."""

    def poll(self) -> Mapping[str, Midi]:
        """Returns what arrived since the last call, by port."""

    def deliver(self, sent: Mapping[Hashable, SentMidi]) -> None:
        """Sends what each sender has for this frame; ends the notes of those that are missing."""

    def panic(self) -> None:
        """Ends every note that was sent."""


class Recorder(Protocol):
    """What writes a performance down; both are called in the frame loop and return at once."""

    def begin(self, decks: Sequence[Deck]) -> None:
        """Sees the decks as they are before a frame."""

    def frame(self, frame: Frame, decks: Sequence[Deck], heard: AudioArray) -> None:
        """Takes in one frame as it was played."""


class Moment(NamedTuple):
    """What happened in the last frame, for whoever watches.

    Attributes:
        frame: its inputs.
        heard: what was written, float32[1920, 2].
        seconds: how long it took to compute.
        left: seconds of sound queued just before it was written.
        margin: the fill of the queue at which it was due to begin.
        measured: whether it is one in which every node's time was taken.
    """

    frame: Frame
    heard: AudioArray
    seconds: float
    left: float
    margin: float
    measured: bool


class Live:
    """Plays decks until it is stopped. Everything else tells it what to do `at_frame`.

    Attributes:
        decks: those that play, the last being the one that stays.
        moment: the last frame, None before the first.
        load: of late, the part of its 40 ms that a frame takes.
        watched: whether somebody wants to know how long each node takes, once a second.
    """

    def __init__(
        self,
        speakers: Out,
        conductor: Conductor,
        *,
        microphone: In | None = None,
        ports: Ports | None = None,
        osc: Callable[[], Mapping[str, tuple[float, ...]]] = lambda: NO_OSC,
        send_osc: Callable[[str, Sequence[float]], None] = lambda address, values: None,
        margin: Margin | None = None,
        seed: int = 0,
        on_event: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.speakers = speakers
        self.conductor = conductor
        self.microphone = microphone
        self.ports = ports
        self.osc = osc
        self.send_osc = send_osc
        self.margin = margin or Margin()
        self.seed = seed
        self.on_event = on_event
        self.decks: tuple[Deck, ...] = ()
        self.recorder: Recorder | None = None
        self.moment: Moment | None = None
        self.load = 0.0
        self.watched = False
        self.number = 0
        self._changes: deque[Callable[[], None]] = deque()
        self._played: deque[FrozenMessage] = deque()
        self._faults: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)

    def start(self) -> None:
        """Begins to play; silence, while there is no deck."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the loop after the frame that it is at."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def at_frame(self, change: Callable[[], None]) -> None:
        """Has something done between two frames; from any thread, returns at once."""
        self._changes.append(change)

    def in_frame(self, change: Callable[[], None], timeout: float = 2.0) -> None:
        """Has something done between two frames and waits until it is.

        Raises:
            TimeoutError: the loop stands still.
        """
        if not self._thread.is_alive():
            change()
            return
        done = threading.Event()

        def both() -> None:
            try:
                change()
            finally:
                done.set()

        self.at_frame(both)
        if not done.wait(timeout):
            raise TimeoutError("the frame loop stands still")

    def play(self, messages: Sequence[FrozenMessage]) -> None:
        """Plays messages as if they had arrived at every port now; from any thread.

        Of more than 256 in a frame only what ends notes is taken, of more than 4,096 nothing.
        """
        waiting = len(self._played)
        for message in messages:
            if waiting < MOST_MESSAGES or (ends_note(message) and waiting < MOST_ENDS):
                self._played.append(message)
                waiting += 1

    def panic(self) -> None:
        """Ends every note in the next frame; from any thread."""
        self.at_frame(self._end_notes)

    def put_on(self, deck: Deck) -> None:
        """Lets a deck take over; the others fade out. To be called between two frames."""
        for each in self.decks:
            each.go()
        self.decks = (*self.decks, deck)

    def _end_notes(self) -> None:
        self._played.clear()
        self._played.extend(PANIC)
        for deck in self.decks:
            if deck.player.plan:
                deck.player.plan.release()
        if self.ports:
            self.ports.panic()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wait()
            if self._stopping.is_set():
                return
            try:
                self.turn()
            except Exception as fault:  # whatever it is, there are frames after this one
                self._fail(fault)

    def _fail(self, fault: Exception) -> None:
        """Goes on with silence after a fault that nothing was prepared for; says each kind once."""
        words = f"a fault in hocket, please report it: {type(fault).__name__}: {fault}"
        if words not in self._faults:
            self._faults.add(words)
            self.on_event(words)
        self.speakers.write(SILENCE)
        self.number += 1

    def _wait(self) -> None:
        """Sleeps until the queue is so short that the next frame is due."""
        while not self._stopping.is_set():
            ahead = self.speakers.queued() - self.margin.seconds
            if ahead <= 0:
                return
            time.sleep(min(ahead, WAIT))

    def turn(self) -> None:
        """Computes and writes one frame."""
        began = time.monotonic()
        overdue = max(0.0, self.margin.seconds - self.speakers.queued())
        while self._changes:
            self._changes.popleft()()
        if self.recorder:
            self.recorder.begin(self.decks)
        frame = self._gather()
        # What is not there a block before the device runs dry is not waited for.
        deadline = began + max(0.005, self.speakers.queued() - self.margin.block - 0.002)
        heard = SILENCE
        measured = self.watched and self.number % FRAME_RATE == 0
        for deck in self.decks:
            step = deck.measured if measured else deck.step
            sound = step(frame, deadline)
            heard = sound if heard is SILENCE else heard + sound
        heard = frozen(np.clip(heard, -CEILING, CEILING))
        left = self.speakers.queued()
        self.speakers.write(heard)
        seconds = time.monotonic() - began
        self.margin.took(seconds + min(overdue, FRAME_SECONDS), left)
        self._send()
        if self.recorder:
            self.recorder.frame(frame, self.decks, heard)
        if any(each.gone for each in self.decks):
            self._take_off()
        self.load += (seconds / FRAME_SECONDS - self.load) / FRAME_RATE
        self.moment = Moment(frame, heard, seconds, left, self.margin.seconds, measured)
        self.number += 1

    def _gather(self) -> Frame:
        """Returns the next frame's inputs."""
        midi = dict(self.ports.poll()) if self.ports else {}
        transport = self.conductor.advance(midi)
        if self._played:
            played = [self._played.popleft() for _ in range(len(self._played))]
            midi[EVERY_PORT] = midi.get(EVERY_PORT, ()) + tuple(played)
        audio = self.microphone.read() if self.microphone else SILENCE
        return Frame(self.number, self.seed, midi, audio, transport, self.osc())

    def _send(self) -> None:
        """Sends what the nodes of the deck that stays have to say."""
        midi: dict[Hashable, SentMidi] = {}
        for deck in self.decks[-1:]:
            plan = deck.player.plan
            # Where the mix failed the results are those of the frame before.
            fresh = deck.fade.used
            for name, sent in zip(plan.senders, plan.sent(), strict=True) if plan else ():
                if isinstance(sent, SentMidi):
                    midi[id(deck), name] = sent if fresh else sent._replace(midi=())
                elif isinstance(sent, SentOsc) and sent.values and fresh:
                    self.send_osc(sent.address, sent.values)
        if self.ports:
            self.ports.deliver(midi)

    def _take_off(self) -> None:
        """Lets go of the decks that have faded out."""
        for deck in self.decks:
            if deck.gone:
                deck.close()
        self.decks = tuple(each for each in self.decks if not each.gone)


def settle() -> None:
    """Readies the interpreter for frames, once all that is to stay is loaded; takes 0.2 s."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    # A full collection takes 163 ms once JAX is loaded; what is there by now is looked at no more.
    gc.collect()
    gc.freeze()


def ends_note(message: FrozenMessage) -> bool:
    """Whether a message only ends what sounds."""
    kind = message.type
    return (
        kind == "note_off"
        or (kind == "note_on" and message.velocity == 0)
        or (kind == "control_change" and message.control in (ALL_SOUND_OFF, ALL_NOTES_OFF))
    )
