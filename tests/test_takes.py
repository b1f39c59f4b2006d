"""Recordings of a live engine that begin or end at an awkward moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.recording.takes import Takes
from tests.test_live import REGISTRY, Rig


def test_a_recording_that_ends_while_it_is_looked_at_is_none_or_whole(tmp_path: Path, monkeypatch):
    rig, takes = Rig(), Takes(REGISTRY, print)
    begun = takes.begin(rig.live, tmp_path, "One", "wav")
    live, recorder = takes._under_way

    class Ending:
        """A recording that ends when somebody has looked whether it is over."""

        path, seconds = recorder.path, recorder.seconds

        @property
        def over(self) -> bool:
            takes._under_way = None
            return False

    takes._under_way = live, Ending()
    state = takes.state
    recorder.stop()
    assert state is not None
    assert state.path == begun.path
    assert takes.state is None


def test_a_recording_that_could_not_begin_does_not_hinder_the_next(tmp_path: Path, monkeypatch):
    rig, takes = Rig(), Takes(REGISTRY, print)

    def stands_still(change: Callable[[], None]) -> None:
        raise TimeoutError("the frame loop stands still")

    monkeypatch.setattr(rig.live, "in_frame", stands_still)
    with pytest.raises(TimeoutError):
        takes.begin(rig.live, tmp_path, "One", "wav")
    monkeypatch.undo()
    assert takes.state is None
    takes.begin(rig.live, tmp_path, "Two", "wav")
    rig.frames(3)
    assert takes.end().seconds == pytest.approx(3 / 25)
