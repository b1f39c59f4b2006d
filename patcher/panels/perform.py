"""Perform mode: the canvas gives way to a stage of large controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import ClassVar

import dearpygui.dearpygui as dpg

from engine.messages import Snapshot
from engine.panel import reorder
from engine.patch import Patch
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.feeds import Feeds
from patcher.editing.ports import turnable, used
from patcher.editing.steps import show_on_stage
from patcher.panels import scenes
from patcher.panels.glide import Glide
from patcher.panels.handles import Handles
from patcher.panels.panel import Region
from patcher.panels.patching.focus import Focus
from patcher.panels.sized import SizedPanel
from patcher.panels.stage import Control, Kind, Rect, arrange, controls
from patcher.ui.buttons import add_action, add_button, light
from patcher.ui.choosing import Choice
from patcher.ui.colours import rgba
from patcher.widgets.displays.level import Level
from patcher.widgets.fields import Field, Pad, Place, has_pad, make_field
from patcher.widgets.fields.fader import ChoicePads, Fader, SwitchPad
from patcher.widgets.fields.pad import points
from patcher.widgets.fields.widget import Widget

PUT = "Put on the perform panel…"
"""The action that asks for a value to show."""
MOVES = {"Alt+Left": -1, "Alt+Right": 1}
"""Keys that move the control that they turn, and by how many places."""
TARGET = 56
"""The least that a finger hits, in pixels at a scale of 1."""
GAP = 12
METERS = 210
"""Width of the generators' meters, in pixels at a scale of 1."""
LARGER = 1.25
"""Of the letters of prompts and surfaces, which write some of their words smaller."""
METER = 2.0
"""How much larger than on a node the meters are."""
FIELDS: Mapping[Kind, Callable[[Editor, Place], Field]] = MappingProxyType(
    {"fader": Fader, "switch": SwitchPad, "choice": ChoicePads}
)
"""What is played otherwise than on a node."""
EMPTY = (
    "Nothing is on the panel yet.\n\n"
    "Add a control here, or right-click a value on the canvas and show it on the panel. "
    "Faders, pads and surfaces come out as large as they can."
)


class Perform(SizedPanel):
    """The controls that the patch has on its panel, its scenes, and its generators' levels.

    Attributes:
        fields: what is turned on it, by `node.port`.
    """

    region: ClassVar[Region] = "stage"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        super().__init__(editor, canvas)
        self._focus = Focus(editor, self._turned)
        self._glide = Glide(editor)
        self._handles = Handles(editor, self._move)
        self._arranging = False
        self._controls: list[Control] = []
        self.fields: dict[str, Field] = {}
        self._pads: dict[str, Pad] = {}
        self._scenes: dict[str, int] = {}
        self._levels: dict[str, Level] = {}
        self._states: dict[str, int] = {}
        self._feeds = Feeds({}, {})
        self._patch: Patch | None = None
        self._snapshot: Snapshot | None = None
        self._lit: str | None = None
        self._marked: tuple[str, str | None] = ("", None)

    def build(self, parent: int | str) -> None:
        super().build(parent)
        actions = self.editor.actions
        actions.add("Perform", self._toggle, "Ctrl+E", menu="View")
        actions.add(PUT, self._ask, "Ctrl+Alt+P", menu="View")
        actions.add("Arrange the panel", self._arrange, possible=lambda: self.canvas.locked)
        actions.ask_first(self._take)

    def refresh(self) -> None:
        if self.canvas.locked:
            self._focus.keep()
            super().refresh()
            self._handles.watch()

    def _contents(self) -> object:
        patch, snapshot = self.editor.patch, self.editor.snapshot
        if patch is not self._patch:
            self._controls = controls(patch, self.editor.registry)
        generators = list(snapshot.generators) if snapshot else []
        return self._controls, list(patch.scenes), generators, self._arranging

    def _fill(self, parent: int | str, width: int, height: int) -> None:
        px = self.look.px
        self._patch = self._snapshot = self._lit = None
        above = max((px(TARGET) - self.text) / 2, 0)
        theme = self.look.theme(
            ("stage", above),
            sizes={
                dpg.mvStyleVar_FramePadding: (px(12), above),
                dpg.mvStyleVar_ItemSpacing: (px(8), px(8)),
            },
        )
        dpg.bind_item_theme(parent, theme)
        self._build_scenes(parent, width)
        way = self._glide.build_way(parent, width, px(4))
        dpg.set_item_pos(way, [px(8), px(8 + TARGET + 4)])
        top = px(TARGET) + px(GAP)
        with dpg.child_window(
            parent=parent, pos=[px(8), px(8) + top], width=width - px(METERS), height=height - top
        ) as area:
            self._build_controls(int(area), width - px(METERS) - px(GAP), height - top)
        with dpg.group(parent=parent, pos=[px(8) + width - px(METERS - 8), px(8) + top]) as meters:
            self._build_meters(int(meters), px(METERS - 8))

    def _build_scenes(self, parent: int | str, width: int) -> None:
        px, scenery = self.look.px, self.editor.scenery
        names, titled = list(self.editor.patch.scenes), self.editor.actions.titled
        wide = px(3 * TARGET)
        with dpg.group(parent=parent, horizontal=True) as row:
            room = max((width - 3 * wide - px(170)) // (px(2.5 * TARGET) + px(8)), 1)
            self._scenes = {}
            shown = names if len(names) <= room else names[: room - 1]
            for number, name in enumerate(shown, 1):
                words = self.look.fitted(f"{number} {name}", self.text, px(2.5 * TARGET) - px(16))
                run = partial(scenery.recall, name)
                tip = f"Go to {name}" + (f" (Ctrl+{number})" if number < 10 else "")
                self._scenes[name] = add_button(
                    int(row), words, run, tip, width=px(2.5 * TARGET), height=px(TARGET)
                )
            if len(shown) < len(names):
                more, tip = titled(scenes.CHOOSE), f"All {len(names)} scenes"
                wide = px(2.5 * TARGET)
                add_action(int(row), "More…", more, tip, width=wide, height=px(TARGET))
            store, tip = titled(scenes.STORE), "Keep a snapshot of all values"
            add_action(int(row), "+ Scene", store, tip, height=px(TARGET))
            self._glide.build_beats(int(row), px(170))
            put, tip = titled(PUT), "Put another value or surface on the panel"
            add_action(int(row), "+ Control", put, tip, height=px(TARGET))
            tip = "Drag controls to other places and take them off"
            edit = add_button(int(row), "Arrange", self._arrange, tip, height=px(TARGET))
            light(self.look, edit, self.look.palette.warn if self._arranging else None)

    def _build_controls(self, area: int, width: int, height: int) -> None:
        self.fields, self._pads = {}, {}
        self._handles.clear()
        kinds = [each.kind for each in self._controls]
        places = arrange(kinds, width, height, self.look.px(GAP), self.look.scale)
        for control, rect in zip(self._controls, places, strict=True):
            self._build_control(area, control, rect)
        if not kinds:
            faint = rgba(self.look.palette.faint)
            dpg.add_text(EMPTY, parent=area, wrap=self.look.px(560), color=faint)

    def _build_control(self, area: int, control: Control, rect: Rect) -> None:
        with dpg.group(parent=area, pos=[rect.x, rect.y]) as group:
            if self._arranging:
                self._handles.build(int(group), control, rect, self.text)
            elif control.place is None:
                pad = self._pads[control.node] = Pad(self.editor, control.node)
                pad.build(int(group), rect.width, rect.height, LARGER * self.text)
            else:
                make = FIELDS.get(control.kind, make_field)
                field = self.fields[str(control.place)] = make(self.editor, control.place)
                text = self.text * (LARGER if control.kind == "text" else 1.0)
                field.build(int(group), rect.width, rect.height, text)

    def _build_meters(self, parent: int, width: int) -> None:
        self._levels, self._states = {}, {}
        snapshot = self.editor.snapshot
        scale = METER * self.look.scale
        # Dear PyGui lowers texts by the padding of frames.
        flat = self.look.theme("stage meters", sizes={dpg.mvStyleVar_FramePadding: (0, 0)})
        dpg.bind_item_theme(parent, flat)
        for name in snapshot.generators if snapshot else ():
            dpg.add_text(self.look.fitted(name, self.text, width), parent=parent)
            level = self._levels[name] = Level(self.look, name)
            level.build(parent, width, scale)
            faint = rgba(self.look.palette.faint)
            self._states[name] = int(dpg.add_text("", parent=parent, wrap=width, color=faint))

    def _update(self) -> None:
        patch, snapshot = self.editor.patch, self.editor.snapshot
        marked = (self.editor.learning, self._focus.place)
        changed = patch is not self._patch or marked != self._marked
        if changed:
            self._patch, self._marked = patch, marked
            self._feeds = Feeds.of(patch, self.editor.registry)
            for field in self.fields.values():
                self._show_field(field, patch)
            for name, pad in self._pads.items():
                pad.focus(name == self._focus.place)
        if snapshot and (changed or snapshot is not self._snapshot):
            self._snapshot = snapshot
            self._follow(snapshot, patch)
        self._light_scenes()
        self._glide.refresh()

    def _turned(self) -> dict[str, Widget]:
        """Returns what can be turned, in the order in which it lies there."""
        made: dict[str, Widget] = {**self.fields, **self._pads}
        return {each.turned: made[each.turned] for each in self._controls if each.turned in made}

    def _show_field(self, field: Field, patch: Patch) -> None:
        node, name = field.place.node, field.place.name
        field.show(patch.nodes[node].values.get(name, field.place.port.default))
        learning, focused = (str(field.place) == each for each in self._marked)
        field.mark(*self._feeds.movers(node, name), learning, focused)

    def _follow(self, snapshot: Snapshot, patch: Patch) -> None:
        """Shows where what cables, controllers and scenes move is just now, and how loud it is."""
        moving = self._feeds.moving(snapshot)
        for field in self.fields.values():
            field.follow(moving.get(field.place.node, {}).get(field.place.name))
        for name, pad in self._pads.items():
            values = {**patch.nodes[name].values, **moving.get(name, {})}
            pad.show(values, points(patch, name), frozenset(self._feeds.outlets.get(name, {})))
        for name, level in self._levels.items():
            level.show(snapshot)
            state = snapshot.generators[name].state if name in snapshot.generators else ""
            dpg.set_value(self._states[name], "" if state == "playing" else state)

    def _light_scenes(self) -> None:
        current = self.editor.scenery.current
        if current != self._lit:
            for name, pad in self._scenes.items():
                light(self.look, pad, self.look.palette.good if name == current else None)
            self._lit = current

    def _toggle(self) -> None:
        self.canvas.locked = not self.canvas.locked
        self._arranging = False
        self._focus.end()
        # What is selected on the canvas is not to be deleted by a key that is hit on stage.
        self.editor.selection.set()

    def _take(self, keys: str) -> bool:
        """Has keys turn the values of the stage, after Enter has begun it."""
        ends = keys == "Esc" and self.editor.learning
        if not self.canvas.locked or ends:
            return False
        if self._handles.take(keys):
            return True
        if self._focus.place:
            if self._focus.take(keys):
                return True
            if keys in MOVES:
                self._move_by(self._focus.place, MOVES[keys])
            return keys in MOVES
        begins = keys == "Enter" and self._focus.possible
        if begins:
            self._focus.begin()
        return begins

    def _ask(self) -> None:
        """Asks for what else is to be on the panel."""
        patch, registry = self.editor.patch, self.editor.registry
        choices = []
        for name, node in patch.nodes.items():
            declared = registry.find(node.type)
            if declared is None:
                continue
            entries = [f"{name}.{port}" for port in turnable(declared, used(patch, name))]
            if has_pad(declared):
                entries.insert(0, name)
            choices += [
                Choice(entry, node.type, entry) for entry in entries if entry not in patch.panel
            ]

        def put_on(entry: str) -> None:
            show_on_stage(self.editor, [entry])

        self.editor.popups.choosing.ask(None, "Which value?", choices, put_on)

    def _move(self, entry: str, at: int) -> None:
        self.editor.edit(f"Move {entry} on the panel", lambda patch: reorder(patch, entry, at))

    def _move_by(self, place: str, steps: int) -> None:
        """Moves the control of a value some places on, as far as it goes."""
        entry = next(each.entry for each in self._controls if each.turned == place)
        panel = self.editor.patch.panel
        at = min(max(panel.index(entry) + steps, 0), len(panel) - 1)
        if panel[at] != entry:
            self._move(entry, at)

    def _arrange(self) -> None:
        self._arranging = not self._arranging
