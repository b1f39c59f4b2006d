"""How long the way to a scene takes, and how far it is gone, wherever scenes are shown."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.editing.scenes import Scenery
from patcher.ui.buttons import add_tip

LONGEST = 64.0
"""Beats that can be set by hand."""


class Glide:
    """A field of beats, and a bar that fills on the way."""

    def __init__(self, scenery: Scenery) -> None:
        self._scenery = scenery
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
                width=width,
                callback=lambda _, beats: setattr(self._scenery, "beats", beats),
            )
        )
        tip = "How long the values take to a scene; 0 is at once. Drag, or double-click to type."
        add_tip(self._beats, tip)

    def build_way(self, parent: int | str, width: int, height: int) -> int:
        """Makes the bar and returns it."""
        self._way = int(dpg.add_progress_bar(parent=parent, width=width, height=height))
        return self._way

    @property
    def visible(self) -> bool:
        """Whether it is on the screen."""
        return bool(dpg.is_item_visible(self._beats))

    def refresh(self) -> None:
        """Shows what has changed; once a drawn frame."""
        scenery = self._scenery
        shown = (scenery.beats, scenery.way)
        if shown == self._shown:
            return
        self._shown = shown
        if not dpg.is_item_active(self._beats):
            dpg.set_value(self._beats, scenery.beats)
        dpg.set_value(self._way, scenery.way if scenery.way < 1.0 else 0.0)
