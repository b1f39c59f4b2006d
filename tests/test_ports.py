"""Which values inlets and settings take."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import Group, Inlet, Setting
from engine.signals import (
    AUDIO,
    CONTROL,
    NO_STYLE,
    NOTES,
    STYLE,
    TEXT,
    MidiPort,
    Range,
)

RATE = Inlet("rate", CONTROL, 1.0, Range(0.25, 8, "steps per beat"))


@pytest.mark.parametrize("value", [0.25, 1, 8, np.float64(2.5)])
def test_a_number_in_range_is_taken_as_a_float(value):
    checked = RATE.check(value)
    assert checked == value
    assert type(checked) is float


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (9.0, "9.0 is outside 0.25..8 steps per beat"),
        (0, "0 is outside 0.25..8 steps per beat"),
        (True, "True is not a number"),
        ("1", "'1' is not a number"),
        (None, "None is not a number"),
        ([1], r"\[1\] is not a number"),
        (float("nan"), "nan is not a finite number"),
        (float("inf"), "inf is not a finite number"),
        (float("-inf"), "-inf is not a finite number"),
    ],
)
def test_a_number_that_is_not_legal_is_refused(value, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        RATE.check(value)


@pytest.mark.parametrize("value", [2**53 + 1, -(10**400)])
def test_a_whole_number_that_no_file_could_hold_is_refused(value):
    with pytest.raises(ValueError, match=r"^a whole number beyond ±2\^53 is not legal$"):
        Inlet("free", CONTROL, 0.0).check(value)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        (Setting("on", bool, False), 1, "1 is not true or false"),
        (Setting("on", bool, False), "true", "'true' is not true or false"),
        (Setting("count", int, 0), 1.5, "1.5 is not a whole number"),
        (Setting("count", int, 1, Range(1, 8)), 9, "9 is outside 1..8"),
        (Setting("count", int, 0), False, "False is not a number"),
        (Setting("factor", float, 0.0), float("nan"), "nan is not a finite number"),
        (Setting("name", str, ""), 5, "5 is not a text"),
        (Setting("port", MidiPort, ""), None, "None is not a text"),
    ],
)
def test_a_setting_that_is_not_legal_is_refused(setting, value, words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        setting.check(value)


def test_a_setting_is_handed_in_as_its_type():
    assert Setting("on", bool, False).check(True) is True
    assert repr(Setting("count", int, 0).check(3.0)) == "3"
    assert repr(Setting("factor", float, 0.0).check(3)) == "3.0"
    assert Setting("name", str, "").check("é") == "é"


def test_a_text_is_taken_up_to_the_length_a_file_holds():
    inlet = Inlet("text", TEXT, "")
    assert inlet.check("x" * 65_536) == "x" * 65_536
    with pytest.raises(ValueError, match=r"^a text of 65,537 characters; at most 65,536 are legal"):
        inlet.check("x" * 65_537)
    with pytest.raises(ValueError, match=r"^a text with half a surrogate pair"):
        inlet.check("\udc80")
    with pytest.raises(ValueError, match=r"^5 is not a text$"):
        inlet.check(5)


@pytest.mark.parametrize("signal", [NOTES, STYLE, AUDIO])
def test_only_controls_and_texts_take_a_value(signal):
    with pytest.raises(ValueError, match=rf"^takes a cable \({signal.name}\), not a value$"):
        Inlet("in", signal, signal.neutral).check(0)


@given(st.floats() | st.integers() | st.booleans() | st.text() | st.none())
def test_what_passes_the_check_is_in_range(value):
    try:
        checked = RATE.check(value)
    except ValueError:
        return
    assert 0.25 <= checked <= 8
    assert checked == value


@given(st.text(alphabet="abstyle_0123456789", max_size=12))
def test_a_group_knows_a_port_only_by_the_name_it_gives(port):
    group = Group("styles", (Inlet("style", STYLE, NO_STYLE),))
    found = group.member(port)
    names = {f"style{number}" for number in range(1, 65)}
    assert (found is not None) == (port in names)
    if found:
        assert f"{found[0].name}{found[1]}" == port
