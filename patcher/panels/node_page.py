"""All there is to know of one node: its help, its values, its ports and what is wrong with it."""

from __future__ import annotations

from collections.abc import Container
from functools import partial

import dearpygui.dearpygui as dpg

from engine import edits
from engine.patch import Patch
from engine.ports import Inlet, Outlet, Setting
from patcher.editing.editor import Editor
from patcher.editing.explaining import facts, paragraphs, sentence
from patcher.editing.ports import inlets, turnable, undeclared, used
from patcher.editing.steps import rename
from patcher.ui.buttons import add_action, add_button, light
from patcher.ui.colours import rgba
from patcher.ui.look import HEADING, SMALL
from patcher.widgets.fields import ROW, Field, Place, make_field, text_size
from patcher.words import label


class NodePage:
    """The page of a node, which lasts while its ports are the same.

    Attributes:
        faults: the group for what is wrong with it.
    """

    def __init__(self, editor: Editor, name: str) -> None:
        self.faults = 0
        self._editor = editor
        self._look = editor.look
        self._name = name
        self._parent = 0
        self._width = 0.0
        self._renamed = self._bypass = self._fold = 0
        self._fields: dict[str, Field] = {}

    def build(self, parent: int, width: float) -> None:
        """Makes the items in a width of some pixels."""
        self._parent, self._width = parent, width
        node = self._editor.patch.nodes[self._name]
        self._renamed = dpg.add_input_text(
            parent=parent, default_value=self._name, width=-1, on_enter=True, callback=self._rename
        )
        self.faults = int(dpg.add_group(parent=parent))
        with dpg.group(parent=parent, horizontal=True) as row:
            self._bypass = self._add_action(row, "Bypass", "Takes it out, or puts it in again")
            self._fold = self._add_action(row, "Fold", "Shows only what is patched or set")
            self._add_action(row, "Help", "Opens a patch that shows what it does")
        declared = self._editor.registry.find(node.type)
        if declared is None:
            self._write("This node type is not installed. What was set on it is kept.")
            return
        for paragraph in paragraphs(declared.help):
            self._write(paragraph)
        present = used(self._editor.patch, self._name)
        turned = turnable(declared, present)
        groups: dict[str, dict[str, Inlet | Outlet | Setting]] = {
            "Settings": {each.name: each for each in declared.settings},
            "Inlets": {**inlets(declared, present)},
            "Outlets": {each.name: each for each in declared.outlets},
        }
        for heading, ports in groups.items():
            if ports:
                dpg.add_spacer(parent=parent, height=self._look.px(6))
                self._write(heading, size=HEADING)
            for name, port in ports.items():
                self._add_port(name, port, turned)
        for value in undeclared(node, declared):
            tip = "Takes away the value, which the node type no longer knows"
            add_button(parent, f"Remove {value}", partial(self._remove, value), tip)

    def show(self, patch: Patch) -> None:
        """Shows the values of the node as they are in a patch."""
        node = patch.nodes[self._name]
        for port, field in self._fields.items():
            cable = patch.cable_into(self._name, port)
            field.mark(feed=cable.start if cable else "")
            field.show(node.values.get(port, field.place.port.default))
        palette = self._look.palette
        light(self._look, self._bypass, palette.warn if node.bypass else None)
        light(self._look, self._fold, palette.accent if node.folded else None)

    def _add_port(self, name: str, port: Inlet | Outlet | Setting, turned: Container[str]) -> None:
        """Makes the lines of a port; the inlets in `turned` have fields."""
        look, page = self._look, self._parent
        self._parent = int(dpg.add_group(parent=page))
        near = look.theme("near", sizes={dpg.mvStyleVar_ItemSpacing: (look.px(8), 0)})
        dpg.bind_item_theme(self._parent, near)
        if isinstance(port, Setting) or (isinstance(port, Inlet) and name in turned):
            field = make_field(self._editor, Place(self._name, name, port))
            height = field.ROWS * ROW * look.scale
            # In a group of its own, as the drawing of a field lies over what is above it.
            with dpg.group(parent=self._parent) as group:
                field.build(int(group), self._width, height, text_size(look))
            self._fields[name] = field
        else:
            with dpg.group(parent=self._parent, horizontal=True):
                dpg.add_text("●", color=rgba(look.colour(port.signal.name)))
                dpg.add_text(label(name))
        words = "; ".join(filter(None, (", ".join(facts(port)), port.help)))
        self._write(sentence(words), look.palette.faint, SMALL)
        dpg.add_spacer(parent=self._parent, height=look.px(5))
        self._parent = page

    def _add_action(self, row: int | str, title: str, tip: str) -> int:
        """Makes a button of an action of the table."""
        return add_action(row, title, self._editor.actions.titled(title), tip)

    def _write(self, text: str, colour: str = "", size: float = 1.0) -> None:
        colour = colour or self._look.palette.ink
        item = dpg.add_text(text, parent=self._parent, wrap=int(self._width), color=rgba(colour))
        if size != 1.0:
            self._look.enlarge(item, size)

    def _remove(self, value: str) -> None:
        name = self._name
        self._editor.edit(
            f"Remove {name}.{value}", lambda patch: edits.clear_value(patch, name, value)
        )

    def _rename(self) -> None:
        rename(self._editor, self._name, dpg.get_value(self._renamed))
