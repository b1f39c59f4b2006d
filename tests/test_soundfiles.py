"""Sound files as streams: what is read is what was written, at 48 kHz."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.soundfiles import SoundReader, SoundWriter, stereo


def sine(rate: int, seconds: float, hertz: float = 1000.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


def read(path: Path) -> np.ndarray:
    return np.concatenate(list(SoundReader(path)))


def test_a_file_at_48_khz_comes_back_sample_for_sample_in_whole_frames(tmp_path):
    path = tmp_path / "a.wav"
    given = np.stack([sine(48_000, 0.1), sine(48_000, 0.1, 500)], axis=1) * np.float32(0.5)
    soundfile.write(path, given, 48_000, subtype="FLOAT")
    reader = SoundReader(path)
    assert reader.seconds == pytest.approx(0.1)
    frames = list(reader)
    assert [frame.shape for frame in frames] == [(1920, 2)] * 3
    got = np.concatenate(frames)
    assert np.array_equal(got[:4800], given)
    assert not got[4800:].any()


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_other_rates_keep_pitch_and_length(tmp_path, rate):
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(rate, 2.0), rate, subtype="FLOAT")
    got = read(path)
    assert abs(len(got) - 96_000) <= 1920
    spectrum = np.abs(np.fft.rfft(got[:96_000, 0] * np.hanning(96_000)))
    assert np.argmax(spectrum) / 2.0 == pytest.approx(1000.0, abs=0.5)
    assert np.array_equal(got[:, 0], got[:, 1])


def test_further_channels_go_to_both_sides():
    given = np.array([[0.1, 0.2, 0.4, 0.0]], np.float32)
    middle = 0.2 * 0.5**0.5
    assert stereo(given)[0] == pytest.approx([0.1 + middle, 0.2 + middle])


def test_samples_that_are_no_numbers_become_silence(tmp_path):
    path = tmp_path / "a.wav"
    given = np.array([[0.5], [np.nan], [np.inf], [-0.5]], np.float32)
    soundfile.write(path, given, 48_000, subtype="FLOAT")
    assert read(path)[:4, 0].tolist() == [0.5, 0.0, 0.0, -0.5]


def test_what_is_no_sound_file_is_named(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"not a sound")
    with pytest.raises(ValueError, match=r"'a\.wav' is no sound file"):
        SoundReader(path)
    with pytest.raises(FileNotFoundError):
        SoundReader(tmp_path / "nowhere.wav")


def test_too_many_channels_are_refused(tmp_path):
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.zeros((10, 16), np.float32), 48_000)
    with pytest.raises(ValueError, match=r"has 16 channels; at most 8"):
        SoundReader(path)


@pytest.mark.parametrize(("name", "kind"), [("a.wav", "WAV"), ("b.flac", "FLAC")])
def test_what_is_written_is_24_bit_stereo_and_clips(tmp_path, name, kind):
    path = tmp_path / "new" / name
    with SoundWriter(path) as writer:
        writer.write(np.array([[0.25, -2.0]], np.float32))
        assert not path.exists()
    info = soundfile.info(path)
    assert (info.format, info.subtype, info.samplerate, info.channels) == (kind, "PCM_24", 48000, 2)
    assert soundfile.read(path)[0].tolist() == [[0.25, -1.0]]


def test_a_writer_left_by_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with SoundWriter(path) as writer:
            writer.write(np.zeros((10, 2), np.float32))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.wav"]


def test_only_wav_and_flac_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"ends neither in \.wav nor in \.flac"):
        SoundWriter(tmp_path / "a.mp3")
