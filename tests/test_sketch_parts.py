"""The parts of the sketch alone: anchors, sine and noise, the room, the limiter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generators.sketch import drums, space
from engine.generators.sketch.anchors import ANCHORS, Manner, Palette
from engine.generators.sketch.arrays import noise, turn
from engine.signals import NO_STYLE, AudioArray
from tests import measure
from tests.sketching import ENCODER


@given(st.floats(-1000, 1000, width=32))
def test_turning_is_cosine_and_sine(cycles: float) -> None:
    cosine, sine = turn(np, np.array([cycles], np.float64))
    assert cosine[0] == pytest.approx(np.cos(2 * np.pi * cycles), abs=2e-6)
    assert sine[0] == pytest.approx(np.sin(2 * np.pi * cycles), abs=2e-6)


def test_noise_is_white_centred_and_seeded() -> None:
    seeds = np.array([1, 2], np.uint32)
    white = noise(np, seeds, np.zeros(2, np.uint32), 20_000)
    assert np.abs(white.mean(axis=1)).max() < 0.02
    assert white.var() == pytest.approx(1 / 3, rel=0.02)
    assert np.abs(np.corrcoef(white)[0, 1]) < 0.03
    assert np.abs(np.corrcoef(white[0, 1:], white[0, :-1])[0, 1]) < 0.03
    later = noise(np, seeds, np.full(2, 100, np.uint32), 50)
    np.testing.assert_array_equal(later, white[:, 100:150])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3839))
def test_the_room_is_the_same_wherever_in_a_frame_a_sound_falls(at: int) -> None:
    sound = np.zeros((1, 6 * 1920), np.float32)
    sound[0, at] = 1.0
    state, made = space.space_state(1), []
    for frame in range(6):
        state, wet = space.reverberate(
            np, sound[:, frame * 1920 : (frame + 1) * 1920], space.room(), state
        )
        made.append(wet[0])
    response = np.concatenate(made, axis=1)[:, at : at + 2 * 1920]
    np.testing.assert_allclose(response, _response(), atol=2e-6)


def _response() -> AudioArray:
    """The room's first 80 ms, heard from the start of a frame."""
    click = np.zeros((1, 1920), np.float32)
    click[0, 0] = 1.0
    state, first = space.reverberate(np, click, space.room(), space.space_state(1))
    _, second = space.reverberate(np, np.zeros_like(click), space.room(), state)
    return np.concatenate([first[0], second[0]], axis=1)


def test_the_room_answers_after_9_ms_and_differs_left_and_right() -> None:
    response = _response()
    assert np.abs(response[:, :380]).max() < 1e-4
    assert np.abs(response[:, 480:]).max() > 5e-3
    assert abs(np.corrcoef(response)[0, 1]) < 0.2


@given(st.floats(-100, 100))
def test_the_limiter_leaves_what_is_low_and_holds_what_is_high(sample: float) -> None:
    limited = float(space.limit(np, np.array([sample]))[0])
    assert abs(limited) <= 0.95
    assert limited * sample >= 0
    if abs(sample) <= 0.5:
        assert limited == pytest.approx(sample)


def test_style_guidance_pulls_from_neutral_to_the_style() -> None:
    palette = Palette(ENCODER)
    weight = [
        palette.weights(ENCODER.text("a distant organ"), guidance)[-1]
        for guidance in (-1.0, 0.0, 0.5, 1.6, 6.0)
    ]
    assert weight[0] == weight[1] == 1.0
    assert sorted(weight, reverse=True) == weight
    assert weight[-1] < 0.01


def test_a_style_sounds_like_the_anchor_it_names() -> None:
    palette = Palette(ENCODER)
    for at, anchor in enumerate(ANCHORS):
        weights = palette.weights(ENCODER.text(anchor.name))
        assert weights[at] > 0.85, anchor.name
        assert weights.sum() == pytest.approx(1.0, abs=1e-5)
    names = [anchor.name for anchor in ANCHORS]
    for text, name in {
        "Rhodes": "electric piano",
        "choire": "choir",
        "solo marimbas": "marimba",
        "upright jazz bass": "double bass",
    }.items():
        assert names[int(np.argmax(palette.weights(ENCODER.text(text))[:-1]))] == name


def test_without_a_style_that_it_knows_it_is_neutral() -> None:
    palette = Palette(ENCODER)
    assert palette.weights(NO_STYLE)[-1] == 1.0
    assert palette.weights(ENCODER.text("zzyzx qwrt"))[-1] > 0.9
    assert palette.weights(np.full(768, np.nan, np.float32))[-1] == 1.0


def _struck(piece: str, electric: float = 0.0, frames: int = 45, again: int = -1) -> AudioArray:
    """One hit of one piece, and another one in the frame `again`."""
    state, made = drums.drum_state(1), []
    plain = {name: np.zeros(1, np.float32) for name in Manner._fields}
    manner = Manner(**plain | {"electric": np.full(1, electric, np.float32)})  # type: ignore[arg-type]
    for frame in range(frames):
        hits = np.zeros((1, len(drums.KIT)), np.float32)
        hits[0, drums.KIT.index(piece)] = float(frame in (0, again))
        noises = np.ones(1, np.uint32), np.full(1, frame, np.uint32)
        state, sound = drums.drums(np, hits, manner, noises, drums.kits(), state)
        made.append(sound[0].T)
    return np.concatenate(made)


@pytest.mark.parametrize("electric", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("piece", drums.KIT)
def test_every_piece_of_either_kit_sounds_at_once_and_ends(piece: str, electric: float) -> None:
    sound = _struck(piece, electric)
    assert 0 <= measure.onset(sound) < 240
    assert -16 < measure.peak(sound) < -0.4
    assert not sound[drums.ROWS * 1920 :].any()
    assert measure.click(sound, 1920) < -60


def test_low_pieces_are_low_and_metal_is_high() -> None:
    for electric in (0.0, 1.0):
        centre = {}
        for piece in drums.KIT:
            power = np.square(np.abs(np.fft.rfft(_struck(piece, electric)[:, 0])))
            hertz = np.fft.rfftfreq(45 * 1920, 1 / 48_000)
            centre[piece] = float((power * hertz).sum() / power.sum())
        assert centre["kick"] < centre["low tom"] < centre["high tom"] < centre["clap"]
        assert centre["clap"] < min(centre["hat"], centre["open hat"], centre["cymbal"])


def test_a_closed_hat_ends_an_open_one() -> None:
    state = drums.drum_state(1)
    manner = Manner(*(np.zeros(1, np.float32) for _ in Manner._fields))
    for frame, piece in enumerate(("open hat", "", "hat", *[""] * 12)):
        hits = np.array([[float(each == piece) for each in drums.KIT]], np.float32)
        noises = np.ones(1, np.uint32), np.full(1, frame, np.uint32)
        state, sound = drums.drums(np, hits, manner, noises, drums.kits(), state)
    assert measure.level(_struck("open hat", frames=15)[-1920:]) > -60
    assert measure.level(sound[0]) < -90


def test_striking_a_ringing_piece_again_does_not_click() -> None:
    sound = _struck("low tom", again=3)
    border = sound[3 * 1920 - 1 : 3 * 1920 + 1, 0]
    assert abs(border[1] - border[0]) < 0.05
    assert measure.level(sound[3 * 1920 : 5 * 1920]) > measure.level(sound[1920 : 3 * 1920])
