"""What an instance takes itself to have played: when it acts, who waits, what is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from takes import REGISTRY, Stage
from toys import flat, patch

from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.generators import Host, Slot
from engine.generators.sketch.host import SketchHost
from engine.past import NO_PAST, PastData
from engine.patch import PatchError
from engine.plan import Plan
from engine.recording.replay import replay
from engine.render import offline_services
from engine.signals import AudioArray
from engine.style.sketch import SketchEncoder
from tests.toy_host import PATIENCE, Seat, ToyHost

HEARD = Conditioning("toy")


class Grounded(ToyHost):
    """A host whose sound is flat, at the level that its past's key says in tenths; 0.5 without.

    Attributes:
        asked: the keys of the pasts that were asked for.
        go_on: what working one out waits for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def ground(self, past: PastData) -> None:
        self.asked.append(past.key)
        self.go_on.wait(PATIENCE)
        if past.key == "rubbish":
            raise ValueError("this is no memory of the toy")

    def sound(self, slot: Slot) -> AudioArray:
        return flat(int(self.pasts[slot].key or "5") / 10)


class GroundedSeat(Seat):
    """A generator whose pasts take long."""

    def __init__(self) -> None:
        self.host = Grounded()
        super().__init__(toy=self.host)

    def ground(self, past: PastData) -> None:
        self.host.go_on.set()
        section = self.models.get("toy")
        assert section
        section.ground(past).exception(PATIENCE)


@pytest.fixture
def seat() -> GroundedSeat:
    return GroundedSeat()


def test_a_past_that_takes_long_is_waited_for_while_the_music_goes_on(seat):
    past = PastData("7")
    assert [seat.step(past) for _ in range(5)] == [0.5] * 5
    seat.ground(past)
    assert [seat.step(past) for _ in range(3)] == [0.7] * 3
    assert seat.host.asked == ["7"]
    assert seat.host.begun == 2


def test_a_reset_waits_for_a_past_that_was_patched_meanwhile_and_happens_once(seat):
    assert seat.step() == 0.5
    past = PastData("3")
    assert [seat.step(past) for _ in range(3)] == [0.5] * 3
    assert seat.step(past, reset=True) == 0.5
    assert seat.host.begun == 1
    seat.ground(past)
    assert [seat.step(past) for _ in range(3)] == [0.3] * 3
    assert seat.host.begun == 2


def test_a_past_that_was_armed_acts_on_the_next_reset_and_not_before(seat):
    seat.step()
    past = PastData("9")
    seat.ground(past)
    assert [seat.step(past) for _ in range(3)] == [0.5] * 3
    assert seat.step(past, reset=True) == 0.9
    assert seat.step(reset=True) == 0.5


def test_a_past_that_cannot_be_is_told_once_and_the_instance_begins_from_nothing(seat):
    rubbish = PastData("rubbish")
    seat.ground(rubbish)
    assert [seat.step(rubbish, reset=at == 2) for at in range(4)] == [0.5] * 4
    assert seat.said == ["m.past: this is no memory of the toy; it begins from nothing"]


def test_a_render_waits_for_the_past_and_ends_where_it_cannot_be(seat):
    seat.host.go_on.set()
    heard = {"m": HEARD._replace(past=PastData("2"))}
    assert seat.ensemble.step(heard)["m"][-1, 0] == np.float32(0.2)
    with pytest.raises(PatchError, match=r"^m\.past: this is no memory of the toy$"):
        seat.ensemble.step({"m": HEARD._replace(past=PastData("rubbish"))})


@pytest.fixture(scope="module")
def sketch() -> SketchHost:
    return SketchHost(SketchEncoder(), "numpy")


def played(host: Host, slot: Slot, frames: int, **heard: object) -> AudioArray:
    asked = Conditioning()._replace(**heard)
    return np.concatenate([host.step({slot: asked})[slot] for _ in range(frames)])


def test_the_sketch_goes_on_from_a_memory_with_choices_of_its_own(sketch):
    first = sketch.add(1)
    played(sketch, first, 60)
    past = PastData("then", memory=sketch.save(first))
    expected = played(sketch, first, 50)
    sketch.reset(first, 1, past)
    again = played(sketch, first, 50)
    sketch.reset(first, 1, past)
    np.testing.assert_array_equal(played(sketch, first, 50), again)
    sketch.reset(first, 2, past)
    assert np.abs(played(sketch, first, 50) - again).max() > 0.01
    # What sounded then goes on without a jump.
    np.testing.assert_allclose(again[:4], expected[:4], atol=1e-6)
    sketch.remove(first)


def test_the_sketch_refuses_a_memory_that_is_not_its_own(sketch):
    with pytest.raises(ValueError, match="this is no memory of the sketch"):
        sketch.ground(PastData("x", memory=b"rubbish"))


def compiled(folder: Path, node: str, **values: object) -> Plan:
    """A node that gives a past, patched into a generator."""
    found = patch(
        {"past": node, "model": "generator.model", "out": "audio.output"},
        ["past.past > model.past", "model.audio > out.audio"],
        {f"past.{name}": value for name, value in values.items()},
    )
    return compile_patch(found, REGISTRY, offline_services(), folder)


def past_of(folder: Path, node: str, **values: object) -> PastData:
    """What a node gives."""
    return compiled(folder, node, **values).condition(Frame())["model"].past


def test_prefill_gives_the_first_28_seconds_of_a_sound_in_stereo(tmp_path):
    tone = np.sin(np.arange(44_100 * 30) / 20).astype(np.float32) * 0.5
    soundfile.write(tmp_path / "long.wav", tone, 44_100)
    past = past_of(tmp_path, "generator.prefill", file="long.wav")
    assert past.sound is not None
    assert past.sound.shape == (28 * 48_000, 2)
    assert past.key == past_of(tmp_path, "generator.prefill", file="long.wav").key


def test_prefill_without_a_file_gives_silence(tmp_path):
    past = past_of(tmp_path, "generator.prefill", seconds=10.0)
    assert past.sound is not None
    assert past.sound.shape == (480_000, 2)
    assert not past.sound.any()


def test_a_bank_without_a_file_gives_no_past_and_one_with_it_the_bytes(tmp_path):
    (tmp_path / "mine.memory").write_bytes(b"whatever")
    assert past_of(tmp_path, "generator.bank") == NO_PAST
    assert past_of(tmp_path, "generator.bank", file="mine.memory").memory == b"whatever"


def test_a_file_that_can_be_no_bank_is_refused_by_its_name(tmp_path):
    (tmp_path / "empty.memory").write_bytes(b"")
    for name, words in (
        ("empty.memory", "'empty.memory' is no memory: it is empty, or larger than 256 MB"),
        ("song.wav", "'song.wav' does not end in .safetensors or .memory"),
    ):
        plan = compiled(tmp_path, "generator.bank", file=name)
        (problem,) = plan.problems
        assert str(problem) == f"past.file: {words}"
        assert plan.condition(Frame())["model"].past == NO_PAST


@pytest.fixture
def stage() -> Iterator[Stage]:
    found = Stage()
    yield found
    found.close()


def test_a_reset_to_a_bank_is_replayed_exactly(tmp_path, stage):
    host = stage.models.open("sketch")._host
    slot = host.add(9)
    played(host, slot, 40)
    (tmp_path / "then.memory").write_bytes(host.save(slot))
    host.remove(slot)
    found = patch(
        {"bank": "generator.bank", "model": "generator.model", "out": "audio.output"},
        ["bank.past > model.past", "model.audio > out.audio"],
        {"bank.file": "then.memory"},
    )
    stage.put_on(found, tmp_path)
    stage.record(tmp_path / "take")
    stage.play(15)
    stage.set("model", "reset", 1.0)
    stage.play(15)
    stage.stop()
    before = soundfile.read(tmp_path / "take" / "mix.wav", dtype="int32")[0]
    replay(tmp_path / "take" / "performance.hocketlog", REGISTRY, tmp_path / "again.wav")
    assert np.array_equal(soundfile.read(tmp_path / "again.wav", dtype="int32")[0], before)
    assert before.any()
