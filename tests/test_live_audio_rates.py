"""Devices that do not run at 48 kHz: the pitch stays, and the queues stay as full as they were."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest

from engine.audio import Microphone, Speakers
from tests import measure
from tests.jack import Jack, tone
from tests.test_live_audio import Loop, outlets, paced, steadiest, take_inlets
from tests.waiting import wait_until

RATE = 44_100


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def server(jack: Jack) -> Iterator[Jack]:
    with Jack(rate=RATE) as server:
        yield server


def at_48_khz(frequency: float) -> float:
    """Returns where a frequency recorded at 44.1 kHz shows up for who takes it for 48 kHz."""
    return frequency * 48_000 / RATE


def test_speakers_at_44100_keep_the_pitch_for_20_seconds(server: Jack, said: list[str]) -> None:
    speakers = Speakers(None, on_event=said.append)
    speakers.start()
    assert speakers.status().rate == RATE
    fills = []
    # 459.375 Hz repeats every 96 samples of 44.1 kHz.
    with (
        contextlib.closing(speakers),
        server.recording(*outlets(server)) as heard,
        Loop(speakers, tone(459.375, 32.0)) as loop,
    ):
        for second in range(1, 21):
            wait_until(lambda due=25 * second: loop.written >= due, "a second is played")
            fills.append(speakers.queued())
    steady = steadiest(heard.sound)
    assert len(steady) > RATE / 2
    found = measure.pitch(steady)
    assert measure.cents(found, at_48_khz(459.375)) == pytest.approx(0.0, abs=1.0)
    assert measure.peak(steady) == pytest.approx(-6.02, abs=0.1)
    assert max(fills) < 0.2
    # 20 s were written and as much was heard: no more is missing than a busy machine drops.
    assert len(np.trim_zeros(heard.sound[:, 0])) == pytest.approx(20 * RATE, rel=0.03)


def test_a_microphone_at_44100_keeps_the_pitch(server: Jack, said: list[str]) -> None:
    microphone = Microphone(on_event=said.append)
    microphone.start()
    wait_until(lambda: microphone.status().alive, "the microphone is open")
    assert microphone.status().rate == RATE
    with server.playing(tone(500.0, 14.0, RATE), *take_inlets(server)):
        heard = paced(microphone, 10.0)
    microphone.close()
    steady = steadiest(heard)
    assert len(steady) > 24_000
    assert measure.cents(measure.pitch(steady), 500.0) == pytest.approx(0.0, abs=1.0)
    assert measure.peak(steady) == pytest.approx(-6.02, abs=0.1)


def test_a_device_of_one_channel_plays_both_sides_and_is_heard_on_both(
    jack: Jack, said: list[str]
) -> None:
    with Jack(channels=1) as server:
        speakers = Speakers(None, on_event=said.append)
        speakers.start()
        sides = np.concatenate([tone(500.0, 1.0)[:, :1], np.zeros((48_000, 1), np.float32)], axis=1)
        outlet = server.connections()["system:playback_1"][0]
        with server.recording(outlet) as heard, Loop(speakers, sides) as loop:
            wait_until(lambda: loop.written > 40, "frames are played")
            speakers.close()
        assert measure.peak(steadiest(heard.sound)) == pytest.approx(-12.04, abs=0.1)
        microphone = Microphone(on_event=said.append)
        microphone.start()
        wait_until(lambda: microphone.status().alive, "the microphone is open")
        inlet = server.connections()["system:capture_1"][0]
        with server.playing(tone(500.0, 4.0)[:, :1], inlet):
            returned = steadiest(paced(microphone, 2.0))
        microphone.close()
    np.testing.assert_array_equal(returned[:, 0], returned[:, 1])
    assert measure.peak(returned) == pytest.approx(-6.02, abs=0.1)
    assert not said
