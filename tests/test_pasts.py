"""What is worked out of pasts: once, and kept for the latest."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.generators import KEPT_PASTS
from engine.generators.pasts import Pasts
from engine.past import PastData


def test_a_past_is_worked_out_once_though_many_ask_for_it_at_once():
    asked, may_end, found = [], threading.Event(), []

    def work_out(past: PastData) -> Any:
        asked.append(past.key)
        assert may_end.wait(60)
        return past.key.upper()

    pasts = Pasts(work_out)
    threads = [
        threading.Thread(target=lambda: found.append(pasts.get(PastData("one")))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    may_end.set()
    for thread in threads:
        thread.join()
    assert asked == ["one"]
    assert found == ["ONE"] * 4


def test_the_latest_pasts_are_kept_and_one_that_failed_is_tried_again():
    asked = []

    def work_out(past: PastData) -> Any:
        asked.append(past.key)
        if asked == ["0"]:
            raise ValueError("not yet")
        return past.key

    pasts = Pasts(work_out)
    with pytest.raises(ValueError, match="not yet"):
        pasts.get(PastData("0"))
    for key in [*range(KEPT_PASTS), 0, KEPT_PASTS]:
        assert pasts.get(PastData(str(key))) == str(key)
    asked.clear()
    pasts.get(PastData("0"))
    assert asked == []
    pasts.get(PastData("1"))
    assert asked == ["1"]
