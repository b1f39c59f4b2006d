"""The docs say what the code says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.generators.sketch.anchors import ANCHORS
from engine.registry import load_registry
from patcher.panels.patching import focus
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


@pytest.mark.parametrize("page", ["README.md", "docs/mrt2.md", "docs/sketch.md"])
def test_every_patch_that_a_page_renders_is_shipped(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    asked = re.findall(r"hocket (?:render|show) (\w+) ", text)
    assert asked
    for name in asked:
        assert (shipped_patches() / f"{name}.hocket").exists()


LIST_KEYS = """
import os
from engine.registry import load_registry
from patcher.app import App
from patcher.document import Document
from tests.editor_child import NoEngine

registry = load_registry()
app = App(registry, NoEngine(), Document.new(registry))
print(*(key for action in app.editor.actions for key in action.keys), sep="\\n", flush=True)
os._exit(0)  # there is no window to close
"""


def keys_of_the_editor(home: Path) -> set[str]:
    """The keys in its table of actions; no window is opened."""
    homes = {f"XDG_{kind}_HOME": str(home) for kind in ("STATE", "CONFIG", "DATA")}
    environment = {**os.environ, **homes, "XDG_RUNTIME_DIR": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", LIST_KEYS],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("\n")) - {""}


def documented_keys(page: str) -> dict[str, list[str]]:
    """The keys in the table of a page, by the heading that they are under."""
    found: dict[str, list[str]] = {}
    under = ""
    for keys, words in re.findall(r"^\| (.+?) \| ?(.*?) ?\|$", page, re.MULTILINE):
        if not words:
            under = keys.strip("*")
        elif under:
            first, _, last = keys.partition(" to ")
            each = [f"{first[:-1]}{n}" for n in range(1, 10)] if last else keys.split(", ")
            found.setdefault(under, []).extend(each)
    return found


def test_the_page_of_the_editor_lists_every_key_once(tmp_path):
    page = (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
    listed = documented_keys(page)
    (values,) = (heading for heading in listed if heading.startswith("Values"))
    of_values = {each for keys in focus.KEYS for each in keys.split(", ")}
    assert {*listed.pop(values), "Shift+F10"} == of_values
    everywhere = [key for keys in listed.values() for key in keys]
    assert len(everywhere) == len(set(everywhere))
    arrows = {"Left", "Right", "Up", "Down"}
    # What stands in words there: arrows with Shift, how values are begun, and what `?` is.
    told = {*everywhere, *(f"Shift+{each}" for each in arrows), "Enter", "Shift+/"} - {"?"}
    assert told == keys_of_the_editor(tmp_path)


def test_the_page_of_the_editor_names_no_key_twice():
    page = (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
    _, first, rest = re.split(r"^## (?:The first minute|Patch)$", page, flags=re.MULTILINE)
    described = rest.partition("## Keys")[0]
    assert not re.findall(r"\b(?:Ctrl|Shift|Alt)\+[A-Z=0-9]|\bF\d+\b", described)
    assert len(re.findall(r"^\d\. ", first, re.MULTILINE)) == 5


NOT_CABLES = {"wire", "wires", "wired", "wiring", "edge", "edges"}


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", *(f"docs/{each}.md" for each in (
    "clients", "editor", "live", "mrt2", "patches", "performance", "sketch", "writing-nodes"
))])  # fmt: skip
def test_a_cable_is_called_a_cable(page):
    text = (ROOT / page).read_text(encoding="utf-8").lower()
    assert not NOT_CABLES & set(re.findall(r"[a-z]+", text))
