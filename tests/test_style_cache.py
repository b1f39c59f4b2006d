"""Styles kept on disk: found again, made anew where broken, bounded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.signals import SAMPLE_RATE, StyleArray
from engine.style import Samples, cache
from engine.style.cache import MOST, OVER, CachedEncoder


def noise(seconds: float, seed: int = 0) -> Samples:
    drawn = np.random.default_rng(seed).standard_normal((round(seconds * SAMPLE_RATE), 2))
    return (0.1 * drawn).astype(np.float32)


class Counting:
    """An encoder that counts what it is asked for."""

    stand_in = False

    def __init__(self) -> None:
        self.asked: list[object] = []

    def text(self, text: str) -> StyleArray:
        self.asked.append(text)
        return np.full(768, len(text) / 3, np.float32)

    def sound(self, samples: Samples) -> StyleArray:
        self.asked.append(samples.shape)
        return np.full(768, samples.sum(), np.float32)

    def tokens(self, style: StyleArray) -> Any:
        return np.arange(12, dtype=np.int32)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "encoder.tflite", tmp_path / "mapper.tflite"]
    for path in paths:
        path.write_bytes(b"weights")
    return paths


def cached(counting: Counting, files: list[Path], folder: Path) -> CachedEncoder:
    return CachedEncoder(counting, files, folder)


def test_a_style_that_is_kept_is_not_made_again(counting, files, tmp_path) -> None:
    folder = tmp_path / "styles"
    first = cached(counting, files, folder)
    text, sound = first.text("oud"), first.sound(noise(0.1))
    again = cached(counting, files, folder)
    np.testing.assert_array_equal(again.text("oud"), text)
    np.testing.assert_array_equal(again.sound(noise(0.1)), sound)
    assert counting.asked == ["oud", (4800, 2)]
    assert not again.stand_in
    assert again.text("lute") is not None
    assert again.sound(noise(0.1, seed=1)) is not None
    assert len(counting.asked) == 4


def test_other_files_of_the_encoder_are_another_encoder(counting, files, tmp_path) -> None:
    folder = tmp_path / "styles"
    cached(counting, files, folder).text("oud")
    cached(counting, files[:1], folder).text("oud")
    files[0].write_bytes(b"other weights")
    cached(counting, files, folder).text("oud")
    os.utime(files[1], ns=(1, 1))
    cached(counting, files, folder).text("oud")
    assert counting.asked == ["oud"] * 4


@pytest.mark.parametrize("broken", [b"", b"\0" * 100, b"\0" * 4000, b"\xff" * 3072])
def test_a_broken_file_is_made_anew(counting, files, tmp_path, broken: bytes) -> None:
    folder = tmp_path / "styles"
    style = cached(counting, files, folder).text("oud")
    (kept,) = (folder / "texts").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(broken)
    np.testing.assert_array_equal(cached(counting, files, folder).text("oud"), style)
    assert kept.read_bytes() == whole
    assert len(whole) == 4 * 768


def test_a_folder_that_cannot_be_written_is_survived(counting, files, tmp_path) -> None:
    blocked = tmp_path / "styles"
    blocked.write_text("a file, not a folder")
    encoder = cached(counting, files, blocked)
    assert encoder.text("oud")[0] == encoder.text("oud")[0] == np.float32(1)
    assert counting.asked == ["oud", "oud"]


def test_those_longest_not_asked_for_go_first(counting, files, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cache, "MOST", 4)
    monkeypatch.setattr(cache, "OVER", 2)
    folder = tmp_path / "styles"
    encoder = cached(counting, files, folder)
    for number in range(30):
        encoder.text("often")
        encoder.text(f"once {number}")
        for at, path in enumerate(sorted((folder / "texts").iterdir(), key=_used)):
            os.utime(path, ns=(at, at))  # further apart than the disk's clock may tell
        assert len(list((folder / "texts").iterdir())) <= 4 + 2
    assert counting.asked.count("often") == 1


def _used(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_sounds_do_not_drive_out_texts(counting, files, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cache, "MOST", 2)
    monkeypatch.setattr(cache, "OVER", 0)
    encoder = cached(counting, files, tmp_path / "styles")
    encoder.text("oud")
    for seed in range(5):
        encoder.sound(noise(0.01, seed))
    encoder.text("oud")
    assert counting.asked.count("oud") == 1
    assert len(list((tmp_path / "styles" / "sounds").iterdir())) == 2


def test_what_is_kept_takes_15_megabytes_at_most() -> None:
    assert 2 * (MOST + OVER) * 4 * 768 < 15e6
