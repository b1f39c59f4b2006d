import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import Inlet, Setting
from engine.signals import CONTROL, Range
from patcher.widgets.fields.scale import Scale


def inlet(low=0.0, high=1.0, unit="", log=False):
    return Scale(Inlet("value", CONTROL, low, Range(low, high, unit, log)))


RATE = inlet(0.001, 12.5, "Hz", log=True)
LEVEL = inlet(-60, 12, "dB")
PITCH = inlet(0, 127, "MIDI pitch")
ROOT = inlet(0, 11, "semitones above C")
ANY = Scale(Inlet("value", CONTROL, 0.0))
CHANNEL = Scale(Setting("channel", int, 0, Range(0, 16), help="the channel, 1..16; 0 for all."))


@pytest.mark.parametrize(
    ("scale", "value", "words"),
    [
        (RATE, 0.05, "0.05 Hz"),
        (LEVEL, -0.0, "0 dB"),
        (ANY, 123456.7, "123457"),
        (PITCH, 60.0, "60 C4"),
        (PITCH, 60.4, "60.4 C4"),
        (ROOT, 3.0, "D#"),
        (CHANNEL, 0, "all"),
        (CHANNEL, 10, "10"),
    ],
)
def test_a_value_is_read_with_its_unit(scale, value, words):
    assert scale.words(value) == words


def test_a_unit_is_shortened_where_there_is_no_room():
    assert inlet(-48, 48, "semitones").words(7.0, short=True) == "7 st"
    assert PITCH.words(60.0, short=True) == "C4"


@pytest.mark.parametrize(
    ("scale", "typed", "value"),
    [
        (RATE, "2", 2.0),
        (RATE, " 0,5 Hz ", 0.5),
        (RATE, "1/16", 0.0625),
        (RATE, "1e-2", 0.01),
        (PITCH, "C#3", 49.0),
        (PITCH, "60 C4", 60.0),
        (PITCH, "c-1", 0.0),
        (ROOT, "d#", 3.0),
        (CHANNEL, "All", 0),
        (CHANNEL, "3", 3),
    ],
)
def test_a_value_is_typed_with_its_unit_or_without(scale, typed, value):
    assert scale.read(typed) == value


@pytest.mark.parametrize("typed", ["", "loud", "1/0", "1/2/3", "C4"])
def test_what_is_no_number_is_refused_with_what_is_legal(typed):
    with pytest.raises(ValueError, match=r"is no number; legal are 0.001..12.5 Hz"):
        RATE.read(typed)


def test_a_whole_setting_keeps_a_typed_fraction_for_the_node_to_refuse():
    assert CHANNEL.read("2.5") == 2.5


@pytest.mark.parametrize("scale", [RATE, LEVEL, PITCH, CHANNEL])
@given(value=st.floats(0, 1), way=st.floats(-1, 1), fine=st.booleans())
def test_a_drag_never_leaves_the_range(scale, value, way, fine):
    start = scale.moved(scale.range.low, value)
    assert scale.range.holds(scale.moved(start, way, fine))


def test_a_drag_over_the_whole_way_goes_from_end_to_end():
    for scale in (RATE, LEVEL, PITCH, CHANNEL):
        assert scale.moved(scale.range.low, 1.0) == scale.range.high
        assert scale.moved(scale.range.high, -1.0) == scale.range.low


def test_where_the_ear_hears_ratios_equal_ways_are_equal_ratios():
    once, twice = RATE.moved(0.01, 0.2), RATE.moved(RATE.moved(0.01, 0.2), 0.2)
    assert twice / once == pytest.approx(once / 0.01, rel=0.01)


def test_a_value_is_as_far_along_as_it_was_dragged():
    for scale in (RATE, LEVEL):
        assert scale.part(scale.moved(scale.range.low, 0.37)) == pytest.approx(0.37, abs=0.005)


def test_pitches_are_dragged_by_semitones_and_finely_by_less():
    assert PITCH.moved(60.0, 0.01) == 61.0
    assert PITCH.moved(60.0, 0.002, fine=True) == pytest.approx(60.25, abs=0.01)


def test_a_value_without_a_range_is_dragged_by_parts_of_itself():
    assert ANY.moved(0.0, 0.04) == pytest.approx(0.1)
    assert ANY.moved(1000.0, 0.04) == pytest.approx(1100)


def test_steps_are_ones_of_whole_values_and_hundredths_of_others():
    assert CHANNEL.stepped(3, 1) == 4
    assert CHANNEL.stepped(16, 1) == 16
    assert inlet().stepped(0.5, 1) == pytest.approx(0.51)
    assert inlet().stepped(0.5, -1, fine=True) == pytest.approx(0.499)


@pytest.mark.parametrize("typed", ["1e999", "inf", "-inf", "nan", "1/1e-320"])
@pytest.mark.parametrize("kind", [int, float])
def test_what_is_not_finite_is_refused_with_what_is_legal(typed, kind):
    with pytest.raises(ValueError, match=r"is no number; legal are 1\.\.8"):
        Scale(Setting("steps", kind, 4, Range(1, 8))).read(typed)
