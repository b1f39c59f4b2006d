"""What a signature declares."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from declaring import Library, Shape, Song, Two, Weighted, load

from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.node import Output, node, read
from engine.ports import MAX_GROUP
from engine.signals import (
    AUDIO,
    MASKED,
    NO_STYLE,
    NOTES,
    SILENCE,
    SILENT,
    STYLE,
    Asset,
    Audio,
    Control,
    Midi,
    MidiPort,
    Notes,
    Range,
    Seconds,
    Style,
    Text,
    Unit,
)


def test_a_function_is_returned_unchanged_and_declared(declared):
    def low(notes: Notes) -> Notes:
        """Low notes."""
        return notes

    assert node("mask.low")(low) is low
    assert declared["mask.low"].make is low
    assert declared["mask.low"].family == "mask"
    assert not declared["mask.low"].has_memory


def test_signals_are_inlets_and_plain_types_are_settings():
    def everything(
        frame: Frame,
        library: Library,
        control: Control,
        notes: Notes,
        style: Style,
        audio: Audio,
        midi: Midi,
        text: Text,
        quiet: Notes = SILENT,
        time: Seconds = 0.5,
        on: bool = True,
        count: Annotated[int, Range(1, 8)] = 2,
        factor: float = 1.5,
        name: str = "x",
        port: MidiPort = MidiPort(""),  # noqa: B008 - as nodes write it
    ) -> Control:
        """Takes everything."""
        return 0.0

    found = read("test.everything", everything)
    assert [each.name for each in found.inlets] == [
        *("control", "notes", "style", "audio", "midi", "text", "quiet", "time")
    ]
    assert found.wants_frame
    assert found.services == {"library": Library}
    kinds = {each.name: each.kind for each in found.settings}
    assert kinds == {"on": bool, "count": int, "factor": float, "name": str, "port": MidiPort}
    assert found.value("count").range == Range(1, 8)
    assert found.inlet("time").range == Range(0, 60, "s")
    assert not any(each.late for each in found.inlets)


def test_an_inlet_without_default_gets_the_neutral_of_its_signal():
    def everything(
        control: Control, notes: Notes, style: Style, audio: Audio, midi: Midi, text: Text
    ) -> Control:
        """Takes everything."""
        return 0.0

    defaults = {each.name: each.default for each in read("test.all", everything).inlets}
    assert defaults["control"] == 0.0
    assert defaults["notes"] is MASKED
    assert defaults["style"] is NO_STYLE
    assert defaults["audio"] is SILENCE
    assert defaults["midi"] == ()
    assert defaults["text"] == ""


def test_the_default_of_notes_may_be_another():
    def quiet(notes: Notes = SILENT) -> Notes:
        """Quiet."""
        return notes

    assert read("test.quiet", quiet).inlet("notes").default is SILENT


def test_the_outermost_range_wins():
    def fine(time: Annotated[Seconds, Range(0, 2, "s")] = 1.0) -> Control:
        """Fine."""
        return time

    assert read("test.fine", fine).inlet("time").range == Range(0, 2, "s")


def test_a_literal_is_a_setting_with_choices():
    def choose(mode: Literal["up", "down"] = "down") -> Control:
        """Chooses."""
        return 0.0

    setting = read("test.choose", choose).value("mode")
    assert (setting.choices, setting.default, setting.kind) == (("up", "down"), "down", str)
    assert setting.check("up") == "up"
    with pytest.raises(ValueError, match=r"^'left' is not one of 'up', 'down'$"):
        setting.check("left")


def test_a_choice_of_another_type_is_another_choice():
    def choose(voices: Literal[1, 2] = 1) -> Control:
        """Chooses."""
        return 0.0

    setting = read("test.choose", choose).value("voices")
    with pytest.raises(ValueError, match=r"^True is not one of 1, 2$"):
        setting.check(True)


@pytest.mark.parametrize("default", [Shape.SQUARE, "square"])
def test_an_enum_is_set_by_value_and_handed_in_as_member(default):
    def wave(shape: Shape = default) -> Control:
        """Waves."""
        return 0.0

    setting = read("test.wave", wave).value("shape")
    assert setting.choices == ("sine", "square")
    assert setting.default == "square"
    assert setting.check("sine") is Shape.SINE
    with pytest.raises(ValueError, match=r"^'saw' is not one of 'sine', 'square'$"):
        setting.check("saw")


def test_a_file_needs_no_default_and_its_value_is_a_name():
    def player(file: Song) -> Control:
        """Plays."""
        return 0.0

    setting = read("test.player", player).value("file")
    assert setting.asset == Asset(load, (".mid",))
    assert setting.default == ""
    assert setting.check("song.mid") == "song.mid"
    with pytest.raises(ValueError, match=r"^3 is not a text$"):
        setting.check(3)


def test_one_outlet_is_named_after_its_signal():
    def notes() -> Notes:
        """Notes."""
        return MASKED

    found = read("test.notes", notes)
    assert [(each.name, each.signal) for each in found.outlets] == [("notes", NOTES)]
    assert found.neutral() is MASKED
    assert (found.role, found.bundle) == ("node", None)


def test_several_outlets_are_the_fields_of_a_named_tuple():
    def split(notes: Notes) -> Two:
        """Splits.

        Returns:
            low: below
                middle C.
        """
        return Two(notes, notes)

    found = read("test.split", split)
    assert [(each.name, each.help) for each in found.outlets] == [
        ("low", "below middle C."),
        ("high", ""),
    ]
    assert found.bundle is Two
    assert found.neutral() == Two(MASKED, MASKED)
    assert found.outlet("high").signal is NOTES
    assert found.outlet("notes") is None


def test_conditioning_makes_a_generator_with_an_audio_outlet():
    def model(notes: Notes) -> Conditioning:
        """Plays."""
        return Conditioning(notes=notes)

    found = read("test.model", model)
    assert found.role == "generator"
    assert [(each.name, each.signal) for each in found.outlets] == [("audio", AUDIO)]
    assert found.bundle is None
    assert found.neutral() is SILENCE


def test_output_makes_a_node_that_is_heard_and_has_no_outlet():
    def out(audio: Audio) -> Output:
        """Is heard."""
        return Output(audio)

    found = read("test.out", out)
    assert (found.role, found.outlets, found.neutral()) == ("output", (), None)


def test_a_class_has_memory_and_may_read_inlets_late():
    class Delay:
        """Delays."""

        def __init__(self) -> None:
            self.kept = 0.0

        def __call__(self, frame: Frame) -> Control:
            return self.kept

        def after(self, control: Unit = 0.25) -> None:
            self.kept = control

    found = read("test.delay", Delay)
    assert found.has_memory
    assert found.wants_frame
    assert [(each.name, each.late, each.default) for each in found.inlets] == [
        ("control", True, 0.25)
    ]
    assert isinstance(found.make(), Delay)


def test_a_group_of_one_signal_is_numbered_in_the_singular():
    def blend(*styles: Style, power: Unit = 0.5) -> Style:
        """Blends.

        Args:
            styles: what is blended.
        """
        return NO_STYLE

    found = read("test.blend", blend)
    assert found.inlet("style1").signal is STYLE
    assert found.inlet("style64").help == "what is blended."
    assert found.inlet_names() == ["power", "style1…"]
    assert found.value_names() == ["power"]
    assert found.group.make is None


@pytest.mark.parametrize("port", ["style", "style0", "style65", "style01", "style100", "styles1"])
def test_what_is_no_number_of_a_group_is_no_inlet(port):
    def blend(*styles: Style) -> Style:
        """Blends."""
        return NO_STYLE

    assert MAX_GROUP == 64
    assert read("test.blend", blend).inlet(port) is None


def test_a_group_of_notes_keeps_its_name():
    def merge(*notes: Notes) -> Notes:
        """Merges."""
        return MASKED

    assert read("test.merge", merge).inlet("notes2").signal is NOTES


def test_a_group_of_sets_numbers_each_field():
    def blend(*inputs: Weighted) -> Style:
        """Blends.

        Args:
            weight: how much of it.
        """
        return NO_STYLE

    found = read("test.blend", blend)
    assert found.inlet("style3").signal is STYLE
    weight = found.value("weight3")
    assert (weight.range, weight.default, weight.help) == (Range(0, 1), 1.0, "how much of it.")
    assert found.value("style3") is None
    assert found.group.make is Weighted
    assert found.inlet_names() == ["style1…", "weight1…"]
    assert found.value_names() == ["weight1…"]


def test_a_type_without_a_group_has_only_its_own_ports():
    def lag(time: Seconds = 0.5, steps: int = 2) -> Control:
        """Lags."""
        return 0.0

    found = read("test.lag", lag)
    assert found.inlet("time1") is None
    assert found.value("steps") is found.settings[0]
    assert found.value("speed") is None
    assert found.value_names() == ["steps", "time"]


def test_the_docstring_is_summary_help_and_the_help_of_the_ports():
    def lag(time: Seconds = 0.5, target: Control = 0.0) -> Control:
        """Smooths a control.

        The law.

        Args:
            time: how long it takes,
                in seconds.
            target: where it goes.
        """
        return 0.0

    found = read("test.lag", lag)
    assert found.summary == "Smooths a control."
    assert found.help == "Smooths a control.\n\nThe law."
    assert found.inlet("time").help == "how long it takes, in seconds."
    assert found.inlet("target").help == "where it goes."


def test_former_names_lead_to_the_same_type(declared):
    @node("control.lag", aliases=("control.smooth", "controls.lag"), renamed={"speed": "time"})
    def lag(time: Seconds = 0.5) -> Control:
        """Lags."""
        return 0.0

    assert declared["control.smooth"] is declared["controls.lag"] is declared["control.lag"]
    assert declared["control.lag"].aliases == ("control.smooth", "controls.lag")
    assert declared["control.lag"].renamed == {"speed": "time"}


def test_the_place_is_the_file_and_line_of_the_callable():
    def here() -> Control:
        """Is here."""
        return 0.0

    class There:
        """Is there."""

        def __call__(self) -> Control:
            return 0.0

    line = here.__code__.co_firstlineno
    assert read("test.here", here).where == f"{__file__}:{line}"
    assert read("test.there", There).where == f"{__file__}:{There.__call__.__code__.co_firstlineno}"
