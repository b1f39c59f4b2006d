"""A patch that plays live: what is heard when a model raises, stalls or returns rubbish."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import numpy as np
import pytest
from toys import TOYS, compiled, patch

from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.deck import CROSSFADE, Deck
from engine.ensemble import HUNG
from engine.frame import Frame
from engine.generators import ModelUnavailableError, Slot
from engine.models import Models
from engine.node import read
from engine.registry import Registry
from engine.signals import FRAME_RATE, FRAME_SAMPLES, SILENCE, Audio, AudioArray, Control, frozen
from tests.toy_host import ToyHost
from tests.waiting import wait_until

WAVE = frozen(
    np.repeat(
        np.cos(2 * np.pi * 5 * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES)[:, None], 2, axis=1
    ).astype(np.float32)
)
"""125 Hz, five whole periods a frame: it goes on from frame to frame, forwards and backwards."""
STEEPEST = 2 * np.pi * 5 / FRAME_SAMPLES
"""The largest step from sample to sample that the wave itself has."""


class FaultyHost(ToyHost):
    """Plays a sine for each instance, at the level its seed says in hundredths.

    Attributes:
        fault: what an instance is to do in place of playing, by the seed it was made with.
        go_on: what one that stalls waits for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fault: dict[int, str] = {}
        self.go_on = threading.Event()

    def add(self, seed: int) -> Slot:
        if self.fault.get(seed) == "no room":
            raise MemoryError("it would need 3 GB")
        return super().add(seed)

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        for slot in conditioning:
            if self.fault.get(self.seeds[slot]) == "raises":
                raise RuntimeError("out of tune")
            if self.fault.get(self.seeds[slot]) == "stalls":
                self.go_on.wait(10)
        return super().step(conditioning)

    def sound(self, slot: Slot) -> AudioArray:
        seed = self.seeds[slot]
        sound = WAVE * np.float32(seed / 100)
        match self.fault.get(seed):
            case "NaN":
                sound[100, 1] = np.nan
            case "infinite":
                sound[100, 0] = np.inf
            case "absurd":
                sound *= 1000
            case "short":
                return sound[:-1]
            case "mono":
                return sound[:, 0]
        return sound


class Rig:
    """A deck of one or more generators whose seeds, and so levels, are 10, 20, …"""

    def __init__(self, instances: int = 2, registry: Registry = TOYS) -> None:
        self.hosts: list[FaultyHost] = []
        self.said: list[str] = []
        self.models = Models(object(), self._open, self.said.append)  # type: ignore[arg-type]
        nodes = {f"m{at}": "generator.model" for at in range(1, instances + 1)}
        cables = [f"m{at}.audio > mix.audio{at}" for at in range(1, instances + 1)]
        self.patch = patch(
            {**nodes, "mix": "audio.mix", "out": "audio.output"},
            [*cables, "mix.audio > out.audio"],
            {f"m{at}.seed": 10 * at for at in range(1, instances + 1)},
        )
        self.deck = Deck(self.models, 0, False, self.said.append)
        self.play(compiled(self.patch))
        self.number = 0

    def _open(self, model: str, encoder: object) -> FaultyHost:
        if model == "nowhere":
            raise ModelUnavailableError("no weights for 'nowhere'")
        self.hosts.append(FaultyHost())
        return self.hosts[-1]  # type: ignore[return-value]

    def play(self, plan: object) -> None:
        self.deck.player.prepare(plan)  # type: ignore[arg-type]
        self.deck.swap(plan)  # type: ignore[arg-type]

    @property
    def host(self) -> FaultyHost:
        return self.hosts[-1]

    def step(self, patience: float = 5.0) -> AudioArray:
        heard = self.deck.step(Frame(self.number), time.monotonic() + patience)
        self.number += 1
        return heard

    def steps(self, count: int, patience: float = 5.0) -> AudioArray:
        return np.concatenate([self.step(patience) for _ in range(count)])


def peaks(sound: AudioArray) -> list[float]:
    """The highest sample of each frame, rounded to a hundredth."""
    return [round(float(each.max()), 2) for each in sound.reshape(-1, FRAME_SAMPLES, 2)]


def smooth(sound: AudioArray, level: float) -> bool:
    """Whether no step from sample to sample is larger than that of a sine of this level.

    A fade of a frame adds at most 1/1920 of the level.
    """
    allowed = level * (STEEPEST + 1 / FRAME_SAMPLES) * 1.001
    return bool(np.abs(np.diff(sound, axis=0)).max() <= allowed)


@pytest.fixture
def rig() -> Rig:
    return Rig()


BAD = ["raises", "NaN", "infinite", "absurd", "short", "mono"]


@pytest.mark.parametrize("fault", BAD)
def test_an_instance_that_fails_fades_out_and_back_in_and_the_other_plays_on(fault, rig):
    """Rows 4 and 5 of the faults."""
    heard = [rig.steps(2)]
    rig.host.fault[10] = fault
    heard.append(rig.step())
    del rig.host.fault[10]
    heard.append(rig.steps(FRAME_RATE + 2))
    sound = np.concatenate(heard)
    fading, coming = sound[2 * 1920 : 3 * 1920], sound[(3 + FRAME_RATE) * 1920 :]
    assert peaks(sound[: 2 * 1920]) == [0.3, 0.3]
    assert 0.21 < fading.max() < 0.3
    assert peaks(sound[3 * 1920 : (3 + FRAME_RATE) * 1920]) == [0.2] * FRAME_RATE
    assert 0.21 < coming[:1920].max() < 0.3
    assert peaks(coming[1920:]) == [0.3]
    assert smooth(sound, 0.3)
    assert rig.host.frames == {0: 2, 1: 5 + FRAME_RATE}, "reset; the other never noticed"
    assert len(rig.said) == 1
    assert rig.said[0].startswith("m1: the model 'sketch' failed: ")
    assert rig.said[0].endswith("; faded out, it begins anew in 1 s")


def test_what_fails_again_and_again_rests_longer_each_time_and_is_called_muted(rig):
    rig.host.fault[10] = "raises"
    rig.steps(3 + FRAME_RATE + 2 * FRAME_RATE)
    assert [each.rsplit(" in ", 1)[1] for each in rig.said] == ["1 s", "2 s", "4 s"]
    assert [("muted" in each) for each in rig.said] == [False, False, True]


def test_failures_are_forgiven_after_ten_good_seconds(rig):
    for _ in range(2):
        rig.host.fault[10] = "raises"
        rig.step()
        del rig.host.fault[10]
        rig.steps(11 * FRAME_RATE)
    assert [each.rsplit(" in ", 1)[1] for each in rig.said] == ["1 s", "1 s"]


def test_an_instance_for_which_there_is_no_room_is_refused_and_the_rest_plays():
    """Row 25 of the faults."""
    rig = Rig()
    rig.host.fault[20] = "no room"
    assert peaks(rig.steps(3)) == [0.1, 0.1, 0.1]
    assert rig.said == [
        "m2: the model 'sketch' failed: it would need 3 GB; faded out, it begins anew in 1 s"
    ]


def test_a_model_that_is_late_fades_out_and_goes_on_where_it_is(rig):
    """Row 6 of the faults: what comes too late is dropped, never queued."""
    before = rig.step()
    rig.host.fault[10] = "stalls"
    late = rig.step(patience=0.05)
    silent = rig.steps(3, patience=0.05)
    assert not silent.any()
    del rig.host.fault[10]
    rig.host.go_on.set()
    wait_until(lambda: rig.host.frames == {0: 2, 1: 2})
    back = rig.steps(2)
    assert smooth(np.concatenate([before, late, silent, back]), 0.3)
    assert peaks(back)[1] == 0.3
    assert rig.host.frames == {0: 4, 1: 4}, "not reset"
    assert rig.said == ["the model 'sketch' is late; it fades out until it is back"]


def test_a_model_that_hangs_is_opened_anew(rig):
    rig.step()
    rig.host.fault[10] = "stalls"
    first = rig.host
    rig.steps(HUNG + 2, patience=0.0)
    assert "the model 'sketch' hangs; it is opened anew" in rig.said
    wait_until(lambda: len(rig.hosts) == 2 and rig.models.get("sketch") is not None)
    wait_until(lambda: peaks(rig.step()) == [0.3])
    first.go_on.set()


def test_a_model_that_is_not_open_yet_is_opened_beside_and_the_old_one_plays_meanwhile(rig):
    rig.step()
    plan = rig.deck.player.plan
    plan.set_value("m1", "model", "other")
    heard = [rig.step()]
    assert peaks(heard[0]) == [0.3]
    wait_until(lambda: rig.models.get("other") is not None)
    heard += [rig.step(), rig.step()]
    assert peaks(heard[2]) == [0.3]
    assert smooth(np.concatenate(heard), 0.3)
    assert rig.hosts[0].frames.keys() == {1}
    assert rig.said == ["opening the model 'other'", "the model 'other' is open"]


def test_a_model_that_is_not_to_be_had_leaves_the_old_one_playing(rig):
    rig.step()
    rig.deck.player.plan.set_value("m1", "model", "nowhere")
    assert peaks(rig.steps(3)) == [0.3] * 3
    refused = "the model 'nowhere' cannot be opened: no weights for 'nowhere'"
    wait_until(lambda: rig.said == ["opening the model 'nowhere'", refused])
    assert peaks(rig.steps(3)) == [0.3] * 3


class Breaks:
    """Passes sound on, unless it is asked to break."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, audio: Audio = SILENCE, how: Control = 0.0) -> Audio:
        self.count += 1
        if how == 1:
            raise ZeroDivisionError("by zero")
        return np.full((FRAME_SAMPLES, 2), np.nan, np.float32) if how == 2 else audio


@pytest.fixture
def breaking() -> Rig:
    registry = Registry.of({**TOYS.types, "audio.breaks": read("audio.breaks", Breaks)})
    rig = Rig(1)
    rig.patch = patch(
        {"m1": "generator.model", "bad": "audio.breaks", "out": "audio.output"},
        ["m1.audio > bad.audio", "bad.audio > out.audio"],
        {"m1.seed": 30},
    )
    rig.play(compile_patch(rig.patch, registry))
    return rig


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (1.0, "bad (audio.breaks) failed: ZeroDivisionError: by zero"),
        (2.0, "bad (audio.breaks) made a sound not finite"),
    ],
)
def test_a_node_that_fails_lets_the_sound_fade_out_and_in_again(breaking, how, words):
    plan = breaking.deck.player.plan
    heard = [breaking.steps(2)]
    plan.set_value("bad", "how", how)
    heard.append(breaking.steps(2))
    plan.set_value("bad", "how", 0.0)
    heard.append(breaking.steps(2))
    sound = np.concatenate(heard)
    assert smooth(sound, 0.3)
    assert peaks(sound)[3:4] + peaks(sound)[5:] == [0.0, 0.3]
    assert breaking.said == [words]


def test_a_node_that_fails_three_times_in_a_row_is_muted_until_an_edit(breaking):
    plan = breaking.deck.player.plan
    plan.set_value("bad", "how", 1.0)
    breaking.steps(10)
    assert breaking.said == [
        "bad (audio.breaks) failed: ZeroDivisionError: by zero",
        "bad is muted until the patch is edited: it failed 3 times",
    ]
    assert list(breaking.deck.muted) == ["bad"]


def test_two_decks_crossfade_without_a_jump_and_at_equal_power():
    rig = Rig(1)
    plan = compiled(rig.patch)
    new = Deck(rig.models, 3, True)
    new.player.prepare(plan)
    new.swap(plan)
    rig.deck.go()
    going, coming, powers = [], [], []
    for number in range(CROSSFADE):
        going.append(rig.step())
        coming.append(new.step(Frame(3 + number), time.monotonic() + 5))
        powers.append(rig.deck.fade.end**2 + new.fade.end**2)
    assert powers == pytest.approx([1.0] * CROSSFADE)
    assert (rig.deck.gone, new.gone) == (True, False)
    assert not going[-1][-1].any()
    assert smooth(np.concatenate(going), 0.1)
    assert smooth(np.concatenate(coming), 0.1)
    assert peaks(new.step(Frame(3 + CROSSFADE), time.monotonic() + 5)) == [0.1]
