"""Every way in which a declaration is refused, and with which words."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import pytest
from declaring import Library, Numbered, Plain, Shape

from engine.frame import Frame
from engine.node import NodeError, node, read
from engine.signals import (
    NO_STYLE,
    SILENCE,
    Audio,
    Control,
    Range,
    Seconds,
    Style,
    Text,
    Unit,
)


def refusal(make: Any, name: str = "test.toy", **more: Any) -> str:
    """Returns the words with which a declaration is refused, after its name and place."""
    with pytest.raises(NodeError) as caught:
        read(name, make, **more)
    who, found, fault = str(caught.value).partition(": ")
    assert found
    assert re.match(rf"{re.escape(name)} at .+", who)
    return fault


def test_a_name_that_is_taken_is_refused_with_both_places(declared):
    def first() -> Control:
        """First."""
        return 0.0

    def second() -> Control:
        """Second."""
        return 0.0

    node("test.toy", aliases=("test.old",))(first)
    places = rf"at {re.escape(__file__)}:{first.__code__.co_firstlineno} and at .*:"
    places += rf"{second.__code__.co_firstlineno}$"
    with pytest.raises(NodeError, match=f"^test.toy is declared twice: {places}"):
        node("test.toy")(second)
    with pytest.raises(NodeError, match=f"^test.old is declared twice: {places}"):
        node("test.other", aliases=("test.old",))(second)
    assert set(declared) == {"test.toy", "test.old"}
    assert declared["test.toy"].make is first


@pytest.mark.parametrize("name", ["toy", "Test.toy", "test.", "test.toy\n", "test.a.b", "1.a", ""])
def test_a_name_not_like_family_and_name_is_refused(name):
    def toy() -> Control:
        """Toy."""
        return 0.0

    words = f"the name {name!r} is not like family.name in lower case"
    assert refusal(toy, name) == words
    assert refusal(toy, aliases=(name,)) == words


def test_no_docstring_is_refused():
    def toy() -> Control:
        return 0.0

    assert refusal(toy) == "it has no docstring; its first line is the help users read"


def test_the_refusal_names_the_type_and_its_place():
    def toy() -> Control:
        return 0.0

    line = toy.__code__.co_firstlineno
    with pytest.raises(NodeError, match=rf"^test\.toy at {re.escape(__file__)}:{line}: it has"):
        read("test.toy", toy)


def test_an_unknown_type_is_refused():
    def toy(what: dict[str, int]) -> Control:
        """Toy."""
        return 0.0

    def toy_with_default(what: bytes = b"") -> Control:
        """Toy."""
        return 0.0

    assert refusal(toy) == "the setting what has no default"
    words = "what has the type <class 'bytes'>, which is neither a signal nor a setting"
    assert refusal(toy_with_default) == words


def test_a_type_that_is_not_there_is_refused():
    def toy(what: Nonsense) -> Control:  # noqa: F821
        """Toy."""
        return 0.0

    assert refusal(toy) == "name 'Nonsense' is not defined"


def test_a_parameter_without_a_type_is_refused():
    def toy(what) -> Control:
        """Toy."""
        return 0.0

    assert refusal(toy) == "what has no type"


def test_a_setting_without_default_is_refused():
    def toy(count: int) -> Control:
        """Toy."""
        return 0.0

    assert refusal(toy) == "the setting count has no default"


def test_a_default_that_is_not_legal_is_refused():
    def inlet(rate: Annotated[Control, Range(0.25, 8, "steps per beat")] = 9.0) -> Control:
        """Toy."""
        return 0.0

    def not_in_range(rate: Annotated[Control, Range(1, 8)]) -> Control:
        """Toy, whose neutral 0 is not legal."""
        return 0.0

    def whole(count: int = 1.5) -> Control:  # type: ignore[assignment]
        """Toy."""
        return 0.0

    def truth(count: int = True) -> Control:
        """Toy."""
        return 0.0

    def choice(mode: Literal["up"] = "down") -> Control:  # type: ignore[assignment]
        """Toy."""
        return 0.0

    def member(shape: Shape = "saw") -> Control:  # type: ignore[assignment]
        """Toy."""
        return 0.0

    def text(text: Text = None) -> Control:  # type: ignore[assignment]
        """Toy."""
        return 0.0

    assert refusal(inlet) == "the default of rate: 9.0 is outside 0.25..8 steps per beat"
    assert refusal(not_in_range) == "the default of rate: 0.0 is outside 1..8"
    assert refusal(whole) == "the default of count: 1.5 is not a whole number"
    assert refusal(truth) == "the default of count: True is not a number"
    assert refusal(choice) == "the default of mode: 'down' is not one of 'up'"
    assert refusal(member) == "the default of shape: 'saw' is not one of 'sine', 'square'"
    assert refusal(text) == "the default of text: None is not a text"


def test_a_docstring_that_describes_what_is_no_port_is_refused():
    def toy(time: Seconds = 0.5) -> Control:
        """Toy.

        Args:
            tmie: how long.
            speed: how fast.
        """
        return 0.0

    assert refusal(toy) == "the docstring describes speed, tmie, which is no port"


def test_any_number_of_named_parameters_is_refused():
    def typed(**more: Control) -> Control:
        """Toy."""
        return 0.0

    def bare(**more) -> Control:
        """Toy."""
        return 0.0

    assert refusal(typed) == refusal(bare) == "**more cannot be read as ports"


def test_a_positional_parameter_is_refused():
    def toy(level: Control, /) -> Control:
        """Toy."""
        return level

    assert refusal(toy) == "level stands before a /, but nodes are called by name"


def test_a_parameter_before_a_group_is_refused():
    def toy(gain: Unit = 1.0, *inputs: Audio) -> Audio:
        """Toy."""
        return SILENCE

    assert refusal(toy) == "*inputs comes first; what follows it is passed by name"


def test_a_group_of_what_is_no_signal_is_refused():
    def settings(*counts: int) -> Control:
        """Toy."""
        return 0.0

    def mixed(*inputs: Plain) -> Control:
        """Toy."""
        return 0.0

    words = "*counts: <class 'int'> is neither a signal nor a NamedTuple of signals"
    assert refusal(settings) == words
    assert refusal(mixed) == "*inputs: name is not a signal"


def test_a_port_that_could_be_one_of_the_group_is_refused():
    def toy(*styles: Style, style2: Style) -> Style:
        """Toy."""
        return NO_STYLE

    assert refusal(toy) == "style2 could be one of *styles too"


def test_a_group_whose_port_has_a_number_already_is_refused():
    def toy(*inputs: Numbered) -> Control:
        """Toy."""
        return 0.0

    assert refusal(toy) == "the port 'in2' gets a number and has one already"


def test_a_port_that_no_cable_could_name_is_refused():
    def capital(Time: Seconds = 0.5) -> Control:  # noqa: N803
        """Toy."""
        return 0.0

    def umlaut(höhe: Control = 0.5) -> Control:
        """Toy."""
        return 0.0

    assert refusal(capital) == "the port 'Time' is not of a-z, 0-9 and _"
    assert refusal(umlaut) == "the port 'höhe' is not of a-z, 0-9 and _"


def test_a_frame_by_another_name_is_refused():
    def toy(now: Frame) -> Control:
        """Toy."""
        return 0.0

    assert refusal(toy) == "now is a Frame; it must be called frame"


def test_what_it_returns_must_be_known():
    def nothing() -> None:
        """Toy."""

    def unsaid():
        """Toy."""

    def number() -> float:
        """Toy."""
        return 0.0

    def mixed() -> Plain:
        """Toy."""
        return Plain(NO_STYLE, "")

    legal = "; legal are a signal, a NamedTuple of signals, Conditioning, Output, SentMidi, SentOsc"
    assert refusal(nothing) == "it returns <class 'NoneType'>" + legal
    assert refusal(unsaid) == "it returns None" + legal
    assert refusal(number) == "it returns <class 'float'>" + legal
    assert refusal(mixed) == "the outlet name is not a signal"


def test_a_class_must_be_callable_and_made_of_nothing():
    class Silent:
        """Toy."""

    class Needy:
        """Toy."""

        def __init__(self, size: int) -> None:
            self.size = size

        def __call__(self) -> Control:
            return self.size

    assert refusal(Silent) == "it has no __call__"
    assert refusal(Needy) == "__init__ is called with nothing: missing a required argument: 'size'"


def test_only_inlets_are_late_and_none_twice():
    class Base:
        """Toy."""

        def __call__(self, control: Control = 0.0) -> Control:
            return control

    class Setting_(Base):  # noqa: N801
        """Toy."""

        def after(self, count: int = 1) -> None: ...

    class Framed(Base):
        """Toy."""

        def after(self, frame: Frame) -> None: ...

    class Served(Base):
        """Toy."""

        def after(self, library: Library) -> None: ...

    class Grouped(Base):
        """Toy."""

        def after(self, *styles: Style) -> None: ...

    class Twice(Base):
        """Toy."""

        def after(self, control: Control) -> None: ...

    assert refusal(Setting_) == "count: after() takes inlets only"
    assert refusal(Framed) == "frame: after() takes inlets only"
    assert refusal(Served) == "library: after() takes inlets only"
    assert refusal(Grouped) == "*styles cannot be a late inlet"
    assert refusal(Twice) == "control is declared twice"


def test_a_former_port_must_lead_to_a_present_one():
    def toy(time: Seconds = 0.5, target: Control = 0.0) -> Control:
        """Toy."""
        return 0.0

    words = refusal(toy, renamed={"speed": "tmie"})
    assert words == "renamed: 'speed' must be no port and 'tmie' must be one"
    words = refusal(toy, renamed={"target": "time"})
    assert words == "renamed: 'target' must be no port and 'time' must be one"
    assert read("test.toy", toy, renamed={"out": "control"}).renamed == {"out": "control"}
