"""Where the patch lies on the screen: what Dear PyGui's node editor does not tell.

Three planes: the screen; the editor's grid, which it pans by itself; the patch, whose places are
what files hold. Grid = patch · zoom + offset. A node of no size marks the grid's place on the
screen, which no call returns.
"""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.colours import CLEAR
from patcher.ui.look import Look

Point = tuple[float, float]

ZOOMS = tuple(round(1.1**step, 3) for step in range(-20, 10))
"""Steps of a tenth, from 0.15 to 2.4; each has its font."""


class View:
    """Zoom and offset of the canvas.

    Attributes:
        zoom: grid pixels for a pixel of the patch, the scale of the display included.
        offset: where the patch's origin lies on the grid.
    """

    def __init__(self, look: Look, editor: int) -> None:
        self.step = ZOOMS.index(1.0)
        self.offset: Point = (0.0, 0.0)
        self._look = look
        self._mark = dpg.add_node(label="", parent=editor, pos=[0, 0], draggable=False)
        theme = look.theme(
            "mark",
            node_colours={
                dpg.mvNodeCol_NodeBackground: CLEAR,
                dpg.mvNodeCol_NodeBackgroundHovered: CLEAR,
                dpg.mvNodeCol_NodeBackgroundSelected: CLEAR,
                dpg.mvNodeCol_NodeOutline: CLEAR,
                dpg.mvNodeCol_TitleBar: CLEAR,
                dpg.mvNodeCol_TitleBarHovered: CLEAR,
                dpg.mvNodeCol_TitleBarSelected: CLEAR,
                dpg.mvNodesCol_MiniMapNodeBackground: CLEAR,
                dpg.mvNodesCol_MiniMapNodeOutline: CLEAR,
            },
            node_sizes={dpg.mvNodeStyleVar_NodePadding: (0, 0)},
        )
        dpg.bind_item_theme(self._mark, theme)

    @property
    def level(self) -> float:
        """The zoom as the player sees it, 1 for normal."""
        return ZOOMS[self.step]

    @property
    def zoom(self) -> float:
        """Pixels of the grid for one of the patch."""
        return ZOOMS[self.step] * self._look.scale

    def origin(self) -> Point:
        """Returns where the grid's origin lies on the screen."""
        x, y = dpg.get_item_rect_min(self._mark)
        left, top = dpg.get_item_pos(self._mark)
        return x - left, y - top

    def to_grid(self, at: Point) -> Point:
        """Returns the place on the grid of a point of the patch."""
        return at[0] * self.zoom + self.offset[0], at[1] * self.zoom + self.offset[1]

    def from_grid(self, at: Point) -> Point:
        """Returns the point of the patch at a place on the grid."""
        return (at[0] - self.offset[0]) / self.zoom, (at[1] - self.offset[1]) / self.zoom

    def to_screen(self, at: Point) -> Point:
        """Returns where a point of the patch is on the screen."""
        (x, y), (left, top) = self.to_grid(at), self.origin()
        return x + left, y + top

    def from_screen(self, at: Point) -> Point:
        """Returns the point of the patch at a place on the screen."""
        left, top = self.origin()
        return self.from_grid((at[0] - left, at[1] - top))

    def pan(self, dx: float, dy: float) -> None:
        """Moves what is seen by pixels of the screen."""
        self.offset = self.offset[0] + dx, self.offset[1] + dy

    def zoom_by(self, steps: int, at: Point) -> bool:
        """Zooms in or out, what is at a place of the screen staying there; says if it did."""
        step = min(max(self.step + steps, 0), len(ZOOMS) - 1)
        if step == self.step:
            return False
        self.look_at(self.from_screen(at), step, at)
        return True

    def look_at(self, point: Point, step: int, at: Point) -> None:
        """Takes a step of the zoom, with a point of the patch at a place of the screen."""
        self.step = step
        x, y = self.to_screen(point)
        self.pan(at[0] - x, at[1] - y)

    def from_normal(self) -> int:
        """Returns the steps of zooming to normal size."""
        return ZOOMS.index(1.0) - self.step

    def fit(self, box: tuple[Point, Point], area: tuple[Point, Point]) -> None:
        """Brings a box of the patch, by its corners, into an area of the screen."""
        (left, top), (u, v) = box
        (x, y), (right, bottom) = area
        room = min((right - x) / max(u - left, 1.0), (bottom - y) / max(v - top, 1.0))
        fitting = [n for n, each in enumerate(ZOOMS) if each * self._look.scale <= room]
        step = min(max(fitting, default=0), ZOOMS.index(1.0))
        self.look_at(((left + u) / 2, (top + v) / 2), step, ((x + right) / 2, (y + bottom) / 2))
