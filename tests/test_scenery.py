"""Scenes as the editor stores and recalls them, and what the engine is told of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from engine import edits
from engine.commands import AnyCommand, Recall, SetPatch, SetValue, Watch
from engine.messages import Event, Meter, Snapshot, TransportState
from engine.patch import Patch
from patcher.document import Document
from patcher.editing.attachment import Answer, Attachment
from patcher.editing.editor import Editor
from patcher.terminal.arguments import node_types
from patcher.ui.look import Look


class Engine:
    """Stands in for the attachment: takes commands and says that they were carried out."""

    def __init__(self) -> None:
        self.name, self.trouble = "test", ""
        self.ready = True
        self.attached = 1
        self.pid: int | None = None
        self.snapshot: Snapshot | None = None
        self.commands: list[AnyCommand] = []
        self._answers: list[Answer] = []

    def post(self, command: AnyCommand, answer: Answer | None = None) -> None:
        if not isinstance(command, Watch):
            self.commands.append(command)
        if answer:
            self._answers.append(answer)

    def heard(self) -> tuple[bytes, ...]:
        return ()

    def pump(self) -> list[Event]:
        answers, self._answers = self._answers, []
        for answer in answers:
            answer(None)
        return []

    def play(self, frame: int, tempo: float = 120.0) -> None:
        transport = TransportState(0.0, tempo, False, 4.0)
        silent = Meter(0.0, 0.0, 0.0)
        self.snapshot = Snapshot(frame, 1, transport, {}, silent, {}, 1.0, 0.1, 0.1, 20.0, 0, 30.0)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def editor(engine: Engine, state: Path) -> Iterator[Editor]:
    registry = node_types()
    patch = edits.add(Patch(), registry, "control.lfo", "lfo1")
    document = Document.new(registry, patch)
    made = Editor(registry, cast(Look, None), cast(Attachment, engine), document)
    made.pump()
    made.pump()  # the engine has answered what it plays
    yield made
    made.filing.close()


def rate(editor: Editor) -> Any:
    return editor.patch.nodes["lfo1"].values.get("rate")


def store_two(editor: Editor) -> None:
    editor.turn("lfo1", {"rate": 1.0})
    editor.scenery.store()
    editor.turn("lfo1", {"rate": 4.0})
    editor.scenery.store()
    editor.pump()
    editor.pump()  # the engine has answered


def test_a_recall_is_one_step_that_can_be_undone(editor: Editor) -> None:
    store_two(editor)
    editor.turn("lfo1", {"rate": 2.0})
    editor.scenery.recall("Scene 1")
    assert rate(editor) == 1.0
    assert editor.document.undo_name == "Recall Scene 1"
    editor.undo()
    assert rate(editor) == 2.0


def test_the_engine_glides_to_the_scene_and_is_sent_no_values(
    editor: Editor, engine: Engine
) -> None:
    store_two(editor)
    engine.commands.clear()
    editor.scenery.beats = 8.0
    editor.scenery.recall("Scene 1")
    editor.pump()
    (recall,) = engine.commands
    assert isinstance(recall, Recall)
    assert (recall.scene, recall.beats) == ("Scene 1", 8.0)


def test_a_scene_stored_a_moment_ago_reaches_the_engine_before_it_is_recalled(
    editor: Editor, engine: Engine
) -> None:
    store_two(editor)
    engine.commands.clear()
    editor.scenery.update("Scene 3")
    editor.scenery.recall("Scene 3")
    assert [type(each) for each in engine.commands] == [SetPatch, Recall]


def test_undoing_a_recall_tells_the_engine(editor: Editor, engine: Engine) -> None:
    store_two(editor)
    editor.scenery.recall("Scene 1")
    engine.commands.clear()
    editor.undo()
    editor.pump()
    (command,) = engine.commands
    assert isinstance(command, SetValue)
    assert (command.node, command.port, command.value) == ("lfo1", "rate", 4.0)


def test_the_way_is_as_long_as_its_beats_at_the_tempo(editor: Editor, engine: Engine) -> None:
    store_two(editor)
    editor.scenery.beats = 4.0
    editor.scenery.recall("Scene 1")
    engine.play(100)
    editor.scenery.follow()
    assert editor.scenery.way == 0.0
    engine.play(125)  # one second: two beats at 120
    editor.scenery.follow()
    assert editor.scenery.way == pytest.approx(0.5)
    engine.play(140, tempo=300.0)
    editor.scenery.follow()
    assert editor.scenery.way == 1.0


def test_without_an_engine_a_scene_is_there_at_once(editor: Editor, engine: Engine) -> None:
    store_two(editor)
    engine.ready = False
    editor.scenery.recall("Scene 1")
    assert rate(editor) == 1.0
    assert editor.scenery.way == 1.0


def test_it_is_known_whether_the_values_have_left_the_scene(editor: Editor) -> None:
    assert not editor.scenery.changed()
    store_two(editor)
    assert not editor.scenery.changed()
    editor.turn("lfo1", {"rate": 3.0})
    assert editor.scenery.changed()
    editor.scenery.update("Scene 2")
    assert not editor.scenery.changed()
    editor.scenery.rename("Scene 2", "Chorus")
    assert list(editor.patch.scenes) == ["Scene 1", "Chorus"]
    assert editor.scenery.current == "Chorus"


def test_new_scenes_never_take_the_name_of_another(editor: Editor) -> None:
    store_two(editor)
    editor.scenery.remove("Scene 1")
    editor.scenery.store()
    assert list(editor.patch.scenes) == ["Scene 2", "Scene 3"]


def test_a_number_without_a_scene_is_said(editor: Editor) -> None:
    editor.scenery.recall_number(5)
    assert "no scene 5" in editor.remarks[-1].text
