"""Qualities that a text asks for, as they are heard: bright, dry, slow, mono, distorted, busy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.generators.sketch.anchors import ANCHORS, SIZE, USUAL_GUIDANCE, Palette
from engine.generators.sketch.host import SketchHost
from engine.generators.sketch.qualities import QUALITIES
from engine.signals import NO_STYLE, SAMPLE_RATE, STYLE_SIZE, AudioArray, StyleArray
from engine.style.lexicon import QUALITIES as WORDED
from tests.sketching import ENCODER, Names, held, loudness, notes, play, started, style

PALETTE = Palette(ENCODER)
CHORD = [*held(55, 60, 64, frames=35, tail=20), *held(57, 60, 65, frames=30)]
TAIL = slice(int(1.65 * SAMPLE_RATE), int(2.15 * SAMPLE_RATE))
"""Half a second that begins 250 ms after the first chord has ended."""


@cache
def host() -> SketchHost:
    return SketchHost(ENCODER)


@cache
def chords(text: str) -> AudioArray:
    """Two chords with a rest of 0.8 s between them."""
    slot = host().add(3)
    sound = play(host(), slot, CHORD, style=style(text))
    host().remove(slot)
    return sound


def centroid(sound: AudioArray) -> float:
    """The mean frequency in Hz, each weighed by its power."""
    spectrum = np.square(np.abs(np.fft.rfft(sound.mean(axis=1))))
    return float(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE) @ spectrum / spectrum.sum())


def tail(sound: AudioArray) -> float:
    """The level in dB after the first chord under that of the whole."""
    return float(10 * np.log10(np.square(sound[TAIL]).mean() / np.square(sound).mean() + 1e-12))


def rise(sound: AudioArray) -> float:
    """Seconds until the first chord has 0.7 of the amplitude of its loudest 20 ms."""
    level = np.sqrt(np.square(sound[:67_200]).mean(axis=1).reshape(-1, 960).mean(axis=1))
    return float(np.argmax(level >= 0.7 * level.max()) * 0.02)


def side(sound: AudioArray) -> float:
    """The level in dB of left less right, under that of both together."""
    left, right = np.asarray(sound, np.float64).T
    return float(
        10 * np.log10(np.square(left - right).sum() / np.square(left + right).sum() + 1e-9)
    )


def fall(sound: AudioArray) -> float:
    """By how many dB the first chord falls from its first 0.2 s to one second later."""
    first, later = sound[4800:14_400], sound[52_800:62_400]
    return float(10 * np.log10(np.square(first).mean() / (np.square(later).mean() + 1e-12)))


def harmonics(sound: AudioArray) -> float:
    """The level in dB over 3 kHz against that under it."""
    power = np.square(np.abs(np.fft.rfft(sound.mean(axis=1))))
    split = 3000 * len(sound) // SAMPLE_RATE
    return float(10 * np.log10(power[split:].sum() / power[:split].sum()))


@pytest.mark.parametrize("name", ["strings", "grand piano", "flute", "organ", "brass", "bells"])
def test_bright_and_dark_are_heard(name: str) -> None:
    bright, plain, dark = (
        centroid(chords(text)) for text in (f"bright {name}", name, f"dark {name}")
    )
    assert bright >= 1.3 * dark
    assert bright > plain > dark


@pytest.mark.parametrize("name", ["strings", "piano", "marimba"])
def test_a_huge_hall_rings_and_what_is_dry_does_not(name: str) -> None:
    hall, plain, dry = (
        tail(chords(text)) for text in (f"{name} in a huge hall", name, f"dry {name}")
    )
    assert hall > plain > dry
    assert hall > dry + 12


@pytest.mark.parametrize("name", ["grand piano", "brass", "bright lead"])
def test_a_slow_attack_is_slow_and_a_punchy_one_quick(name: str) -> None:
    slow, punchy = rise(chords(f"{name}, slow attack")), rise(chords(f"punchy {name}"))
    assert slow >= 0.1 >= punchy
    assert slow >= 3 * punchy


@pytest.mark.parametrize("name", ["grand piano", "warm pad", "strings"])
def test_mono_is_narrow(name: str) -> None:
    assert side(chords(f"mono {name}")) < side(chords(name)) - 4
    assert side(chords(f"mono dry {name}")) < -15


@pytest.mark.parametrize("name", ["organ", "electric piano", "bright lead"])
def test_stereo_is_wide(name: str) -> None:
    assert side(chords(f"wide dry {name}")) > side(chords(f"dry {name}")) + 2


@pytest.mark.parametrize("name", ["organ", "electric piano", "flute"])
def test_distortion_adds_what_was_not_there(name: str) -> None:
    assert harmonics(chords(f"distorted {name}")) > harmonics(chords(name)) + 6


def test_a_pure_distorted_guitar_is_less_distorted() -> None:
    driven, clean = chords("distorted guitar"), chords("pure distorted guitar")
    assert harmonics(driven) > harmonics(clean) + 3


@pytest.mark.parametrize("name", ["grand piano", "organ"])
def test_muted_notes_fall_and_sustained_ones_last(name: str) -> None:
    assert fall(chords(f"muted {name}")) > fall(chords(name)) + 3
    assert fall(chords(f"sustained {name}")) <= fall(chords(name)) + 0.5


def begun(text: str) -> tuple[float, float]:
    """Notes a second when it is left alone for 24 s with each of three seeds; their mean pitch."""
    pitches = [
        pitch for seed in (1, 2, 3) for _, pitch, _ in started([notes(-1)] * 600, text, seed)
    ]
    return len(pitches) / 72, float(np.mean(pitches))


def test_busy_plays_more_and_sparse_fewer_notes() -> None:
    for name in ("piano", "strings", "marimba"):
        busy, plain, sparse = (begun(f"{word}{name}")[0] for word in ("busy ", "", "sparse "))
        assert busy > 1.3 * sparse, name
        assert busy > plain > sparse, name


def test_high_and_low_are_registers() -> None:
    assert begun("high piano")[1] > begun("piano")[1] + 3 > begun("low piano")[1] + 6


@pytest.mark.parametrize("name", ["strings", "grand piano", "flute", "bright lead", "synth bass"])
def test_a_quality_leaves_the_loudness_about_what_it_was(name: str) -> None:
    plain = loudness(chords(name))
    for word in ("bright", "dull", "punchy", "distorted", "clean", "reverberant", "dry", "mono"):
        assert abs(loudness(chords(f"{word} {name}")) - plain) <= 3, word


def test_the_qualities_are_those_of_the_lexicon() -> None:
    assert tuple(QUALITIES) == WORDED
    for quality, (more, less) in QUALITIES.items():
        assert PALETTE.qualities(ENCODER.text(f"piano {more}"))[quality] > 0.6
        assert PALETTE.qualities(ENCODER.text(f"piano {less}"))[quality] < -0.6


def test_anchors_and_mixtures_of_them_ask_for_nothing() -> None:
    for at, anchor in enumerate(ANCHORS):
        assert PALETTE.qualities(ENCODER.text(anchor.name)) == {}
        both = ENCODER.text(anchor.name) + ENCODER.text(ANCHORS[at - 1].name)
        assert PALETTE.qualities(both / np.float32(2)) == {}
    assert PALETTE.qualities(NO_STYLE) == {}
    assert PALETTE.qualities(np.full(STYLE_SIZE, np.nan, np.float32)) == {}


class Words(Names):
    """An encoder that is nothing like the sketch's: words as random directions."""

    def text(self, text: str) -> StyleArray:
        seeds = [1, *(int.from_bytes(word.encode(), "big") % 2**32 for word in text.split())]
        made = sum(np.random.default_rng(seed).standard_normal(STYLE_SIZE) for seed in seeds)
        return np.float32(made / np.linalg.norm(made))


def test_with_another_encoder_qualities_are_embedded_by_it() -> None:
    encoder = Words()
    palette = Palette(encoder)
    for anchor in ANCHORS:
        assert palette.qualities(encoder.text(anchor.name)) == {}
    for quality, (more, less) in QUALITIES.items():
        for text, sign in ((more, 1), (less, -1)):
            amounts = palette.qualities(encoder.text(f"flute {text}"))
            assert sign * amounts[quality] > 0.4, text
            assert max(amounts, key=lambda name: abs(amounts[name])) == quality


def test_a_quality_comes_up_without_a_step_and_follows_style_guidance() -> None:
    plain, bent = ENCODER.text("strings"), ENCODER.text("dry dull punchy strings")
    path = [plain + np.float32(at / 100) * (bent - plain) for at in range(101)]
    points = np.array([PALETTE.mixture(each) for each in path])
    whole = np.abs(points[-1] - points[0]).max()
    assert points.shape == (101, SIZE)
    assert np.abs(np.diff(points, axis=0)).max() < 0.04 * whole
    amounts = [
        PALETTE.qualities(bent, guidance).get("far", 0.0)
        for guidance in (0, 0.8, USUAL_GUIDANCE, 3)
    ]
    assert amounts[0] == 0
    assert amounts == sorted(amounts, reverse=True)
