"""What keys and menus do, what goes wrong while they do it, and where there is no screen."""

from __future__ import annotations

import pytest

from patcher.mishaps import Mishaps
from patcher.screen import missing_screen, screen_scale
from patcher.ui.actions import Actions


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def actions(done: list[str]) -> Actions:
    """A table of three."""
    table = Actions()
    table.add("Mute", lambda: done.append("mute"), "M", menu="Edit")
    table.add("Save", lambda: done.append("save"), "Ctrl+S", menu="File", typing=True)
    table.add("Redo", lambda: done.append("redo"), "Ctrl+Y", possible=lambda: False)
    return table


def test_letters_are_no_shortcuts_while_a_text_is_typed(actions, done):
    assert not actions.press("M", typing=True)
    assert actions.press("Ctrl+S", typing=True)
    assert actions.press("M", typing=False)
    assert done == ["save", "mute"]


def test_letters_are_no_shortcuts_while_they_are_played_on(actions, done):
    actions.letters = False
    assert not actions.press("M", typing=False)
    assert actions.press("Ctrl+S", typing=False)
    assert done == ["save"]


def test_what_cannot_be_done_now_takes_its_keys_and_does_nothing(actions, done):
    assert actions.press("Ctrl+Y", typing=False)
    assert done == []


def test_who_asked_last_to_be_asked_first_is(actions, done):
    actions.ask_first(lambda keys: keys == "M" and not done.append("first"), typing=False)
    actions.ask_first(lambda keys: keys == "M" and not done.append("last"), typing=True)
    actions.press("M", typing=False)
    actions.press("M", typing=True)
    assert done == ["last", "last"]


def test_a_question_takes_keys_that_are_typed_and_others_do_not(actions, done):
    actions.ask_first(lambda keys: not done.append(keys), typing=False)
    assert not actions.press("M", typing=True)
    assert done == []


def test_menus_stand_in_their_order_and_hold_what_is_in_one(actions):
    menus = {title: [each.title for each in held] for title, held in actions.menus().items()}
    assert list(menus) == ["File", "Edit", "View", "Play", "Help"]
    assert menus["File"] == ["Save"]
    assert menus["Edit"] == ["Mute"]


def test_an_action_says_what_it_would_be_done_to(actions):
    steps = ["Move a"]
    actions.add("Undo", steps.pop, menu="Edit", about=lambda: steps[-1] if steps else None)
    undo = actions.titled("Undo")
    assert undo.words == "Undo Move a"
    undo.do()
    assert undo.words == "Undo"


def test_two_actions_cannot_have_the_same_keys(actions):
    with pytest.raises(ValueError, match="Ctrl\\+S does 'Save' already"):
        actions.add("Store", print, "Ctrl+S")


def test_a_fault_is_told_once_in_a_sentence_and_written_down_in_full(state):
    said: list[tuple[str, bool]] = []
    mishaps = Mishaps(lambda text, bad: said.append((text, bad)))
    for _ in range(3):
        with mishaps.survived():
            raise RuntimeError("a cable bit me")
    ((text, bad),) = said
    assert bad
    assert "RuntimeError: a cable bit me" in text
    assert str(state / "editor.log") in text
    log = (state / "editor.log").read_text()
    assert log.count("Traceback") == 1
    assert "a cable bit me" in log


def test_what_ends_the_program_is_no_mishap(state):
    mishaps = Mishaps(lambda text, bad: None)
    with pytest.raises(KeyboardInterrupt), mishaps.survived():
        raise KeyboardInterrupt


@pytest.mark.parametrize(("said", "scale"), [("2", 2.0), ("9", 3.0), ("0.1", 0.75)])
def test_the_desktop_says_how_large_text_is_wanted(monkeypatch, said, scale):
    monkeypatch.setenv("GDK_SCALE", said)
    monkeypatch.delenv("GDK_DPI_SCALE", raising=False)
    assert screen_scale() == scale


def test_a_screen_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert "DISPLAY is not set" in missing_screen()
    monkeypatch.setenv("DISPLAY", ":4242")
    assert ":4242" in missing_screen()
