"""What the window shows of the music while an engine plays it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import Play
from tests.editor_rig import MISSING, ROOT, Window
from tests.jack import Jack

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

C4, C5 = 60, 72


@pytest.fixture
def window(jack: Jack, home: Path) -> Iterator[Window]:
    """A window on the starter patch, playing, with the tab Music open."""
    with Window(home, ROOT / "patches" / "first_light.hocket") as window:
        window.wait_for_engine()
        window.choose("Music", "Tab")
        yield window


def test_a_click_on_a_note_in_the_roll_selects_the_nodes_that_caused_it(window):
    window.wait_until("the roll is there", lambda: window.ask("cell", C4, 2))
    with window.client() as client:
        client.request(Play((bytes([0x90, C4, 100]),)))
        window.move(window.ask("cell", C4, 2))
        window.wait_until("it is told", lambda: window.ask("item", "C4, 0.1 s ago: held"))
        window.picture("music")
        window.click(window.ask("cell", C4, 2))
        window.wait_until(
            "they are selected",
            lambda: window.about("selected") == ["held", "keys", "room", "tuned"],
        )
        window.wait_for_remark("by keys, tuned, held, room")

        window.click(window.ask("cell", C5 + 12, 2))
        window.wait_until("the mask is", lambda: window.about("selected") == ["room"])


def test_how_the_engine_keeps_up_is_shown_on_demand(window):
    shown = "Time to compute a frame: now", "Takes "
    window.keys("ctrl+shift+e")
    window.keys("ctrl+shift+t")
    window.wait_until("both are there", lambda: all(window.ask("item", each) for each in shown))
    window.picture("engine")
    window.keys("ctrl+shift+e")
    window.keys("ctrl+shift+t")
    window.wait_until("both are gone", lambda: not any(window.ask("item", each) for each in shown))
