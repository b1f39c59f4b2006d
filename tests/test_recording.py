"""Recording: what is on the disk afterwards, whatever the disk and the nodes do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import soundfile
from takes import REGISTRY, Stage, full_patch, thin_patch
from toys import patch

from engine.models import Models
from engine.node import read
from engine.recording import Recorder, clock, make_take_folder, recordings_folder
from engine.recording.log import FramePlayed, Header, Remark, read_log
from engine.recording.replay import replay
from engine.registry import Registry
from engine.signals import Audio
from engine.style.sketch import SketchEncoder
from engine.wavefile import WaveFile, pcm
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(SketchEncoder())


@pytest.fixture
def stage(models):
    found = Stage(models=models)
    yield found
    found.close()


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_the_files_hold_what_was_heard_from_start_to_stop(tmp_path, stage, ending):
    stage.put_on(full_patch())
    stage.play(7)
    recorder = stage.record(tmp_path, format=ending)
    stage.play(30)
    stage.stop()
    stage.play(3)
    assert recorder.seconds == pytest.approx(30 / 25)
    assert (recorder.path.name, recorder.over, recorder.lost) == (f"mix.{ending}", True, 0)
    found, rate = soundfile.read(recorder.path, dtype="int32")
    assert rate == 48_000
    assert np.array_equal(found >> 8, pcm(np.concatenate(stage.heard[7:37])) >> 8)
    stems = {each.name for each in (tmp_path / "stems").iterdir()}
    assert stems == {f"model1.{ending}", f"model2.{ending}"}
    assert soundfile.info(tmp_path / "stems" / f"model2.{ending}").frames == 30 * 1920


def test_the_log_says_when_and_by_what_it_was_made_and_what_was_said(tmp_path, stage):
    stage.put_on(thin_patch())
    recorder = stage.record(tmp_path)
    stage.play(2)
    recorder.remark("the device ran dry once")
    stage.play(1)
    stage.stop()
    messages = [each for each, _ in read_log(recorder.log)]
    assert isinstance(messages[0], Header)
    assert datetime.fromisoformat(messages[0].started).utcoffset() is not None
    assert messages[0].rate == 48_000
    assert [type(each) for each in messages[2:]] == [FramePlayed, FramePlayed, Remark, FramePlayed]


def test_underruns_are_noted_where_they_happened(tmp_path, stage):
    counts = iter([3, 3, 3, 4, 4, 6])
    stage.put_on(thin_patch())
    stage.record(tmp_path, underruns=lambda: next(counts))
    stage.play(5)
    recorder = stage.stop()
    report = replay(recorder.log, REGISTRY, tmp_path / "again.wav")
    words = "the audio device ran dry; that makes {} underruns"
    assert report.remarks == ((0.12, words.format(4)), (0.2, words.format(6)))


def test_what_does_not_change_takes_next_to_nothing_in_the_log(tmp_path, stage):
    stage.put_on(thin_patch())
    recorder = stage.record(tmp_path)
    stage.play(50)
    stage.stop()
    places = [place for _, place in read_log(recorder.log)]
    frames = np.diff(places[2:])
    assert np.median(frames) < 100


class Disk(WaveFile):
    """A disk that stands still until it is told to go on, or that fills up."""

    go_on = threading.Event()
    room = 10**9

    def write(self, audio: np.ndarray) -> None:
        self.go_on.wait(60)
        if self._size + audio.nbytes > Disk.room:
            raise OSError(28, "No space left on device")
        super().write(audio)


@pytest.fixture
def disk(monkeypatch) -> type[Disk]:
    monkeypatch.setattr("engine.recording.grow", Disk)
    monkeypatch.setattr(Disk, "go_on", threading.Event())
    monkeypatch.setattr(Disk, "room", 10**9)
    return Disk


def test_a_disk_that_stands_still_costs_sound_but_no_memory_and_no_time(tmp_path, stage, disk):
    stage.put_on(thin_patch())
    recorder = stage.record(tmp_path)
    stage.play(540, keep_up=False)
    assert 30 <= recorder.lost <= 40
    assert recorder.waiting <= 501
    disk.go_on.set()
    wait_until(lambda: recorder.waiting == 0, "the disk has caught up")
    stage.play(10)
    stage.stop()
    assert [each for each in stage.said if "too slow" in each] == stage.said
    found = soundfile.read(recorder.path, dtype="int32")[0].reshape(550, 1920, 2)
    silent = [number for number in range(550) if not found[number].any()]
    assert len(silent) >= recorder.lost
    for number in (10, 499, 549):
        assert np.array_equal(found[number] >> 8, pcm(stage.heard[number]) >> 8)
    again = replay(recorder.log, REGISTRY, tmp_path / "again.wav")
    assert again.lost == recorder.lost
    assert np.array_equal(soundfile.read(again.path, dtype="int32")[0], found.reshape(-1, 2))


def test_on_a_full_disk_recording_ends_and_what_there_is_stays_whole(tmp_path, stage, disk):
    disk.go_on.set()
    disk.room = 200_000
    stage.put_on(thin_patch())
    recorder = stage.record(tmp_path)
    stage.play(60)
    wait_until(lambda: recorder.over, "the recording has ended")
    stage.play(5)
    stage.stop()
    assert stage.said == [
        f"recording: it ends after {clock(recorder.seconds)}: No space left on device"
    ]
    frames = soundfile.info(recorder.path).frames
    assert frames % 1920 == 0
    assert 10 <= frames // 1920 < 60
    again = replay(recorder.log, REGISTRY, tmp_path / "again.wav")
    assert again.frames >= frames // 1920


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, "tests")
from takes import Stage, full_patch
stage = Stage()
stage.put_on(full_patch())
stage.play(1)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
recorder = stage.record(Path(sys.argv[1]))
stage.play(80)
stage.stop()
print(*stage.said, sep="\\n")
"""


def test_a_limit_of_the_system_ends_it_in_the_same_way(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"recording: it ends after 0:0\d: File too large\n", done.stdout)
    report = replay(tmp_path / "performance.hocketlog", REGISTRY, tmp_path / "again.wav")
    found = soundfile.read(tmp_path / "mix.wav", dtype="int32")[0]
    length = min(len(found), report.frames * 1920)
    assert length > 0
    assert np.array_equal(found[:length], soundfile.read(report.path, dtype="int32")[0][:length])


def test_the_user_is_told_once_before_the_disk_is_full(tmp_path, stage, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(
        "engine.recording.shutil.disk_usage", lambda path: usage._replace(free=900 << 20)
    )
    stage.put_on(thin_patch())
    stage.record(tmp_path)
    stage.play(80)
    stage.stop()
    (said,) = stage.said
    assert re.fullmatch(r"recording: the disk has 0\.9 GiB left, enough for \d+:\d\d", said)


class Shy:
    """Raises when it is looked at."""

    def __repr__(self) -> str:
        raise RuntimeError("do not look")


class Locked:
    """Remembers what nobody can write down."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __call__(self, audio: Audio) -> Audio:
        with self.lock:
            return audio


class Watched:
    """Remembers what raises when it is looked at."""

    def __init__(self) -> None:
        self.friends = {Shy(), Shy()}

    def __call__(self, audio: Audio) -> Audio:
        return audio


@pytest.mark.parametrize(
    ("make", "fault"),
    [(Locked, "odd: Locked.lock is a _thread.lock"), (Watched, "odd: do not look")],
)
def test_memory_that_cannot_be_kept_is_said_and_the_rest_is_recorded(tmp_path, make, fault):
    registry = Registry.of({**REGISTRY.types, "audio.odd": read("audio.odd", make)})
    nodes = {"gen": "generator.model", "odd": "audio.odd", "out": "audio.output"}
    stage = Stage(registry)
    stage.put_on(patch(nodes, ["gen.audio > odd.audio", "odd.audio > out.audio"]))
    stage.record(tmp_path)
    stage.play(5)
    recorder = stage.stop()
    (said,) = stage.said
    assert said.startswith("recording: a replay will differ, as this cannot be kept: " + fault)
    assert recorder.seconds == pytest.approx(0.2)


def test_frames_without_a_patch_are_silence(tmp_path, stage):
    recorder = stage.record(tmp_path)
    stage.play(5)
    stage.put_on(thin_patch("drums"))
    stage.play(20)
    stage.stop()
    assert soundfile.info(recorder.path).frames == 25 * 1920
    report = replay(recorder.log, REGISTRY, tmp_path / "again.wav")
    mixes = [soundfile.read(each, dtype="int32")[0] for each in (recorder.path, report.path)]
    assert np.array_equal(*mixes)


def test_every_recording_has_a_folder_of_its_own(tmp_path):
    folders = [make_take_folder(tmp_path / "new", "Night / drive: ../x") for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(each.is_dir() and each.parent == tmp_path / "new" for each in folders)
    assert re.match(r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d Night drive x", folders[0].name)
    assert re.fullmatch(r"[\d .-]+", make_take_folder(tmp_path, "").name)
    assert recordings_folder().parts[-2:] == ("Hocket", "Recordings")


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        Recorder(tmp_path / "nowhere", REGISTRY)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        make_take_folder(tmp_path / "file", "a")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.9, "0:00"), (61, "1:01"), (3723.5, "1:02:03"), (36_000, "10:00:00")]
)
def test_times_are_said_as_people_read_them(seconds: float, words: Any):
    assert clock(seconds) == words
