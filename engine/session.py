"""The engine as a whole: the patch that plays, the devices, and what clients may ask of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mido import Message as MidiMessage
from mido.frozen import FrozenMessage

from engine.audio import AudioStatus, Microphone, Speakers
from engine.commands import (
    AnyCommand,
    ChooseDevice,
    ChooseMidi,
    GetPatch,
    Latency,
    ListDevices,
    Panic,
    Play,
    Quit,
    Recall,
    Record,
    SaveMemory,
    SetLatency,
    SetPatch,
    SetTransport,
    SetValue,
    StopRecording,
    Tap,
    Watch,
)
from engine.devices import devices
from engine.files import loads
from engine.generators import ModelUnavailableError
from engine.live import Live, settle
from engine.margin import Margin
from engine.messages import (
    DeviceKind,
    DeviceList,
    DeviceState,
    Event,
    PatchChanged,
    Recording,
    Reply,
    Said,
    Snapshot,
)
from engine.midi import MidiPorts
from engine.models import Models
from engine.osc import HOST, PORT, OscServer
from engine.patch import Patch, PatchError
from engine.performance import Performance
from engine.recording import Format, recordings_folder
from engine.recording.takes import Takes
from engine.registry import Registry
from engine.snapshots import Cpu, snapshot
from engine.style import Styles
from engine.style.opening import open_encoder
from engine.transport import Conductor, Source

MOST_UNTOLD = 100
"""Events that are kept for the first who listens."""


@dataclass(frozen=True)
class Options:
    """How an engine is set up.

    Attributes:
        output, input: audio devices by name or a part of it; None for the system's default.
        block: samples the output device takes at a time; None for its own choice.
        latency: a preset, or milliseconds.
        midi: the MIDI inputs to listen to, by name or a part of it; None for all.
        osc: the interface and port to listen at for OSC; None for no OSC.
        osc_to: where to send OSC, host and port.
        clock: who leads the transport, the engine's own clock or the MIDI clock.
        tempo: quarter notes a minute at the start.
        seed: what every random choice starts from.
        fallback: the model that plays in place of one that is not to be had.
    """

    output: str | None = None
    input: str | None = None
    block: int | None = None
    latency: Latency | float = "balanced"
    midi: tuple[str, ...] | None = None
    osc: tuple[str, int] | None = (HOST, PORT)
    osc_to: tuple[str, int] | None = None
    clock: Source = "internal"
    tempo: float = 120.0
    seed: int = 0
    fallback: str | None = None


class Session:
    """Everything that plays. It is what a `Server` serves and what OSC controls.

    Attributes:
        live: the frame loop.
        performance: the patch that plays.
        ended: set when somebody asked for the end.
    """

    def __init__(self, registry: Registry, options: Options = Options()) -> None:
        self.ended = threading.Event()
        self._listeners: list[Callable[[Event], None]] = []
        self._untold: deque[Event] = deque(maxlen=MOST_UNTOLD)
        self._listens = False
        self._watched: tuple[str, ...] = ()
        self._shown: tuple[int, Snapshot] | None = None
        self._cpu = Cpu()
        self._takes = Takes(registry, self.say)
        self.conductor = Conductor(options.tempo)
        self.speakers = Speakers(options.output, block=options.block, on_event=self.say)
        self.microphone = Microphone(options.input, on_event=self.say)
        self.ports = MidiPorts(options.midi, on_event=self.say)
        self._options = options
        self._osc: OscServer | None = None
        encoder = open_encoder()
        self._styles = Styles(encoder, wait=False)
        self.models = Models(encoder, on_event=self.say, fallback=options.fallback)
        self.live = Live(
            self.speakers,
            self.conductor,
            microphone=self.microphone,
            ports=self.ports,
            margin=Margin(options.latency),
            seed=options.seed,
            on_event=self.say,
        )
        self.performance = Performance(
            self.live, registry, self.models, {Styles: self._styles}, self._tell, self.say
        )

    def start(self) -> None:
        """Opens the devices and begins to play."""
        self.ports.wait()  # what opens a port while frames are played holds them up
        settle()
        if self._options.osc:
            host, port = self._options.osc
            self._osc = OscServer(self, host=host, port=port, on_event=self.say)
            self.live.osc, self.live.send_osc = self._osc.values, self._send_osc
        if self._options.clock == "midi":
            self.conductor.follow("midi")
        self.speakers.start()
        self.live.start()

    def close(self) -> None:
        """Fades out and closes everything."""
        self._takes.close()
        self.live.stop()
        self.performance.close()
        self.speakers.close()
        self.microphone.close()
        self.ports.close()
        if self._osc:
            self._osc.close()
        self._styles.close()
        self.models.close()

    def say(self, text: str) -> None:
        """Tells everybody, and the log of a recording, what happened; from any thread."""
        self._takes.remark(text)
        self._tell(Said(text))

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        """Has events told to `callback`, from whatever thread they happen in.

        The first is told what was said before there was anybody to hear it.
        """
        self._listeners.append(callback)
        while self._untold:
            callback(self._untold.popleft())

    def open(self, path: Path, patch: Patch) -> None:
        """Plays the patch that a file holds; see `Performance.open`."""
        self.performance.open(patch, path.parent, path)
        self._listen()

    def reload(self, path: Path, patch: Patch) -> None:
        """Takes over what a file holds now; see `Performance.change`."""
        self.performance.change(patch, path.parent, path)
        self._listen()

    def handle(self, command: AnyCommand) -> Reply | None:
        """Carries out what a client asks for.

        Raises:
            PatchError, ValueError, OSError: it changed nothing; the words say why.
        """
        match command:
            case SetPatch():
                return self._set_patch(command)
            case GetPatch():
                return self.performance.changed()
            case SetValue(node, port, value, by):
                self.performance.set_value(node, port, value, by)
            case Recall(scene, beats, by):
                return self.performance.recall(scene, beats, by)
            case Play(messages):
                self.play([message(each) for each in messages])
            case SetTransport():
                self._set_transport(command)
            case Tap():
                self.tap()
            case Panic():
                self.panic()
            case ListDevices():
                return DeviceList(tuple(devices()))
            case ChooseDevice(kind, name):
                (self.speakers if kind == "output" else self.microphone).choose(name)
            case ChooseMidi(names):
                self.ports.choose(names)
            case SetLatency(mode):
                self.live.margin.mode = mode
            case Watch(ports):
                self._watched = ports
            case Quit():
                self.ended.set()
            case Record(folder, format):
                return self.record(Path(folder) if folder else recordings_folder(), format)
            case StopRecording():
                return self._takes.end()
            case SaveMemory(node, file):
                self.performance.save_memory(node, Path(file))
        return None

    def set_value(self, node: str, port: str, value: float | bool | str) -> None:
        """Sets a value of the patch that plays, as OSC may: none that names a file.

        Raises:
            PatchError: there is no such value, it names a file, or this is not legal for it.
        """
        if self.performance.names_a_file(node, port):
            raise PatchError.at(f"{node}.{port}", "names a file; OSC sets none")
        self.performance.set_value(node, port, value)

    def play(self, messages: Sequence[FrozenMessage]) -> None:
        """Plays messages as if they had arrived at every port now."""
        self.live.play(messages)

    def panic(self) -> None:
        """Ends every note within a frame."""
        if self.live.panic():
            self.say("panic: every note was ended")

    def set_tempo(self, tempo: float) -> None:
        self.conductor.set_tempo(tempo)

    def start_transport(self) -> None:
        self.conductor.play()

    def stop_transport(self) -> None:
        self.conductor.stop()

    def locate(self, beat: float) -> None:
        self.conductor.locate(beat)

    def tap(self) -> None:
        self.conductor.tap(time.monotonic())

    def record(self, parent: Path, format: Format = "wav") -> Recording:
        """Begins to record into a new folder in `parent`.

        Raises:
            ValueError: a recording runs already.
            OSError: the folder cannot be made or written to.
        """
        return self._takes.begin(self.live, parent, self.performance.patch.title, format)

    def snapshot(self) -> Snapshot | None:
        """Returns how everything is after the last frame; the same until there is a newer."""
        moment = self.live.moment
        self.live.watch()
        if moment is None:
            return None
        if self._shown is None or self._shown[0] != moment.frame.number:
            made = snapshot(
                self.live,
                moment,
                revision=self.performance.revision,
                follow=self.conductor.source,
                latency=self.speakers.status().latency,
                watched=self._watched,
                devices=self._devices(),
                recording=self._takes.state,
                cpu=self._cpu.look(),
            )
            self._shown = (moment.frame.number, made)
        return self._shown[1]

    def _set_patch(self, command: SetPatch) -> PatchChanged:
        patch = loads(command.text.encode())
        folder = Path(command.folder) if command.folder else None
        path = Path(command.path) if command.path else None
        take_over = self.performance.change if command.same else self.performance.open
        try:
            changed = take_over(patch, folder, path, command.by)
        except ModelUnavailableError as error:
            raise ValueError(str(error)) from None
        self._listen()
        return changed

    def _set_transport(self, command: SetTransport) -> None:
        if command.tempo is not None:
            self.set_tempo(command.tempo)
        if command.beat is not None:
            self.locate(command.beat)
        if command.follow is not None:
            self.conductor.follow(command.follow)
        if command.playing is not None:
            (self.start_transport if command.playing else self.stop_transport)()

    def _listen(self) -> None:
        """Opens the audio input where the patch has a use for it, and closes it where not."""
        nodes = self.performance.patch.nodes.values()
        self._listens = any(node.type == "audio.input" for node in nodes)
        if self._listens:
            self.microphone.start()
        else:
            self.microphone.stop()

    def _devices(self) -> tuple[DeviceState, ...]:
        out, heard = self.speakers.status(), self.microphone.status()
        found = [_device("output", out)]
        if self._listens:
            found.append(_device("input", heard))
        for port in self.ports.status():
            kind: DeviceKind = "midi_in" if port.direction == "in" else "midi_out"
            note = "" if port.present else "is missing"
            found.append(DeviceState(kind, port.name, port.present, note=note))
        return tuple(found)

    def _send_osc(self, address: str, values: Sequence[float]) -> None:
        if self._osc and self._options.osc_to:
            self._osc.send(self._options.osc_to, address, values)

    def _tell(self, event: Event) -> None:
        if not self._listeners:
            self._untold.append(event)
        for listener in self._listeners:
            # Who listens badly keeps neither the music nor the others from going on.
            with suppress(Exception):
                listener(event)


def _device(kind: DeviceKind, status: AudioStatus) -> DeviceState:
    name = status.name or "a device"
    note = "" if status.alive else "is missing"
    return DeviceState(kind, name, status.alive, status.rate, status.latency, note)


def message(raw: bytes) -> FrozenMessage:
    """Returns the MIDI message that bytes hold.

    Raises:
        ValueError: they hold none.
    """
    return FrozenMessage(**MidiMessage.from_bytes(raw).dict())
