"""What can be asked of a value besides turning it: the lines of its menu."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from engine.mappings import unmap
from engine.patch import MidiMapping
from engine.scaling import mapping_fault
from patcher.editing.editor import Editor
from patcher.editing.learning import ends
from patcher.editing.steps import show_on_stage, take_off_stage
from patcher.ui.menu import Row

if TYPE_CHECKING:
    from patcher.widgets.fields.field import Field


def on_stage(editor: Editor, entry: str) -> Row:
    """Returns the line that shows a node or a value on the perform panel, or takes it off."""
    if entry in editor.patch.panel:
        return Row("Take off the perform panel", lambda: take_off_stage(editor, entry), key="P")
    return Row("Show on the perform panel", lambda: show_on_stage(editor, [entry]), key="P")


def offers(field: Field) -> Iterator[Row]:
    """Yields what can be asked of a field's value."""
    editor, place = field.editor, field.place
    node, name, path = place.node, place.name, str(place)
    if name in editor.patch.nodes[node].values:
        yield Row(f"Reset to {field.call(place.port.default)}", field.reset)
    low, high = ends(place.port)
    if mapping_fault(place.port, MidiMapping(1, 0, node, name, low, high)) is None:
        yield Row("Learn a MIDI controller", lambda: editor.learn(path), key="L")
    if any(each.place == path for each in editor.patch.mappings):
        yield Row(
            f"Forget {field.control or 'the MIDI controller'}",
            lambda: editor.edit(f"Forget {path}", lambda patch: unmap(patch, node, name)),
        )
    yield on_stage(editor, path)
    yield Row("Copy the value", lambda: dpg.set_clipboard_text(field.text()))
