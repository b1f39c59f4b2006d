"""A model that is not to be had: what is said, and another that plays in its place."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import edits
from engine.files import save_patch
from engine.generators import Host, ModelUnavailableError
from engine.generators.mrt2 import installed
from engine.generators.sketch.host import SketchHost
from engine.messages import Said
from engine.models import Models
from engine.patch import Patch
from engine.recording.replay import replay
from engine.render import Inputs, open_player, render
from engine.session import Options, Session
from engine.signals import AudioArray
from engine.style import Encoder
from engine.style.sketch import SketchEncoder
from tests.editor_rig import surroundings
from tests.takes import REGISTRY, Stage, thin_patch
from tests.toys import patch
from tests.waiting import wait_until

ENCODER = SketchEncoder()
ASKED = edits.set_value(thin_patch(), REGISTRY, "model1", "model", "mrt2_small")
PLAYS = "the model 'sketch' plays in place of 'mrt2_small': "
LOG = "performance.hocketlog"


def only_sketch(model: str, encoder: Encoder) -> Host:
    """Opens what a machine without weights has."""
    if model != "sketch":
        raise ModelUnavailableError(f"no weights of {model}: fetch them")
    return SketchHost(encoder)


def anything(model: str, encoder: Encoder) -> Host:
    """Opens what a machine with all weights has; they all sound like the sketch."""
    return SketchHost(encoder)


def hocket(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command where there are no weights."""
    environment = {**surroundings(home), "MAGENTA_HOME": str(home)}
    environment.pop("HOCKET_DEBUG", None)
    command = [sys.executable, "-m", "patcher.cli", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=home)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "asked.hocket"
    save_patch(ASKED, path)
    return path


def two(second: str = "sketch") -> Patch:
    """Two generators side by side, the first of a model that is not here."""
    nodes = {"m1": "generator.model", "m2": "generator.model", "mix": "audio.mix"}
    cables = ["m1.audio > mix.audio1", "m2.audio > mix.audio2", "mix.audio > out.audio"]
    values = {"m1.model": "mrt2_small", "m2.model": second}
    return patch({**nodes, "out": "audio.output"}, cables, values)


def samples(path: Path) -> AudioArray:
    return soundfile.read(path, dtype="int32")[0]


def test_a_model_that_is_not_here_is_named_with_what_to_do(asked: Path, tmp_path: Path) -> None:
    done = hocket(tmp_path, "render", asked, "-o", "out.wav", "--seconds", "1")
    assert done.returncode == 69
    assert done.stderr.startswith("model1.model: ")
    assert "mrt2_small" in done.stderr
    assert installed.GET in done.stderr or installed.INSTALL in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.wav").exists()


def test_nothing_is_played_live_without_its_model(asked: Path, home: Path) -> None:
    done = hocket(home, "run", asked, "--osc", "off")
    assert done.returncode == 69
    assert "model1.model: mrt2_small" in done.stderr


def test_the_sketch_renders_in_its_place_where_asked_to(asked: Path, tmp_path: Path) -> None:
    done = hocket(
        tmp_path, "render", asked, "-o", "o.wav", "--seconds", "1", "--fallback", "sketch", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert PLAYS in done.stderr
    report = json.loads(done.stdout)
    assert report["stand_ins"] == ["sketch"]
    assert report["first_sound_s"] is not None
    plain = render(open_player(thin_patch(), REGISTRY, None), Inputs(seconds=1), tmp_path / "p.wav")
    np.testing.assert_array_equal(samples(tmp_path / "o.wav"), samples(plain.path))


def test_a_fallback_that_is_not_here_either_is_no_help(asked: Path, tmp_path: Path) -> None:
    done = hocket(
        tmp_path, "render", asked, "-o", "o.wav", "--seconds", "1", "--fallback", "mrt2_base"
    )
    assert done.returncode == 69
    assert "plays in place" not in done.stderr


def test_a_session_says_that_another_plays(asked: Path) -> None:
    said: list[str] = []
    session = Session(REGISTRY, Options(osc=None, midi=(), fallback="sketch"))
    try:
        session.subscribe(lambda event: isinstance(event, Said) and said.append(event.text))
        session.open(asked, ASKED)
        assert any(each.startswith(PLAYS) for each in said)
        assert session.models.stand_ins() == ("sketch",)
    finally:
        session.close()


def test_both_play_in_one_batch_of_the_sketch() -> None:
    said: list[str] = []
    models = Models(ENCODER, only_sketch, said.append, fallback="sketch")
    stage = Stage(models=models)
    stage.put_on(two())
    stage.play(3)
    assert models.widths() == {"sketch": 2}
    assert len(said) == 1
    stage.put_on(two(second="mrt2_base"))
    stage.play(3)
    assert [each.split(":")[0] for each in said] == [
        "the model 'sketch' plays in place of 'mrt2_small'",
        "the model 'sketch' plays in place of 'mrt2_base'",
    ]
    assert models.widths().keys() == {"sketch"}
    stage.close()
    models.close()


def test_a_model_that_a_value_chooses_while_it_plays_is_replaced_too() -> None:
    said: list[str] = []
    models = Models(ENCODER, only_sketch, said.append, fallback="sketch")
    stage = Stage(models=models)
    stage.put_on(thin_patch("warm pad"))
    stage.play(2)
    stage.set("model1", "model", "mrt2_small")
    stage.play(1)
    wait_until(lambda: len(said) == 3, "the model is replaced")
    stage.play(20)
    assert said[1].startswith(PLAYS)
    assert said[2] == "the model 'sketch' is open"
    assert stage.decks[0].player.ensemble.turns["model1"].model == "sketch"
    assert np.abs(stage.heard[-1]).max() > 1e-3
    assert stage.said == []
    stage.close()
    models.close()


def test_what_a_fallback_played_is_replayed_exactly_without_one(tmp_path: Path) -> None:
    stage = Stage(models=Models(ENCODER, only_sketch, fallback="sketch"))
    stage.put_on(ASKED)
    stage.play(5)
    stage.record(tmp_path)
    stage.play(20)
    stage.stop()
    stage.close()
    report = replay(tmp_path / LOG, REGISTRY, tmp_path / "again.wav")
    assert samples(tmp_path / "mix.wav").any()
    np.testing.assert_array_equal(samples(report.path), samples(tmp_path / "mix.wav"))


def test_a_performance_of_a_model_that_is_not_here_is_replayed_by_another(tmp_path: Path) -> None:
    stage = Stage(models=Models(ENCODER, anything))
    stage.put_on(ASKED)
    stage.play(5)
    stage.record(tmp_path)
    stage.play(10)
    stage.stop()
    stage.close()
    with pytest.raises(ModelUnavailableError, match="mrt2_small"):
        replay(tmp_path / LOG, REGISTRY, tmp_path / "again.wav")
    home = tmp_path / "home"
    home.mkdir()
    done = hocket(home, "replay", tmp_path, "-o", "o.wav", "--fallback", "sketch", "--json")
    assert done.returncode == 0, done.stderr
    assert PLAYS in done.stderr
    report = json.loads(done.stdout)
    assert report["stand_ins"] == ["sketch"]
    assert report["first_sound_s"] is not None
    assert report["remarks"][0]["text"].startswith(PLAYS)
