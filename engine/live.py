"""The frame loop on a live clock: 25 times a second, as late as can be, whatever happens."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple, Protocol

import numpy as np
from mido.frozen import FrozenMessage

from engine.deck import Deck
from engine.dsp import ramp
from engine.fade import fading
from engine.frame import EVERY_PORT, NO_OSC, Frame
from engine.margin import Margin
from engine.nodetype import SentMidi, SentOsc
from engine.patch import MAX_CONTROL
from engine.signals import FRAME_RATE, SILENCE, AudioArray, Midi, frozen
from engine.song import ALL_NOTES_OFF, ALL_SOUND_OFF
from engine.sounding import ends
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
MOST_HEARD = 64
"""The latest MIDI messages that are kept for whoever watches."""
UNHEARD = frozenset({"clock", "active_sensing"})
"""Messages that come all the time."""
MOST_FAULTS = 100
"""Kinds of faults that are said; a message may hold a number that differs each time."""
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
    block: float
    """Seconds of sound that the device takes at a time."""

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
        heard: the latest MIDI messages that say what somebody does, each with the number of its
            frame.
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
        self.heard: deque[tuple[int, FrozenMessage]] = deque(maxlen=MOST_HEARD)
        self._watched_until = 0.0
        self._panicking = False
        self._written = self._returning = False
        self._heard = SILENCE
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
        """Has something done between two frames and waits until it is; raises what it raises.

        Raises:
            TimeoutError: the loop stands still; it will not be done.
        """
        if not self._thread.is_alive():
            change()
            return
        future: Future[None] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                change()
            except Exception as fault:  # it belongs to whoever asked
                future.set_exception(fault)
            else:
                future.set_result(None)

        self.at_frame(do)
        try:
            future.result(timeout)
        except TimeoutError:
            if future.cancel():
                raise TimeoutError("the frame loop stands still") from None
            future.result()

    def play(self, messages: Sequence[FrozenMessage]) -> None:
        """Plays messages as if they had arrived at every port now; from any thread.

        Of more than 256 in a frame only what ends notes is taken, of more than 4,096 nothing.
        """
        waiting = len(self._played)
        for message in messages:
            if waiting < MOST_MESSAGES or (ends(message) and waiting < MOST_ENDS):
                self._played.append(message)
                waiting += 1

    def panic(self) -> bool:
        """Ends every note in the next frame; from any thread. Says whether it was not asked yet."""
        asked, self._panicking = self._panicking, True
        return not asked

    def watch(self) -> None:
        """Has each node's time taken once a second, for the next two seconds."""
        self._watched_until = time.monotonic() + 2.0

    def put_on(self, deck: Deck) -> None:
        """Lets a deck take over; the others fade out. To be called between two frames."""
        for each in self.decks:
            each.go()
        self.decks = (*self.decks, deck)

    def _end_notes(self) -> None:
        self._panicking = False
        self._played.clear()
        self._played.extend(PANIC)
        for deck in self.decks:
            if deck.player.plan:
                deck.player.plan.release()
        if self.ports:
            self.ports.panic()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._wait()
                if not self._stopping.is_set():
                    self.turn()
            except Exception as fault:  # whatever it is, there are frames after this one
                self._fail(fault)

    def _fail(self, fault: Exception) -> None:
        """Goes on after a fault that nothing was prepared for; says each kind once.

        What sounded fades out, and all notes end, as those that began or ended in this frame are
        not known.
        """
        with suppress(Exception):
            if not self._written:
                self.speakers.write(fading(self._heard))
                self._heard = SILENCE
                self._panicking = self._returning = True
        self.number += 1
        time.sleep(WAIT)  # what fails at once every time must not take a whole core
        words = f"a fault in hocket, please report it: {type(fault).__name__}: {fault}"
        if words not in self._faults and len(self._faults) < MOST_FAULTS:
            self._faults.add(words)
            self.on_event(words)

    def _wait(self) -> None:
        """Sleeps until the queue is so short that the next frame is due.

        What is to be done between two frames is done meanwhile, when there is most time for it.
        """
        self._written = False
        self.margin.block = self.speakers.block
        while not self._stopping.is_set():
            self._do_changes()
            ahead = self.speakers.queued() - self.margin.seconds
            if ahead <= 0:
                return
            time.sleep(min(ahead, WAIT))

    def _do_changes(self) -> None:
        while self._changes:
            self._changes.popleft()()

    def turn(self) -> None:
        """Computes and writes one frame."""
        began = time.monotonic()
        overdue = max(0.0, self.margin.seconds - self.speakers.queued())
        self._do_changes()
        if self._panicking:
            self._end_notes()
        if self.recorder:
            self.recorder.begin(self.decks)
        frame = self._gather()
        # What is not there a block before the device runs dry is not waited for.
        deadline = began + max(0.005, self.speakers.queued() - self.margin.block - 0.002)
        measured = began < self._watched_until and self.number % FRAME_RATE == 0
        heard = self._step(frame, deadline, measured)
        if self._returning:
            heard, self._returning = frozen(heard * ramp(0.0, 1.0)), False
        left = self.speakers.queued()
        self.speakers.write(heard)
        self._written, self._heard = True, heard
        seconds = time.monotonic() - began
        self.margin.took(seconds + min(overdue, FRAME_SECONDS), left)
        self._send()
        if self.recorder:
            self.recorder.frame(frame, self.decks, heard)
        self._take_off()
        self.load += (seconds / FRAME_SECONDS - self.load) / FRAME_RATE
        self.moment = Moment(frame, heard, seconds, left, self.margin.seconds, measured)
        self.number += 1

    def _step(self, frame: Frame, deadline: float, measured: bool) -> AudioArray:
        """Returns what is heard of all decks, float32[1920, 2] within ±1."""
        heard = SILENCE
        for deck in self.decks:
            sound = (deck.measured if measured else deck.step)(frame, deadline)
            heard = sound if heard is SILENCE else heard + sound
        return frozen(np.clip(heard, -CEILING, CEILING))

    def _gather(self) -> Frame:
        """Returns the next frame's inputs."""
        midi = dict(self.ports.poll()) if self.ports else {}
        transport = self.conductor.advance(midi)
        if self._played:
            played = [self._played.popleft() for _ in range(len(self._played))]
            midi[EVERY_PORT] = midi.get(EVERY_PORT, ()) + tuple(played)
        for messages in midi.values():
            self.heard.extend((self.number, each) for each in messages if _is_heard(each))
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
        gone = [each for each in self.decks if each.gone]
        if gone:
            self.decks = tuple(each for each in self.decks if not each.gone)
        for deck in gone:
            deck.close()


def _is_heard(message: FrozenMessage) -> bool:
    """Whether a message says what somebody does; a panic alone has 32 channel mode messages."""
    is_mode = message.type == "control_change" and message.control > MAX_CONTROL
    return message.type not in UNHEARD and not is_mode


def settle() -> None:
    """Readies the interpreter for frames, once all that is to stay is loaded; takes 0.2 s."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    # A full collection takes 163 ms once JAX is loaded; what is there by now is looked at no more.
    gc.collect()
    gc.freeze()
