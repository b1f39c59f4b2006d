"""The window of devices, of an editor in a window of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import SetLatency
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def opened(home: Path) -> Iterator[Window]:
    """A window with an engine, and its window of devices."""
    with Window(home) as window:
        window.wait_for_engine()
        window.keys("ctrl+alt+d")
        yield window


def test_it_says_what_decides_the_latency_whoever_chose_it(opened):
    opened.wait_until("the preset is shown", lambda: opened.ask("item", "Balanced: ", "Text"))
    opened.choose("Tight", "Button")
    opened.wait_until("the other is shown", lambda: opened.ask("item", "Tight: ", "Text"))
    opened.picture("latency_preset")
    with opened.client() as client:
        client.request(SetLatency(75.0))
        opened.wait_until("that is shown", lambda: opened.ask("item", "Fixed: ", "Text"))
    assert opened.ask("item", "Tight: ", "Text") is None
    opened.picture("latency_fixed")
    assert not [each for each in opened.about("remarks") if "fault" in each]


def test_tab_goes_through_it_and_enter_does_as_a_click(opened):
    opened.wait_until("the preset is shown", lambda: opened.ask("item", "Balanced: ", "Text"))
    opened.keys("Tab", "Tab", "Tab", "Return")
    opened.wait_until("it is safe", lambda: opened.ask("item", "Safe: ", "Text"))
    opened.picture("devices_tab")
    opened.keys("Tab", "Tab", "space")
    opened.wait_until("it is tight", lambda: opened.ask("item", "Tight: ", "Text"))
    opened.keys("Tab", "Return", "Escape", "Return")
    opened.wait_to_type()
    opened.type("65")
    opened.keys("Return")
    opened.wait_until("it is fixed", lambda: opened.ask("item", "Fixed: ", "Text"))
    opened.keys(*["shift+Tab"] * 5)
    opened.keys("Return")
    opened.wait_until("a list is open", lambda: opened.about("typing"))
    opened.picture("devices_list")
    opened.keys("Escape", "Escape")
    opened.wait_until("it is closed", lambda: not opened.ask("item", "Fixed: ", "Text"))
