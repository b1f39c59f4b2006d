"""Which model a generator plays, chosen in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import edits
from engine.files import save_patch
from engine.generators.mrt2 import installed
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window with a generator whose model is not installed, where the weights of another are."""
    monkeypatch.setenv("MAGENTA_HOME", str(home / "magenta"))
    weights = home / "magenta" / "magenta-rt-v2" / "checkpoints" / "mrt2_small.safetensors"
    weights.parent.mkdir(parents=True)
    weights.touch()
    registry = load_registry()
    made = edits.add(Patch(), registry, "generator.model", "model", (40, 40), {"model": "mrt9"})
    save_patch(made, home / "far.hocket")
    with Window(home, home / "far.hocket", alone=True) as window:
        yield window


def test_a_model_is_chosen_and_one_that_is_not_here_is_kept(opened):
    assert opened.ask("values")["model.model"] == "mrt9"
    opened.click(opened.ask("field", "model.model"))
    opened.wait_until("it is marked", lambda: opened.ask("item", "mrt9 (missing)", "MenuItem"))
    opened.picture("model_list")
    assert opened.ask("item", "sketch", "MenuItem")
    assert bool(opened.ask("item", "mrt2_small", "MenuItem")) == installed.has_package()
    assert not opened.ask("item", "mrt2_base", "MenuItem")
    opened.choose("sketch", "MenuItem")
    opened.wait_until(
        "it is taken", lambda: opened.patch.nodes["model"].values["model"] == "sketch"
    )
    opened.keys("ctrl+z")
    assert opened.patch.nodes["model"].values["model"] == "mrt9"
