"""Comments and the perform panel: what is said of a patch beside what it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from toys import PLAIN, TOYS

from engine import edits
from engine.comments import move_comments, put_comment, remove_comments
from engine.panel import reorder, show_on_panel, take_off_panel
from engine.patch import MAX_COMMENTS, MAX_PANEL, Comment, MidiMapping, Patch, PatchError

BOX = Comment("Drums", (10, 20), (300, 200), "blue", {"later": 1})
SAID = put_comment(put_comment(PLAIN, "box", BOX), "comment1", Comment("Hello"))


def refusal(edit: Callable[..., Patch], *arguments: Any) -> str:
    with pytest.raises(PatchError) as caught:
        edit(*arguments)
    return str(caught.value)


def test_a_comment_is_placed_and_changed_under_its_id():
    assert SAID.comments == {"box": BOX, "comment1": Comment("Hello")}
    changed = put_comment(SAID, "box", replace(BOX, text="Bass", colour="mauve"))
    assert changed.comments["box"] == Comment("Bass", (10, 20), (300, 200), "mauve", {"later": 1})
    assert edits.first_free("comment", SAID.comments) == "comment2"


def test_comments_are_moved_and_removed():
    moved = move_comments(SAID, {"box": (1, 2)})
    assert moved.comments["box"] == replace(BOX, at=(1.0, 2.0))
    assert moved.comments["comment1"] == SAID.comments["comment1"]
    assert remove_comments(SAID, "box", "comment1") == PLAIN


def test_comments_refuse_in_words():
    none = "there is no comment 'x'"
    assert refusal(move_comments, SAID, {"x": (0, 0)}) == none
    assert refusal(remove_comments, SAID, "box", "x") == none
    far = "box: the place (1000000.0, 0) is outside ±1,000,000 pixels"
    assert refusal(move_comments, SAID, {"box": (1e6, 0)}) == far
    words = "box: the size (0, 5) is outside 0..1,000,000 pixels"
    assert refusal(put_comment, SAID, "box", replace(BOX, size=(0, 5))) == words
    assert refusal(put_comment, SAID, "A", BOX).startswith("'A' is no id")
    words = "box: a text of 65,537 characters; at most 65,536 are legal"
    assert refusal(put_comment, SAID, "box", Comment("x" * 65_537)) == words
    assert "surrogate" in refusal(put_comment, SAID, "box", Comment("", colour="\ud800"))
    full = Patch(comments={f"c{number}": BOX for number in range(MAX_COMMENTS)})
    assert refusal(put_comment, full, "more", BOX) == "a patch has at most 1,000 comments"
    assert put_comment(full, "c7", BOX) == full


def shown(*places: str) -> Patch:
    found = PLAIN
    for place in places:
        found = show_on_panel(found, TOYS, place)
    return found


def test_the_panel_shows_nodes_and_values_in_order():
    found = shown("lfo.step", "model1", "amp.gain")
    assert found.panel == ("lfo.step", "model1", "amp.gain")
    assert reorder(found, "amp.gain", 0).panel == ("amp.gain", "lfo.step", "model1")
    assert reorder(found, "lfo.step", 99).panel == ("model1", "amp.gain", "lfo.step")
    assert take_off_panel(found, "model1").panel == ("lfo.step", "amp.gain")


def test_the_panel_refuses_in_words():
    assert refusal(show_on_panel, PLAIN, TOYS, "x") == "there is no node 'x'"
    assert refusal(show_on_panel, PLAIN, TOYS, "x.step") == "there is no node 'x'"
    assert refusal(show_on_panel, PLAIN, TOYS, "lfo.") == "'lfo.' is not node.port"
    words = "lfo.x: control.count has no such value; legal are: step"
    assert refusal(show_on_panel, PLAIN, TOYS, "lfo.x") == words
    words = "amp.audio: takes a cable (Audio), not a value"
    assert refusal(show_on_panel, PLAIN, TOYS, "amp.audio") == words
    assert refusal(show_on_panel, shown("lfo"), TOYS, "lfo") == "lfo: is on the panel already"
    assert refusal(take_off_panel, PLAIN, "lfo") == "lfo: is not on the panel"
    assert refusal(reorder, PLAIN, "lfo", 0) == "lfo: is not on the panel"
    full = replace(PLAIN, panel=tuple(f"n{number}" for number in range(MAX_PANEL)))
    assert refusal(show_on_panel, full, TOYS, "lfo") == "a panel shows at most 256"


def test_what_is_said_of_a_node_follows_its_name_and_goes_with_it():
    found = replace(
        shown("lfo.step", "lfo", "amp.gain"),
        mappings=(MidiMapping(1, 1, "amp", "gain"), MidiMapping(1, 74, "lfo", "step", 0, 2)),
        scenes={"Verse": {"lfo.step": 1.0, "amp.gain": 0.5}},
    )
    renamed = edits.rename(found, "lfo", "slow")
    assert renamed.panel == ("slow.step", "slow", "amp.gain")
    assert renamed.mappings == (
        MidiMapping(1, 1, "amp", "gain"),
        MidiMapping(1, 74, "slow", "step", 0, 2),
    )
    assert renamed.scenes == {"Verse": {"slow.step": 1.0, "amp.gain": 0.5}}
    assert edits.rename(renamed, "slow", "lfo") == found
    removed = edits.remove(found, "lfo")
    assert removed.panel == ("amp.gain",)
    assert removed.mappings == (MidiMapping(1, 1, "amp", "gain"),)
    assert removed.scenes == {"Verse": {"amp.gain": 0.5}}
