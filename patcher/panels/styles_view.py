"""The style view: how much of each prompt a generator hears, as bars and on a map."""

from __future__ import annotations

from itertools import islice

import dearpygui.dearpygui as dpg
import numpy as np

from engine.messages import Snapshot, StyleSeen
from engine.signals import FRAME_RATE
from patcher.editing.blends import (
    Floats,
    Map,
    prompt_words,
    prompts_of,
    shares,
    strangeness,
    vectors,
)
from patcher.editing.editor import Editor
from patcher.ui.colours import CLEAR, blend, rgba
from patcher.ui.look import Look

BAR, MAP, LETTERS = 24, 180, 13
"""The heights of a bar, of the map and of letters, in pixels at a scale of 1."""
TAIL = 6 * FRAME_RATE
STRANGE = 0.05
"""What the prompts do not account for is shown from here on."""


class StylesView:
    """Bars of the prompts' shares, and a map on which the present style moves among them."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._outlets: list[str] = []
        self._words: list[str] = []
        self._prompts: list[bytes] | None = None
        self._heard = b""
        self._room = 0
        self._rows: list[_Bar] = []
        self._map: Map | None = None

    def build(self, parent: int | str) -> None:
        """Makes the items inside `parent`."""
        px = self._editor.look.px
        self._title = dpg.add_text("", parent=parent, color=rgba(self._editor.look.palette.faint))
        self._bars = dpg.add_drawlist(1, 1, parent=parent)
        self._chart = dpg.add_drawlist(1, px(MAP), parent=parent)
        self._ground = dpg.add_draw_layer(parent=self._chart)
        self._path = dpg.add_draw_layer(parent=self._chart)

    def find(self, generator: str) -> set[str]:
        """Finds the prompts that lead to a generator in the patch; returns their outlets."""
        patch = self._editor.patch
        self._outlets = prompts_of(patch, self._editor.registry, generator)
        self._words = [prompt_words(patch, each.partition(".")[0]) for each in self._outlets]
        self._prompts = None
        return set(self._outlets)

    def show(self, generator: str, snapshot: Snapshot, room: int) -> None:
        """Shows of what a generator's style is made, in a width of some pixels."""
        if room != self._room:
            self._room, self._prompts, self._rows = room, None, []
        heard = snapshot.generators[generator].style
        seen = [snapshot.seen.get(each) for each in self._outlets]
        data = [each.vector if isinstance(each, StyleSeen) else b"" for each in seen]
        names = [n for n, each in enumerate(data) if any(each)]
        words = [self._words[n] for n in names]
        prompts = vectors([data[n] for n in names])
        if data != self._prompts:
            self._draw_ground(words, prompts)
        if data != self._prompts or heard != self._heard:
            self._draw_bars(words, prompts, vectors([heard])[0])
        self._prompts, self._heard = data, heard
        self._draw_path(generator)

    def _draw_bars(self, words: list[str], prompts: Floats, style: Floats) -> None:
        weights = shares(prompts, style) if words and style.any() else np.zeros(len(words))
        total = float(weights.sum())
        rest = strangeness(prompts, weights, style) if total else 0.0
        rows = [
            (word, (1.0 - rest) * weight / total if total else 0.0)
            for word, weight in zip(words, weights.tolist(), strict=True)
        ]
        if rest >= STRANGE:
            rows.append(("of something else", rest))
        names = [word for word, _ in rows]
        if names != [bar.words for bar in self._rows]:
            self._lay_out_bars(names)
        for bar, (_, share) in zip(self._rows, rows, strict=True):
            bar.show(share)

    def _lay_out_bars(self, names: list[str]) -> None:
        look = self._editor.look
        dpg.set_value(self._title, "Style" if names else "No style is patched in.")
        dpg.configure_item(self._bars, width=self._room, height=max(look.px(BAR) * len(names), 1))
        dpg.delete_item(self._bars, children_only=True)
        self._rows = [
            _Bar(look, self._bars, (self._room, number * look.px(BAR)), name)
            for number, name in enumerate(names)
        ]

    def _draw_ground(self, words: list[str], prompts: Floats) -> None:
        """Draws where the prompts lie; a map of fewer than two says nothing."""
        look, palette = self._editor.look, self._editor.look.palette
        dpg.delete_item(self._ground, children_only=True)
        dpg.configure_item(self._chart, width=self._room, show=len(words) > 1)
        self._map = Map(prompts) if len(words) > 1 else None
        if self._map is None:
            return
        dpg.draw_rectangle(
            (0, 0),
            (self._room, look.px(MAP)),
            fill=rgba(palette.field),
            color=CLEAR,
            rounding=look.px(3),
            parent=self._ground,
        )
        size = look.px(LETTERS)
        for word, (x, y) in zip(words, self._places(self._map.places), strict=True):
            dpg.draw_circle(
                (x, y), look.px(5), fill=rgba(look.colour("Style")), parent=self._ground
            )
            shown = look.fitted(word, size, look.px(130))
            wide = look.width(shown, size)
            left = min(max(x - wide / 2, look.px(4)), self._room - look.px(4) - wide)
            below = y + look.px(8) if y < look.px(MAP) / 2 else y - look.px(10) - size
            dpg.draw_text(
                (left, below), shown, size=size, color=rgba(palette.faint), parent=self._ground
            )

    def _draw_path(self, generator: str) -> None:
        """Draws the style of now, and the way that it came."""
        dpg.delete_item(self._path, children_only=True)
        if self._map is None:
            return
        look = self._editor.look
        late = islice(self._editor.history.until(0), TAIL)
        states = [each.generators.get(generator) for each in late]
        styles = vectors([each.style for each in states if each and any(each.style)])
        if not len(styles):
            return
        places = self._places(self._map.of(styles))
        ink = rgba(look.palette.ink, 130)
        if len(places) > 1:
            dpg.draw_polyline(places, color=ink, thickness=look.px(2), parent=self._path)
        dpg.draw_circle(
            places[0],
            look.px(8),
            color=rgba(look.palette.ink),
            thickness=look.px(2),
            parent=self._path,
        )

    def _places(self, points: Floats) -> list[tuple[float, float]]:
        """Returns where points of the map lie in the drawing, in pixels."""
        px = self._editor.look.px
        middle = self._room / 2, px(MAP) / 2
        reach = px(MAP) / 2 - px(30)
        return [(middle[0] + x * reach, middle[1] - y * reach) for x, y in points.tolist()]


class _Bar:
    """How much of one prompt there is.

    Attributes:
        words: what the prompt is called.
    """

    def __init__(self, look: Look, parent: int, place: tuple[int, int], words: str) -> None:
        self.words = words
        self._part = ""
        self._width, top = place
        px, palette = look.px, look.palette
        self._below, size = top + px(BAR - 4), px(LETTERS)
        above = top + (px(BAR - 4) - size) / 2 - 1
        fill = blend(palette.field, look.colour("Style"), 0.55)
        for end, colour in ((self._width, palette.field), (0, fill)):
            self._fill = dpg.draw_rectangle(
                (0, top),
                (end, self._below),
                fill=rgba(colour),
                color=CLEAR,
                rounding=px(3),
                parent=parent,
            )
        ink = rgba(palette.ink)
        name = look.fitted(words, size, self._width - px(60))
        dpg.draw_text((px(8), above), name, size=size, color=ink, parent=parent)
        at = self._width - look.width("100 %", size) - px(8)
        self._text = dpg.draw_text((at, above), "", size=size, color=ink, parent=parent)

    def show(self, share: float) -> None:
        """Shows a share, 0..1."""
        part = f"{100 * share:.0f} %"
        if part != self._part:
            self._part = part
            dpg.configure_item(self._fill, pmax=(self._width * share, self._below))
            dpg.configure_item(self._text, text=part)
