"""A shipped patch, rendered by two instances of a real MRT2 model of few and random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

from engine import edits, render
from engine.files import load_patch
from engine.registry import load_registry
from engine.style.musiccoca import MusicCoCaEncoder
from patcher.shipped import shipped_patches
from tests.mrt2_tiny import NAME, tiny_model, write_checkpoint

SECONDS = 1.2


def test_two_instances_share_a_model_and_are_both_in_the_file(tmp_path, monkeypatch):
    from magenta_rt import musiccoca, paths

    monkeypatch.setattr(paths, "_MAGENTA_HOME", tmp_path)
    encoder = MusicCoCaEncoder(musiccoca.MockMusicCoCa())
    monkeypatch.setattr(render, "open_encoder", lambda: encoder)
    registry = load_registry()
    patch = load_patch(shipped_patches() / "split_keyboard.hocket")
    for name in ("high", "low"):
        patch = edits.set_value(patch, registry, name, "model", NAME)
    with tiny_model():
        write_checkpoint(tmp_path / "checkpoints" / f"{NAME}.safetensors")
        player = render.open_player(patch, registry, None)
        report = render.render(
            player,
            render.Inputs(seconds=SECONDS),
            tmp_path / "both.wav",
            stems=tmp_path / "stems",
        )
    sound, rate = soundfile.read(report.path)
    assert (len(sound), rate) == (round(SECONDS * 48_000), 48_000)
    assert report.stand_ins == ()
    stems = [soundfile.read(Path(each))[0] for each in report.stems]
    assert len(stems) == 2
    for stem in stems:
        assert np.sqrt(np.mean(stem**2)) > 1e-3
    assert not np.array_equal(*stems)
