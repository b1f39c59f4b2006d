"""A generator's memory is saved from the editor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import edits
from engine.client import RefusedError
from engine.commands import SaveMemory
from engine.files import save_patch
from engine.messages import GeneratorState
from engine.patch import Patch
from patcher.document import Document
from patcher.panels.patching.remembering import SAVE, Remembering
from patcher.ui.actions import Action
from tests.editing import REGISTRY, Bench
from tests.seeing import NO_STYLE, snapshot


def playing(**models: str) -> dict[str, GeneratorState]:
    """Generators that play, by their names, each with its model."""
    return {name: GeneratorState(model, bytes(128), -1, NO_STYLE) for name, model in models.items()}


@pytest.fixture
def bench(state: Path, tmp_path: Path) -> Iterator[Bench]:
    """An editor of a patch with a generator and a limiter, played by an engine."""
    patch = edits.add(Patch(), REGISTRY, "generator.model", "lead")
    patch = edits.add(patch, REGISTRY, "audio.limiter", "limit")
    save_patch(patch, tmp_path / "mine.hocket")
    bench = Bench(Document.open(REGISTRY, tmp_path / "mine.hocket"))
    bench.start()
    bench.engine.snapshot = snapshot(1, generators=playing(lead="sketch"))
    bench.editor.selection.set(nodes={"lead"})
    yield bench
    bench.filing.close()


def save(bench: Bench) -> Action:
    """The action."""
    (action,) = Remembering(bench.editor).actions()
    assert action.title == SAVE
    return action


def remarks(bench: Bench) -> list[tuple[str, bool]]:
    """What was said, and whether it was bad."""
    return [(each.text, each.bad) for each in bench.editor.remarks]


@pytest.mark.parametrize(
    ("model", "name"), [("sketch", "lead.memory"), ("mrt2_small", "lead.safetensors")]
)
def test_a_file_beside_the_patch_is_proposed_with_the_suffix_of_what_plays(
    bench: Bench, tmp_path: Path, model: str, name: str
) -> None:
    bench.engine.snapshot = snapshot(1, generators=playing(lead=model))
    save(bench).do()
    assert bench.questions.proposed == tmp_path / name


def test_the_engine_saves_it_where_the_player_chose_and_that_is_said(
    bench: Bench, tmp_path: Path
) -> None:
    save(bench).do()
    bench.questions.choose(tmp_path / "chorus")
    bench.go_on()
    file = tmp_path / "chorus.memory"
    assert bench.engine.of(SaveMemory) == [SaveMemory("lead", str(file))]
    assert (f"Saved the memory of lead in {file}", False) in remarks(bench)
    assert not bench.editor.document.unsaved


def test_a_refusal_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.engine.holds = True
    save(bench).do()
    bench.questions.choose(tmp_path / "chorus.memory")
    _, answer = bench.engine._waiting.pop()
    assert answer
    answer(RefusedError("lead has not played yet"))
    assert ("The memory of lead is not saved: lead has not played yet", True) in remarks(bench)


def test_a_file_that_is_there_is_replaced_only_if_the_player_says_so(
    bench: Bench, tmp_path: Path
) -> None:
    taken = tmp_path / "chorus.memory"
    taken.touch()
    save(bench).do()
    bench.questions.choose(taken)
    assert "chorus.memory already" in bench.questions.title
    bench.questions.answer("Save elsewhere")
    assert bench.questions.proposed == taken
    assert not bench.engine.of(SaveMemory)
    bench.questions.choose(taken)
    bench.questions.answer("Replace")
    assert bench.engine.of(SaveMemory) == [SaveMemory("lead", str(taken))]


@pytest.mark.parametrize("selected", [set(), {"limit"}, {"lead", "limit"}])
def test_there_is_nothing_to_save_without_one_generator_selected(
    bench: Bench, selected: set[str]
) -> None:
    assert save(bench).possible()
    bench.editor.selection.set(nodes=selected)
    assert not save(bench).possible()


def test_there_is_nothing_to_save_of_a_generator_that_does_not_play(bench: Bench) -> None:
    bench.engine.snapshot = snapshot(1)
    assert not save(bench).possible()
    bench.engine.snapshot = None
    assert not save(bench).possible()
