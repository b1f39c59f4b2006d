from __future__ import annotations

import io
import math
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from patcher.terminal import spectrogram
from patcher.terminal.picture import clock, draw_picture, draw_tile, ticks
from patcher.terminal.spectrogram import read_spectrogram, read_waveform

RATE = 48_000


def sine(hertz: float, seconds: float, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)


def sound_of(samples: np.ndarray, rate: int = RATE) -> soundfile.SoundFile:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    file.seek(0)
    return soundfile.SoundFile(file)


def png_size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert data[12:16] == b"IHDR"
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def pixels(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return np.asarray(imread(path))


@pytest.mark.parametrize("hertz", [65.41, 130.0, 440.0, 1_000.0, 3_000.0, 9_000.0])
def test_a_tone_is_brightest_at_its_frequency(hertz: float) -> None:
    levels = read_spectrogram(sound_of(sine(hertz, 1.0)))
    middle = levels[:, levels.shape[1] // 2]
    found = spectrogram.rows_hz()[middle.argmax()]
    # A row is 1.2 % high; a quarter-tone, which is 2.9 %, would already be a wrong note.
    assert found == pytest.approx(hertz, rel=0.02)


def test_levels_are_those_of_a_sine_at_full_scale() -> None:
    levels = read_spectrogram(sound_of(sine(440, 1.0, level=0.5)))
    # Half of full scale is −6.02 dB; between two bins a Hann window loses at most 1.42 dB.
    assert -7.5 < levels[:, levels.shape[1] // 2].max() < -5.9


def test_a_sound_starts_where_it_starts() -> None:
    samples = np.concatenate([np.zeros(RATE // 2), sine(9_000, 0.5)])
    levels = read_spectrogram(sound_of(samples))
    row = np.abs(spectrogram.rows_hz() - 9_000).argmin()
    loud = np.flatnonzero(levels[row] > -20)[0] / levels.shape[1]
    assert loud == pytest.approx(0.5, abs=0.01)


def test_channels_in_opposite_phase_do_not_cancel() -> None:
    tone = sine(440, 0.5)
    mono = read_spectrogram(sound_of(tone))
    opposite = read_spectrogram(sound_of(np.stack([tone, -tone], 1)))
    np.testing.assert_allclose(opposite, mono, atol=0.01)


def test_nothing_is_shown_above_half_the_sample_rate() -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8_000)
    levels = read_spectrogram(sound_of(noise, 8_000))
    above = spectrogram.rows_hz() >= 4_000
    assert np.all(levels[above] == spectrogram.FLOOR_DB)
    assert np.all(levels[~above].max(1) > -80)


def test_silence_lies_on_the_floor() -> None:
    sound = sound_of(np.zeros((RATE, 2)))
    assert np.all(read_spectrogram(sound) == pytest.approx(spectrogram.FLOOR_DB))
    assert not any(np.any(each) for each in read_waveform(sound))


def test_the_waveform_of_each_channel_is_its_own() -> None:
    left = np.where(np.arange(RATE) < RATE // 2, 0.0, 0.25)
    right = np.full(RATE, -0.5)
    waveform = read_waveform(sound_of(np.stack([left, right], 1)))
    columns = RATE // spectrogram.COLUMN_SAMPLES
    assert waveform.low.shape == (columns, 2)
    assert waveform.high[0, 0] == 0.0
    assert waveform.high[-1, 0] == waveform.rms[-1, 0] == 0.25
    assert np.all(waveform.low[:, 1] == -0.5)
    assert np.all(waveform.high[:, 1] == -0.5)
    np.testing.assert_allclose(waveform.rms[:, 1], 0.5)


def test_a_click_anywhere_is_seen() -> None:
    samples = np.zeros(RATE * 12)
    samples[400_001] = 0.9
    waveform = read_waveform(sound_of(samples))
    assert waveform.high.shape == (spectrogram.COLUMNS, 1)
    assert waveform.high.argmax() == 400_001 * spectrogram.COLUMNS // samples.size
    assert waveform.high.max() == pytest.approx(0.9)


def test_what_is_no_number_does_not_spoil_the_rest() -> None:
    samples = sine(440, 1.0)
    samples[:3] = np.nan, np.inf, -np.inf
    sound = sound_of(samples)
    assert np.all(np.isfinite(read_spectrogram(sound)))
    waveform = read_waveform(sound)
    assert all(np.all(np.isfinite(each)) for each in waveform)
    assert waveform.high[0, 0] == 1.0


@given(samples=st.integers(0, 2**40))
def test_there_is_a_column_and_never_more_than_can_be_seen(samples: int) -> None:
    columns = spectrogram.column_count(samples)
    assert 1 <= columns <= spectrogram.COLUMNS
    assert columns == 1 or samples / columns >= spectrogram.COLUMN_SAMPLES


@given(seconds=st.floats(0.04, 200_000))
def test_marks_of_time_are_few_and_within_the_sound(seconds: float) -> None:
    marks = ticks(seconds)
    assert marks[0] == 0
    assert len(marks) <= 13
    assert marks[-1] <= seconds * (1 + 1e-9)
    assert seconds < 0.05 or len(marks) > 3


@pytest.mark.parametrize(
    ("time", "length", "text"),
    [
        (2.5, 10, "2.5 s"),
        (0, 59, "0 s"),
        (30, 61, "0:30"),
        (90.4, 300, "1:30"),
        (59.9, 60, "1:00"),
        (3_599, 3_600, "0:59:59"),
        (7_325, 8_000, "2:02:05"),
    ],
)
def test_times_are_written_as_people_read_them(time: float, length: float, text: str) -> None:
    assert clock(time, length) == text


def test_a_picture_of_a_stereo_sound_with_two_generators(tmp_path: Path) -> None:
    wav, png = tmp_path / "in.wav", tmp_path / "out.png"
    soundfile.write(wav, np.stack([sine(440, 1), sine(660, 1)], 1), RATE)
    draw_picture(wav, png, "Two", {"low": [(69, 0.0, 0.5)], "high": [(76, 0.25, 1.0)]})
    assert png_size(png) == (1_600, 900)


def test_notes_are_drawn_over_the_sound(tmp_path: Path) -> None:
    wav, bare, noted = tmp_path / "in.wav", tmp_path / "bare.png", tmp_path / "noted.png"
    soundfile.write(wav, np.zeros(RATE), RATE)
    draw_picture(wav, bare, "Same")
    draw_picture(wav, noted, "Same", [(60, 0.25, 0.75)])
    differs = np.any(pixels(bare) != pixels(noted), axis=2)
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    # The axes span 5.5 % to 95 % of 1,600 pixels; the note takes the middle half of them.
    assert columns[0] == pytest.approx(1_600 * (0.055 + 0.895 * 0.25), abs=3)
    assert columns[-1] == pytest.approx(1_600 * (0.055 + 0.895 * 0.75), abs=3)
    # An outline one semitone high: the axes' 600 pixels span 9.06 octaves.
    assert np.ptp(rows) == pytest.approx(600 / (12 * math.log2(16_000 / 30)), abs=3)


@pytest.mark.parametrize("title", ["$x_", "日本\n\n" + "very long " * 50, "", "a $\\frac$ b"])
def test_any_title_can_be_drawn(tmp_path: Path, title: str) -> None:
    wav, png = tmp_path / "in.wav", tmp_path / "out.png"
    soundfile.write(wav, np.zeros((0, 2)), RATE)
    draw_picture(wav, png, title, {"a_$b_": [], "_": []})
    assert png_size(png) == (1_600, 900)


@pytest.mark.parametrize(("level", "height"), [(0.5, 46), (0.05, 5)])
def test_tiles_can_be_compared(tmp_path: Path, level: float, height: int) -> None:
    wav, png = tmp_path / "in.wav", tmp_path / "out.png"
    soundfile.write(wav, sine(440, 1, level), RATE)
    draw_tile(wav, png, "A tone")
    assert png_size(png) == (540, 350)
    red, green, *_ = pixels(png)[:95, 300].T
    # The lane is 61 pixels high and spans ±0.66.
    assert np.count_nonzero(green > red + 0.1) == pytest.approx(height, abs=2)


def test_a_softer_tone_is_darker_in_its_tile(tmp_path: Path) -> None:
    brightest = []
    for level in (0.05, 0.005):
        wav, png = tmp_path / "in.wav", tmp_path / "out.png"
        soundfile.write(wav, sine(440, 1, level), RATE)
        draw_tile(wav, png, "A tone")
        brightest.append(pixels(png)[105:310, 300, :3].sum(1).max())
    assert brightest[0] > brightest[1] + 0.3


def test_a_tile_is_drawn_twice_the_same(tmp_path: Path) -> None:
    wav = tmp_path / "in.wav"
    soundfile.write(wav, np.stack([sine(440, 1), sine(660, 1)], 1), RATE)
    for name in ("a.png", "b.png"):
        draw_tile(wav, tmp_path / name, "Same")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
