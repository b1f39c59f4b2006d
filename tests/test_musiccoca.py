"""MusicCoCa through the library, its styles kept on disk, and what is played by them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine import edits
from engine.generators import ModelUnavailableError, open_host
from engine.generators.mrt2 import installed
from engine.generators.sketch.anchors import Palette
from engine.render import Inputs, open_player, render
from engine.signals import FRAME_RATE, SAMPLE_RATE, StyleArray
from engine.style import Samples, Styles, opening
from engine.style.musiccoca import MusicCoCaEncoder
from engine.style.opening import open_encoder
from engine.style.sketch import SketchEncoder
from nodes.styles import Listen
from tests.sketching import Names, anchored
from tests.takes import REGISTRY, thin_patch

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")


@pytest.fixture(autouse=True)
def chance() -> Iterator[None]:
    """The mock seeds NumPy's global generator; what it was is brought back."""
    before = np.random.get_state()
    yield
    np.random.set_state(before)


@pytest.fixture
def mock() -> Any:
    from magenta_rt.musiccoca import MockMusicCoCa

    return MockMusicCoCa()


@pytest.fixture
def magenta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of MusicCoCa on a machine of a test's own, its files there but no networks."""
    from magenta_rt import paths

    home = tmp_path / "magenta-rt-v2"
    folder = home / "resources" / "musiccoca"
    folder.mkdir(parents=True)
    for name in installed.ENCODER_FILES:
        (folder / name).write_bytes(b"as if")
    monkeypatch.setattr(opening, "styles_folder", lambda: tmp_path / "styles")
    before = paths.magenta_home()
    paths.set_magenta_home(home)
    yield folder
    paths.set_magenta_home(before)


@pytest.fixture
def mocked(magenta: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, but the library finds the mock in it."""
    from magenta_rt import musiccoca

    monkeypatch.setattr(musiccoca, "MusicCoCa", lambda folder: musiccoca.MockMusicCoCa())
    return magenta


def noise(seconds: float, seed: int = 0) -> Samples:
    drawn = np.random.default_rng(seed).standard_normal((round(seconds * SAMPLE_RATE), 2))
    return (0.1 * drawn).astype(np.float32)


class Library:
    """What the library's encoder is asked for, each answer a vector of its own."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def embed(self, text: str, **how: Any) -> StyleArray:
        self.asked.append((text, how))
        return np.full(768, len(self.asked), np.float64)


def test_a_text_is_embedded_as_the_library_does_it(mock: Any) -> None:
    encoder = MusicCoCaEncoder(mock)
    style = encoder.text("warm pad")
    assert (style.shape, style.dtype) == ((768,), np.float32)
    np.testing.assert_array_equal(style, mock.embed("warm pad"))
    assert not encoder.stand_in


def test_texts_are_mapped_with_one_seed_where_there_is_a_mapper() -> None:
    library = Library()
    assert MusicCoCaEncoder(library, mapped=True).text("oud").dtype == np.float32
    MusicCoCaEncoder(library).text("oud")
    mapped, raw = (how for _, how in library.asked)
    assert mapped == {"use_mapper": True, "seed": 0}
    assert not raw["use_mapper"]


def test_a_sound_is_the_mean_of_its_clips_of_10_seconds_in_mono_at_16_khz(mock: Any) -> None:
    from magenta_rt.audio import Waveform

    sound = noise(13)
    waveform = Waveform(sound, SAMPLE_RATE).as_mono().resample(16_000)
    clips = np.zeros((2, 160_000), np.float32)
    clips.flat[: len(waveform)] = waveform.samples[:, 0]
    wanted = mock._embed_batch_clips(clips).mean(axis=0)
    np.testing.assert_allclose(MusicCoCaEncoder(mock).sound(sound), wanted, atol=1e-6)


@pytest.mark.parametrize("seconds", [10, 0.5, 1 / SAMPLE_RATE])
def test_a_window_of_at_most_10_seconds_is_one_clip(mock: Any, seconds: float) -> None:
    asked = []
    embed = mock._embed_batch_clips
    mock._embed_batch_clips = lambda clips: asked.append(len(clips)) or embed(clips)
    assert np.isfinite(MusicCoCaEncoder(mock).sound(noise(seconds))).all()
    assert asked == [1]


def test_a_style_has_the_librarys_12_tokens(mock: Any) -> None:
    encoder = MusicCoCaEncoder(mock)
    style = encoder.text("warm pad")
    tokens = encoder.tokens(style)
    assert (tokens.shape, tokens.dtype) == ((12,), np.int32)
    np.testing.assert_array_equal(tokens, mock.tokenize(style))


def test_one_text_at_a_time_is_embedded_but_tokens_wait_for_none() -> None:
    inside, most = 0, 0
    began, go = threading.Event(), threading.Event()

    class Slow:
        def embed(self, text: str, **how: Any) -> StyleArray:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            began.set()
            assert go.wait(20)
            inside -= 1
            return np.zeros(768, np.float32)

        def tokenize(self, style: StyleArray) -> Any:
            return np.arange(12)

    encoder = MusicCoCaEncoder(Slow())
    threads = [threading.Thread(target=encoder.text, args=(text,)) for text in "abc"]
    for each in threads:
        each.start()
    assert began.wait(20)
    assert encoder.tokens(np.zeros(768, np.float32)).tolist() == list(range(12))
    go.set()
    for each in threads:
        each.join()
    assert most == 1


def test_what_the_library_fails_at_is_said_with_what_to_do() -> None:
    class Broken:
        def embed(self, text: str, **how: Any) -> StyleArray:
            raise ValueError("Model provided has model identifier '', should be 'TFL3'")

    with pytest.raises(ModelUnavailableError, match=r"MusicCoCa fails: .*'TFL3'") as caught:
        MusicCoCaEncoder(Broken()).text("oud")
    assert installed.GET_ENCODER in str(caught.value)


def test_the_stand_in_embeds_where_a_file_of_musiccoca_is_missing(magenta: Path) -> None:
    (magenta / installed.ENCODER_FILES[-1]).unlink()
    assert isinstance(open_encoder(), SketchEncoder)


def test_files_that_hold_no_network_are_told_of(magenta: Path) -> None:
    encoder = open_encoder()
    for ask in (lambda: encoder.text("oud"), lambda: encoder.sound(noise(1))):
        with pytest.raises(ModelUnavailableError, match="MusicCoCa fails: ") as caught:
            ask()
        assert installed.GET_ENCODER in str(caught.value)


def test_musiccoca_embeds_where_it_is_installed(mocked: Path, mock: Any, tmp_path: Path) -> None:
    encoder = open_encoder()
    assert not encoder.stand_in
    np.testing.assert_array_equal(encoder.text("oud"), mock.embed("oud"))
    assert len(list((tmp_path / "styles" / "texts").iterdir())) == 1


def test_a_text_kept_unmapped_is_not_taken_once_there_is_a_mapper(
    mocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from magenta_rt import musiccoca

    open_encoder().text("oud")
    (mocked / installed.MAPPER_FILE).write_bytes(b"as if")
    library = Library()
    monkeypatch.setattr(musiccoca, "MusicCoCa", lambda folder: library)
    open_encoder().text("oud")
    assert library.asked == [("oud", {"use_mapper": True, "seed": 0})]


@pytest.mark.parametrize("weights", [False, True])
def test_no_mrt2_model_is_fed_by_the_stand_in(magenta: Path, weights: bool) -> None:
    (magenta / installed.ENCODER_FILES[0]).unlink()
    if weights:
        checkpoint = installed.checkpoint("mrt2_small")
        checkpoint.parent.mkdir()
        checkpoint.write_bytes(b"as if")
    with pytest.raises(ModelUnavailableError, match="mrt2_small needs MusicCoCa") as caught:
        open_host("mrt2_small", open_encoder())
    assert installed.GET_ENCODER in str(caught.value)
    assert str(magenta) in str(caught.value)


def test_with_musiccoca_a_model_lacks_its_weights_alone(mocked: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="no weights of mrt2_small"):
        open_host("mrt2_small", open_encoder())


@pytest.mark.parametrize("length", [1.0, 27.7, 0.2])
def test_the_sketch_knows_its_anchors_whatever_length_styles_have(length: float) -> None:
    class Long(Names):
        def text(self, text: str) -> StyleArray:
            return np.float32(length) * super().text(text)

    palette, plain = Palette(Long()), Palette(Names())
    organ, bells = anchored("organ"), anchored("bells")
    for style in (organ, 0.5 * organ + 0.5 * bells, 0.1 * bells):
        mixed = palette.mixture(np.float32(length) * style)
        np.testing.assert_allclose(mixed, plain.mixture(style), rtol=1e-4, atol=1e-5)


def test_the_sketch_plays_by_musiccoca_and_asks_the_disk_the_next_time(
    mocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from magenta_rt import musiccoca

    def played(text: str) -> StyleArray:
        patch = edits.set_value(thin_patch(), REGISTRY, "prompt", "text", text)
        report = render(open_player(patch, REGISTRY, None), Inputs(seconds=2), tmp_path / "o.wav")
        assert report.stand_ins == ("sketch",)
        assert report.first_sound is not None
        return soundfile.read(report.path)[0]

    organ, bells = played("organ"), played("bells")
    assert np.abs(organ - bells).max() > 0.01

    def refused(folder: Path) -> None:
        raise AssertionError("it is loaded")

    monkeypatch.setattr(musiccoca, "MusicCoCa", refused)
    np.testing.assert_array_equal(played("organ"), organ)


def test_what_listens_hears_the_last_10_seconds_by_musiccoca(mock: Any) -> None:
    from magenta_rt.audio import Waveform

    styles, node = Styles(MusicCoCaEncoder(mock), wait=True), Listen()
    sound = noise(11)
    for frame in np.split(sound, 11 * FRAME_RATE):
        style = node(styles, audio=frame)
    window = Waveform(sound[-10 * SAMPLE_RATE :], SAMPLE_RATE)
    np.testing.assert_array_equal(style, mock.embed(window))
