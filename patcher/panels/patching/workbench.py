"""All that is done on the canvas by mouse, keys and menus, put together."""

from __future__ import annotations

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.patching.adding import Adding, Open
from patcher.panels.patching.arranging import Arranging
from patcher.panels.patching.changing import Changing
from patcher.panels.patching.clipboard import Clipboard
from patcher.panels.patching.connecting import Connecting
from patcher.panels.patching.gestures import Gestures
from patcher.panels.patching.menus import Menus
from patcher.panels.patching.remembering import Remembering
from patcher.ui.actions import Action


class Workbench:
    """The hands on the canvas.

    Args:
        open_list: opens the list of node types.

    Attributes:
        adding: asks for nodes to add.
        arranging: zooms, fits and tidies.
        changing: changes what is selected.
    """

    def __init__(self, editor: Editor, canvas: Canvas, open_list: Open) -> None:
        self.adding = Adding(editor, canvas, open_list)
        self.arranging = Arranging(editor, canvas)
        self.changing = Changing(editor, canvas)
        self._clipboard = Clipboard(editor, canvas, self.changing)
        self._connecting = Connecting(editor, canvas)
        self._remembering = Remembering(editor)
        self._menus = Menus(editor, canvas, self.adding, self.changing, self._remembering)
        self._gestures = Gestures(editor, canvas, self.adding, self.changing, self._menus)
        self._editor = editor
        self._canvas = canvas

    def build(self) -> None:
        """Adds what it does to the table of actions."""
        self._editor.actions.ask_first(self._gestures.take, typing=True)
        parts = (self.adding, self._clipboard, self.changing, self._connecting, self.arranging)
        for part in (*parts, self._remembering, self._menus, self._gestures):
            for action in part.actions():
                self._add(action)

    def _add(self, action: Action) -> None:
        """Adds an action, which rests while the canvas is locked."""
        self._editor.actions.add(
            action.title,
            action.run,
            *action.keys,
            menu=action.menu,
            possible=lambda: not self._canvas.locked and action.possible(),
        )

    def refresh(self) -> None:
        """Looks at the mouse; once a drawn frame."""
        self._gestures.watch()
