"""The player's own folder of patches in the window: chosen, listed, opened from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.files import save_patch
from engine.patch import Patch
from tests.editor_rig import MISSING, Window

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def opened(home: Path) -> Iterator[Window]:
    """A window beside a folder with a patch and a broken one."""
    folder = home / "tunes"
    folder.mkdir()
    text = "Three loops that drift apart."
    save_patch(Patch(title="Night drive", description=text, tags=("loop",)), folder / "a.hocket")
    (folder / "torn.hocket").write_text('{"hocket": 1, "nodes": {')
    with Window(home, alone=True) as window:
        yield window


def test_the_players_folder_is_chosen_listed_and_opened_from(opened, home):
    opened.keys("ctrl+shift+p", "alt+f")
    opened.type(str(home / "tunes"))
    opened.keys("Return")
    opened.picture("folder_choice")
    opened.keys("Return")
    opened.wait_for_remark("holds 2 patches")
    opened.type("torn")
    opened.wait_until("what is wrong is read", lambda: opened.ask("item", "line 1", "Text"))
    opened.picture("browser_broken")
    opened.keys("Return")
    assert opened.about("title") == "First light"
    opened.keys(*["BackSpace"] * len("torn"))
    opened.type("drift")
    opened.wait_until("the other is found", lambda: opened.ask("item", "Three loops", "Text"))
    opened.picture("browser_own")
    opened.keys("Return")
    opened.wait_until("it is open", lambda: opened.about("title") == "Night drive")
