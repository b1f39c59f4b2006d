"""How long each node takes, at its foot; on demand."""

from __future__ import annotations

from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.panel import Region
from patcher.ui.colours import rgba


class NodeTimes:
    """A line under each node, brought up to date once a second, when the engine measures."""

    region: ClassVar[Region] = "over"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas
        self._on = False
        self._shown: Snapshot | None = None
        self._lines: dict[int, tuple[int, int]] = {}

    def build(self, parent: int | str) -> None:
        self._editor.actions.add("Show node times", self._toggle, "Ctrl+Shift+T", menu="View")

    def refresh(self) -> None:
        snapshot = self._editor.snapshot
        if not self._on or snapshot is None or snapshot is self._shown:
            return
        self._shown = snapshot
        times = snapshot.node_us
        if times is None:
            return
        boxes = {box.item: name for name, box in self._canvas.boxes.items()}
        self._lines = {item: line for item, line in self._lines.items() if item in boxes}
        for item, name in boxes.items():
            if item not in self._lines:
                self._lines[item] = self._add(item)
            spent = times.get(name)
            words = time_words(spent) if spent is not None else "Does not run"
            dpg.set_value(self._lines[item][1], words)

    def _add(self, node: int) -> tuple[int, int]:
        attribute = dpg.add_node_attribute(parent=node, attribute_type=dpg.mvNode_Attr_Static)
        colour = rgba(self._editor.look.palette.faint)
        return int(attribute), int(dpg.add_text("", parent=attribute, color=colour))

    def _toggle(self) -> None:
        self._on = not self._on
        if self._on:
            self._editor.say("Node times are on their way")
            return
        present = {box.item for box in self._canvas.boxes.values()}
        for item, (attribute, _) in self._lines.items():
            if item in present:
                dpg.delete_item(attribute)
        self._lines = {}


def time_words(microseconds: float) -> str:
    """Returns how long a node takes, and how much of a frame's 40 ms that is."""
    part = microseconds / 400
    share = f"{part:.1f} %" if part >= 0.05 else "under 0.1 %"
    if microseconds < 1000:
        return f"Takes {microseconds:.0f} µs, {share}"
    return f"Takes {microseconds / 1000:.1f} ms, {share}"
