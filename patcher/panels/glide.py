"""How long the way to a scene takes, and how far it is gone, wherever scenes are shown."""

from __future__ import annotations

import math

import dearpygui.dearpygui as dpg

from patcher.editing.editor import Editor
from patcher.ui.buttons import add_tip
from patcher.ui.view import Point

LONGEST = 64.0
"""Beats that can be set by hand."""


def glide_of(text: str) -> float:
    """Returns the beats that are typed, with their unit or without; raises ValueError."""
    try:
        beats = float(text.lower().removesuffix("beats").strip())
    except ValueError:
        beats = math.nan
    if not 0.0 <= beats <= LONGEST:
        raise ValueError(f"{text!r} is not 0..{LONGEST:g} beats")
    return beats


class Glide:
    """A field of beats, and a bar that fills on the way."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._scenery = editor.scenery
        self._beats = 0
        self._way = 0
        self._shown = (0.0, 0.0)

    def build_beats(self, parent: int | str, width: int) -> None:
        """Makes the field; a width of -1 is all that there is."""
        self._shown = (0.0, 0.0)
        self._beats = int(
            dpg.add_drag_float(
                parent=parent,
                min_value=0.0,
                max_value=LONGEST,
                clamped=True,
                speed=0.1,
                format="Over %.1f beats",
                no_input=True,  # else Tab, which goes through the stage, begins to type in it
                width=width,
                callback=lambda _, beats: setattr(self._scenery, "beats", beats),
            )
        )
        add_tip(
            self._beats,
            "How long the values take to a scene; 0 is at once. Drag, or double-click to type "
            "(Ctrl+Alt+B).",
        )

    def build_way(self, parent: int | str, width: int, height: int) -> int:
        """Makes the bar and returns it."""
        self._way = int(dpg.add_progress_bar(parent=parent, width=width, height=height))
        return self._way

    @property
    def visible(self) -> bool:
        """Whether it is on the screen."""
        return bool(dpg.is_item_visible(self._beats))

    def ask(self, at: Point) -> None:
        """Asks for the beats at a place of the screen."""

        def taken(text: str) -> None:
            try:
                self._scenery.beats = glide_of(text)
            except ValueError as fault:
                self._editor.say(str(fault), bad=True)

        beats = f"{self._scenery.beats:g}"
        self._editor.popups.asking.ask(at, beats, taken, hint="Beats")

    def refresh(self) -> None:
        """Shows what has changed; once a drawn frame."""
        if dpg.is_mouse_button_double_clicked(dpg.mvMouseButton_Left) and dpg.is_item_hovered(
            self._beats
        ):
            self.ask(dpg.get_item_rect_min(self._beats))
        scenery = self._scenery
        shown = (scenery.beats, scenery.way)
        if shown == self._shown:
            return
        self._shown = shown
        if not dpg.is_item_active(self._beats):
            dpg.set_value(self._beats, scenery.beats)
        dpg.set_value(self._way, scenery.way if scenery.way < 1.0 else 0.0)
