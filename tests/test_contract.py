"""The law every node type obeys, checked on all that are registered."""

from __future__ import annotations

import inspect
import json
import math
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mido.frozen import FrozenMessage

from engine.adoption import adopt
from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.frame import Frame, Transport
from engine.node import NodeType, Output, SentMidi, SentOsc
from engine.past import PastData
from engine.patch import Cable, Node, Patch
from engine.ports import Inlet
from engine.registry import load_registry
from engine.render import offline_services
from patcher.terminal import describe

REGISTRY = load_registry()
TYPES = list(REGISTRY.types.values())
SERVICES = offline_services()
FRAMES = 12

every_type = pytest.mark.parametrize("declared", TYPES, ids=[each.name for each in TYPES])


def given(inlet: Inlet, number: int, salt: int) -> Any:
    """Returns a lively, legal, read-only input for an inlet in one frame."""
    rng = np.random.default_rng([zlib.crc32(inlet.name.encode()), number, salt])
    kind = inlet.signal.name
    if kind == "Control":
        low, high = (inlet.range.low, inlet.range.high) if inlet.range else (-2.0, 2.0)
        return float(rng.uniform(low, high))
    if kind == "Text":
        return ["warm pad", "drums", ""][number % 3]
    if kind == "Midi":
        pitch = int(rng.integers(128))
        messages = [FrozenMessage("note_on", note=pitch, velocity=int(rng.integers(128)))]
        messages.append(FrozenMessage("control_change", control=64, value=int(rng.integers(128))))
        return tuple(messages)
    if kind == "Past":
        return PastData(f"memory {number % 2}", memory=bytes([number % 2]))
    array = {
        "Notes": rng.integers(-1, 4, 128).astype(np.int8),
        "Style": rng.normal(0, 1 / 28, 768).astype(np.float32),
        "Audio": rng.uniform(-1, 1, (1920, 2)).astype(np.float32),
    }[kind]
    array.flags.writeable = False
    return array


def frame(number: int) -> Frame:
    """Returns a frame in which something happens."""
    midi = {"port": (FrozenMessage("note_on", note=40 + number, velocity=90),)}
    audio = np.random.default_rng(number).uniform(-1, 1, (1920, 2)).astype(np.float32)
    audio.flags.writeable = False
    return Frame(number, 3, midi, audio, Transport(beat=number * 0.08))


class Runner:
    """One node, called as a plan calls it."""

    def __init__(self, declared: NodeType) -> None:
        self.declared = declared
        self.node = declared.make() if declared.has_memory else declared.make
        self.seen: list[tuple[Any, bytes]] = []

    def run(self, number: int, salt: int = 0, quiet: bool = False) -> Any:
        declared = self.declared

        def values(inlets: tuple[Inlet, ...]) -> dict[str, Any]:
            found = {
                each.name: each.default if quiet else given(each, number, salt) for each in inlets
            }
            self.seen += [
                (each, each.tobytes()) for each in found.values() if isinstance(each, np.ndarray)
            ]
            return found

        members = []
        if declared.group and not quiet:
            for member in range(3):
                fields = values(
                    tuple(
                        replace(each, name=f"{each.name}{member}") for each in declared.group.fields
                    )
                )
                make = declared.group.make
                members.append(make(*fields.values()) if make else next(iter(fields.values())))
        arguments: dict[str, Any] = {"frame": frame(number)} if declared.wants_frame else {}
        arguments |= {name: SERVICES[kind] for name, kind in declared.services.items()}
        arguments |= {
            each.name: None if each.asset else each.check(each.default)
            for each in declared.settings
        }
        arguments |= values(tuple(each for each in declared.inlets if not each.late))
        result = self.node(*members, **arguments)
        if late := tuple(each for each in declared.inlets if each.late):
            self.node.after(**values(late))
        return result


def flat(result: Any) -> list[Any]:
    """Returns a result as a list of comparable things."""
    if isinstance(result, Output):
        return flat(result.audio)
    if isinstance(result, np.ndarray):
        return [result.dtype.str, result.shape, result.tobytes()]
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return [part for each in result for part in flat(each)]
    return [result]


@every_type
def test_equal_inputs_give_equal_results(declared):
    first, second = Runner(declared), Runner(declared)
    for number in range(FRAMES):
        assert flat(first.run(number)) == flat(second.run(number))


@every_type
def test_inputs_are_left_untouched_and_results_stay_what_they_were(declared):
    runner = Runner(declared)
    results = []
    for number in range(FRAMES):
        result = runner.run(number)
        results.append((result, flat(result)))
    assert all(array.tobytes() == before for array, before in runner.seen)
    assert all(flat(result) == before for result, before in results)


@every_type
@pytest.mark.parametrize("quiet", [True, False], ids=["defaults", "lively"])
def test_every_outlet_carries_what_it_says(declared, quiet):
    runner = Runner(declared)
    for number in range(FRAMES):
        result = runner.run(number, quiet=quiet)
        if declared.role == "generator":
            assert isinstance(result, Conditioning)
            check_signal("Notes", result.notes)
            check_signal("Style", result.style)
            assert result.drums in (-1, 0, 1)
            continue
        if declared.role == "output":
            check_signal("Audio", result.audio)
            continue
        if isinstance(result, SentMidi):
            check_signal("Text", result.port)
            check_signal("Midi", result.midi)
            continue
        if isinstance(result, SentOsc):
            assert result.address.startswith("/")
            for value in result.values:
                check_signal("Control", value)
            continue
        values = result if declared.bundle else [result]
        for outlet, value in zip(declared.outlets, values, strict=True):
            check_signal(outlet.signal.name, value)


def check_signal(kind: str, value: Any) -> None:
    """Asserts that a value is a legal signal of its kind."""
    if kind == "Control":
        assert isinstance(value, int | float)
        assert math.isfinite(value)
    elif kind == "Text":
        assert isinstance(value, str)
    elif kind == "Midi":
        assert isinstance(value, tuple)
        assert all(isinstance(each, FrozenMessage) for each in value)
    elif kind == "Past":
        assert isinstance(value, PastData)
        assert bool(value.key) == (value.sound is not None or bool(value.memory))
    elif kind == "Notes":
        assert (value.dtype, value.shape) == (np.int8, (128,))
        assert value.min() >= -1
        assert value.max() <= 3
    else:
        assert value.dtype == np.float32
        assert value.shape == ((768,) if kind == "Style" else (1920, 2))
        assert np.isfinite(value).all()


@every_type
def test_silence_in_gives_no_sound_out(declared):
    """What works on sound makes none of its own."""
    if declared.family != "audio":
        return
    runner = Runner(declared)
    for number in range(FRAMES):
        result = runner.run(number, quiet=True) if not declared.wants_frame else None
        if isinstance(result, Output):
            result = result.audio
        if isinstance(result, np.ndarray):
            assert not result.any()


@every_type
def test_every_value_has_help_and_the_first_line_is_a_sentence(declared):
    assert declared.summary.endswith(".")
    grouped = declared.group.fields if declared.group else ()
    for inlet in (*declared.inlets, *grouped):
        if inlet.signal.valued:
            assert inlet.help, f"{declared.name}.{inlet.name} has no help"
    for setting in declared.settings:
        assert setting.help, f"{declared.name}.{setting.name} has no help"


@every_type
def test_memory_survives_a_swap_of_plans(declared):
    """A plan that takes over in mid-play goes on as the old one would have gone on."""
    if declared.role != "node":
        return
    patch = surrounding(declared)
    straight, old, new = (compile_patch(patch, REGISTRY, SERVICES) for _ in range(3))
    for number in range(FRAMES):
        if number == FRAMES // 2:
            adopt(new, old)
            old = new
        results = []
        for plan in (straight, old):
            conditioning = plan.condition(frame(number))
            plan.mix(frame(number), dict.fromkeys(conditioning, frame(number).audio))
            results.append([flat(plan.latest("it", each.name)) for each in declared.outlets])
        assert results[0] == results[1]


def surrounding(declared: NodeType) -> Patch:
    """Returns a patch in which a node of this type is fed by MIDI and sound, and is heard."""
    nodes = {
        "it": Node(declared.name),
        "ear": Node("audio.input"),
        "keys": Node("midi.input"),
        "held": Node("notes.held"),
        "lfo": Node("control.lfo"),
        "model": Node("generator.model"),
        "out": Node("audio.output"),
    }
    sources = {
        "Audio": "ear.audio",
        "Control": "lfo.control",
        "Midi": "keys.midi",
        "Notes": "held.notes",
    }
    cables = {("keys.midi", "held.midi")}
    for inlet in declared.inlets:
        if inlet.signal.name in sources:
            cables.add((sources[inlet.signal.name], f"it.{inlet.name}"))
    first = declared.outlets[0]
    sinks = {
        "Audio": [("it.audio", "out.audio")],
        "Control": [(f"it.{first.name}", "model.temperature"), ("model.audio", "out.audio")],
        "Midi": [(f"it.{first.name}", "last.midi"), ("last.notes", "model.notes")],
        "Notes": [(f"it.{first.name}", "model.notes"), ("model.audio", "out.audio")],
        "Style": [(f"it.{first.name}", "model.style"), ("model.audio", "out.audio")],
        "Past": [(f"it.{first.name}", "model.past"), ("model.audio", "out.audio")],
        "Text": [(f"it.{first.name}", "prompt.text"), ("prompt.style", "model.style")],
    }[first.signal.name]
    if first.signal.name == "Midi":
        nodes["last"] = Node("notes.held")
        cables.add(("model.audio", "out.audio"))
    if first.signal.name == "Text":
        nodes["prompt"] = Node("style.prompt")
        cables.add(("model.audio", "out.audio"))
    return Patch(nodes=nodes, cables=tuple(Cable.between(*ends) for ends in {*cables, *sinks}))


@every_type
def test_a_type_is_described_in_json_and_in_words(declared):
    found = json.loads(json.dumps(describe.as_json(declared)))
    assert found["name"] == declared.name
    ports = {each["name"] for each in found["inlets"]} | {each["name"] for each in found["group"]}
    ports |= {each["name"] for each in found["settings"]}
    call = declared.make.__call__ if inspect.isclass(declared.make) else declared.make
    names = set(inspect.signature(call).parameters) - {"self", "frame"} - set(declared.services)
    if declared.group:
        names.discard(declared.group.name)
    assert names <= ports
    page = describe.page(declared)
    assert all(port in page for port in ports)


PROMISED = {
    "midi": ("input", "file", "filter", "control"),
    "notes": ("held", "strum", "transpose", "merge", "split", "arpeggio", "delay"),
    "mask": ("unmask_width", "solo", "harmonise", "range", "scale", "all"),
    "style": ("prompt", "audio", "listen", "mix", "surface", "morph", "smooth"),
    "control": ("knob", "lfo", "lag", "map", "random", "delay", "beat"),
    "generator": ("model",),
    "audio": ("input", "gain", "pan", "mix", "gate", "limiter", "output"),
}


def test_all_that_is_promised_is_there():
    names = {f"{family}.{name}" for family, each in PROMISED.items() for name in each}
    assert names <= set(REGISTRY.types)
    assert REGISTRY.faults == ()
