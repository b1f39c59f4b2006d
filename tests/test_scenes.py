"""Scenes: what one keeps, and what it brings back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toys import TOYS, patch

from engine import edits
from engine.files import dumps, loads
from engine.patch import MAX_SCENES, Node, Patch, PatchError
from engine.scenes import changes, recall, remove_scene, rename_scene, store_scene

FOUND = patch(
    {
        "lfo": "control.count",
        "text": "style.prompt",
        "file": "control.length",
        "blend": "style.blend",
        "model": "generator.model",
        "glow": "far.glow",
    },
    ["text.style > blend.style3", "gone.style > blend.style9"],
    {
        "lfo.step": 0.25,
        "text.text": "warm",
        "file.file": "a.txt",
        "blend.weight1": 0.5,
        "glow.x": 1,
    },
)
STORED = store_scene(FOUND, TOYS, "Verse")


def test_a_scene_keeps_every_value_and_no_file():
    """Of the numbered sets those that are fed or set; nothing of a type that is not installed."""
    assert STORED.scenes["Verse"] == {
        "blend.weight1": 0.5,
        "blend.weight3": 1.0,
        "blend.weight9": 1.0,
        "lfo.step": 0.25,
        "model.model": "sketch",
        "model.seed": 0,
        "model.temperature": 1.1,
        "text.text": "warm",
    }
    assert loads(dumps(STORED)) == STORED


def test_a_scene_brings_back_what_was_changed_and_leaves_the_rest():
    changed = edits.set_value(STORED, TOYS, "lfo", "step", 3.0)
    changed = edits.set_value(changed, TOYS, "model", "temperature", 2.0)
    changed = edits.set_value(changed, TOYS, "file", "file", "b.txt")
    assert changes(changed, TOYS, "Verse") == {
        ("lfo", "step"): 0.25,
        ("model", "temperature"): 1.1,
    }
    found = recall(changed, TOYS, "Verse")
    assert found.nodes["lfo"].values == {"step": 0.25}
    assert found.nodes["model"].values == {"temperature": 1.1}
    assert found.nodes["file"].values == {"file": "b.txt"}
    assert recall(STORED, TOYS, "Verse") == STORED


def test_what_is_there_no_more_or_not_legal_is_passed_over():
    values = {
        "gone.step": 1.0,
        "lfo.gone": 1.0,
        "lfo.step": "fast",
        "model.temperature": 99.0,
        "model.seed": True,
        "file.file": "/etc/passwd",
        "glow.x": 2,
        "blend.weight7": 0.5,
        "text.text": "cold",
    }
    found = replace(FOUND, scenes={"Odd": values})
    assert changes(found, TOYS, "Odd") == {("text", "text"): "cold"}


def test_a_value_that_is_not_legal_is_not_kept():
    wrong = replace(FOUND, nodes={"lfo": Node("control.count", values={"step": "fast"})})
    assert store_scene(wrong, TOYS, "x").scenes["x"] == {}


def test_a_scene_of_the_same_name_is_stored_anew_and_the_order_stays():
    found = store_scene(STORED, TOYS, "Chorus")
    found = store_scene(edits.set_value(found, TOYS, "lfo", "step", 9.0), TOYS, "Verse")
    assert list(found.scenes) == ["Verse", "Chorus"]
    assert found.scenes["Verse"]["lfo.step"] == 9.0
    assert found.scenes["Chorus"]["lfo.step"] == 0.25
    renamed = rename_scene(found, "Verse", "Intro")
    assert list(renamed.scenes) == ["Intro", "Chorus"]
    assert list(remove_scene(renamed, "Intro").scenes) == ["Chorus"]
    assert rename_scene(found, "Verse", "Verse") == found


def test_scenes_refuse_in_words():
    def words(edit, *arguments) -> str:
        with pytest.raises(PatchError) as caught:
            edit(*arguments)
        return str(caught.value)

    none = "scenes: there is no scene 'x'; there are: 'Verse'"
    assert words(recall, STORED, TOYS, "x") == none
    assert words(remove_scene, STORED, "x") == none
    assert words(rename_scene, STORED, "x", "y") == none
    legal = "is no name; legal are 1..64 characters on one line"
    assert words(store_scene, STORED, TOYS, "") == f"scenes: '' {legal}"
    assert words(rename_scene, STORED, "Verse", "a\nb").endswith(legal)
    two = store_scene(STORED, TOYS, "Chorus")
    already = "scenes: there is a scene 'Chorus' already"
    assert words(rename_scene, two, "Verse", "Chorus") == already
    full = Patch(scenes={f"Scene {number}": {} for number in range(MAX_SCENES)})
    assert words(store_scene, full, TOYS, "One more") == "scenes: a patch has at most 128"
    assert store_scene(full, TOYS, "Scene 5") == full
