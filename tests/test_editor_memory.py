"""What a generator remembers, saved and brought back in the window while it plays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import Client
from engine.commands import Watch
from engine.messages import Snapshot
from patcher.shipped import help_patch
from tests.editor_rig import MISSING, Window
from tests.jack import Jack
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def opened(jack: Jack, home: Path) -> Iterator[Window]:
    """A window whose engine plays a generator with an empty bank."""
    shipped = help_patch("generator.bank")
    assert shipped
    shutil.copy(shipped, home / "mine.hocket")
    shutil.copy(shipped.parent / "help.mid", home)
    with Window(home, home / "mine.hocket") as window:
        window.wait_for_engine()
        yield window


def latest(client: Client) -> Snapshot:
    """How everything was after a frame to come."""
    found = client.wait_for_frame(1)
    assert found
    return found


def test_a_memory_is_saved_and_armed_by_hand(opened: Window, home: Path) -> None:
    with opened.client() as client:
        client.request(Watch(("bank.past",)))
        wait_until(lambda: latest(client).seen.get("bank.past") == "none", "it plays")
        opened.click(opened.ask("node", "model"), button=3)
        opened.choose("Save memory")
        opened.wait_until("a name is proposed", lambda: opened.about("typing"))
        opened.picture("save_memory")
        opened.keys("Return")
        opened.wait_for_remark("Saved the memory of model")
        assert (home / "model.memory").stat().st_size
        assert not opened.about("unsaved")

        opened.click(opened.ask("field", "bank.file"))
        opened.choose("model.memory", "Selectable")
        opened.choose("Open", "Button")
        wait_until(lambda: latest(client).seen.get("bank.past") == "a saved memory", "it is armed")
        assert opened.patch.nodes["bank"].values["file"] == "model.memory"
        opened.click(opened.ask("field", "model.reset"))
        opened.wait_until("it is switched on", lambda: opened.ask("values")["model.reset"] == 1.0)
        number = latest(client).frame
        wait_until(lambda: latest(client).frame > number + 5, "it plays on")
        assert latest(client).generators["model"].state == "playing"
        assert latest(client).faults == {}
