"""What happens to the values on the canvas besides the hand on them."""

from __future__ import annotations

from typing import ClassVar

from engine import edits
from engine.messages import Snapshot
from engine.patch import Patch
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.feeds import ByNode, Feeds, words
from patcher.editing.learning import learn, moved
from patcher.panels.panel import Region
from patcher.panels.patching.focus import Focus
from patcher.widgets.box import Box
from patcher.widgets.fields.pad import points
from patcher.widgets.fields.port import PortField
from patcher.widgets.fields.widget import Widget
from patcher.words import counted


class Values:
    """Shows what moves the values, maps controllers to them, and has keys turn them."""

    region: ClassVar[Region] = "over"
    title: ClassVar[str] = ""

    def __init__(self, editor: Editor, canvas: Canvas) -> None:
        self._editor = editor
        self._canvas = canvas
        self._focus = Focus(editor, self._selected)
        self._feeds = Feeds({}, {})
        self._patch: Patch | None = None
        self._points: dict[str, dict[str, str]] = {}
        self._marked: tuple[object, ...] = ()
        self._seen: Snapshot | None = None
        self._moving: ByNode = {}
        self._missing: set[str] = set()

    def build(self, parent: int | str) -> None:
        actions, focus = self._editor.actions, self._focus
        actions.add(
            "Set values by keys",
            focus.begin,
            "Enter",
            menu="Edit",
            possible=lambda: focus.possible,
        )
        actions.add(
            "Fold",
            self._fold,
            "H",
            menu="Edit",
            possible=lambda: bool(self._editor.selection.nodes),
        )
        actions.ask_first(self._take)

    def refresh(self) -> None:
        self._focus.keep()
        snapshot = self._editor.snapshot
        if snapshot is not None and snapshot is not self._seen:
            self._seen = snapshot
            self._follow(snapshot)
        self._hear()
        self._mark()

    def _take(self, keys: str) -> bool:
        """Takes the keys that stop the waiting for a controller, or turn values."""
        if keys == "Esc" and self._editor.learning:
            self._editor.learn("")
            return True
        return self._focus.take(keys)

    def _selected(self) -> dict[str, Widget]:
        """Returns what can be turned on the selected node, if it is one."""
        names = self._editor.selection.nodes
        box = self._canvas.boxes.get(next(iter(names))) if len(names) == 1 else None
        if box is None:
            return {}
        pads: dict[str, Widget] = {box.name: box.pad} if box.pad else {}
        return {str(each.place): each for each in box.fields.values()} | pads

    def _fold(self) -> None:
        """Has the selected nodes show only what is patched or set; if they do, all again."""
        names = self._editor.selection.nodes
        on = not all(self._editor.patch.nodes[name].folded for name in names)
        self._editor.edit(
            f"{'Fold' if on else 'Unfold'} {counted(names, 'nodes')}",
            lambda patch: edits.fold(patch, names, on),
        )

    def _hear(self) -> None:
        """Maps the controller that is moved to the value that waits for one."""
        place, found = self._editor.learning, next(moved(self._editor.heard), None)
        if not place or found is None:
            return
        channel, control = found
        self._editor.learn("")
        if self._editor.edit(
            f"Map a controller to {place}",
            lambda patch: learn(patch, self._editor.registry, place, channel, control),
        ):
            self._editor.say(f"{words(channel, control)} moves {place}")

    def _follow(self, snapshot: Snapshot) -> None:
        """Shows where values are that something moves, and which MIDI ports are missing."""
        before, self._moving = self._moving, self._feeds.moving(snapshot)
        for name in before.keys() | self._moving.keys():
            box, moving = self._canvas.boxes.get(name), self._moving.get(name, {})
            if box is None:
                continue
            for port in before.get(name, {}).keys() | moving.keys():
                if field := box.fields.get(port):
                    field.follow(moving.get(port))
            self._show_pad(name, box)
        missing = {each.name for each in snapshot.devices if not each.alive}
        if missing != self._missing:
            self._missing = missing
            for box in self._canvas.boxes.values():
                for field in box.fields.values():
                    if isinstance(field, PortField):
                        field.draw()

    def _mark(self) -> None:
        """Shows what else there is to say about values; only where something changed."""
        editor, boxes, patch = self._editor, self._canvas.boxes, self._editor.patch
        if patch is not self._patch:
            self._patch = patch
            self._points.clear()
            for name, box in boxes.items():
                self._show_pad(name, box)
        bypassed = [name for name, node in patch.nodes.items() if node.bypass]
        feeding = (patch.cables, patch.mappings, bypassed)
        state = (feeding, list(boxes.values()), editor.learning, self._focus.place)
        if state == self._marked:
            return
        self._marked = state
        self._feeds = Feeds.of(patch, editor.registry)
        editor.watch("values", self._feeds.watched())
        for name, box in boxes.items():
            for port, field in box.fields.items():
                learning, focused = (
                    str(field.place) == each for each in (editor.learning, self._focus.place)
                )
                field.mark(*self._feeds.movers(name, port), learning, focused)
            if box.pad:
                box.pad.focus(name == self._focus.place)
            self._show_pad(name, box)

    def _show_pad(self, name: str, box: Box) -> None:
        node = self._editor.patch.nodes.get(name)
        if box.pad and node:
            if name not in self._points:
                self._points[name] = points(self._editor.patch, name)
            values = {**node.values, **self._moving.get(name, {})}
            fed = frozenset(self._feeds.outlets.get(name, {}))
            box.pad.show(values, self._points[name], fed)
