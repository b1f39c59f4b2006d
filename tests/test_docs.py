"""The docs say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.generators.sketch.anchors import ANCHORS
from engine.registry import load_registry
from patcher.shipped import shipped_patches
from patcher.terminal.reference import markdown
from patcher.terminal.sketch_pictures import picture_name

ROOT = Path(__file__).parent.parent


def test_the_node_reference_is_up_to_date():
    written = (ROOT / "docs" / "nodes.md").read_text(encoding="utf-8")
    assert written == markdown(load_registry()), "run `make docs`"


def test_the_page_of_the_sketch_shows_every_sound_once():
    page = (ROOT / "docs" / "sketch.md").read_text(encoding="utf-8")
    shown = re.findall(r"\(sketch/(\w+\.png)\)", page)
    assert sorted(shown) == sorted(picture_name(anchor.name) for anchor in ANCHORS)
    for anchor in ANCHORS:
        assert re.search(rf"^\|.* {anchor.name} \|", page, re.MULTILINE)
    drawn = {each.name for each in (ROOT / "docs" / "sketch").iterdir()}
    assert drawn == set(shown), "run `make docs`"


@pytest.mark.parametrize("page", ["README.md", "docs/sketch.md"])
def test_every_patch_that_a_page_renders_is_shipped(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    asked = re.findall(r"hocket (?:render|show) (\w+) ", text)
    assert asked
    for name in asked:
        assert (shipped_patches() / f"{name}.hocket").exists()
