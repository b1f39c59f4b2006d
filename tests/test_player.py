"""The player: who is stepped with whom, which instances live on, and who is blamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from toys import PLAIN, TOYS, compiled, flat, patch

from engine import edits, generators
from engine.compiler import compile_patch
from engine.conditioning import Conditioning
from engine.frame import Frame
from engine.generators import ModelUnavailableError, Slot, open_host
from engine.models import Models
from engine.node import read
from engine.patch import Patch
from engine.plan import NodeFailure
from engine.player import Player
from engine.registry import Registry
from engine.signals import Audio, AudioArray, Control, Style
from tests.toy_host import ToyHost

ENCODER = object()


class LevelHost(ToyHost):
    """Plays a constant: a hundredth of the frames an instance has played, and its seed."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[Slot]] = []
        self.level = 0.0

    def step(self, conditioning: Mapping[Slot, Conditioning]) -> Mapping[Slot, AudioArray]:
        self.batches.append(list(conditioning))
        return super().step(conditioning)

    def sound(self, slot: Slot) -> AudioArray:
        return flat(self.level + self.frames[slot] / 100 + self.seeds[slot])


class Stage:
    """A player whose models are toys; `nowhere` is a model that is not to be had."""

    def __init__(self) -> None:
        self.opened: dict[str, LevelHost] = {}
        self.player = Player(Models(ENCODER, self.open))

    def open(self, model: str, encoder: object) -> LevelHost:
        assert encoder is ENCODER
        if model == "nowhere":
            raise ModelUnavailableError("no weights for 'nowhere'; hocket models fetches them")
        assert model not in self.opened, "a model is opened once"
        self.opened[model] = LevelHost()
        return self.opened[model]

    def play(self, found: Patch) -> None:
        plan = compiled(found)
        self.player.prepare(plan)
        self.player.swap(plan)

    def step(self) -> float:
        """The level of one frame."""
        return float(self.player.step(Frame())[0, 0])

    @property
    def sketch(self) -> LevelHost:
        return self.opened["sketch"]


@pytest.fixture
def stage() -> Stage:
    return Stage()


ONE = patch({"m1": "generator.model", "out": "audio.output"}, ["m1.audio > out.audio"])
TWO = patch(
    {"m1": "generator.model", "m2": "generator.model", "mix": "audio.mix", "out": "audio.output"},
    ["m1.audio > mix.audio1", "m2.audio > mix.audio2", "mix.audio > out.audio"],
    {"m2.seed": 3},
)


def test_instances_of_one_model_are_stepped_in_one_call(stage):
    stage.play(TWO)
    assert stage.step() == pytest.approx(0.01 + 3.01)
    assert stage.step() == pytest.approx(0.02 + 3.02)
    assert stage.sketch.batches == [[0, 1], [0, 1]]
    assert list(stage.opened) == ["sketch"]


def test_each_model_is_stepped_once(stage):
    stage.play(edits.set_value(TWO, TOYS, "m2", "model", "other"))
    stage.step()
    assert stage.sketch.batches == [[0]]
    assert stage.opened["other"].batches == [[0]]


def test_what_each_generator_heard_and_made_can_be_seen(stage):
    stage.play(TWO)
    stage.step()
    assert stage.player.conditioning["m2"].seed == 3
    assert stage.player.audio["m1"][0, 0] == pytest.approx(0.01)
    assert stage.player.audio["m2"][0, 0] == pytest.approx(3.01)


def test_an_instance_whose_node_stays_plays_on(stage):
    stage.play(ONE)
    stage.step()
    stage.step()
    old = stage.player.plan
    plan = compiled(TWO)
    stage.player.prepare(plan)
    assert stage.player.swap(plan) is old
    assert stage.player.plan is plan
    assert stage.step() == pytest.approx(0.03 + 3.01)


def test_an_instance_whose_node_left_is_removed(stage):
    stage.play(TWO)
    stage.step()
    stage.play(edits.remove(TWO, "m1"))
    assert stage.step() == pytest.approx(3.02)
    assert stage.sketch.frames == {1: 2}
    assert list(stage.player.audio) == ["m2"]
    stage.play(TWO)
    assert stage.step() == pytest.approx(0.01 + 3.03)


def test_an_instance_that_is_no_longer_heard_is_removed(stage):
    stage.play(TWO)
    stage.step()
    stage.play(edits.disconnect(TWO, "m2.audio", "mix.audio2"))
    stage.step()
    assert stage.sketch.frames == {0: 2}


def test_a_node_of_another_id_is_another_instance(stage):
    stage.play(ONE)
    stage.step()
    stage.play(edits.rename(ONE, "m1", "lead"))
    assert stage.step() == pytest.approx(0.01)
    assert stage.sketch.frames == {1: 1}


def test_the_first_swap_gives_no_old_plan_back(stage):
    plan = compiled(ONE)
    stage.player.prepare(plan)
    assert stage.player.swap(plan) is None


def test_memory_is_adopted_in_a_swap(stage):
    stage.play(PLAIN)
    stage.player.step(Frame())
    stage.play(edits.move(PLAIN, {"amp": (1, 1)}))
    stage.player.step(Frame())
    assert stage.player.plan.latest("lfo", "control") == 0.5


def test_another_model_moves_the_instance(stage):
    stage.play(ONE)
    stage.step()
    stage.play(edits.set_value(ONE, TOYS, "m1", "model", "other"))
    stage.step()
    assert stage.sketch.frames == {}
    assert stage.opened["other"].frames == {0: 1}
    stage.play(ONE)
    assert stage.step() == pytest.approx(0.01)
    assert stage.opened["other"].frames == {}


def test_a_model_that_is_not_open_is_named_and_the_instance_stays(stage):
    stage.play(ONE)
    stage.step()
    stage.player.plan.set_value("m1", "model", "other")
    with pytest.raises(ModelUnavailableError, match=r"^m1\.model: 'other' is not open yet$"):
        stage.step()
    assert stage.sketch.frames == {0: 1}
    stage.player.plan.set_value("m1", "model", "sketch")
    assert stage.step() == pytest.approx(0.02)


def test_a_model_that_is_not_to_be_had_is_named_before_anything_changes(stage):
    stage.play(ONE)
    stage.step()
    words = r"^m2\.model: no weights for 'nowhere'; hocket models fetches them$"
    with pytest.raises(ModelUnavailableError, match=words):
        stage.play(edits.set_value(TWO, TOYS, "m2", "model", "nowhere"))
    assert stage.step() == pytest.approx(0.02)


def test_a_generator_type_without_a_choice_of_models_plays_the_default(stage):
    def fixed(style: Style) -> Conditioning:
        """Plays what there is."""
        return Conditioning(style=style)

    registry = Registry.of({**TOYS.types, "generator.fixed": read("generator.fixed", fixed)})
    nodes = {"m1": "generator.fixed", "out": "audio.output"}
    plan = compile_patch(patch(nodes, ["m1.audio > out.audio"]), registry)
    stage.player.prepare(plan)
    stage.player.swap(plan)
    assert stage.step() == pytest.approx(0.01)


def test_a_patch_without_generators_opens_no_model(stage):
    found = patch({"t": "audio.tone", "out": "audio.output"}, ["t.audio > out.audio"])
    stage.play(found)
    assert stage.step() == 0.5
    assert stage.opened == {}


def test_a_player_without_a_plan_does_not_step(stage):
    with pytest.raises(RuntimeError, match="a player steps only after swap"):
        stage.step()


def test_a_node_that_raises_is_named(stage):
    found = patch(
        {"f": "control.fragile", "t": "audio.tone", "out": "audio.output"},
        ["f.control > t.level", "t.audio > out.audio"],
        {"f.value": 0.75},
    )
    stage.play(found)
    with pytest.raises(NodeFailure, match=r"^f \(control\.fragile\) failed: ZeroDivisionError"):
        stage.step()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_sound_that_is_not_finite_is_refused_and_its_generator_named(stage, bad):
    """Row 5 of the faults. What follows it passes the fault on, but did not make it."""
    stage.play(TWO)
    stage.step()
    stage.sketch.level = bad
    with pytest.raises(NodeFailure, match=r"^m1: the model 'sketch' failed: .* not finite,"):
        stage.step()
    stage.sketch.level = 0.0
    assert stage.step() == pytest.approx(0.03 + 3.03)


@pytest.mark.parametrize("before", ["condition", "mix"])
def test_sound_that_a_node_spoils_is_refused_and_the_node_named(stage, before):
    def spoil(audio: Audio, level: Control = 0.0) -> Audio:
        """Makes one sample of it no number."""
        made = audio.copy()
        made[7, 1] = np.nan
        return made

    registry = Registry.of({**TOYS.types, "audio.spoil": read("audio.spoil", spoil)})
    nodes = {"t": "audio.tone", "bad": "audio.spoil", "amp": "audio.mix", "out": "audio.output"}
    cables = ["bad.audio > amp.audio1", "amp.audio > out.audio"]
    if before == "mix":
        nodes["t"] = "generator.model"
    plan = compile_patch(patch(nodes, ["t.audio > bad.audio", *cables]), registry)
    assert ("bad" in plan.condition_order) == (before == "condition")
    stage.player.prepare(plan)
    stage.player.swap(plan)
    with pytest.raises(NodeFailure, match=r"^bad \(audio\.spoil\) made a sound not finite$"):
        stage.step()


def test_outputs_that_only_together_are_not_finite_are_the_output(stage):
    nodes = {"a": "audio.tone", "b": "audio.tone", "o1": "audio.output", "o2": "audio.output"}
    found = patch(
        nodes,
        ["a.audio > o1.audio", "b.audio > o2.audio"],
        {"a.level": 3e38, "b.level": 3e38},
    )
    stage.play(found)
    with (
        pytest.raises(NodeFailure, match=r"^the output is not finite$"),
        np.errstate(over="ignore"),
    ):
        stage.step()


def test_the_models_that_are_here_are_named_where_one_is_not():
    words = r"^no model 'mrt9' here; the models are: sketch, mrt2_small"
    with pytest.raises(ModelUnavailableError, match=words):
        open_host("mrt9", ENCODER)


def test_a_player_opens_real_models_unless_told_otherwise():
    player = Player(Models(ENCODER))
    with pytest.raises(ModelUnavailableError, match=r"^m1\.model: no model 'mrt9' here"):
        player.prepare(compiled(edits.set_value(ONE, TOYS, "m1", "model", "mrt9")))
    assert generators.open_host is open_host


def test_a_swap_changes_no_patch(stage):
    before = replace(TWO)
    stage.play(TWO)
    stage.step()
    assert before == TWO
