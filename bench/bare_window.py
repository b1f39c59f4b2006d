"""What Dear PyGui itself takes to draw as many nodes as a patch has; the peer of `bench.editor`.

python -m bench.bare_window PATCH DRAWS      prints the milliseconds of CPU a drawn frame, as JSON
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dearpygui.dearpygui as dpg

from engine.files import load_patch
from engine.nodetype import NodeType
from engine.patch import Patch
from engine.registry import load_registry
from tests.editor_rig import HEIGHT, WIDTH

WARM = 30
FIELD = 190
"""The width of a widget, as in the editor."""


def main() -> None:
    patch, draws = load_patch(Path(sys.argv[1])), int(sys.argv[2])
    dpg.create_context()
    dpg.create_viewport(width=WIDTH, height=HEIGHT, x_pos=0, y_pos=0)
    dpg.setup_dearpygui()
    _build(patch)
    dpg.show_viewport()
    for _ in range(WARM):
        dpg.render_dearpygui_frame()
    began = time.process_time()
    for _ in range(draws):
        dpg.render_dearpygui_frame()
    print(json.dumps(1e3 * (time.process_time() - began) / draws))
    dpg.destroy_context()


def counted(patch: Patch) -> tuple[int, int]:
    """Returns how many pins and widgets a patch shows."""
    types = load_registry().types
    found = [row for node in patch.nodes.values() for row in _rows(node, types[node.type], patch)]
    return sum(kind != dpg.mvNode_Attr_Static for _, kind, _ in found), sum(
        value is not None for *_, value in found
    )


def _rows(name: str, declared: NodeType, patch: Patch) -> Iterator[tuple[str, int, object]]:
    """Yields the rows of a node: name, kind of pin, and the value where there is one."""
    for outlet in declared.outlets:
        yield outlet.name, dpg.mvNode_Attr_Output, None
    fed = {each.inlet for each in patch.cables if each.target == name}
    for inlet in declared.inlets:
        valued = inlet.signal.valued
        yield inlet.name, dpg.mvNode_Attr_Input, inlet.default if valued else None
        fed.discard(inlet.name)
    for member in sorted(fed):
        yield member, dpg.mvNode_Attr_Input, None
    for setting in declared.settings:
        yield setting.name, dpg.mvNode_Attr_Static, setting.default


def _build(patch: Patch) -> None:
    types = load_registry().types
    pins: dict[tuple[str, str, int], int] = {}
    with dpg.window() as window, dpg.node_editor(minimap=True) as editor:
        for name, node in patch.nodes.items():
            with dpg.node(label=name, pos=[int(each) for each in node.at]):
                for port, kind, value in _rows(name, types[node.type], patch):
                    with dpg.node_attribute(attribute_type=kind) as pin:
                        _add_widget(port, value)
                    pins[name, port, kind] = pin
        for each in patch.cables:
            start = pins[each.source, each.outlet, dpg.mvNode_Attr_Output]
            end = pins[each.target, each.inlet, dpg.mvNode_Attr_Input]
            dpg.add_node_link(start, end, parent=editor)
    dpg.set_primary_window(window, True)


def _add_widget(name: str, value: object) -> None:
    if value is None:
        dpg.add_text(name)
    elif isinstance(value, bool):
        dpg.add_checkbox(label=name, default_value=value)
    elif isinstance(value, int | float):
        dpg.add_drag_float(label=name, default_value=float(value), width=FIELD)
    else:
        dpg.add_input_text(label=name, default_value=str(value), width=FIELD)


if __name__ == "__main__":
    main()
