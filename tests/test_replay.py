"""A recorded performance, played again: sample for sample what was heard."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer
from mido.frozen import FrozenMessage
from takes import REGISTRY, Stage, full_patch, short_take, thin_patch
from toys import patch
from typer.testing import CliRunner

from engine.conditioning import Conditioning
from engine.generators import Host, Slot
from engine.generators.sketch.host import SketchHost
from engine.live import Live
from engine.models import Models
from engine.node import read
from engine.performance import Performance
from engine.recording import Recorder
from engine.recording.replay import Replayed, replay
from engine.registry import Registry
from engine.signals import Audio, AudioArray, Control
from engine.style import Encoder, Styles
from engine.style.sketch import SketchEncoder
from engine.transport import Conductor
from patcher.terminal.replay import replay as replay_command
from tests.waiting import wait_until

LOG = "performance.hocketlog"


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(SketchEncoder())


@pytest.fixture
def stage(models) -> Iterator[Stage]:
    found = Stage(models=models)
    yield found
    found.close()


def samples(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int32")[0]


def again(folder: Path, registry: Registry = REGISTRY) -> Replayed:
    """Replays the recording in a folder and compares every file, sample for sample."""
    copy = folder / "again"
    report = replay(folder / LOG, registry, copy / "mix.wav", stems=copy / "stems")
    stems = sorted(each.name for each in (folder / "stems").iterdir())
    assert sorted(each.name for each in report.stems) == stems
    for name in ("mix.wav", *(f"stems/{each}" for each in stems)):
        assert np.array_equal(samples(copy / name), samples(folder / name)), name
    return report


def test_a_performance_with_edits_is_replayed_exactly(tmp_path, stage):
    stage.put_on(full_patch())
    stage.record(tmp_path)
    stage.play(20)
    stage.set("prompt", "text", "bright bells")
    stage.set("gate", "release", 1.0)
    stage.play(20)
    stage.edit(full_patch({"limit.ceiling": -12.0, "wobble.shape": "square"}))
    stage.play(20)
    stage.stop()
    report = again(tmp_path)
    assert (report.frames, report.lost) == (60, 0)
    assert report.first_sound is not None
    assert stage.said == []


def test_a_recording_that_begins_in_mid_performance_goes_on_from_there(tmp_path, stage):
    stage.put_on(full_patch())
    stage.play(37)
    stage.record(tmp_path)
    stage.play(30)
    stage.stop()
    stage.play(5)
    assert again(tmp_path).frames == 30
    assert samples(tmp_path / "mix.wav").any()


def test_a_crossfade_to_another_patch_is_replayed_with_both(tmp_path, stage):
    stage.put_on(full_patch())
    stage.play(5)
    stage.record(tmp_path)
    stage.play(10)
    stage.put_on(thin_patch())
    stage.play(6)
    stage.put_on(thin_patch("drums"))
    stage.play(25)
    stage.stop()
    again(tmp_path)
    names = {each.stem for each in (tmp_path / "stems").iterdir()}
    assert names == {"model1", "model2", "model1 (2)", "model1 (3)"}
    late = samples(tmp_path / "stems" / "model1 (2).wav")
    assert not late[: 10 * 1920].any()
    assert late[10 * 1920 :].any()


def test_nodes_that_come_go_and_change_their_stage_are_replayed(tmp_path, stage):
    """The tremolo runs before the generators at first, then after them."""
    nodes = {"lfo": "control.lfo", "gen": "generator.model", "amp": "audio.gain"}
    nodes |= {"out": "audio.output"}
    cables = ["lfo.control > amp.gain", "gen.audio > amp.audio", "amp.audio > out.audio"]
    values = {"lfo.low": -20.0, "lfo.rate": 2.7, "amp.gain": -3.0}
    heard = {**nodes, "loud": "audio.level", "second": "generator.model", "mix": "audio.mix"}
    more = [
        *cables[:2],
        "gen.audio > loud.audio",
        "loud.control > lfo.phase",
        "amp.audio > mix.audio1",
        "second.audio > mix.audio2",
        "mix.audio > out.audio",
    ]
    stage.put_on(patch(nodes, cables, values))
    stage.record(tmp_path)
    stage.play(8)
    stage.edit(patch(heard, more, values))
    stage.play(8)
    stage.edit(patch(nodes, cables, values))
    stage.play(8)
    stage.edit(patch(heard, more, values))
    stage.play(8)
    stage.stop()
    assert again(tmp_path).frames == 32


def test_what_came_by_osc_and_midi_reaches_the_nodes_that_mix(tmp_path, stage):
    """All but the generator and the keys depend on its sound here, so they run after it."""
    nodes = {"gen": "generator.model", "loud": "audio.level", "fader": "control.osc"}
    nodes |= {"amp": "audio.gain", "keys": "midi.input", "some": "midi.filter"}
    nodes |= {"held": "notes.held", "gate": "audio.gate", "out": "audio.output"}
    cables = ["gen.audio > loud.audio", "loud.control > fader.initial"]
    cables += ["fader.control > amp.gain", "gen.audio > amp.audio", "keys.midi > some.midi"]
    cables += ["loud.control > some.low", "some.midi > held.midi", "held.notes > gate.notes"]
    cables += ["amp.audio > gate.audio", "gate.audio > out.audio"]
    stage.put_on(patch(nodes, cables, {"fader.low": -60.0, "fader.high": 6.0}))
    stage.record(tmp_path)
    stage.play(10)
    stage.osc = {"/fader": (-6.0,)}
    stage.play(10)
    stage.osc = {"/fader": (3.0,), "/other": (1.0,)}
    stage.edit(patch(nodes, cables, {"fader.low": -60.0, "fader.high": 4.0}))
    stage.play(10)
    stage.stop()
    plan = stage.decks[0].player.plan
    assert plan is not None
    assert {"fader", "some", "held", "gate"} <= set(plan.mix_order)
    assert again(tmp_path).first_sound is not None


def test_a_file_that_a_mixing_node_plays_is_found_again(tmp_path, stage):
    shutil.copy(Path(__file__).parents[1] / "patches" / "first_light.mid", tmp_path / "tune.mid")
    nodes = {"gen": "generator.model", "loud": "audio.level", "tune": "midi.file"}
    nodes |= {"held": "notes.held", "gate": "audio.gate", "out": "audio.output"}
    cables = ["gen.audio > loud.audio", "loud.control > tune.transpose", "tune.midi > held.midi"]
    cables += ["held.notes > gate.notes", "gen.audio > gate.audio", "gate.audio > out.audio"]
    stage.put_on(patch(nodes, cables, {"tune.file": "tune.mid", "gate.release": 0.05}), tmp_path)
    stage.play(30)
    stage.record(tmp_path / "take")
    stage.play(60)
    stage.stop()
    assert stage.said == []
    assert again(tmp_path / "take").remarks == ()
    (tmp_path / "tune.mid").unlink()
    report = replay(tmp_path / "take" / LOG, REGISTRY, tmp_path / "without.wav")
    assert report.frames == 60
    ((seconds, words),) = report.remarks
    assert seconds == 0.0
    assert words.startswith("tune.file: there is no file 'tune.mid'")


class Faulty(SketchHost):
    """The sketch, but each instance raises in some frames."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self.frames = 0

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        self.frames += 1
        if self.frames in (12, 14):
            raise RuntimeError("out of memory")
        return super().step(conditioning)


def open_faulty(model: str, encoder: Encoder) -> Host:
    return Faulty(encoder)


def test_a_model_that_failed_and_came_back_is_replayed(tmp_path):
    stage = Stage(models=Models(SketchEncoder(), open_faulty))
    stage.put_on(thin_patch("warm pad"))
    stage.record(tmp_path)
    stage.play(110)
    stage.stop()
    assert any("out of memory" in each for each in stage.said)
    again(tmp_path)
    sound = samples(tmp_path / "mix.wav").reshape(110, 1920, 2)
    assert sound[10].any()
    assert not sound[20].any()
    assert sound[-1].any()


class Slow(SketchHost):
    """The sketch, but one frame takes a second."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self.frames = 0

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        self.frames += 1
        if self.frames == 40:
            time.sleep(1.0)
        return super().step(conditioning)


def open_slow(model: str, encoder: Encoder) -> Host:
    return Slow(encoder)


class Other(SketchEncoder):
    """An encoder that is no stand-in."""

    stand_in = False


def test_a_replay_says_where_styles_are_made_by_another_encoder(tmp_path):
    stage = Stage(models=Models(Other()))
    short_take(tmp_path, stage)
    stage.close()
    remarks = [text for _, text in replay(tmp_path / LOG, REGISTRY, tmp_path / "o.wav").remarks]
    assert remarks[0].startswith("the styles were made by MusicCoCa, and the sketch goes by those")


class Clockwork:
    """A device that plays at the speed of the clock and drops everything."""

    underruns = 0
    block = 0.0

    def __init__(self) -> None:
        self._end = time.monotonic()

    def queued(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def write(self, audio: AudioArray) -> None:
        self._end = max(self._end, time.monotonic()) + 0.04


def test_what_the_frame_loop_plays_live_is_replayed_late_models_and_all(tmp_path):
    """Whatever was late on this machine in this run, the log has it."""
    said: list[str] = []
    live = Live(Clockwork(), Conductor())
    models = Models(SketchEncoder(), open_slow, said.append)
    services = {Styles: Styles(SketchEncoder(), wait=False)}
    performance = Performance(live, REGISTRY, models, services, lambda event: None, said.append)
    performance.open(full_patch(), None, None)
    live.start()
    recorder = Recorder(tmp_path, REGISTRY, on_event=said.append)
    live.at_frame(lambda: setattr(live, "recorder", recorder))
    wait_until(lambda: recorder.seconds > 0.5, "half a second is recorded")
    performance.set_value("wobble", "rate", 7.0)
    performance.set_value("prompt", "text", "bright bells")
    live.play([FrozenMessage("note_on", note=62, velocity=90)])
    wait_until(lambda: any("is back" in each for each in said), "the model is back")
    performance.change(full_patch({"limit.ceiling": -9.0}), None, None)
    performance.open(thin_patch(), None, None)
    seconds = recorder.seconds
    wait_until(lambda: recorder.seconds > seconds + 0.8, "the crossfade is over")
    live.in_frame(lambda: setattr(live, "recorder", None))
    recorder.stop()
    live.stop()
    assert any("is late" in each for each in said)
    assert recorder.lost == 0
    again(tmp_path)


class Sour:
    """Fails in some frames."""

    def __init__(self) -> None:
        self.frames = 0

    def __call__(self, audio: Audio, last: Control = 0.0) -> Audio:
        self.frames += 1
        if self.frames in (5, 11) or self.frames > last > 0:
            raise RuntimeError("sour")
        return audio * np.float32(0.5)


def test_a_node_that_failed_and_was_muted_is_replayed(tmp_path):
    registry = Registry.of({**REGISTRY.types, "audio.sour": read("audio.sour", Sour)})
    nodes = {"gen": "generator.model", "sour": "audio.sour", "mix": "audio.mix"}
    cables = ["gen.audio > sour.audio", "sour.audio > mix.audio1", "gen.audio > mix.audio2"]
    nodes |= {"out": "audio.output"}
    stage = Stage(registry)
    stage.put_on(
        patch(nodes, [*cables, "mix.audio > out.audio"], {"sour.last": 20.0, "mix.level2": -20.0})
    )
    stage.record(tmp_path)
    stage.play(40)
    stage.stop()
    assert any("sour is muted" in each for each in stage.said)
    again(tmp_path, registry)
    sound = samples(tmp_path / "mix.wav").reshape(40, 1920, 2)
    assert sound[:, ::40].any(axis=(1, 2))[35]


def test_frames_that_were_lost_are_silent_and_the_rest_is_exact(tmp_path, stage, monkeypatch):
    stage.put_on(full_patch())
    recorder = stage.record(tmp_path)
    stage.play(10)
    with monkeypatch.context() as slow:
        slow.setattr("engine.recording.MOST_WAITING", 0)
        stage.play(7, keep_up=False)
    stage.play(10)
    stage.stop()
    assert recorder.lost == 7
    assert sum("disk is too slow" in each for each in stage.said) == 1
    report = again(tmp_path)
    assert (report.frames, report.lost) == (27, 7)
    sound = samples(tmp_path / "mix.wav").reshape(27, 1920, 2)
    assert not sound[10:17].any()
    assert sound[17:].any(axis=(1, 2)).all()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from takes import Stage, thin_patch
stage = Stage()
stage.put_on(thin_patch())
stage.play(20)
recorder = stage.record(Path(sys.argv[1]))
stage.play(75)
stage._is_keeping_up = lambda: recorder.seconds > 2.5
stage.play(1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_after_a_kill_sound_and_log_are_there(tmp_path):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    report = replay(tmp_path / LOG, REGISTRY, tmp_path / "again.wav")
    assert 60 <= report.frames <= 76
    found, wanted = samples(tmp_path / "mix.wav"), samples(tmp_path / "again.wav")
    length = min(len(found), len(wanted))
    assert found.any()
    assert np.array_equal(found[:length], wanted[:length])


def test_the_command_replays_a_recording_by_its_folder(tmp_path, stage):
    short_take(tmp_path / "take", stage)
    app = typer.Typer()
    app.command()(replay_command)
    out = tmp_path / "out.flac"
    done = CliRunner().invoke(app, [str(tmp_path / "take"), "-o", str(out), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["frames"], found["lost"]) == (5, 0)
    assert found["remarks"] == [{"seconds": 0.12, "text": "the device ran dry once"}]
    assert np.array_equal(samples(out), samples(tmp_path / "take" / "mix.wav"))
    for arguments, code in (
        ([str(tmp_path)], 65),
        ([str(tmp_path / "nowhere.hocketlog")], 66),
        ([str(tmp_path / "take"), "-o", "a.mp3"], 2),
        ([str(tmp_path / "take" / "mix.wav")], 65),
    ):
        assert CliRunner().invoke(app, arguments).exit_code == code
