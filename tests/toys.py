"""Small node types whose results can be worked out in the head, and patches made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import pytest

from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.files import loads
from engine.frame import Frame
from engine.node import Output, Service, read
from engine.patch import Cable, Node, Patch, PatchError
from engine.plan import Plan
from engine.registry import Registry
from engine.signals import (
    FRAME_SAMPLES,
    MASKED,
    NO_STYLE,
    Asset,
    Audio,
    AudioArray,
    Bipolar,
    Control,
    Midi,
    Notes,
    Range,
    Style,
    Text,
    Unit,
)


class Count:
    """Counts frames, `step` a frame."""

    def __init__(self) -> None:
        self.count = 0.0

    def __call__(self, step: Control = 1.0) -> Control:
        self.count += step
        return self.count


class Delay:
    """Gives back its inlet a frame later."""

    def __init__(self) -> None:
        self.kept = 0.0

    def __call__(self) -> Control:
        return self.kept

    def after(self, value: Control = 0.0) -> None:
        self.kept = value


class Pair(NamedTuple):
    control: Control
    style: Style


class Meter:
    """Hears sound: its highest sample, and a style filled with it."""

    def __call__(self, audio: Audio) -> Pair:
        peak = float(audio.max())
        return Pair(peak, np.full(768, peak, np.float32))


def add(a: Control = 0.0, b: Control = 0.0) -> Control:
    """Adds two controls."""
    return a + b


def bend(value: Bipolar = 0.0, scale: float = 1.0) -> Control:
    """Scales a control of −1..1."""
    return value * scale


def clock(frame: Frame) -> Control:
    """The number of the frame."""
    return float(frame.number)


def words(text: Text = "") -> Text:
    """A text."""
    return text


def prompt(text: Text = "") -> Style:
    """A style filled with the length of a text."""
    return np.full(768, len(text), np.float32)


class Weighted(NamedTuple):
    style: Style
    weight: Unit = 1.0


def blend(*styles: Weighted) -> Style:
    """Adds up weighted styles."""
    return sum((each.style * np.float32(each.weight) for each in styles), NO_STYLE)


def merge(*notes: Notes) -> Notes:
    """The highest state of each pitch."""
    return np.maximum.reduce([MASKED, *notes])


def pitch(pitch: Annotated[Control, Range(0, 127)] = 60.0, state: int = 1) -> Notes:
    """One pitch."""
    notes = np.full(128, -1, np.int8)
    notes[round(pitch)] = state
    return notes


def model(
    style: Style,
    notes: Notes,
    temperature: Annotated[Control, Range(0, 3)] = 1.1,
    model: str = "sketch",
    seed: int = 0,
) -> Conditioning:
    """Asks for sound."""
    return Conditioning(model, seed, style, notes, temperature=temperature)


def gain(audio: Audio, gain: Unit = 1.0) -> Audio:
    """Scales sound."""
    return audio * np.float32(gain)


class Channel(NamedTuple):
    audio: Audio
    level: Unit = 1.0


def mix(*inputs: Channel) -> Audio:
    """Adds up sounds."""
    return sum((each.audio * np.float32(each.level) for each in inputs), flat(0.0))


def tone(level: Control = 0.5) -> Audio:
    """A constant, to be heard by a test."""
    return flat(level)


def output(audio: Audio) -> Output:
    """Lets sound be heard."""
    return Output(audio)


def keys(frame: Frame, port: str = "") -> Midi:
    """What was played."""
    return frame.midi.get(port, ())


def pads(frame: Frame) -> Midi:
    """What was played on other keys."""
    return frame.midi.get("pads", ())


def thru(midi: Midi) -> Midi:
    """Hands on what was played."""
    return midi


class Held:
    """Holds every pitch that was played."""

    def __init__(self) -> None:
        self.notes = np.full(128, -1, np.int8)

    def __call__(self, midi: Midi) -> Notes:
        for message in midi:
            self.notes[message.note] = 1
        return self.notes.copy()

    def release(self) -> None:
        self.notes[:] = -1


class Fragile:
    """Raises while its control is above 0.5."""

    def __call__(self, value: Control = 0.0) -> Control:
        if value > 0.5:
            raise ZeroDivisionError("too much")
        return value


class Library(Service):
    """What a toy may ask for."""

    def __init__(self, answer: float) -> None:
        self.answer = answer


def ask(library: Library, times: int = 1) -> Control:
    """Asks a service."""
    return library.answer * times


def read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def length(file: Annotated[str | None, Asset(read_text, (".txt",))]) -> Control:
    """The length of a file; −1 while none is set."""
    return -1.0 if file is None else float(len(file))


TYPES = {
    "control.add": add,
    "control.bend": bend,
    "control.clock": clock,
    "control.count": Count,
    "control.delay": Delay,
    "control.fragile": Fragile,
    "control.ask": ask,
    "control.length": length,
    "text.words": words,
    "style.prompt": prompt,
    "style.blend": blend,
    "style.meter": Meter,
    "notes.merge": merge,
    "notes.pitch": pitch,
    "notes.held": Held,
    "midi.keys": keys,
    "midi.pads": pads,
    "midi.thru": thru,
    "generator.model": model,
    "audio.gain": gain,
    "audio.mix": mix,
    "audio.tone": tone,
    "audio.output": output,
}

SERVICES = {Library: Library(42.0)}
TOYS = Registry.of({name: read(name, make) for name, make in TYPES.items()})


def patch(
    nodes: Mapping[str, str],
    cables: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    title: str = "",
) -> Patch:
    """Makes a patch, unchecked: ids to types, cables as `a.b > c.d`, values by `node.port`."""
    held: dict[str, dict[str, Any]] = {name: {} for name in nodes}
    for place, value in (values or {}).items():
        name, _, port = place.partition(".")
        held[name][port] = value
    return Patch(
        title=title,
        nodes={name: Node(type_, values=held[name]) for name, type_ in nodes.items()},
        cables=tuple(Cable.between(*text.split(" > ")) for text in cables),
    )


def flat(level: float) -> AudioArray:
    """A frame of constant sound."""
    return np.full((FRAME_SAMPLES, 2), level, np.float32)


def refusal(data: bytes | dict[str, Any]) -> str:
    """Returns the words with which a file is refused."""
    with pytest.raises(PatchError) as caught:
        loads(data if isinstance(data, bytes) else json.dumps(data).encode())
    words = str(caught.value)
    words.encode()
    assert words.replace("\n", "").isprintable()
    return words


def compiled(found: Patch) -> Plan:
    """Compiles a patch of toys."""
    return compile_patch(found, TOYS, SERVICES)


def controls(found: Patch, name: str, frames: int) -> list[float]:
    """Returns what the outlet `control` of a node carries, frame by frame."""
    plan = compiled(found)
    heard = []
    for number in range(frames):
        plan.condition(Frame(number))
        plan.mix(Frame(number), {each: flat(0.5) for each in plan.generators})
        heard.append(plan.latest(name, "control"))
    return heard


def wired(
    nodes: Mapping[str, str], cables: Iterable[str], values: Mapping[str, object], end: str
) -> Patch:
    """A patch in which the control `end` is heard, so that nothing before it is left out."""
    nodes = {**nodes, "tone": "audio.tone", "out": "audio.output"}
    return patch(nodes, [*cables, f"{end} > tone.level", "tone.audio > out.audio"], values)


PLAIN = patch(
    {
        "keys": "midi.keys",
        "held": "notes.held",
        "lfo": "control.count",
        "model1": "generator.model",
        "amp": "audio.gain",
        "out": "audio.output",
    },
    [
        "keys.midi > held.midi",
        "held.notes > model1.notes",
        "model1.audio > amp.audio",
        "lfo.control > amp.gain",
        "amp.audio > out.audio",
    ],
    {"lfo.step": 0.25, "model1.temperature": 0.7, "amp.gain": 0.5},
    "Plain",
)

LISTENING = patch(
    {"gen": "generator.model", "amp": "audio.gain", "ear": "style.meter", "out": "audio.output"},
    [
        "gen.audio > amp.audio",
        "amp.audio > ear.audio",
        "ear.style > gen.style",
        "amp.audio > out.audio",
    ],
    {"amp.gain": 0.5},
)
