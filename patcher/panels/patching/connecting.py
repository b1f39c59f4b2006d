"""Cables without a mouse: an outlet and then an inlet are chosen by typing."""

from __future__ import annotations

from collections.abc import Iterator

from engine.graph import cable_fault, closing
from engine.patch import Cable
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import inlets
from patcher.editing.steps import connect
from patcher.panels.patching.adding import spot
from patcher.ui.actions import Action
from patcher.ui.choosing import Choice


class Connecting:
    """Asks which outlet goes into which inlet."""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas

    def actions(self) -> Iterator[Action]:
        """Yields what keys and menus do."""
        yield Action("Connect…", self.ask_outlet, ("Ctrl+K",), "Edit")

    def ask_outlet(self) -> None:
        """Asks for the outlet; those of the selected nodes come first."""
        patch, registry = self._editor.patch, self._editor.registry
        chosen = self._editor.selection.nodes
        choices = [
            Choice(f"{name}.{outlet.name}", outlet.signal.name, f"{name}.{outlet.name}", node.type)
            for name, node in sorted(patch.nodes.items(), key=lambda each: each[0] not in chosen)
            if (declared := registry.find(node.type))
            for outlet in declared.outlets
        ]
        self._editor.popups.choosing.ask(
            spot(self._canvas), "From which outlet?", choices, self._ask_inlet
        )

    def _ask_inlet(self, start: str) -> None:
        patch, registry = self._editor.patch, self._editor.registry
        choices: dict[Cable, Choice] = {}
        for name, node in patch.nodes.items():
            declared = registry.find(node.type)
            fed = {each.inlet: each for each in patch.cables if each.target == name}
            for inlet, port in (inlets(declared, fed) if declared else {}).items():
                end = f"{name}.{inlet}"
                cable = Cable.between(start, end)
                if cable_fault(patch, cable, registry) is None:
                    there = fed.get(inlet)
                    detail = f"{port.signal.name}, fed by {there.start}" if there else ""
                    choices[cable] = Choice(end, detail or port.signal.name, end, node.type)
        shut = closing(patch, registry, choices)
        self._editor.popups.choosing.ask(
            spot(self._canvas),
            f"Into which inlet goes {start}?",
            [each for cable, each in choices.items() if cable not in shut],
            lambda end: connect(self._editor, Cable.between(start, end)),
        )
