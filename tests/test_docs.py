"""The docs say what the code says."""

from __future__ import annotations

from pathlib import Path

from engine.registry import load_registry
from patcher.reference import markdown

ROOT = Path(__file__).parent.parent


def test_the_node_reference_is_up_to_date():
    written = (ROOT / "docs" / "nodes.md").read_text(encoding="utf-8")
    assert written == markdown(load_registry()), "run `make docs`"
