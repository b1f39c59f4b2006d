"""Every node type has a help patch: it says what the type does, and it can be heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.files import dumps, load_patch
from engine.registry import load_registry
from engine.render import Inputs, open_player, render
from patcher.shipped import help_patch

REGISTRY = load_registry()
every_type = pytest.mark.parametrize("name", REGISTRY.types)


@every_type
def test_it_holds_and_frames_a_node_of_its_type_and_says_what_to_try(name: str) -> None:
    path = help_patch(name)
    assert path is not None
    patch = load_patch(path)
    assert name in {node.type for node in patch.nodes.values()}
    assert patch.title == name
    assert "help" in patch.tags
    assert patch.license == "CC0-1.0"
    assert len(patch.comments["about"].text) > 60
    frame = patch.comments["shown"]
    assert frame.size
    framed = [
        node.type
        for node in patch.nodes.values()
        if 0 < node.at[0] - frame.at[0] < frame.size[0]
        and 0 < node.at[1] - frame.at[1] < frame.size[1]
    ]
    assert framed == [name]


@every_type
def test_it_saves_back_byte_for_byte(name: str) -> None:
    path = help_patch(name)
    assert path is not None
    assert dumps(load_patch(path)) == path.read_bytes()


@every_type
def test_all_of_it_plays_and_it_is_heard_within_two_seconds(name: str, tmp_path: Path) -> None:
    path = help_patch(name)
    assert path is not None
    player = open_player(load_patch(path), REGISTRY, path.parent)
    assert player.plan is not None
    assert player.plan.problems == ()
    assert player.plan.unused == ()
    report = render(player, Inputs(seconds=2.0), tmp_path / "out.wav")
    assert -30.0 < report.peak < 0.0
    assert report.first_sound is not None
    assert report.first_sound < 0.5


def test_a_type_of_another_package_has_none() -> None:
    assert help_patch("toys.kazoo") is None
    assert help_patch("../first_light") is None
