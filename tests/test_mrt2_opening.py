"""Which MRT2 model is opened, at which precision, and what is said where none can be."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

from engine.conditioning import Conditioning, at_precision
from engine.generators import ModelUnavailableError
from engine.generators.mrt2 import installed
from engine.generators.mrt2.opening import open_mrt2
from engine.style.musiccoca import MusicCoCaEncoder
from tests.mrt2_tiny import NAME, tiny_mlx_model, tiny_model, write_checkpoint

WIDTH = 64
"""8 bits need a scale for each 64 weights."""


@pytest.fixture(autouse=True)
def magenta(tmp_path, monkeypatch):
    """The library's folder, with nothing in it."""
    from magenta_rt import paths

    monkeypatch.setattr(paths, "_MAGENTA_HOME", tmp_path)
    return tmp_path


@pytest.fixture
def encoder():
    from magenta_rt import musiccoca

    return MusicCoCaEncoder(musiccoca.MockMusicCoCa())


@pytest.mark.parametrize(("precision", "computes"), [("auto", "float32"), ("bfloat16", "bfloat16")])
def test_jax_computes_with_the_precision_that_is_asked_for(encoder, precision, computes):
    with tiny_model():
        write_checkpoint(installed.checkpoint(NAME))
        host = open_mrt2(at_precision(NAME, precision), encoder)
    assert (host.model, host.precision) == (NAME, computes)


def test_fewer_bits_make_another_sound_on_mlx(encoder, monkeypatch):
    pytest.importorskip("mlx.core", reason="MLX is not installed")
    monkeypatch.setattr(installed, "library", lambda: "mlx")
    sounds = []
    with tiny_model(WIDTH):
        write_checkpoint(installed.checkpoint(NAME))
    with tiny_mlx_model(WIDTH):
        for precision in ("auto", "bfloat16", "8bit", "4bit"):
            host = open_mrt2(at_precision(NAME, precision), encoder)
            slot = host.add(0)
            sounds.append(host.step({slot: Conditioning(NAME)})[slot])
    np.testing.assert_array_equal(sounds[0], sounds[1])
    assert len({sound.tobytes() for sound in sounds}) == 3


@pytest.mark.parametrize(
    ("library", "precision", "words"),
    [
        ("jax", "8bit", f"JAX does not play {NAME} at '8bit'; it does at float32, bfloat16"),
        (
            "mlx",
            "float32",
            f"MLX does not play {NAME} at 'float32'; it does at bfloat16, 8bit, 4bit",
        ),
    ],
)
def test_a_precision_that_is_not_to_be_had_here_is_refused(
    encoder, monkeypatch, library, precision, words
):
    monkeypatch.setattr(installed, "library", lambda: library)
    with pytest.raises(ModelUnavailableError) as refused:
        open_mrt2(at_precision(NAME, precision), encoder)
    assert str(refused.value) == words
