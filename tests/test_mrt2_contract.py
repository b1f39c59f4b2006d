"""What every host of MRT2 keeps to: an instance plays as if it were alone, whatever befalls it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.conditioning import Conditioning
from engine.generators import Host, Slot
from engine.generators.mrt2.batch import BatchHost
from engine.signals import FRAME_SAMPLES, AudioArray
from tests.mrt2_tiny import (
    HORIZON,
    NAME,
    OTHER_STYLE,
    STYLE,
    tiny_mlx_model,
    tokenize,
    write_export,
)

pytest.importorskip("magenta_rt", reason="the extra mrt2 is not installed")
# The library finds out a shape by the mean of memory that nobody has written to.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:numpy")

HEARD = {
    1: Conditioning(NAME, 1, STYLE),
    2: Conditioning(NAME, 2, OTHER_STYLE),
    3: Conditioning(NAME, 3, STYLE),
}
"""What the instance of each seed hears."""
FRAMES = 2 * HORIZON + 1
PATIENCE = 60.0
"""Seconds after which what never comes is waited for no longer."""


@dataclass
class Part:
    """An instance, and what it plays.

    Attributes:
        seed: as that of this seed alone it is to play.
        before: how many frames it played before `made`.
    """

    seed: int
    slot: Slot
    before: int = 0
    made: list[AudioArray] = field(default_factory=list)


class Stage:
    """A host, and what the instance of each seed plays alone in it.

    Args:
        host: nobody has played in it yet.
        within: by how much a sample may differ in a batch of another size.
    """

    def __init__(self, host: Host, within: float) -> None:
        self.host = host
        self._within = within
        self._there: list[Slot] = []
        self.alone: dict[int, list[AudioArray]] = {}
        self._chosen: dict[int, list[Any]] = {}
        for seed in HEARD:
            part, chosen = self.join(seed), []
            for _ in range(FRAMES):
                self.play(1, part)
                chosen.append(self._whole_numbers(part))
            self.alone[seed], self._chosen[seed] = part.made, chosen
            self.leave(part)

    def join(self, seed: int) -> Part:
        self._there.append(self.host.add(seed))
        return Part(seed, self._there[-1])

    def leave(self, part: Part) -> None:
        self._there.remove(part.slot)
        self.host.remove(part.slot)

    def clear(self) -> None:
        while self._there:
            self.host.remove(self._there.pop())

    def play(self, frames: int, *parts: Part) -> None:
        """Steps some instances; all others rest."""
        for _ in range(frames):
            made = self.host.step({each.slot: HEARD[each.seed] for each in parts})
            for each in parts:
                each.made.append(made[each.slot])

    def assert_as_alone(self, part: Part) -> None:
        """Compares the sound, and to the bit the tokens, keys and clocks that came of it."""
        played = part.before + len(part.made)
        expected = self.alone[part.seed][part.before : played]
        np.testing.assert_allclose(part.made, expected, rtol=0, atol=self._within)
        assert np.ptp(part.made) > 0.01
        chosen = self._chosen[part.seed][played - 1]
        for found, wanted in zip(self._whole_numbers(part), chosen, strict=True):
            np.testing.assert_array_equal(found, wanted)

    def _whole_numbers(self, part: Part) -> list[Any]:
        """Returns what an instance remembers, but for what a sum may round otherwise."""
        from engine.generators.mrt2.memory import unpacked

        arrays = unpacked(self.host.save(part.slot)).arrays
        return [each for each in arrays if each.dtype.kind in "biu"]


@pytest.fixture(scope="module", params=["jax", "mlx", "mlxfn"])
def opened(request: pytest.FixtureRequest, weights: Path) -> Iterator[Stage]:
    if request.param == "jax":
        from engine.generators.mrt2.jax_host import JaxHost

        # A batch of another size sums in another order: a step of 16 bits.
        yield Stage(JaxHost(NAME, weights, tokenize, "float32"), within=1.001 / 32768)
        return
    pytest.importorskip("mlx.core", reason="MLX is not installed")
    from engine.generators.mrt2.mlx_host import MlxHost
    from engine.generators.mrt2.mlxfn_host import MlxfnHost

    with tiny_mlx_model():
        if request.param == "mlx":
            yield Stage(MlxHost(NAME, weights, tokenize), within=0)
        else:
            exported = write_export(weights.parent, weights)
            yield Stage(MlxfnHost(NAME, exported, tokenize), within=0)


@pytest.fixture
def stage(opened: Stage) -> Iterator[Stage]:
    yield opened
    opened.clear()


def test_instances_play_together_what_each_plays_alone(stage):
    one, other = stage.join(1), stage.join(3)
    stage.play(4, one, other)
    stage.assert_as_alone(one)
    stage.assert_as_alone(other)
    assert np.abs(np.subtract(one.made, other.made)).max() > 0.01


def test_who_joins_rests_or_leaves_changes_nothing_for_the_others(stage):
    # The older one comes first in the batch; the younger plays on past what it remembers.
    older = stage.join(1)
    stage.play(3, older)
    younger = stage.join(2)
    stage.play(1, older, younger)
    stage.play(1, younger)
    stage.play(2, older, younger)
    stage.play(1, older)
    stage.play(3, older, younger)
    stage.assert_as_alone(younger)
    stage.leave(younger)
    third = stage.join(3)
    stage.play(1, older, third)
    stage.assert_as_alone(older)
    stage.assert_as_alone(third)


def test_a_memory_that_is_brought_back_plays_on_the_same(stage):
    one, other = stage.join(1), stage.join(2)
    stage.play(3, one)
    memory = stage.host.save(one.slot)
    stage.host.restore(other.slot, memory)
    again = Part(1, other.slot, before=3)
    stage.play(3, one, again)
    stage.assert_as_alone(one)
    stage.assert_as_alone(again)
    with pytest.raises(ValueError, match="no memory of an MRT2 model"):
        stage.host.restore(other.slot, b"rubbish")


def test_a_reset_in_a_frame_begins_anew_from_the_seed_and_fades_in_without_a_jump(stage):
    part = stage.join(2)
    stage.play(2, part)
    made = stage.host.step({part.slot: HEARD[1]._replace(reset=True)})[part.slot]
    assert made.shape == (FRAME_SAMPLES, 2)
    np.testing.assert_allclose(made[0], part.made[-1][-1], atol=1e-3)
    np.testing.assert_allclose(made[-1], stage.alone[1][0][-1], atol=1e-3)
    again = Part(1, part.slot, before=1)
    stage.play(2, again)
    stage.assert_as_alone(again)


def test_a_reset_between_frames_begins_anew_at_once(stage):
    part, beside = stage.join(2), stage.join(3)
    stage.play(2, part, beside)
    stage.host.reset(part.slot, 1)
    again = Part(1, part.slot)
    stage.play(2, again, beside)
    stage.assert_as_alone(again)
    stage.assert_as_alone(beside)


def test_another_thread_plays_on_what_this_one_began(stage):
    part = stage.join(1)
    for _ in range(2):
        with ThreadPoolExecutor(1) as other:
            other.submit(stage.play, 2, part).result(PATIENCE)
    stage.assert_as_alone(part)


# An export has nothing to ready: its function is for one row.
@pytest.mark.parametrize("opened", ["jax", "mlx"], indirect=True)
def test_those_that_play_play_on_while_a_larger_batch_is_readied(stage, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    this, stepped = threading.current_thread(), stage.host._stepped

    def held(*given: Any) -> Any:
        if threading.current_thread() is not this:
            begun.set()
            go_on.wait(PATIENCE)
        return stepped(*given)

    monkeypatch.setattr(stage.host, "_stepped", held)
    one, other = stage.join(1), stage.join(2)
    with ThreadPoolExecutor(1) as thread:
        stage.play(1, one, other)
        # No other test has so many, so they are not readied yet.
        readying = thread.submit(stage.host.prepare, 3)
        assert begun.wait(PATIENCE)
        stage.play(3, one, other)
        assert not readying.done()
        go_on.set()
        readying.result()
    third = stage.join(3)
    stage.play(2, one, other, third)
    for each in (one, other, third):
        stage.assert_as_alone(each)


class Compiling(BatchHost):
    """A host without a model, which notes for how many rows it was compiled."""

    _fresh = None

    def __init__(self) -> None:
        super().__init__(NAME, tokenize, None)
        self.sizes: list[int] = []

    def _compile(self, size: int) -> None:
        if size not in self.sizes:
            self.sizes.append(size)


Compiling.__abstractmethods__ = frozenset()  # without a model it needs no more


def test_instances_that_were_prepared_for_have_nothing_more_compiled():
    host = Compiling()
    host.prepare(3)
    for seed in range(4):
        host.add(seed)
    assert host.sizes == [4]
    host.add(4)
    assert host.sizes == [4, 8]
