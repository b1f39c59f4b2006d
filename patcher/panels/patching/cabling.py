"""Cables by hand: from a port to another, off a port, and onto the bare canvas."""

from __future__ import annotations

from engine import edits
from engine.fitting import bridges
from engine.graph import cable_fault, closing
from engine.nodetype import NodeType
from engine.patch import Cable, Patch, PatchError
from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.editing.ports import Pin, ends, signal_of
from patcher.editing.steps import connect, pull, without
from patcher.panels.patching.adding import TO_PORT, Adding, fitting_pin, patch_to
from patcher.panels.patching.picking import OnNode, Target, pin_at, under
from patcher.ui.colours import blend
from patcher.ui.overlay import Overlay
from patcher.ui.view import Point
from patcher.widgets.box import WIDTH


def cable_between(one: Pin, other: Pin) -> Cable:
    """Returns the cable between an outlet and an inlet, in whichever order."""
    start, end = (one, other) if one.kind == "outlet" else (other, one)
    return Cable(start.node, start.port, end.node, end.port)


class CableDrag:
    """A cable one end of which is in the hand.

    Args:
        start: the port at its other end.
        taken: the cable that was there, if one is moved rather than made.
    """

    def __init__(
        self,
        editor: Editor,
        canvas: Canvas,
        overlay: Overlay,
        adding: Adding,
        start: Pin,
        taken: Cable | None,
    ) -> None:
        self._editor = editor
        self._canvas = canvas
        self._overlay = overlay
        self._adding = adding
        self._start = start
        self._taken = taken
        self._dimmed = False
        self._judged: dict[Pin, str | None] = {}

    def move(self, mouse: Point) -> None:
        box = self._canvas.boxes.get(self._start.node)
        if box is None or (self._start.kind, self._start.port) not in box.pins:
            return  # the port was taken away meanwhile, by an undo or from elsewhere
        if not self._dimmed:
            self._dim()
        target = under(self._canvas, mouse)
        over = self._aimed(target)
        fault = self._why_not(over) if over else None
        self._draw(over, fault is not None, mouse)
        words = self._words(over, fault, target)
        self._editor.hint = words
        if words:
            self._overlay.words(mouse, words, bad=fault is not None)

    def finish(self, mouse: Point) -> None:
        self.cancel()
        target = under(self._canvas, mouse)
        over = self._aimed(target)
        if over:
            self._connect(over)
        elif target == self._start:
            return
        elif self._taken:
            pull(self._editor, self._taken)
        elif target is None and self._canvas.hovered():
            self._adding.ask(mouse, self._start)

    def cancel(self) -> None:
        for box in self._canvas.boxes.values():
            box.dim(None)
        if self._taken in self._canvas.cables:
            self._canvas.light(self._taken, self._canvas.colour(self._taken))

    def _words(self, over: Pin | None, fault: str | None, target: Target) -> str:
        """Says what a drop would do."""
        if over and fault:
            bridge = self._bridge(over)
            return f"{fault}; drop to put {bridge.name} between" if bridge else fault
        if over:
            return self._replacing(over) or f"{self._start} to {over}"
        if self._taken:
            return f"Drop to pull {self._taken.start} out of {self._taken.end}"
        if isinstance(target, OnNode) and target.name != self._start.node:
            return f"{target.name} has no free port that fits"
        return "Drop to add a node here" if target is None else ""

    def _aimed(self, target: Target) -> Pin | None:
        """Returns the port the cable is dropped on: that under the mouse, else the node's first."""
        if isinstance(target, OnNode) and target.name != self._start.node:
            patch, registry = self._editor.patch, self._editor.registry
            return fitting_pin(patch, registry, target.name, self._start)
        return target if isinstance(target, Pin) and target != self._start else None

    def _dim(self) -> None:
        """Shows which ports could take the cable."""
        self._dimmed = True
        bright = {*self._fitting(), self._start}
        for name, box in self._canvas.boxes.items():
            box.dim({(each.kind, each.port) for each in bright if each.node == name})

    def _fitting(self) -> set[Pin]:
        """Returns the ports that could take the cable and close no cycle by it."""
        patch, registry = self._bare(self._editor.patch), self._editor.registry
        cables = {
            cable_between(self._start, pin): pin
            for name, box in self._canvas.boxes.items()
            for pin in (Pin(kind, name, port) for kind, port in box.pins)
            if pin.kind != self._start.kind
        }
        legal = {each for each in cables if not cable_fault(patch, each, registry)}
        return {cables[each] for each in legal - closing(patch, registry, legal)}

    def _draw(self, over: Pin | None, bad: bool, mouse: Point) -> None:
        canvas, palette = self._canvas, self._editor.look.palette
        colour = canvas.boxes[self._start.node].colour(self._start.kind, self._start.port)
        hand = pin_at(canvas, over) if over else mouse
        start = pin_at(canvas, self._start)
        if self._start.kind == "inlet":
            start, hand = hand, start
        if over:
            self._overlay.ring(pin_at(canvas, over), palette.bad if bad else palette.good)
        shade = blend(palette.canvas, colour, 0.4 if bad else 1)
        self._overlay.cable(start, hand, shade, canvas.thickness)
        if self._taken in canvas.cables:
            canvas.light(self._taken, palette.grid)

    def _why_not(self, over: Pin) -> str | None:
        """Says why the cable cannot go there, cycles among the reasons."""
        if over not in self._judged:
            self._judged[over] = self._judge(over)
        return self._judged[over]

    def _judge(self, over: Pin) -> str | None:
        if over.kind == self._start.kind:
            return f"A cable goes from an outlet to an inlet; both are {over.kind}s"
        cable, patch = cable_between(self._start, over), self._bare(self._editor.patch)
        try:
            edits.connect(patch, self._editor.registry, cable.start, cable.end, instead=True)
        except PatchError as error:
            return str(error.problems[0])
        return None

    def _bare(self, patch: Patch) -> Patch:
        """Returns a patch without the cable that is in the hand."""
        return without(patch, self._taken) if self._taken else patch

    def _replacing(self, over: Pin) -> str | None:
        """Says which cable would go."""
        inlet = over if over.kind == "inlet" else self._start
        fed = self._editor.patch.cable_into(inlet.node, inlet.port)
        if fed is None or fed == self._taken or fed == cable_between(self._start, over):
            return None
        return f"Replaces the cable from {fed.start}"

    def _connect(self, over: Pin) -> None:
        fault = self._why_not(over)
        bridge = self._bridge(over) if fault else None
        if bridge:
            self._put_between(over, bridge)
        elif fault:
            self._editor.say(fault, bad=True)
        else:
            taken = [self._taken] if self._taken else []
            connect(self._editor, cable_between(self._start, over), *taken)

    def _bridge(self, over: Pin) -> NodeType | None:
        """Returns the node type that makes of one signal the other, the plainest of several."""
        if over.kind == self._start.kind or over.node == self._start.node:
            return None
        start, end = ends(cable_between(self._start, over))
        patch, registry = self._editor.patch, self._editor.registry
        carried, wanted = signal_of(patch, registry, start), signal_of(patch, registry, end)
        if carried is None or wanted is None or carried is wanted:
            return None
        found = bridges(registry, carried, wanted)
        return found[0] if found else None

    def _put_between(self, over: Pin, bridge: NodeType) -> None:
        editor, view = self._editor, self._canvas.view
        cable = cable_between(self._start, over)
        start, end = ends(cable)
        (x, y), (u, v) = (view.from_screen(pin_at(self._canvas, pin)) for pin in (start, end))
        name = edits.fresh_name(editor.patch, bridge.name)

        def change(patch: Patch) -> Patch:
            at = round((x + u - WIDTH) / 2), round((y + v) / 2) - TO_PORT
            patch = edits.add(self._bare(patch), editor.registry, bridge.name, name, at)
            patch = patch_to(patch, editor.registry, name, end)
            return patch_to(patch, editor.registry, name, start)

        if editor.edit(f"Patch {cable.start} into {cable.end} by {bridge.name}", change):
            editor.selection.set(nodes={name})
            editor.say(f"{name} ({bridge.name}) was put between {cable.start} and {cable.end}")
