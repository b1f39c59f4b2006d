"""The frame loop and the patch that plays in it, frame by frame: edits, swaps, panic."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np
import pytest
from measure import level
from mido.frozen import FrozenMessage

from engine import edits
from engine.deck import CROSSFADE
from engine.files import loads
from engine.frame import EVERY_PORT
from engine.generators import ModelUnavailableError
from engine.live import MOST_MESSAGES, Live
from engine.messages import Event, PatchChanged, ValueChanged
from engine.models import Models
from engine.node import SentMidi
from engine.patch import Patch, PatchError
from engine.performance import Performance
from engine.registry import load_registry
from engine.signals import FRAME_SAMPLES, AudioArray, Midi
from engine.style import Styles
from engine.style.sketch import SketchEncoder
from engine.transport import Conductor
from tests.waiting import wait_until

REGISTRY = load_registry()
ENCODER = SketchEncoder()
MODELS = Models(ENCODER)
"""Shared, as a model is compiled once."""


class Tape:
    """Keeps what is written, and always has so many seconds to play that no frame is late."""

    underruns = 0
    block = 0.0

    def __init__(self) -> None:
        self.frames: list[AudioArray] = []

    def queued(self) -> float:
        return 10.0

    def write(self, audio: AudioArray) -> None:
        self.frames.append(audio)


class Keyboard:
    """MIDI ports: what is in `coming` arrives in the next frame; keeps what is sent."""

    def __init__(self) -> None:
        self.coming: dict[str, Midi] = {}
        self.sent: list[tuple[str, FrozenMessage]] = []
        self.panics = 0

    def poll(self) -> Mapping[str, Midi]:
        came, self.coming = self.coming, {}
        return came

    def deliver(self, sent: Mapping[Hashable, SentMidi]) -> None:
        self.sent += [(port, each) for port, midi in sent.values() for each in midi]

    def panic(self) -> None:
        self.panics += 1


class Rig:
    """A live engine without devices, stepped by hand."""

    def __init__(self) -> None:
        self.tape, self.keyboard = Tape(), Keyboard()
        self.told: list[Event] = []
        self.said: list[str] = []
        self.live = Live(
            self.tape, Conductor(120.0), ports=self.keyboard, on_event=self.said.append
        )
        self.performance = Performance(
            self.live,
            REGISTRY,
            MODELS,
            {Styles: Styles(ENCODER, wait=True)},
            self.told.append,
            self.said.append,
        )

    def frames(self, count: int) -> AudioArray:
        for _ in range(count):
            self.live.turn()
        return np.concatenate(self.tape.frames[-count:])

    def on(self, *pitches: int) -> None:
        self.keyboard.coming = {
            "keys": tuple(FrozenMessage("note_on", note=each, velocity=80) for each in pitches)
        }

    @property
    def notes(self) -> list[int]:
        """The pitches that the generator is given, struck or held."""
        heard = self.live.decks[-1].player.conditioning["model1"]
        return np.flatnonzero(heard.notes > 0).tolist()


def keys_patch(prompt: str = "organ", level: float = 0.0) -> Patch:
    """Plays what is played, and nothing else, with one sound."""
    patch = Patch(title=prompt)
    for type_, values in {
        "midi.input": {},
        "notes.held": {},
        "style.prompt": {"text": prompt},
        "generator.model": {"drums": 0.0},
        "audio.output": {"level": level},
    }.items():
        patch = edits.add(patch, REGISTRY, type_, values=values)
    for start, end in (
        ("input1.midi", "held1.midi"),
        ("held1.notes", "model1.notes"),
        ("prompt1.style", "model1.style"),
        ("model1.audio", "output1.audio"),
    ):
        patch = edits.connect(patch, REGISTRY, start, end)
    return patch


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def playing(rig) -> Rig:
    """An organ on which the C below the staff is held."""
    rig.performance.open(keys_patch(), None, None)
    rig.on(60)
    rig.frames(5)
    return rig


def jumps(sound: AudioArray) -> float:
    """The largest step from sample to sample across the borders of frames."""
    borders = np.arange(FRAME_SAMPLES, len(sound), FRAME_SAMPLES)
    return float(np.abs(sound[borders] - sound[borders - 1]).max())


def inner_steps(sound: AudioArray) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


def test_nothing_plays_before_a_patch_is_opened(rig):
    assert not rig.frames(3).any()


def test_a_note_is_heard_in_the_frame_after_it_arrived(rig):
    rig.performance.open(keys_patch(), None, None)
    assert level(rig.frames(2)) < -90
    rig.on(60)
    assert level(rig.frames(1)) > -40
    assert rig.notes == [60]


def test_a_value_is_heard_from_the_next_frame_on_and_smoothly(playing):
    before = playing.frames(1)
    playing.performance.set_value("output1", "level", -60.0)
    fading, silent = playing.frames(1), playing.frames(1)
    assert level(before) > -40
    assert fading[:100].any()
    assert not silent.any()
    assert inner_steps(fading) <= 1.1 * inner_steps(before)
    assert playing.told[-1] == ValueChanged("output1", "level", -60.0)
    assert playing.performance.patch.nodes["output1"].values["level"] == -60.0


def test_a_value_that_is_not_legal_changes_nothing(playing):
    with pytest.raises(PatchError, match=r"output1\.level: 99\.0 is outside -60\.\.12 dB"):
        playing.performance.set_value("output1", "level", 99.0)
    with pytest.raises(PatchError, match="nobody"):
        playing.performance.set_value("nobody", "level", 0.0)
    assert playing.performance.patch.nodes["output1"].values["level"] == 0.0


def test_an_edit_keeps_the_notes_and_the_sound(playing):
    """The chord is held across the swap, and no border of frames is a jump."""
    patch = playing.performance.patch
    before = playing.frames(2)
    patch = edits.add(patch, REGISTRY, "audio.gain")
    patch = edits.disconnect(patch, "model1.audio", "output1.audio")
    patch = edits.connect(patch, REGISTRY, "model1.audio", "gain1.audio")
    patch = edits.connect(patch, REGISTRY, "gain1.audio", "output1.audio")
    playing.performance.change(patch, None, None)
    after = playing.frames(2)
    assert playing.notes == [60]
    assert jumps(np.concatenate([before, after])) <= 1.2 * inner_steps(before)
    assert isinstance(playing.told[-1], PatchChanged)
    assert playing.told[-1].revision == 2
    assert loads(playing.told[-1].text.encode()) == patch


def test_an_edit_of_values_alone_compiles_nothing(playing):
    plan = playing.live.decks[-1].player.plan
    patch = edits.set_value(playing.performance.patch, REGISTRY, "output1", "level", -20.0)
    patch = edits.move(patch, {"output1": (400.0, 0.0)})
    playing.performance.change(patch, None, None)
    playing.frames(1)
    assert playing.live.decks[-1].player.plan is plan
    assert plan.value("output1", "level") == -20.0
    assert playing.performance.patch == patch


def test_a_value_taken_away_is_the_default_again(playing):
    playing.performance.set_value("output1", "level", -20.0)
    patch = edits.clear_value(playing.performance.patch, "output1", "level")
    playing.performance.change(patch, None, None)
    playing.frames(1)
    assert playing.live.decks[-1].player.plan.value("output1", "level") == 0.0


def test_a_patch_that_does_not_compile_leaves_the_sound_as_it_is(playing):
    good = playing.performance.patch
    broken = loads(
        b'{"format": 1, "nodes": {"a": {"type": "audio.gain"}, "b": {"type": "audio.gain"}, '
        b'"o": {"type": "audio.output"}}, "cables": [["a.audio", "b.audio"], '
        b'["b.audio", "a.audio"], ["b.audio", "o.audio"]]}'
    )
    for act in (playing.performance.change, playing.performance.open):
        with pytest.raises(PatchError, match="cycle"):
            act(broken, None, None)
    assert playing.performance.patch == good
    assert level(playing.frames(1)) > -40


def test_a_model_that_is_not_here_leaves_the_sound_as_it_is(playing):
    other = edits.set_value(keys_patch("bells"), REGISTRY, "model1", "model", "mrt2_base")
    with pytest.raises(ModelUnavailableError, match=r"model1\.model: mrt2_base needs "):
        playing.performance.open(other, None, None)
    assert playing.performance.patch.title == "organ"
    assert level(playing.frames(1)) > -40


def test_opening_another_patch_crossfades_into_it(playing):
    """The old sound is heard less and less for 12 frames, then is gone, and its instance too."""
    before = playing.frames(1)
    playing.performance.open(keys_patch("bells"), None, None)
    levels = [level(playing.frames(1)) for _ in range(CROSSFADE)]
    assert levels[0] == pytest.approx(level(before), abs=1.0)
    assert levels[-1] < levels[0] - 12
    assert len(playing.live.decks) == 1
    assert playing.notes == [], "the key went down in the other patch"
    assert not playing.frames(1).any()
    assert jumps(np.concatenate(playing.tape.frames)) <= 1.2 * inner_steps(before)


def test_a_new_patch_begins_at_its_own_first_frame(playing):
    playing.performance.open(keys_patch("bells"), None, None)
    playing.frames(1)
    assert playing.live.decks[-1].first == 5


def test_panic_ends_every_note_within_a_frame(playing):
    """Row 29 of the faults."""
    playing.live.panic()
    playing.frames(1)
    assert playing.notes == []
    assert playing.keyboard.panics == 1


@pytest.mark.parametrize("control", [120, 123])
def test_panic_from_a_controller(playing, control):
    """Row 29 of the faults."""
    message = FrozenMessage("control_change", control=control, value=0)
    playing.keyboard.coming = {"keys": (message,)}
    playing.frames(1)
    assert playing.notes == []


def test_a_panic_is_nothing_that_somebody_plays(playing):
    playing.live.heard.clear()
    playing.live.panic()
    playing.frames(1)
    assert not playing.live.heard


def test_what_a_client_plays_reaches_every_input(rig):
    rig.performance.open(keys_patch(), None, None)
    rig.live.play([FrozenMessage("note_on", note=64, velocity=1)])
    rig.frames(1)
    assert rig.notes == [64]
    assert EVERY_PORT in rig.live.moment.frame.midi


def test_of_too_many_messages_a_note_off_is_never_dropped(playing):
    """Row 20 of the faults."""
    playing.live.play(
        [FrozenMessage("note_on", channel=1, note=at % 128, velocity=1) for at in range(2000)]
    )
    playing.live.play([FrozenMessage("note_off", note=60)])
    playing.frames(1)
    came = playing.live.moment.frame.midi[EVERY_PORT]
    assert len(came) == MOST_MESSAGES + 1
    assert came[-1] == FrozenMessage("note_off", note=60)


def test_nothing_over_full_scale_reaches_the_device(rig):
    patch = keys_patch("synth bass", level=12.0)
    rig.performance.open(patch, None, None)
    rig.on(*range(36, 60))
    assert np.abs(rig.frames(20)).max() == 1.0


def test_the_loop_plays_on_its_own_thread_until_it_is_stopped(playing):
    written = threading.Event()
    write = playing.tape.write

    def count(audio: AudioArray) -> None:
        write(audio)
        if len(playing.tape.frames) > 20:
            written.set()

    playing.tape.write = count
    playing.live.margin.mode = 2e4  # milliseconds: a frame is always due
    playing.live.start()
    assert written.wait(20)
    playing.performance.set_value("output1", "level", -60.0)
    playing.live.in_frame(lambda: None)
    playing.live.stop()
    written_then = len(playing.tape.frames)
    assert playing.live.number == written_then
    assert playing.performance.patch.nodes["output1"].values["level"] == -60.0


def test_a_fault_that_nothing_was_prepared_for_is_said_once_and_the_loop_goes_on(playing):
    def break_() -> None:
        raise ZeroDivisionError("nobody thought of it")

    steepest = inner_steps(playing.frames(2))
    playing.live.margin.mode = 2e4  # milliseconds: a frame is always due
    playing.live.start()
    for _ in range(3):
        playing.live.at_frame(break_)
        playing.live.in_frame(lambda: None)
    written = len(playing.tape.frames)
    wait_until(lambda: len(playing.tape.frames) > written + 5, "frames go on")
    playing.live.stop()
    fault = "a fault in hocket, please report it: ZeroDivisionError: nobody thought of it"
    assert playing.said == [fault]
    assert jumps(np.concatenate(playing.tape.frames)) <= 1.2 * steepest
    assert playing.notes == [], "notes that may have ended in the frame are let go"


def test_who_asks_for_a_change_is_told_that_it_failed(playing):
    def break_() -> None:
        raise ZeroDivisionError("nobody thought of it")

    playing.live.margin.mode = 2e4
    playing.live.start()
    with pytest.raises(ZeroDivisionError, match="nobody"):
        playing.live.in_frame(break_)
    playing.live.stop()
    assert playing.said == []


def test_a_memory_is_saved_while_it_plays_and_brought_back_by_a_bank(playing, tmp_path):
    """The organ sounds in the memory: another patch that begins from it lets it ring out."""
    file = tmp_path / "organ.memory"
    playing.performance.save_memory("model1", file)
    assert playing.frames(1).any()
    patch = edits.add(keys_patch(), REGISTRY, "generator.bank", values={"file": file.name})
    patch = edits.connect(patch, REGISTRY, "bank1.past", "model1.past")
    fresh = Rig()
    fresh.performance.open(patch, tmp_path, None)
    wait_until(lambda: level(fresh.frames(1)) > -50)
    other = Rig()
    other.performance.open(keys_patch(), None, None)
    assert level(other.frames(5)) < -90


@pytest.mark.parametrize(
    ("node", "file", "words"),
    [
        ("held1", "/tmp/a.memory", "'held1' is no generator that plays"),
        ("nobody", "/tmp/a.memory", "'nobody' is no generator that plays"),
        ("model1", "a.memory", "'a.memory' is no absolute path"),
        ("model1", "/no/a.memory", "^/no/a.memory cannot be written: No such file or directory$"),
    ],
)
def test_what_cannot_be_saved_is_said(playing, node, file, words):
    with pytest.raises(ValueError, match=words):
        playing.performance.save_memory(node, Path(file))
