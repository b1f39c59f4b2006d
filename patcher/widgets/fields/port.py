"""The field of a MIDI port: one of those that are there, or every port."""

from __future__ import annotations

from typing import Any

from engine.commands import ListDevices
from engine.messages import DeviceList
from patcher.ui.menu import Row
from patcher.widgets.fields.choice import ChoiceField

EVERY = "every port"


class PortField(ChoiceField):
    """A MIDI port; one that has been unplugged is kept, and marked."""

    def call(self, value: Any, short: bool = False) -> str:
        return str(value) or EVERY

    def step(self, steps: int, fine: bool) -> None:
        self.enter()

    @property
    def missing(self) -> bool:
        """Whether the engine waits for it."""
        snapshot = self.editor.snapshot
        devices = snapshot.devices if snapshot else ()
        return any(
            each.kind == self._kind and each.name == self.value and not each.alive
            for each in devices
        )

    @property
    def _kind(self) -> str:
        node = self.editor.patch.nodes.get(self.place.node)
        declared = self.editor.registry.find(node.type) if node else None
        return "midi_out" if declared and declared.role == "sender" else "midi_in"

    def list(self) -> None:
        self.editor.post(ListDevices(), self._listed)

    def _listed(self, answer: object) -> None:
        names = [""]
        if isinstance(answer, DeviceList):
            names += [each.name for each in answer.devices if each.kind == self._kind]
        elif isinstance(answer, Exception):
            self.editor.say(f"the MIDI ports are not known: {answer}", bad=True)
        if self.value not in names:
            names.append(self.value)
        self._open(
            [Row(self.call(each), self._chooses(each), each == self.value) for each in names]
        )

    def _present(self, short: bool = False) -> str:
        return super()._present(short) + (" (missing)" if self.missing else "")

    def _ink(self) -> str:
        return self.look.palette.bad if self.missing else super()._ink()
