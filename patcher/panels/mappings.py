"""Which MIDI controllers move which values: the tab MIDI."""

from __future__ import annotations

import time
from functools import partial
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.mappings import unmap
from engine.patch import MidiMapping, Patch
from engine.scaling import is_number
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.feeds import words
from patcher.editing.learning import moved
from patcher.panels.panel import Region
from patcher.ui.buttons import add_button
from patcher.ui.colours import rgba
from patcher.widgets.fields import ROW, text_size
from patcher.widgets.fields.mapping_end import EndField

LIT = 0.25
"""Seconds for which a controller shines that was moved."""

FIELD = 138
"""Width of where a value goes from or to, in pixels at a scale of 1."""

EMPTY = (
    "No MIDI controller moves a value yet.\n\n"
    "Right-click the name of a value, choose Learn a MIDI controller, and turn a knob."
)

Key = tuple[int, int, str]
"""Channel, number and value of a mapping."""


class Mappings:
    """Lists the MIDI controllers and the values they move, shows which are moved, removes them."""

    region: ClassVar[Region] = "right"
    title: ClassVar[str] = "MIDI"

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._list = self._last = 0
        self._patch: Patch | None = None
        self._keys: tuple[Key, ...] = ()
        self._ends: dict[Key, list[EndField]] = {}
        self._lamps: dict[Key, int] = {}
        self._lit: dict[tuple[int, int], float] = {}

    def build(self, parent: int | str) -> None:
        faint = rgba(self._editor.look.palette.faint)
        self._last = int(dpg.add_text("No controller was moved yet", parent=parent, color=faint))
        self._list = int(dpg.add_group(parent=parent))
        self._patch = None

    def refresh(self) -> None:
        if not dpg.is_item_visible(self._last):
            return
        if self._editor.patch is not self._patch:
            self._patch = self._editor.patch
            self._show(self._patch)
        if self._editor.heard or self._lit:
            self._shine()

    def _show(self, patch: Patch) -> None:
        """Makes the list anew where other values are moved; else shows their ends."""
        keys = tuple((each.channel, each.control, each.place) for each in patch.mappings)
        if keys != self._keys or not dpg.get_item_children(self._list, 1):
            self._keys = keys
            self._fill(patch)
        for key, mapping in zip(keys, patch.mappings, strict=True):
            for end in self._ends[key]:
                end.follow_mapping(mapping)

    def _fill(self, patch: Patch) -> None:
        dpg.delete_item(self._list, children_only=True)
        self._ends, self._lamps = {}, {}
        if not patch.mappings:
            faint = rgba(self._editor.look.palette.faint)
            dpg.add_text(EMPTY, parent=self._list, wrap=0, color=faint)
        for key, mapping in zip(self._keys, patch.mappings, strict=True):
            self._add(key, mapping)

    def _add(self, key: Key, mapping: MidiMapping) -> None:
        editor, look = self._editor, self._editor.look
        side, gap = look.px(30), look.px(8)
        with dpg.group(parent=self._list, horizontal=True, horizontal_spacing=gap) as row:
            lamp = dpg.add_text("●", color=rgba(look.palette.raised))
            self._lamps[key] = int(lamp)
            dpg.add_text(words(mapping.channel, mapping.control))
            add_button(
                row, "Learn", partial(editor.learn, mapping.place), "Take another controller"
            )
            tip = "Have no controller move it"
            add_button(row, "×", partial(self._forget, mapping), tip, width=side)
        dpg.add_text(mapping.place, parent=self._list, color=rgba(look.palette.faint))
        node = editor.patch.nodes.get(mapping.node)
        declared = editor.registry.find(node.type) if node else None
        port = declared.value(mapping.port) if declared else None
        self._ends[key] = []
        if port and is_number(port):
            self._ends[key] = [
                EndField(editor, mapping, "low", port),
                EndField(editor, mapping, "high", port),
            ]
            with dpg.group(parent=self._list, horizontal=True, horizontal_spacing=gap) as ends:
                for end in self._ends[key]:
                    end.build(ends, look.px(FIELD), look.px(ROW), text_size(look))
        dpg.add_spacer(parent=self._list, height=gap)

    def _forget(self, mapping: MidiMapping) -> None:
        self._editor.edit(
            f"Forget {words(mapping.channel, mapping.control)}",
            lambda patch: unmap(patch, mapping.node, mapping.port),
        )

    def _shine(self) -> None:
        """Lights the lamps of the controllers that were moved lately."""
        palette, now = self._editor.look.palette, time.monotonic()
        before = set(self._lit)
        self._lit = {control: due for control, due in self._lit.items() if due > now}
        for control in moved(self._editor.heard):
            self._lit[control] = now + LIT
            dpg.set_value(self._last, f"Moved last: {words(*control)}")
        for key, lamp in self._lamps.items():
            if (key[:2] in self._lit) != (key[:2] in before):
                colour = palette.good if key[:2] in self._lit else palette.raised
                dpg.configure_item(lamp, color=rgba(colour))
