"""The notes a player holds by mouse and keys, as the MIDI they become."""

from patcher.editing.hands import Hands


def on(pitch: int, velocity: int = 100) -> bytes:
    return bytes((0x90, pitch, velocity))


def off(pitch: int) -> bytes:
    return bytes((0x80, pitch, 0))


def test_a_chord_is_told_at_once_and_once() -> None:
    hands = Hands()
    for key, pitch in (("A", 60), ("D", 64), ("G", 67)):
        hands.press(key, pitch, 100)
    assert hands.take() == (on(60), on(64), on(67))
    assert hands.take() == ()
    assert hands.pitches == {60, 64, 67}


def test_a_key_that_repeats_while_it_is_held_strikes_once() -> None:
    hands = Hands()
    for _ in range(20):
        hands.press("A", 60, 100)
    hands.release("A")
    assert hands.take() == (on(60), off(60))


def test_a_slide_over_the_keys_ends_each_note_before_the_next() -> None:
    hands = Hands()
    for pitch in (60, 62, 64):
        hands.press("mouse", pitch, 90)
    hands.release("mouse")
    assert hands.take() == (on(60, 90), off(60), on(62, 90), off(62), on(64, 90), off(64))


def test_a_pitch_held_twice_ends_when_the_last_hand_lets_go() -> None:
    hands = Hands()
    hands.press("A", 60, 100)
    hands.press("mouse", 60, 50)
    hands.release("A")
    assert hands.take() == (on(60), on(60, 50))
    hands.release("mouse")
    assert hands.take() == (off(60),)


def test_all_notes_end_together() -> None:
    hands = Hands()
    hands.press("A", 60, 100)
    hands.press("mouse", 72, 100)
    hands.take()
    hands.release_all()
    assert sorted(hands.take()) == [off(60), off(72)]
    assert not hands.pitches


def test_what_lies_beyond_midi_is_no_note() -> None:
    hands = Hands()
    hands.press("A", 128, 100)
    hands.press("S", -1, 100)
    hands.release("A")
    assert hands.take() == ()


def test_notes_that_an_engine_has_ended_are_ended_by_nobody_else() -> None:
    hands = Hands()
    hands.press("A", 60, 100)
    hands.forget()
    hands.release("A")
    assert hands.take() == ()
