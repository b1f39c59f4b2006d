"""The sound server of the tests, itself tested."""

from __future__ import annotations

import time

import pytest

from tests import measure
from tests.jack import Jack, frames, midi_in, midi_out, tone, tried_again
from tests.waiting import wait_until


@tried_again
def test_what_is_played_is_recorded_without_a_gap(jack: Jack) -> None:
    with jack.playing(tone(440.0, 2.0), "system:playback_1", "system:playback_2"):
        source = jack.connections()["system:playback_1"][0]
        with jack.recording(source) as heard:
            time.sleep(1.0)
    assert measure.cents(measure.pitch(heard.sound), 440.0) == pytest.approx(0.0, abs=0.5)
    assert measure.peak(heard.sound) == pytest.approx(-6.0, abs=0.1)


def test_midi_goes_from_port_to_port(jack: Jack) -> None:
    out, into = midi_out("harness-a"), midi_in("harness-b")
    jack.connect(jack.wait_for_port("harness-a:out"), jack.wait_for_port("harness-b:in"))
    out.send_message([0x90, 60, 100])
    assert wait_until(into.get_message, "the note arrives")[0] == [0x90, 60, 100]
    out.close_port()
    wait_until(lambda: not jack.ports("harness-a"), "the port is gone")
    for port in (out, into):
        port.delete()


def test_a_server_of_another_rate_runs_beside_the_first_and_starts_again_after_a_crash(
    jack: Jack,
) -> None:
    with Jack(rate=44_100) as other:
        assert other.name != jack.name
        assert "system:playback_1" in other.ports()
        other.restart()
        assert "system:playback_1" in other.ports()
    assert "system:playback_1" in jack.ports()


def test_a_sound_is_cut_into_whole_frames() -> None:
    assert [len(each) for each in frames(tone(440.0, 0.1))] == [1920, 1920]
