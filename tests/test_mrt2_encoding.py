"""Sounds as the codec's codes: the library's own, and kept on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")

from safetensors.numpy import load_file, save_file

from engine.conditioning import Conditioning
from engine.generators import ModelUnavailableError
from engine.generators.mrt2 import encoding, installed, jax_encoder
from engine.generators.mrt2.encoding import AHEAD, BEHIND, codes_of
from engine.generators.mrt2.opening import open_mrt2
from engine.past import PastData
from patcher.terminal.models_bench import AnyStyle
from tests.mrt2_codec import MAKE, small_encoder, write_codec
from tests.mrt2_tiny import NAME, tiny_model, write_checkpoint

SECOND = 48_000
PUBLISHED = {"encoder.safetensors": 37_013_392, "quantizer.safetensors": 67_108_984}
"""The bytes of the files as Google publishes them; equal layouts make equal sizes."""
LIBRARIES = ("jax", "mlx")


def noise(seconds: float, seed: int = 0) -> PastData:
    drawn = np.random.default_rng(seed).standard_normal((round(seconds * SECOND), 2))
    sound = (0.1 * drawn).astype(np.float32)
    return PastData(f"sound {seed} {seconds}", sound)


def counted(frames: int) -> PastData:
    """A sound of so many frames, and a half, that says to `asked` which frame is which."""
    numbers = np.arange(1, frames + 2, dtype=np.float32).repeat(1920)[:-960] / 1024
    return PastData(f"frames {frames}", np.stack([numbers, numbers], 1))


def silence(seconds: float) -> PastData:
    return PastData(f"silence {seconds}", np.zeros((round(seconds * SECOND), 2), np.float32))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the package without files, and one for codes."""
    monkeypatch.setattr(installed, "home", lambda: tmp_path / "magenta")
    monkeypatch.setattr(encoding, "pasts_folder", lambda: tmp_path / "pasts")
    return tmp_path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a small encoder."""
    folder = tmp_path_factory.mktemp("drawn")
    with small_encoder():
        write_codec(folder)
    return folder


@pytest.fixture(scope="module")
def theirs(drawn: Path) -> Any:
    """What the library makes, by that encoder, of 7 s of noise and of silence, each in one pass."""
    with small_encoder():
        return library_codes(drawn, noise(7), silence(7))


@pytest.fixture
def small(drawn: Path, home: Path) -> Iterator[Path]:
    """The folder of the package with those files, and the library knowing that encoder."""
    encoder, quantizer = installed.codec_files()
    encoder.parent.mkdir(parents=True)
    shutil.copy2(drawn / encoder.name, encoder)
    quantizer.symlink_to(drawn / quantizer.name)
    with small_encoder():
        yield encoder.parent


@pytest.fixture
def asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """For each sound its windows, as heard by an encoder that numbers the frames it knows.

    Of silence the number is 0, and 1023 where it cannot know as it hears too little around it.
    """
    sounds: list[Any] = []

    def encoder(parameters: Any) -> Any:
        windows: list[Any] = []
        sounds.append(windows)

        def encode(sound: Any) -> Any:
            windows.append(sound)
            numbers = np.rint(sound[::1920, 0] * 1024).astype(np.int32) % 1024
            numbers[:14] = numbers[-1:] = 1023
            return np.repeat(numbers[:, None], 12, axis=1)

        return encode

    for file in installed.codec_files():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"weights")
    monkeypatch.setattr(installed, "library", lambda: "jax")
    monkeypatch.setattr(jax_encoder, "encoder", encoder)
    monkeypatch.setattr(encoding, "_read", lambda *files: {})
    return sounds


def library_codes(folder: Path, *pasts: PastData) -> Any:
    """Returns what the library makes of sounds of one length, the codes that are drawn."""
    import jax
    import magenta_rt  # noqa: F401
    import sequence_layers.jax as sl
    from magenta_rt.jax import spectrostream, system

    encoder = system._load_jax_weights(folder / "encoder.safetensors")["params"]["encoder"]
    rest = system._load_jax_weights(folder / "quantizer.safetensors")["params"]["soundstream"]
    codec = getattr(spectrostream, MAKE)(encoded_truncation_level=12).make()

    @jax.jit
    def made(parameters: Any, sounds: Any) -> Any:
        heard = sl.Sequence.from_values(sounds)
        return codec.apply(parameters, heard, training=False, method=codec.waveform_to_codes).values

    sounds = np.stack([each.sound for each in pasts if each.sound is not None])
    return np.asarray(made({"params": {"encoder": encoder, **rest}}, sounds))


def alike(codes: Any, others: Any) -> bool:
    """Says whether codes are equal but for those that two embeddings are nearly as near to.

    These may turn with the order of sums, which is another in another compilation. A frame that
    was encoded wrongly is one of 125 at most.
    """
    return codes.shape == others.shape and bool(np.mean(codes == others) > 0.995)


def test_an_encoder_of_the_real_size_makes_codes():
    folder = installed.codec()
    write_codec(folder)
    assert {each.name: each.stat().st_size for each in folder.iterdir()} == PUBLISHED
    codes = codes_of(noise(3))
    assert (codes.shape, codes.dtype) == ((25, 12), np.int32)
    assert codes.min() >= 0
    assert 900 < codes.max() < 1024
    assert len(np.unique(codes, axis=0)) == 25


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("frames", [75, 110, 111, 170, 171, 175])
def test_the_codes_are_those_of_the_library_in_one_pass(
    small, theirs, monkeypatch, library, frames
):
    pytest.importorskip(library)
    monkeypatch.setattr(installed, "library", lambda: library)
    assert alike(codes_of(noise(frames / 25)), theirs[0, 25 : frames - 25])


def test_a_window_has_all_that_the_library_hears_for_a_frame():
    import magenta_rt  # noqa: F401
    from magenta_rt.jax import spectrostream

    codec = replace(getattr(spectrostream, MAKE)(), quantizer=None).make().bind({})
    first, last = codec.waveform_to_embeddings_layer.receptive_field
    assert first >= -BEHIND * 1920
    assert last < (1 + AHEAD) * 1920


def test_equal_sounds_have_equal_codes(small, home, monkeypatch):
    codes = codes_of(noise(3))
    monkeypatch.setattr(encoding, "pasts_folder", lambda: home / "elsewhere")
    np.testing.assert_array_equal(codes_of(noise(3)), codes)
    assert not alike(codes, codes_of(noise(3, seed=1)))


def test_silence_is_what_lasting_silence_comes_to_be(small, theirs):
    began, lasted = theirs[1, 0], theirs[1, 37]
    assert not alike(began, lasted)
    assert alike(codes_of(silence(4)), np.tile(lasted, (100, 1)))


def test_a_model_that_was_opened_goes_on_from_a_sound(small):
    past = noise(3)
    with tiny_model():
        write_checkpoint(installed.checkpoint(NAME))
        host = open_mrt2(NAME, AnyStyle())
        first, second = host.add(1), host.add(1)
        host.ground(past)
        host.reset(first, 1, past)
        made = host.step({first: Conditioning(NAME), second: Conditioning(NAME)})
        assert not np.array_equal(made[first], made[second])
        (small / "encoder.safetensors").unlink()
        with pytest.raises(ModelUnavailableError, match="hocket models download spectrostream"):
            host.ground(noise(3, seed=1))


@pytest.mark.parametrize("frames", [*range(75, 180), 699, 700])
def test_a_second_is_left_out_at_either_end(asked, frames):
    codes = codes_of(counted(frames))
    np.testing.assert_array_equal(codes[:, 0], np.arange(26, frames - 24))
    (windows,) = asked
    assert {each.shape for each in windows} == {(3 * SECOND, 2)}


def test_of_a_long_sound_the_first_28_seconds_are_heard(asked):
    codes = codes_of(counted(775))
    np.testing.assert_array_equal(codes[:, 0], np.arange(26, 676))


def test_nothing_of_silence_is_left_out(asked):
    codes = codes_of(silence(22))
    assert codes.shape == (550, 12)
    assert (codes == 0).all()
    assert len(asked[0]) == 1


def test_a_sound_is_encoded_once(asked):
    codes = codes_of(noise(4))
    np.testing.assert_array_equal(codes_of(noise(4)), codes)
    assert len(asked) == 1
    codes_of(noise(4, seed=1))
    assert len(asked) == 2


def test_codes_that_are_kept_need_no_encoder(small, monkeypatch):
    codes = codes_of(noise(3))
    monkeypatch.setattr(encoding, "_read", None)
    again = codes_of(noise(3))
    np.testing.assert_array_equal(again, codes)
    assert again.dtype == np.int32


def test_another_encoder_encodes_anew(asked):
    codes_of(noise(4))
    os.utime(installed.codec_files()[0], ns=(1, 1))
    codes_of(noise(4))
    assert len(asked) == 2


@pytest.mark.parametrize("broken", [b"", b"\0" * 1199, b"\0" * 1201, b"\0\4" * 600])
def test_codes_whose_file_is_broken_are_made_anew(asked, home, broken):
    codes = codes_of(noise(4))
    (kept,) = (home / "pasts").iterdir()
    assert len(kept.read_bytes()) == 1200
    kept.write_bytes(broken)
    np.testing.assert_array_equal(codes_of(noise(4)), codes)
    assert len(asked) == 2


def test_pasts_long_not_asked_for_go_first(asked, home, monkeypatch):
    monkeypatch.setattr(encoding, "MOST", 2)
    for seed in range(4):
        codes_of(noise(3, seed))
    assert len(list((home / "pasts").iterdir())) == 2
    codes_of(noise(3, 3))
    assert len(asked) == 4


@pytest.mark.parametrize("past", [noise(2.99), silence(1)])
def test_a_sound_that_is_too_short_is_told_how_long_one_has_to_be(asked, past):
    with pytest.raises(ValueError, match=r"a sound of \d\.\d\d s is too short .* at least 3 s"):
        codes_of(past)
    assert asked == []


def test_without_the_encoder_the_command_that_fetches_it_is_said(home):
    with pytest.raises(ModelUnavailableError, match="hocket models download spectrostream"):
        codes_of(noise(3))


LAYER = "params/encoder/encoder_3/conv2d_3x3/conv/kernel"
OTHER = "params/encoder/encoder_0/conv2d_3x3/conv/kernel"


def cut_short(encoder: Path, quantizer: Path) -> None:
    os.truncate(encoder, 1000)


def without_layer(encoder: Path, quantizer: Path) -> None:
    arrays = load_file(encoder)
    del arrays[LAYER]
    save_file(arrays, encoder)


def other_size(encoder: Path, quantizer: Path) -> None:
    arrays = load_file(encoder)
    save_file({**arrays, LAYER: arrays[OTHER]}, encoder)


def without_embedding(encoder: Path, quantizer: Path) -> None:
    quantizer.unlink()
    shutil.copy2(encoder, quantizer)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (cut_short, "header"),
        (without_layer, "kernel"),
        (other_size, "shape"),
        (without_embedding, "embedding"),
    ],
)
def test_files_that_are_broken_are_said_to_be(small, monkeypatch, library, harm, words):
    pytest.importorskip(library)
    monkeypatch.setattr(installed, "library", lambda: library)
    harm(*installed.codec_files())
    with pytest.raises(ModelUnavailableError) as refused:
        codes_of(noise(3))
    told = str(refused.value)
    assert told.startswith(f"SpectroStream in {small} cannot be used: ")
    assert told.endswith("; `hocket models download spectrostream` fetches its files again")
    assert words in told
    assert "\n" not in told
