"""How the window looks: fonts at every zoom, and the themes that items are bound to."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dearpygui.dearpygui as dpg
from PIL import ImageFont

from patcher.ui.colours import PALETTES, Palette, blend, rgba

TEXT = 15
"""Pixels, at a scale of 1."""
TITLE, HEADING, SMALL = 1.3, 1.15, 0.88
"""Of a page, of a part of it, and of what stands below a value, in heights of normal letters."""

Colours = Mapping[int, tuple[int, int, int, int]]
Sizes = Mapping[int, tuple[float, ...]]


class Look:
    """Fonts and themes in the colours and the scale that the player chose.

    Attributes:
        palette: the colours.
        scale: how much larger than normal everything is, for high-density displays.
        fonts: the item that holds the fonts.
    """

    def __init__(self, theme: str = "dark", scale: float = 1.0) -> None:
        self.palette: Palette = PALETTES[theme]
        self.scale = scale
        self._by_size: dict[int, int] = {}
        self._themes: dict[object, int] = {}
        self.fonts = dpg.add_font_registry()

    def change(self, theme: str, scale: float) -> None:
        """Takes other colours and another scale; all themes made before are to be gone."""
        self._themes.clear()
        self.palette, self.scale = PALETTES[theme], scale

    def px(self, pixels: float) -> int:
        """Returns a length at the present scale."""
        return round(pixels * self.scale)

    @property
    def text(self) -> float:
        """The height of normal letters, in pixels."""
        return TEXT * self.scale

    def enlarge(self, item: int | str, times: float) -> None:
        """Gives an item letters of so many times the normal height."""
        dpg.bind_item_font(item, self.font(times * self.text))

    def font(self, size: float) -> int:
        """Returns the font of a size in pixels, loaded once."""
        whole = max(round(size), 2)
        if whole not in self._by_size:
            self._by_size[whole] = dpg.add_font(str(_font_file()), whole, parent=self.fonts)
        return self._by_size[whole]

    def width(self, text: str, size: float) -> float:
        """Returns how wide a text is at a size in pixels, which Dear PyGui tells too late."""
        return size * sum(map(_advance, text))

    def fitted(self, text: str, size: float, room: float) -> str:
        """Returns a text, its end left out where it is wider than `room` pixels."""
        taken, most = 0.0, room - self.width("…", size)
        kept = 0
        for number, letter in enumerate(text):
            taken += self.width(letter, size)
            if taken <= most:
                kept = number + 1
            elif taken > room:
                return text[:kept] + "…" if kept else ""
        return text

    def apply(self) -> None:
        """Gives the whole window its font and colours."""
        dpg.bind_font(self.font(self.text))
        dpg.bind_theme(self._window())

    def colour(self, signal: str) -> str:
        """Returns the colour of a signal type by its name."""
        return self.palette.signals.get(signal, self.palette.unknown)

    def theme(
        self,
        key: object,
        colours: Colours | None = None,
        sizes: Sizes | None = None,
        *,
        node_colours: Colours | None = None,
        node_sizes: Sizes | None = None,
    ) -> int:
        """Returns the theme known as `key`, made at the first call.

        Args:
            colours, sizes: of widgets, by Dear PyGui's constants.
            node_colours, node_sizes: of what the node editor draws.
        """
        if key not in self._themes:
            self._themes[key] = theme = dpg.add_theme()
            component = dpg.add_theme_component(dpg.mvAll, parent=theme)
            core, nodes = dpg.mvThemeCat_Core, dpg.mvThemeCat_Nodes
            for category, paints in ((core, colours or {}), (nodes, node_colours or {})):
                for target, value in paints.items():
                    dpg.add_theme_color(target, value, category=category, parent=component)
            for category, lengths in ((core, sizes or {}), (nodes, node_sizes or {})):
                for target, size in lengths.items():
                    dpg.add_theme_style(target, *size, category=category, parent=component)
        return self._themes[key]

    def _window(self) -> int:
        palette, px = self.palette, self.px
        colours: dict[int, str] = {}

        def paint(colour: str, *targets: int) -> None:
            colours.update(dict.fromkeys(targets, colour))

        paint(palette.panel, dpg.mvThemeCol_WindowBg, dpg.mvThemeCol_ChildBg)
        paint(palette.panel, dpg.mvThemeCol_PopupBg, dpg.mvThemeCol_MenuBarBg)
        paint(palette.ink, dpg.mvThemeCol_Text)
        paint(palette.faint, dpg.mvThemeCol_TextDisabled)
        paint(palette.outline, dpg.mvThemeCol_Border, dpg.mvThemeCol_Separator)
        paint(palette.field, dpg.mvThemeCol_FrameBg, dpg.mvThemeCol_ScrollbarBg)
        paint(palette.raised, dpg.mvThemeCol_Button, dpg.mvThemeCol_Header, dpg.mvThemeCol_Tab)
        paint(palette.raised, dpg.mvThemeCol_TitleBg, dpg.mvThemeCol_TitleBgActive)
        paint(palette.raised, dpg.mvThemeCol_ScrollbarGrab)
        hovered = blend(palette.raised, palette.accent, 0.35)
        paint(hovered, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_HeaderHovered)
        paint(hovered, dpg.mvThemeCol_TabHovered, dpg.mvThemeCol_ScrollbarGrabHovered)
        paint(blend(palette.field, palette.accent, 0.15), dpg.mvThemeCol_FrameBgHovered)
        paint(blend(palette.field, palette.accent, 0.25), dpg.mvThemeCol_FrameBgActive)
        # Text stands on these: its ink has 4.9 : 1 in the dark, 7 : 1 in the light.
        chosen = blend(palette.raised, palette.accent, 0.5)
        paint(chosen, dpg.mvThemeCol_ButtonActive, dpg.mvThemeCol_HeaderActive)
        paint(chosen, dpg.mvThemeCol_TabActive, dpg.mvThemeCol_TextSelectedBg)
        paint(palette.accent, dpg.mvThemeCol_CheckMark)
        paint(palette.accent, dpg.mvThemeCol_SliderGrab, dpg.mvThemeCol_SliderGrabActive)
        paint(palette.accent, dpg.mvThemeCol_PlotHistogram)
        paint(palette.accent, dpg.mvThemeCol_NavCursor)
        sizes: dict[int, tuple[float, ...]] = {
            dpg.mvStyleVar_FrameRounding: (px(4),),
            dpg.mvStyleVar_WindowRounding: (px(6),),
            dpg.mvStyleVar_ChildRounding: (0,),
            dpg.mvStyleVar_PopupRounding: (px(6),),
            dpg.mvStyleVar_GrabRounding: (px(4),),
            dpg.mvStyleVar_ScrollbarRounding: (px(4),),
            dpg.mvStyleVar_ScrollbarSize: (px(12),),
            dpg.mvStyleVar_FramePadding: (px(8), px(4)),
            dpg.mvStyleVar_ItemSpacing: (px(8), px(6)),
            dpg.mvStyleVar_WindowPadding: (px(8), px(8)),
            dpg.mvStyleVar_ChildBorderSize: (0,),
        }
        shades = {target: rgba(colour) for target, colour in colours.items()}
        return self.theme("window", shades, sizes)


@cache
def _advance(letter: str) -> float:
    """Returns how wide a letter is, as a part of the font's height."""
    font = _measured()
    return font.getlength(letter) / sum(font.getmetrics())


@cache
def _measured() -> ImageFont.FreeTypeFont:
    # Kerning, which Dear PyGui knows nothing of, is between letters: each is measured alone.
    return ImageFont.truetype(str(_font_file()), 1000, layout_engine=ImageFont.Layout.BASIC)


@cache
def _font_file() -> Path:
    """Returns DejaVu Sans, which matplotlib brings along; found without importing it."""
    found = importlib.util.find_spec("matplotlib")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
