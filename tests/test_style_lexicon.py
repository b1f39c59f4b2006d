"""What texts mean to the stand-in: the lexicon, phrases, negation, slips of spelling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generators.sketch.anchors import ANCHORS as PLAYED
from engine.generators.sketch.anchors import Palette
from engine.style.lexicon import (
    ANCHORS,
    FILLERS,
    NEGATIONS,
    PARTS,
    PICTURES,
    QUALITIES,
    STRENGTHS,
    lexicon,
    meaning,
)
from engine.style.reading import _slips, read
from engine.style.sketch import SketchEncoder

ENCODER = SketchEncoder()

PROMPTS = {
    "smoky late night trio with brushes on the snare": {"acoustic drums", "double bass"},
    "a tired upright piano in an empty hall": {"grand piano"},
    "Fender Rhodes through a slow phaser": {"electric piano"},
    "gregorian monks in a stone chapel": {"choir"},
    "sleepy cello and viola, very soft": {"strings"},
    "New Orleans trombone parade": {"brass"},
    "pan flute on a mountain at dawn": {"flute"},
    "fingerpicked spanish guitar by the campfire": {"nylon guitar"},
    "surf guitar with spring reverb": {"electric guitar"},
    "wall of fuzz, doom metal riff": {"distorted guitar"},
    "walking bass in a small bar": {"double bass"},
    "squelchy 303 acid line": {"synth bass"},
    "deep 808 sub rumble": {"sub bass"},
    "glittering wine glasses, frozen lake": {"glass pad"},
    "euphoric supersaw from a festival stage": {"bright lead"},
    "tibetan temple bell at sunrise": {"bells"},
    "kalimba and balafon groove": {"marimba"},
    "broken toy lullaby": {"music box"},
    "berlin warehouse four on the floor at 132 bpm": {"techno drums"},
    "chopped amen, 170 bpm": {"breakbeat"},
    "dusty cassette study beats": {"lo-fi"},
    "weightless drone above the clouds": {"ambient", "warm pad"},
    "hans zimmer trailer with huge tutti": {"orchestral"},
    "hammond with a leslie, sunday morning": {"organ"},
    "rainy sunday rhodes": {"electric piano"},
    "church on a mountain": {"organ", "choir"},
    "90s jungle with a fat sub": {"breakbeat", "sub bass"},
    "kalimba under the stars": {"marimba"},
    "no drums, just a lonely trumpet": {"brass"},
    "8-bit boss fight": {"bright lead"},
    "string quartet playing Satie": {"strings"},
    "cyberpunk alley, neon rain": {"bright lead", "synth bass"},
    "cowboy riding into the sunset": {"electric guitar"},
    "kids' carousel": {"organ", "music box"},
    "soft nylon gutiar by the sea": {"nylon guitar"},
    "dramatik orkestra": {"orchestral"},
}
"""Free prompts, and the anchors that would be sensible for each."""


def nearest(text: str) -> str:
    style = ENCODER.text(text)
    return max(ANCHORS, key=lambda anchor: float(style @ ENCODER.text(anchor)))


def near(a: str, b: str) -> float:
    return float(ENCODER.text(a) @ ENCODER.text(b))


def test_the_anchors_are_those_of_the_sketch() -> None:
    assert set(ANCHORS) == {anchor.name for anchor in PLAYED}
    assert all(len(qualities) == len(QUALITIES) for qualities in ANCHORS.values())
    assert all(-1 <= amount <= 1 for qualities in ANCHORS.values() for amount in qualities)


def test_the_lexicon_is_large_and_every_phrase_of_it_can_be_reached() -> None:
    phrases = [
        phrase for table, _ in PARTS for listed in table.values() for phrase in listed.split(", ")
    ]
    assert len(phrases) > 900
    assert len(phrases) == len(set(phrases))
    for phrase in phrases:
        anchors, qualities, unknown = read(phrase)
        assert anchors or qualities, phrase
        assert not unknown, phrase
    alone = {phrase for phrase in phrases if " " not in phrase}
    assert not alone & (FILLERS | NEGATIONS | STRENGTHS.keys())
    assert set(PICTURES.values()) <= set(lexicon())


@pytest.mark.parametrize("name", ANCHORS)
def test_every_anchor_answers_to_its_name(name: str) -> None:
    assert nearest(name) == name
    assert nearest(f"Some {name.upper()} music, please") == name


def test_most_words_for_an_instrument_land_on_it() -> None:
    for name, words in PARTS[0][0].items():
        if name in ANCHORS:
            assert {word for word in words.split(", ") if nearest(word) != name} == set()


@pytest.mark.parametrize("prompt", PROMPTS)
def test_free_prompts_land_on_a_sensible_anchor(prompt: str) -> None:
    assert nearest(prompt) in PROMPTS[prompt]


def test_free_prompts_colour_the_sketch() -> None:
    palette = Palette(ENCODER)
    for prompt in PROMPTS:
        assert palette.weights(ENCODER.text(prompt))[-1] < 0.3, prompt


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("paino", "piano"),
        ("guittar", "guitar"),
        ("electirc piano", "electric piano"),
        ("marimbas", "marimba"),
        ("choire", "choir"),
        ("sinthwave", "synthwave"),
        ("ambiant", "ambient"),
        ("trumpett", "trumpet"),
        ("drms", "drums"),
    ],
)
def test_slips_of_spelling_land_near_the_right_word(slip: str, word: str) -> None:
    assert nearest(slip) == nearest(word)
    assert near(slip, word) > 0.8


def test_slips_are_counted_by_letters() -> None:
    assert _slips("piano", "piano") == 0
    assert _slips("paino", "piano") == 1
    assert _slips("pano", "piano") == 1
    assert _slips("piiano", "piano") == 1
    assert _slips("pieno", "piano") == 1
    assert _slips("drums", "oboe") == 5


def test_short_words_are_not_taken_for_others() -> None:
    assert read("bils") == ({}, {}, ("bils",))
    assert read("cit") == ({}, {}, ("cit",))


def test_what_is_not_wanted_is_taken_out() -> None:
    drums = ("acoustic drums", "techno drums", "breakbeat")
    for text in (
        "house, no drums",
        "house without any drums",
        "don't play drums, house",
        "drum-free house",
        "no drums but house",
        "sans percussion: house",
    ):
        style = ENCODER.text(text)
        assert all(float(style @ ENCODER.text(anchor)) < 0.0 for anchor in drums), text
        assert nearest(text) == "synth bass", text


def test_or_carries_a_negation_on_and_and_does_not() -> None:
    assert read("no brass or flute")[0] == {"brass": -0.4, "flute": -0.4}
    assert read("no brass and flute")[0] == {"brass": -0.4, "flute": 1.0}


def test_a_quality_is_turned_round_by_a_negation() -> None:
    assert read("not wide")[1] == {"wide": -1.0}
    assert read("piano without reverb")[1] == {"far": -1.0}
    assert read("dry")[1] == {"far": -1.0}


def test_strengths_count_for_the_phrase_after_them() -> None:
    assert read("very wide")[1] == {"wide": 1.5}
    assert read("slightly wide flute") == ({"flute": 1.0}, {"wide": 0.4}, ())
    assert read("less reverb")[1] == {"far": -0.5}


def test_tempo_is_busy_or_sparse() -> None:
    assert read("140 bpm")[1] == {"busy": 0.5}
    assert read("80 BPM")[1] == {"busy": -0.5}
    assert read("900bpm 900 bpm")[1]["busy"] == 1.0
    assert "busy" not in read("bpm 140")[1]


def test_phrases_mean_more_than_their_words() -> None:
    assert nearest("bass") == "double bass"
    assert nearest("sub bass") == "sub bass"
    assert nearest("acid bass") == "synth bass"
    assert nearest("steel drums") == "marimba"
    assert nearest("drum and bass") == "breakbeat"


def test_a_mood_colours_an_instrument_and_leaves_it_what_it_is() -> None:
    for mood in ("dark", "bright", "dreamy", "aggressive", "happy", "lo-fi", "distant"):
        for name in ("flute", "grand piano", "marimba"):
            if mood != "lo-fi":
                assert nearest(f"{mood} {name}") == name
            assert 0.5 < near(f"{mood} {name}", name) < 0.999


def test_opposite_qualities_are_opposite() -> None:
    assert near("wide", "mono") == pytest.approx(-1.0)
    assert near("reverberant", "dry") == pytest.approx(-1.0)
    assert near("noisy", "clean") == pytest.approx(-1.0)
    assert near("long", "glass pad") > near("short", "glass pad") + 0.1


def test_two_instruments_are_both_there() -> None:
    both = ENCODER.text("flute and marimba")
    for name in ("flute", "marimba"):
        assert float(both @ ENCODER.text(name)) > 0.6


def test_pictures_are_words() -> None:
    np.testing.assert_array_equal(ENCODER.text("🎻"), ENCODER.text("violin"))


def test_unknown_texts_have_styles_of_their_own_that_hardly_colour() -> None:
    palette = Palette(ENCODER)
    for text in ("zzyzx qwrt", "xylorimbish gnomon", "the", "我想要"):
        assert np.linalg.norm(ENCODER.text(text)) == pytest.approx(1.0, abs=1e-5)
        assert palette.weights(ENCODER.text(text))[-1] > 0.6, text
    assert abs(near("zzyzx", "qwrt")) < 0.3
    assert near("blorptastic", "blorptastical") > 0.3


def test_an_unknown_word_turns_a_known_one_a_little() -> None:
    assert 0.9 < near("flute zzyzx", "flute") < 0.999


def test_a_text_that_says_nothing_in_the_end_still_has_a_style() -> None:
    assert np.linalg.norm(ENCODER.text("wide mono")) == pytest.approx(1.0, abs=1e-5)


def test_of_a_book_the_first_words_are_read() -> None:
    assert nearest("zzyzx " * 255 + "organ" + " flute" * 1000) == "organ"
    assert read("q" * 60_000)[2] == ("q" * 32,)


@given(st.text(max_size=80))
def test_reading_any_text_gives_known_names_and_finite_weights(text: str) -> None:
    anchors, qualities, _ = read(text)
    assert anchors.keys() <= ANCHORS.keys()
    assert qualities.keys() <= set(QUALITIES)
    assert np.isfinite([*anchors.values(), *qualities.values()]).all()


def test_a_meaning_that_names_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'kazoo' is neither an anchor nor a quality"):
        meaning("organ, kazoo 0.5")
    assert meaning("organ 0.5, -wide", 0.5) == ({"organ": 0.25}, {"wide": -0.5})
