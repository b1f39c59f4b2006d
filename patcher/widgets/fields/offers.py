"""What can be asked of a value besides turning it: the lines of its menu."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from engine.mappings import unmap
from engine.panel import show_on_panel, take_off_panel
from engine.patch import MidiMapping
from engine.scaling import mapping_fault
from patcher.editing.learning import ends
from patcher.ui.menu import Row

if TYPE_CHECKING:
    from patcher.widgets.fields.field import Field


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
    if path in editor.patch.panel:
        yield Row(
            "Take off the perform panel",
            lambda: editor.edit(
                f"Take {path} off the panel", lambda patch: take_off_panel(patch, path)
            ),
            key="P",
        )
    else:
        yield Row(
            "Show on the perform panel",
            lambda: editor.edit(
                f"Show {path} on the panel",
                lambda patch: show_on_panel(patch, editor.registry, path),
            ),
            key="P",
        )
    yield Row("Copy the value", lambda: dpg.set_clipboard_text(field.text()))
