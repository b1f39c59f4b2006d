"""Every shipped patch loads, compiles, sounds, and saves back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.files import dumps, load_patch
from engine.registry import load_registry
from engine.render import Inputs, open_player, render
from engine.signals import FRAME_RATE
from engine.song import read_song
from nodes.notes_held import Held

FOLDER = Path(__file__).parent.parent / "patches"
PATCHES = sorted(FOLDER.glob("*.hocket"))

every_patch = pytest.mark.parametrize("path", PATCHES, ids=[each.stem for each in PATCHES])


def test_the_promised_patches_are_there():
    names = {each.stem for each in PATCHES}
    assert {"first_light", "harmoniser", "style_surface", "split_keyboard"} <= names


@every_patch
def test_it_says_what_it_is_and_is_free_to_share(path):
    patch = load_patch(path)
    assert patch.title
    assert len(patch.description) > 40
    assert patch.license == "CC0-1.0"
    assert patch.tags


@every_patch
def test_it_saves_back_byte_for_byte(path):
    assert dumps(load_patch(path)) == path.read_bytes()


@every_patch
def test_it_lies_on_the_canvas_without_overlap(path):
    places = [node.at for node in load_patch(path).nodes.values()]
    for number, (x, y) in enumerate(places):
        for other_x, other_y in places[number + 1 :]:
            assert abs(x - other_x) >= 150 or abs(y - other_y) >= 90


@every_patch
def test_it_sounds_without_clipping_and_twice_the_same(path, tmp_path):
    song = read_song(FOLDER / "first_light.mid")
    registry = load_registry()
    bytes_ = []
    for number in range(2):
        player = open_player(load_patch(path), registry, FOLDER)
        assert player.plan is not None
        assert player.plan.problems == ()
        assert player.plan.unused == ()
        out = tmp_path / f"{number}.wav"
        report = render(player, Inputs(song, seconds=8.0), out)
        assert -24.0 < report.peak < 0.0
        assert -42.0 < report.level < -12.0
        bytes_.append(out.read_bytes())
    assert bytes_[0] == bytes_[1]
    samples, _ = soundfile.read(out)
    assert np.abs(samples.mean(axis=0)).max() < 1e-3, "it has DC"


def test_the_starter_song_lifts_its_pedal_between_harmonies():
    song, held = read_song(FOLDER / "first_light.mid"), Held()
    sounding = [int((held(song.messages(frame)) > 0).sum()) for frame in range(48 * FRAME_RATE)]
    # A chord of four, a bass, a melody and one note more; the last chord, at 48 s, is broken.
    assert max(sounding) <= 7
