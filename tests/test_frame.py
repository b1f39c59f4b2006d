"""Where in the music a frame lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frame import Frame, Transport


def test_a_frame_is_40_ms():
    assert Frame(25).time == 1.0
    assert Frame(1).time == 0.04


@given(st.floats(20, 300))
def test_beats_advance_with_the_tempo(tempo):
    """1,500 frames are a minute, and a minute has as many beats as the tempo says."""
    assert Transport(tempo=tempo).beats_per_frame * 1500 == pytest.approx(tempo)


def test_beats_stand_while_nothing_plays():
    assert Transport(playing=False).beats_per_frame == 0.0


def test_a_frame_without_input_is_silent_and_cannot_be_written():
    frame = Frame()
    assert dict(frame.midi) == {}
    assert not frame.audio.any()
    assert not frame.audio.flags.writeable
    with pytest.raises(TypeError):
        frame.midi["port"] = ()  # type: ignore[index]
