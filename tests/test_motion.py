"""Values that move while a patch plays: by MIDI controllers, and on their way to a scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from measure import level
from mido.frozen import FrozenMessage

from engine import edits
from engine.messages import PatchChanged, ValueChanged
from engine.patch import MidiMapping, Patch, PatchError
from engine.recording import Recorder
from engine.recording.replay import replay
from engine.render import Inputs, open_player, render
from engine.snapshots import snapshot
from engine.song import read_song
from tests.test_live import REGISTRY, Rig, keys_patch
from tests.waiting import wait_until

LEVEL = MidiMapping(1, 7, "output1", "level")
DRUMS = MidiMapping(3, 7, "model1", "drums")


def turn(value: int, control: int = 7, channel: int = 1) -> FrozenMessage:
    return FrozenMessage("control_change", channel=channel - 1, control=control, value=value)


def scenes(**values: Mapping[str, Any]) -> Patch:
    """The organ at 0 dB, with scenes."""
    return replace(keys_patch(), scenes=values, mappings=(LEVEL,))


def now(rig: Rig, node: str = "output1", port: str = "level") -> Any:
    """A value as it is heard."""
    return rig.live.decks[-1].player.plan.value(node, port)


def document(rig: Rig, node: str = "output1", port: str = "level") -> Any:
    return rig.performance.patch.nodes[node].values[port]


def twist(rig: Rig, *messages: FrozenMessage) -> None:
    """Has controllers send in the next frame, and plays it."""
    rig.keyboard.coming = {"knobs": messages}
    rig.frames(1)


def followed(rig: Rig, value: float) -> None:
    wait_until(lambda: document(rig) == value, "the document follows")


@pytest.fixture
def rig() -> Rig:
    """The organ, on which a C is held, at 120 beats a minute: 12.5 frames are a beat."""
    rig = Rig()
    rig.performance.open(
        scenes(Soft={"output1.level": -50.0}, Loud={"output1.level": 0.0}), None, None
    )
    rig.on(60)
    rig.frames(5)
    return rig


def test_a_controller_moves_its_value_in_the_frame_in_which_it_arrives(rig):
    assert level(rig.frames(1)) > -40
    twist(rig, turn(0))
    assert now(rig) == -60.0
    twist(rig, turn(0), turn(127))
    assert now(rig) == 12.0
    twist(rig, turn(5, control=8), turn(5, channel=2))
    assert now(rig) == 12.0


def test_the_document_and_the_clients_follow_a_controller(rig):
    revision = rig.performance.revision
    twist(rig, turn(3), turn(127))
    followed(rig, 12.0)
    told = [each for each in rig.told if isinstance(each, ValueChanged)]
    assert told == [ValueChanged("output1", "level", 12.0)]
    assert rig.performance.revision == revision


def test_a_mapping_is_made_while_it_plays(rig):
    patch = replace(rig.performance.patch, mappings=(DRUMS,))
    rig.performance.change(patch, None, None)
    twist(rig, turn(0), turn(127, channel=3))
    assert (now(rig), now(rig, "model1", "drums")) == (0.0, 1.0)
    assert rig.notes == [60], "the key is still held"


def test_a_controller_brings_an_inlet_of_a_group_into_use(rig):
    patch = edits.add(rig.performance.patch, REGISTRY, "audio.mix", "mix")
    patch = edits.connect(patch, REGISTRY, "model1.audio", "mix.audio1")
    patch = edits.connect(patch, REGISTRY, "mix.audio", "output1.audio", instead=True)
    patch = replace(patch, mappings=(MidiMapping(1, 7, "mix", "level2"),))
    rig.performance.change(patch, None, None)
    twist(rig, turn(127))
    wait_until(lambda: "level2" in rig.performance.patch.nodes["mix"].values, "it is followed")
    assert now(rig, "mix", "level2") == rig.performance.patch.nodes["mix"].values["level2"]


def test_a_node_that_takes_the_place_of_another_is_not_on_its_way(rig):
    patch = edits.add(rig.performance.patch, REGISTRY, "audio.gain", "amp", values={"gain": 0.0})
    patch = edits.connect(patch, REGISTRY, "model1.audio", "amp.audio")
    patch = edits.connect(patch, REGISTRY, "amp.audio", "output1.audio", instead=True)
    patch = replace(patch, scenes={"Soft": {"amp.gain": -40.0}})
    rig.performance.change(patch, None, None)
    rig.performance.recall("Soft", 4.0)
    rig.frames(10)
    rig.performance.change(edits.remove(rig.performance.patch, "amp"), None, None)
    rig.performance.change(patch, None, None)
    rig.frames(10)
    assert now(rig, "amp", "gain") == 0.0


def test_a_scene_is_recalled_at_once(rig):
    rig.performance.recall("Soft", by="me")
    assert document(rig) == -50.0
    assert isinstance(rig.told[-1], PatchChanged)
    assert rig.told[-1].by == "me"
    rig.frames(1)
    assert now(rig) == -50.0
    with pytest.raises(PatchError, match="Nowhere"):
        rig.performance.recall("Nowhere")


@pytest.mark.parametrize("playing", [True, False])
def test_a_scene_is_reached_within_beats_at_the_transports_tempo(rig, playing):
    if not playing:
        rig.live.conductor.stop()
    rig.performance.recall("Soft", 4.0)
    assert document(rig) == -50.0, "the document is there at once"
    rig.frames(25)
    assert now(rig) == pytest.approx(-25.0)
    rig.frames(24)
    assert now(rig) == pytest.approx(-49.0)
    rig.frames(1)
    assert now(rig) == -50.0
    rig.live.conductor.set_tempo(240.0)
    rig.performance.recall("Loud", 4.0)
    rig.frames(25)
    assert now(rig) == 0.0


def test_what_has_no_middle_changes_at_the_end(rig):
    patch = scenes(Bells={"prompt1.text": "bells", "output1.level": -10.0})
    rig.performance.change(patch, None, None)
    rig.performance.recall("Bells", 2.0)
    rig.frames(24)
    assert now(rig, "prompt1", "text") == "organ"
    rig.frames(1)
    assert now(rig, "prompt1", "text") == "bells"


def test_a_value_that_is_set_by_hand_leaves_its_way(rig):
    rig.performance.recall("Soft", 4.0)
    rig.frames(10)
    rig.performance.set_value("output1", "level", 3.0)
    rig.frames(10)
    assert now(rig) == document(rig) == 3.0
    rig.performance.recall("Soft", 4.0)
    rig.frames(10)
    twist(rig, turn(127))
    rig.frames(10)
    assert now(rig) == 12.0
    followed(rig, 12.0)


def test_another_scene_begins_where_the_values_are(rig):
    rig.performance.recall("Soft", 4.0)
    rig.frames(25)
    rig.performance.recall("Loud", 2.0)
    rig.frames(1)
    assert now(rig) == pytest.approx(-24.0)
    rig.frames(24)
    assert now(rig) == 0.0


def test_an_edit_on_the_way_to_a_scene_does_not_hold_it_up(rig):
    rig.performance.recall("Soft", 4.0)
    rig.frames(25)
    patch = edits.add(rig.performance.patch, REGISTRY, "control.lfo")
    rig.performance.change(patch, None, None)
    rig.frames(1)
    assert now(rig) == pytest.approx(-26.0)
    rig.performance.change(edits.remove(patch, "model1"), None, None)
    rig.frames(24)
    assert now(rig) == -50.0


def test_a_scene_is_reached_step_by_step_where_a_node_is_muted(rig):
    rig.live.decks[-1].muted["prompt1"] = "it failed"
    rig.performance.recall("Soft", 4.0)
    rig.frames(25)
    assert now(rig) == pytest.approx(-25.0)


def test_snapshots_show_what_moves_what_comes_in_and_what_it_costs(rig):
    def seen():
        return snapshot(
            rig.live,
            rig.live.moment,
            revision=1,
            follow="internal",
            latency=0.0,
            watched=(),
            devices=(),
            recording=None,
            cpu=0.5,
        )

    assert seen().heard == (bytes([0x90, 60, 80]),)
    assert seen().heard == (), "each message is shown once"
    twist(rig, FrozenMessage("clock"), turn(127))
    rig.frames(3)
    assert seen().moving == {"output1.level": 12.0}
    assert seen().cpu == 0.5
    twist(rig, *(turn(each) for each in range(100)))
    assert seen().heard == tuple(bytes([0xB0, 7, each]) for each in range(36, 100))
    twist(rig, turn(1))
    rig.frames(30)
    assert (seen().heard, seen().moving) == ((), {})


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("turn"), st.integers(0, 127)),
            st.tuples(st.just("set"), st.sampled_from([-12.0, 0.0, 6.0])),
            st.tuples(st.just("recall"), st.sampled_from([0.0, 0.3, 2.0])),
            st.tuples(st.just("edit"), st.booleans()),
            st.tuples(st.just("play"), st.integers(1, 15)),
        ),
        max_size=12,
    )
)
def test_whatever_is_done_in_the_end_the_document_says_what_is_heard(deeds):
    rig = Rig()
    rig.performance.open(scenes(Soft={"output1.level": -50.0}), None, None)
    for deed, how in deeds:
        patch = rig.performance.patch
        if deed == "turn":
            twist(rig, turn(how))
        elif deed == "set":
            rig.performance.set_value("output1", "level", how)
        elif deed == "recall":
            rig.performance.recall("Soft", how)
        elif deed == "edit" and how:
            rig.performance.change(edits.add(patch, REGISTRY, "control.lfo"), None, None)
        elif deed == "edit":
            rig.performance.change(edits.clear_value(patch, "output1", "level"), None, None)
            rig.performance.set_value("output1", "level", 1.0)
        else:
            rig.frames(how)
    rig.frames(30)
    wait_until(lambda: document(rig) == now(rig), "they are the same")
    rig.frames(1)
    assert document(rig) == now(rig)


def test_a_replay_has_what_controllers_and_scenes_moved_once(tmp_path: Path, rig):
    recorder = Recorder(tmp_path, REGISTRY)
    rig.live.recorder = recorder
    heard = [rig.frames(3)]
    twist(rig, turn(10))
    rig.performance.recall("Loud", 1.0)
    heard += [rig.tape.frames[-1], rig.frames(5)]
    patch = edits.add(rig.performance.patch, REGISTRY, "control.lfo")
    rig.performance.change(patch, None, None)
    heard.append(rig.frames(5))
    twist(rig, turn(90))
    heard += [rig.tape.frames[-1], rig.frames(5)]
    rig.live.recorder = None
    recorder.stop()
    replay(tmp_path / "performance.hocketlog", REGISTRY, tmp_path / "again.wav")
    recorded, again = (
        soundfile.read(tmp_path / name, dtype="int32")[0] for name in ("mix.wav", "again.wav")
    )
    assert np.array_equal(recorded, again)
    played = np.concatenate(heard)
    assert np.abs(recorded / 2**31 - played).max() < 2**-22
    assert level(played[:1920]) > level(played[4 * 1920 : 5 * 1920]) + 10


def test_a_render_obeys_the_controllers_in_a_midi_file(tmp_path: Path):
    track = mido.MidiTrack(
        [
            mido.Message("note_on", note=60, velocity=80),
            mido.Message("control_change", control=7, value=0, time=960),  # a second
        ]
    )
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(tmp_path / "song.mid")
    song = read_song(tmp_path / "song.mid")
    player = open_player(scenes(), REGISTRY, None)
    render(player, Inputs(song, seconds=2.0), tmp_path / "out.wav")
    sound = soundfile.read(tmp_path / "out.wav")[0]
    assert level(sound[9_600:48_000]) > -40
    assert not sound[49_920:].any(), "nothing is heard from the frame after the one that fades"
