"""The anchors, heard: in tune, as loud as each other, told apart, without clicks or aliases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from engine.conditioning import Conditioning
from engine.generators.sketch.anchors import ANCHORS, Manner
from engine.generators.sketch.host import SketchHost
from engine.signals import SAMPLE_RATE, AudioArray
from tests import measure
from tests.sketching import Names, anchored, held, loudness, phrase, play_all

Floats = npt.NDArray[np.float64]
NAMES = [anchor.name for anchor in ANCHORS]
SETS = {"learnt": range(0, 8, 2), "tried": range(1, 8, 2)}
"""Phrases of either half, each with a seed of its own."""
STEADY = {"breath": 0, "vibrato": 0, "tremolo": 0, "chorus": 0, "room": 0, "sustain": 1}
"""What makes a tone's spectrum nothing but lines."""


@pytest.fixture(scope="module")
def phrases() -> dict[str, list[dict[str, AudioArray]]]:
    host = SketchHost(Names())
    return {
        half: [play_all(phrase(number), seed=number, host=host) for number in numbers]
        for half, numbers in SETS.items()
    }


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 24


def test_all_are_equally_loud(phrases: dict[str, list[dict[str, AudioArray]]]) -> None:
    heard = phrases["learnt"] + phrases["tried"]
    mean = {name: np.mean([loudness(each[name]) for each in heard]) for name in NAMES}
    middle = np.mean(list(mean.values()))
    assert {name: loud for name, loud in mean.items() if abs(loud - middle) > 3} == {}


def test_none_is_too_loud_or_has_dc(phrases: dict[str, list[dict[str, AudioArray]]]) -> None:
    for each in phrases["tried"]:
        for name, sound in each.items():
            assert measure.peak(sound) < -0.4, name
            window = np.hanning(len(sound))[:, None]
            assert np.abs((sound * window).sum(axis=0) / window.sum()).max() < 1e-3, name


def test_they_are_told_apart_by_a_nearest_centroid(
    phrases: dict[str, list[dict[str, AudioArray]]],
) -> None:
    learnt = np.array([[features(each[name]) for name in NAMES] for each in phrases["learnt"]])
    tried = np.array([[features(each[name]) for name in NAMES] for each in phrases["tried"]])
    centroids, spread = learnt.mean(axis=0), learnt.reshape(-1, learnt.shape[-1]).std(axis=0)
    distance = np.linalg.norm((tried[:, :, None] - centroids) / spread, axis=-1)
    right = distance.argmin(axis=-1) == np.arange(len(NAMES))
    assert right.mean() >= 0.9, [
        name for name, good in zip(NAMES, right.T, strict=True) if not good.all()
    ]


def features(sound: AudioArray) -> Floats:
    """Mel spectrum in dB (24 bands), log2 of the spectral centroid, log2 of the attack time,
    harmonic-to-noise ratio in dB, side to middle in dB."""
    left, right = np.asarray(sound, np.float64).T
    mono = 0.5 * (left + right)
    frames = np.lib.stride_tricks.sliding_window_view(mono, 4096)[::1024] * np.hanning(4096)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    hertz = np.fft.rfftfreq(4096, 1 / SAMPLE_RATE)
    edges = 700 * (10 ** (np.linspace(0.07, 3.5, 26) / 2.595 / 0.97) - 1)
    mean = power.mean(axis=0)
    bands = np.array(
        [
            mean[(hertz >= low) & (hertz < high)].sum()
            for low, high in zip(edges[:-2], edges[2:], strict=True)
        ]
    )
    mel = 10 * np.log10(bands / bands.sum() + 1e-7)
    centroid = np.log2((mean * hertz).sum() / mean.sum())
    envelope = np.sqrt(np.square(mono[:38_400]).reshape(-1, 240).mean(axis=1))
    attack = np.log2(1 + np.argmax(envelope >= 0.8 * envelope.max()))
    lags = np.fft.irfft(np.square(np.abs(np.fft.rfft(frames, 8192, axis=1))), axis=1)
    regular = lags[:, 60:1000].max(axis=1) / lags[:, 0]
    noise = 10 * np.log10(np.median(regular) / (1.001 - np.median(regular)))
    width = 10 * np.log10(np.square(left - right).sum() / np.square(left + right).sum() + 1e-6)
    return np.array([*mel, centroid, attack, noise, width])


def test_no_tone_aliases_up_to_pitch_108() -> None:
    host = SketchHost(Names())
    for name, value in STEADY.items():
        host._palette._points[:, 96 + Manner._fields.index(name)] = value
    for at in (84, 96, 103, 108):
        for name, sound in play_all(held(at, frames=20), 1, drums=0, host=host).items():
            anchor = next((each for each in ANCHORS if each.name == name), None)
            if anchor is None:
                continue
            tone = measure.hertz(at)
            ratios = np.arange(1, 60) if anchor.manner.drive else 2.0**anchor.ratio
            assert strays(sound[9600:], tone * ratios) < -60, (name, at)


def strays(sound: AudioArray, partials: Floats) -> float:
    """The loudest of the spectrum that is no partial, in dB under the loudest that is one."""
    n = np.arange(len(sound)) * (2 * np.pi / len(sound))
    window = 0.35875 - 0.48829 * np.cos(n) + 0.14128 * np.cos(2 * n) - 0.01168 * np.cos(3 * n)
    size = np.abs(np.fft.rfft(sound[:, 0] * window))
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    apart = np.abs(hertz[:, None] - partials).min(axis=1)
    return float(20 * np.log10(size[apart > 60].max() / size.max()))


def test_moving_across_all_anchors_in_a_second_does_not_click() -> None:
    host = SketchHost(Names())
    slot = host.add(1)
    made = []
    for frame, each in enumerate(held(48, 64, 67, 72, frames=26)):
        place = frame / 25 * (len(NAMES) - 1)
        low = min(int(place), len(NAMES) - 2)
        before, after = anchored(NAMES[low]), anchored(NAMES[low + 1])
        blend = before + np.float32(place - low) * (after - before)
        made.append(host.step({slot: Conditioning(notes=each, style=blend, drums=0)})[slot])
    assert measure.click(np.concatenate(made)[1920:], 1920) < -60
