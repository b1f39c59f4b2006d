"""Logs that were cut off, damaged or made up: read as far as can be, or refused."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version

import msgspec
import numpy as np
import pytest
from takes import REGISTRY, Stage, short_take, thin_patch

from engine.files import dumps
from engine.models import Models
from engine.recording import log as takelog
from engine.recording.log import DeckBegins, DeckFrame, FramePlayed, LogError, LogWriter, read_log
from engine.recording.replay import replay
from engine.style.sketch import SketchEncoder

LOG = "performance.hocketlog"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The log of five frames."""
    return short_take(tmp_path_factory.mktemp("take"), Stage(models=Models(SketchEncoder())))


def test_a_log_that_is_cut_off_anywhere_is_read_up_to_there(tmp_path, whole):
    path = tmp_path / LOG
    counts = set()
    for size in [*range(13, 200, 7), *range(200, len(whole), 997), len(whole)]:
        path.write_bytes(whole[:size])
        counts.add(len(list(read_log(path))))
    assert max(counts) == 1 + 1 + 5 + 1
    assert min(counts) == 0


def test_a_log_of_another_version_is_replayed_with_a_warning(tmp_path, whole):
    path = tmp_path / LOG
    path.write_bytes(whole.replace(version("hocket").encode(), b"0.0.9", 1))
    report = replay(path, REGISTRY, tmp_path / "out.wav")
    assert report.frames == 5
    assert report.remarks[0][1].startswith("recorded by Hocket 0.0.9; this is ")


def test_what_is_no_log_is_refused(tmp_path, whole):
    path = tmp_path / LOG
    out = tmp_path / "out.wav"
    for data in (b"", b"RIFF", whole[1:], b"hocket log 2\n" + whole[13:]):
        path.write_bytes(data)
        with pytest.raises(LogError, match="is no log"):
            replay(path, REGISTRY, out)
    for place in (13, 14, 20):
        broken = bytearray(whole)
        broken[place : place + 4] = b"\xff\xff\xff\xff"
        path.write_bytes(bytes(broken))
        with pytest.raises(LogError, match=r"^byte 13: is broken"):
            replay(path, REGISTRY, out)
    assert not out.exists()


def test_a_log_with_wrong_bytes_ends_in_a_message(tmp_path, whole):
    path = tmp_path / LOG
    rng = np.random.default_rng(3)
    unnoticed = 0
    for _ in range(300):
        broken = bytearray(whole)
        for place in rng.integers(13, len(whole), 3):
            broken[place] = rng.integers(256)
        path.write_bytes(bytes(broken))
        with suppress(LogError):
            list(read_log(path))
            unnoticed += 1
    assert unnoticed < 250


BEGINS = DeckBegins(0, 0, dumps(thin_patch()).decode(), None, {})


@pytest.mark.parametrize(
    "messages",
    [
        [FramePlayed(0, (DeckFrame(0),))],
        [takelog.PlanChanges(0, "", None, {})],
        [msgspec.structs.replace(BEGINS, last=b"1234")],
        [msgspec.structs.replace(BEGINS, memory={"nobody": {}})],
        [msgspec.structs.replace(BEGINS, memory={"out": ["thing", "subprocess.Popen", {}]})],
        [msgspec.structs.replace(BEGINS, values={"out.level": "loud"})],
        [msgspec.structs.replace(BEGINS, values={"nobody.level": 0.0})],
        [msgspec.structs.replace(BEGINS, muted=("nobody",))],
        [
            msgspec.structs.replace(
                BEGINS, instances={"model1": takelog.Saved("sketch", b"rubbish", b"")}
            )
        ],
        [BEGINS, FramePlayed(0), FramePlayed(0)],
        [BEGINS, FramePlayed(0), FramePlayed(10**12)],
        [msgspec.structs.replace(BEGINS, widths={"sketch": 10**6})],
        [BEGINS, FramePlayed(0, (DeckFrame(0, results={"nobody": 1.0}),))],
        [BEGINS, FramePlayed(0, (DeckFrame(0, results={"prompt": ["spell"]}),))],
        [BEGINS, FramePlayed(0, (DeckFrame(0, muted=("nobody",)),))],
        [
            BEGINS,
            FramePlayed(
                0,
                (DeckFrame(0, {"model1": takelog.TurnChange("sketch", heard={"style": b"1"})}),),
            ),
        ],
        [
            BEGINS,
            FramePlayed(
                0, (DeckFrame(0, {"model1": takelog.TurnChange("sketch", heard={"x": 1})}),)
            ),
        ],
    ],
    ids=lambda each: type(each[-1]).__name__,
)
def test_a_log_that_says_what_cannot_be_is_refused(tmp_path, messages):
    writer = LogWriter(tmp_path / LOG)
    for each in messages:
        writer.write(each)
    writer.close()
    with pytest.raises(LogError):
        replay(tmp_path / LOG, REGISTRY, tmp_path / "out.wav")
    assert [each.name for each in tmp_path.iterdir()] == [LOG]
