"""A sound file as samples: what is read, and what is refused in plain words."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from engine import sound as module
from engine.sound import read_prompt, read_sound
from tests import measure


def write(path, samples, rate=48_000, **options):
    soundfile.write(path, samples, rate, **options)
    return path


def sine(hertz: float, seconds: float, rate: int = 48_000) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def test_stereo_at_48_khz_is_read_as_it_is(tmp_path) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (100, 2)).astype(np.float32)
    read = read_sound(write(tmp_path / "a.wav", samples, subtype="FLOAT"))
    np.testing.assert_array_equal(read.samples, samples)
    assert read.samples.dtype == np.float32
    assert not read.samples.flags.writeable


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_other_rates_keep_their_pitch_and_length(tmp_path, rate: int) -> None:
    read = read_sound(write(tmp_path / "a.wav", sine(440, 1, rate), rate))
    assert len(read.samples) == pytest.approx(48_000, abs=2)
    assert abs(measure.cents(measure.pitch(read.samples), 440)) < 1


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3", "a.aiff"])
def test_other_formats_are_read(tmp_path, name: str) -> None:
    read = read_sound(write(tmp_path / name, sine(440, 1)))
    assert abs(measure.cents(measure.pitch(read.samples), 440)) < 1


def test_mono_goes_to_both_sides_and_more_channels_to_the_middle(tmp_path) -> None:
    mono = read_sound(write(tmp_path / "mono.wav", sine(440, 0.1)))
    np.testing.assert_array_equal(mono.samples[:, 0], mono.samples[:, 1])
    centre = np.zeros((100, 6), np.float32)
    centre[:, 2] = 0.4
    folded = read_sound(write(tmp_path / "six.wav", centre, subtype="FLOAT")).samples
    assert folded.shape == (100, 2)
    np.testing.assert_allclose(folded, 0.1 * 0.5**0.5, atol=1e-6)


def test_equal_sounds_have_equal_keys(tmp_path) -> None:
    one = read_sound(write(tmp_path / "a.wav", sine(440, 0.1)))
    same = read_sound(write(tmp_path / "b.wav", sine(440, 0.1)))
    other = read_sound(write(tmp_path / "c.wav", sine(441, 0.1)))
    assert one.key == same.key != other.key


def test_a_prompt_is_the_first_10_seconds(tmp_path) -> None:
    path = write(tmp_path / "a.wav", sine(440, 12, 8000), 8000)
    assert len(read_prompt(path).samples) == 480_000
    assert len(read_sound(path).samples) == 576_000
    assert len(read_prompt(write(tmp_path / "b.wav", sine(440, 1))).samples) == 48_000


def refused(path) -> str:
    with pytest.raises(ValueError, match=path.name) as error:
        read_prompt(path)
    return str(error.value)


def test_what_is_no_sound_is_refused(tmp_path) -> None:
    for name, content in {"text.wav": b"hello", "empty.wav": b"", "head.wav": b"RIFF"}.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert "is no sound file" in refused(path)


def test_a_file_without_samples_is_refused(tmp_path) -> None:
    path = write(tmp_path / "none.wav", np.zeros((0, 2)))
    assert refused(path) == "'none.wav' has no samples"


def test_samples_that_are_no_numbers_are_refused(tmp_path) -> None:
    for at, wrong in enumerate((np.nan, np.inf)):
        path = write(tmp_path / f"{at}.wav", np.full((10, 2), wrong), subtype="FLOAT")
        assert "no finite numbers" in refused(path)


def test_too_many_channels_are_refused(tmp_path) -> None:
    path = write(tmp_path / "nine.wav", np.zeros((10, 9)))
    assert refused(path) == "'nine.wav' has 9 channels; at most 8 are read"


def test_odd_rates_are_refused(tmp_path) -> None:
    path = write(tmp_path / "slow.wav", np.zeros((10, 2)), 100)
    assert refused(path) == "'slow.wav' has 100 samples a second; legal are 4000..384000"


def test_more_than_half_an_hour_is_refused(tmp_path, monkeypatch) -> None:
    path = write(tmp_path / "long.wav", np.zeros(8000 * 130), 8000)
    monkeypatch.setattr(module, "MAX_SECONDS", 120)
    assert refused(path) == "'long.wav' is 2 minutes long; at most 2 are read"


def test_a_file_that_is_not_there_is_an_os_error(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sound(tmp_path / "gone.wav")
