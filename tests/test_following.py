"""The document and what is heard, where controllers, scenes and edits meet: they stay together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from mido.frozen import FrozenMessage

from engine import edits
from engine.patch import MidiMapping, Patch, PatchError
from engine.ports import Inlet, Setting
from tests.test_live import REGISTRY, Rig
from tests.test_motion import LEVEL, document, now, scenes, turn, twist
from tests.waiting import wait_until

LOUD = 12.0
"""What the mapped controller turned up makes of the level."""


@pytest.fixture
def rig() -> Rig:
    """The organ at 0 dB, silent, at 120 beats a minute: 12.5 frames are a beat."""
    rig = Rig()
    rig.performance.open(
        scenes(Soft={"output1.level": -50.0}, Low={"output1.level": -50.0}), None, None
    )
    rig.frames(1)
    return rig


def mixed(*mappings: MidiMapping, **values: Mapping[str, Any]) -> Patch:
    """The organ through a mixer, with scenes."""
    patch = edits.add(scenes(**values), REGISTRY, "audio.mix", "mix")
    patch = edits.connect(patch, REGISTRY, "model1.audio", "mix.audio1")
    patch = edits.connect(patch, REGISTRY, "mix.audio", "output1.audio", instead=True)
    return replace(patch, mappings=mappings)


def plan(rig: Rig) -> Any:
    return rig.live.decks[-1].player.plan


def settled(rig: Rig) -> None:
    """Plays a frame, and has the document follow all that was turned."""
    rig.frames(1)
    rig.performance.set_value("prompt1", "text", "bells")


def turned_before(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, entry: str, *messages: FrozenMessage
) -> None:
    """Has controllers turned once an edit is made, before the frame loop hears of it."""
    hear = getattr(rig.live, entry)

    def later(change: Callable[[], None]) -> None:
        monkeypatch.undo()
        twist(rig, *messages)
        hear(change)

    monkeypatch.setattr(rig.live, entry, later)


@pytest.mark.parametrize("deed", ["set", "change", "recall", "edit"])
def test_what_was_turned_before_a_value_was_heard_does_not_outlast_it(rig, monkeypatch, deed):
    entry = "in_frame" if deed == "edit" else "at_frame"
    turned_before(rig, monkeypatch, entry, turn(127))
    performance = rig.performance
    quiet = edits.set_value(performance.patch, REGISTRY, "output1", "level", -50.0)
    if deed == "set":
        performance.set_value("output1", "level", -50.0)
    elif deed == "change":
        performance.change(quiet, None, None)
    elif deed == "recall":
        performance.recall("Soft")
    else:
        performance.change(edits.add(quiet, REGISTRY, "control.lfo"), None, None)
    settled(rig)
    assert document(rig) == now(rig) == -50.0
    twist(rig, turn(127))
    settled(rig)
    assert document(rig) == now(rig) == LOUD, "what is turned after it is followed"


def test_a_value_that_is_cleared_on_its_way_to_a_scene_leaves_it(rig):
    patch = edits.set_value(mixed(Soft={"mix.level1": -40.0}), REGISTRY, "mix", "level1", -1.0)
    default = REGISTRY.types["audio.mix"].value("level1").default
    rig.performance.open(patch, None, None)
    rig.performance.recall("Soft", 4.0)
    rig.frames(10)
    cleared = edits.clear_value(rig.performance.patch, "mix", "level1")
    rig.performance.change(cleared, None, None)
    rig.frames(60)
    assert now(rig, "mix", "level1") == default


def test_a_value_never_set_of_an_inlet_in_use_goes_its_way_and_compiles_nothing(rig):
    rig.performance.open(mixed(Soft={"mix.level1": -40.0}), None, None)
    rig.frames(1)
    start, playing = now(rig, "mix", "level1"), plan(rig)
    rig.performance.recall("Soft", 8.0)
    rig.frames(50)
    assert now(rig, "mix", "level1") == pytest.approx((start - 40.0) / 2)
    rig.performance.set_value("mix", "level1", -3.0)
    rig.frames(1)
    assert now(rig, "mix", "level1") == -3.0
    assert plan(rig) is playing


@pytest.mark.parametrize("scene", ["Soft", "Low"])
def test_a_scene_is_recalled_at_once_while_its_values_are_on_their_way(rig, scene):
    rig.performance.recall("Soft", 64.0)
    rig.frames(10)
    rig.performance.recall(scene)
    rig.frames(1)
    assert now(rig) == -50.0


def test_a_patch_that_would_be_too_large_to_be_told_changes_nothing(rig):
    patch, text = rig.performance.patch, "a" * 60_000
    held = [f"prompt{number}" for number in range(2, 82)]
    for name in held:
        patch = edits.add(patch, REGISTRY, "style.prompt", name)
    patch = replace(patch, scenes={"Words": {f"{name}.text": text for name in held}})
    rig.performance.open(patch, None, None)
    told, revision = len(rig.told), rig.performance.revision
    with pytest.raises(PatchError, match="8 MB"):
        rig.performance.recall("Words")
    assert (len(rig.told), rig.performance.revision) == (told, revision)
    assert rig.performance.patch == patch
    most = 8 * 2**20 // len(text) - len(held)
    for name in held[:most]:
        rig.performance.set_value(name, "text", text)
    with pytest.raises(PatchError, match="8 MB"):
        rig.performance.set_value(held[most], "text", text)
    assert rig.performance.changed().text, "it can still be asked for"


def test_a_frame_on_the_way_to_a_scene_checks_no_value(rig, monkeypatch):
    patch = scenes(Bells={"prompt1.text": "bells", "output1.level": -10.0})
    rig.performance.change(patch, None, None)
    rig.performance.recall("Bells", 2.0)
    rig.frames(1)
    checked: list[object] = []
    for known in (Inlet, Setting):
        check = known.check
        monkeypatch.setattr(
            known,
            "check",
            lambda self, value, check=check: checked.append(value) or check(self, value),
        )
    rig.frames(20)
    assert checked == []
    assert rig.live.decks[-1].player.motion.moving(20).keys() == {"output1.level"}
    rig.frames(4)
    assert (now(rig, "prompt1", "text"), now(rig)) == ("bells", -10.0)


def test_what_was_turned_while_an_edit_was_compiled_is_heard_in_every_frame(rig, monkeypatch):
    heard = []
    turned_before(rig, monkeypatch, "in_frame", turn(127))
    rig.performance.change(edits.add(rig.performance.patch, REGISTRY, "control.lfo"), None, None)
    heard.append(now(rig))
    settled(rig)
    heard.append(now(rig))
    assert heard == [LOUD, LOUD]
    assert document(rig) == LOUD


def test_a_mapped_inlet_of_a_group_is_in_use_before_it_is_turned(rig):
    patch = edits.add(scenes(), REGISTRY, "osc.send", "send")
    patch = edits.set_value(patch, REGISTRY, "send", "control2", 0.25)
    patch = replace(patch, mappings=(MidiMapping(1, 7, "send", "control1", 0.0, 1.0),))
    sent: list[Any] = []
    rig.live.send_osc = lambda address, values: sent.append(tuple(values))
    rig.performance.open(patch, None, None)
    rig.frames(1)
    playing = plan(rig)
    twist(rig, turn(127))
    assert sent[-1] == (1.0, 0.25), "in the frame in which it is turned"
    settled(rig)
    assert document(rig, "send", "control1") == 1.0
    assert {len(values) for values in sent} == {2}
    assert plan(rig) is playing


def test_all_values_of_one_controller_are_followed_by_one_new_patch(rig, monkeypatch):
    patch = scenes()
    names = [f"gain{number}" for number in range(1, 21)]
    for name in names:
        patch = edits.add(patch, REGISTRY, "audio.gain", name)
    patch = replace(patch, mappings=tuple(MidiMapping(1, 7, name, "gain") for name in names))
    rig.performance.open(patch, None, None)
    made = []
    finish = Patch.__post_init__
    monkeypatch.setattr(Patch, "__post_init__", lambda self: made.append(self) or finish(self))
    twist(rig, turn(0))
    wait_until(lambda: "gain" in rig.performance.patch.nodes["gain20"].values, "it is followed")
    lowest = REGISTRY.types["audio.gain"].value("gain").range.low
    assert {document(rig, name, "gain") for name in names} == {lowest}
    assert len(made) == 1


def test_a_value_that_is_set_by_hand_is_shown_as_moving_no_more(rig):
    twist(rig, turn(127))
    rig.performance.set_value("output1", "level", 3.0)
    rig.frames(1)
    assert rig.live.decks[-1].player.motion.moving(3) == {}


def test_one_value_that_cannot_be_followed_keeps_no_other_from_it(rig, monkeypatch):
    """A frame loop that stands still compiles nothing, and a node may have left meanwhile."""
    rig.performance.open(mixed(LEVEL, MidiMapping(1, 7, "mix", "level2")), None, None)
    rig.frames(1)

    def stands_still(change: Callable[[], None]) -> None:
        raise TimeoutError("the frame loop stands still")

    monkeypatch.setattr(rig.live, "in_frame", stands_still)
    twist(rig, turn(127))
    settled(rig)
    assert document(rig) == LOUD
    monkeypatch.undo()
    turned_before(rig, monkeypatch, "in_frame", turn(0))
    gone = replace(edits.remove(rig.performance.patch, "mix"), mappings=(LEVEL,))
    rig.performance.change(gone, None, None)
    settled(rig)
    assert document(rig) == now(rig) == -60.0


def test_a_value_whose_mapping_has_left_brings_nothing_into_use(rig, monkeypatch):
    rig.performance.open(mixed(MidiMapping(1, 7, "mix", "level2")), None, None)
    rig.frames(1)
    turned_before(rig, monkeypatch, "in_frame", turn(127))
    rig.performance.change(replace(rig.performance.patch, mappings=()), None, None)
    settled(rig)
    assert "level2" not in rig.performance.patch.nodes["mix"].values
    assert "level2" not in plan(rig).steps["mix"].values


def test_a_fault_in_following_is_said_and_the_next_is_followed(rig, monkeypatch):
    def fails(event: object) -> None:
        monkeypatch.undo()
        raise RuntimeError("nobody listens")

    monkeypatch.setattr(rig.performance, "_tell", fails)
    monkeypatch.setattr(rig.performance._follower, "submit", None)  # makes and takes a lock
    twist(rig, turn(0))
    wait_until(lambda: any("nobody listens" in each for each in rig.said), "it is said")
    twist(rig, turn(127))
    wait_until(lambda: document(rig) == LOUD, "the document follows")
