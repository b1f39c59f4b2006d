"""A recorded performance, played again: sample for sample what was heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from takes import REGISTRY, Stage, full_patch

from engine.models import Models
from engine.replay import Replayed, replay
from engine.style.sketch import SketchEncoder


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(SketchEncoder())


def samples(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int32")[0]


def again(folder: Path) -> Replayed:
    """Replays the recording in a folder and compares every file."""
    report = replay(
        folder / "performance.hocketlog",
        REGISTRY,
        folder / "again" / "mix.wav",
        stems=folder / "again" / "stems",
    )
    names = ["mix.wav", *(f"stems/{each.name}" for each in (folder / "stems").iterdir())]
    assert {each.name for each in report.stems} == {Path(each).name for each in names[1:]}
    for name in names:
        assert np.array_equal(samples(folder / "again" / name), samples(folder / name)), name
    return report


def test_a_performance_with_edits_is_replayed_exactly(tmp_path, models):
    stage = Stage(models=models)
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
