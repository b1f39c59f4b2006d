"""What is done about an instance that has fallen silent: who is told, and what begins anew."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from toys import flat

from engine.conditioning import Conditioning, Watch
from engine.ensemble import FIRST_REST
from engine.generators import Slot
from engine.signals import FRAME_RATE, AudioArray
from tests.sketching import notes
from tests.toy_host import Seat, ToyHost

HELD = notes(p60=1)
SILENT = "m has been silent for 10 s though it is asked to play"


class LevelHost(ToyHost):
    """Plays a constant, silence to begin with.

    Attributes:
        broken: whether it fails.
    """

    def __init__(self, level: float = 0.0) -> None:
        super().__init__()
        self.level = level
        self.broken = False

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        if self.broken:
            raise RuntimeError("out of tune")
        return super().step(conditioning)

    def sound(self, slot: Slot) -> AudioArray:
        return flat(self.level)


@pytest.fixture
def host() -> LevelHost:
    return LevelHost()


@pytest.fixture
def seat(host: LevelHost) -> Seat:
    return Seat(toy=host, loud=LevelHost(0.5))


def hold(seat: Seat, seconds: int, watch: Watch = "tell", model: str = "toy") -> None:
    """Has a note held and watched."""
    for _ in range(seconds * FRAME_RATE):
        seat.step(notes=HELD, watch=watch, model=model)


def test_by_default_nobody_is_told_and_nothing_begins_anew(seat, host):
    hold(seat, 11, Conditioning().watch)
    assert (host.begun, seat.said) == (1, [])


def test_an_instance_that_fell_silent_is_told_of_once(seat, host):
    hold(seat, 11)
    assert (host.begun, seat.said) == (1, [SILENT])


def test_an_instance_that_fell_silent_begins_anew_where_that_is_asked_for(seat, host):
    hold(seat, 11, "restart")
    assert (host.begun, seat.said) == (2, [f"{SILENT}; it begins anew"])


def test_an_instance_that_begins_anew_after_a_failure_has_not_been_silent_before(seat, host):
    hold(seat, 6, "restart")
    host.broken = True
    seat.step(notes=HELD, watch="restart")
    host.broken = False
    for _ in range(FIRST_REST):
        seat.step(notes=HELD, watch="restart")
    hold(seat, 6, "restart")
    (failed,) = seat.said
    assert failed == "m: the model 'toy' failed: out of tune; faded out, it begins anew in 1 s"
    assert host.begun == 2


def test_what_was_silent_while_nobody_watched_does_not_count(seat):
    for watch in ("tell", "off", "tell"):
        hold(seat, 6, watch)
    assert seat.said == []


def test_a_model_that_takes_over_is_silent_though_the_one_before_dies_away_in_its_first_frame(seat):
    hold(seat, 1, model="loud")
    hold(seat, 11)
    assert seat.said == [SILENT]
