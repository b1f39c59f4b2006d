"""How the canvas looks at a zoom: its grid, nodes, ports and cables, and the overview map."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from patcher.ui.colours import CLEAR, rgba
from patcher.ui.look import Look

CLOSEST = 16
"""Pixels between two lines of the grid."""


def canvas_theme(look: Look, zoom: float, thickness: float) -> int:
    """Returns the theme of the canvas.

    Args:
        zoom: pixels of the screen for one of the patch.
        thickness: of cables, in pixels of the screen.
    """
    palette = look.palette
    return look.theme(
        ("canvas", zoom),
        {dpg.mvThemeCol_ChildBg: CLEAR},
        {
            dpg.mvStyleVar_ItemSpacing: (4 * zoom, 4 * zoom),
            dpg.mvStyleVar_FramePadding: (4 * zoom, 3 * zoom),
            dpg.mvStyleVar_FrameRounding: (4 * zoom,),
        },
        node_colours={
            dpg.mvNodeCol_GridBackground: CLEAR,
            dpg.mvNodeCol_GridLine: rgba(palette.outline, 40),
            dpg.mvNodesCol_GridLinePrimary: rgba(palette.outline, 40),
            dpg.mvNodeCol_NodeBackground: rgba(palette.panel),
            dpg.mvNodeCol_NodeBackgroundHovered: rgba(palette.panel),
            dpg.mvNodeCol_NodeBackgroundSelected: rgba(palette.panel),
            # Boxes and cables that are being drawn are the gestures' to show.
            dpg.mvNodeCol_BoxSelector: CLEAR,
            dpg.mvNodeCol_BoxSelectorOutline: CLEAR,
            dpg.mvNodeCol_Link: CLEAR,
            dpg.mvNodesCol_MiniMapBackground: rgba(palette.panel, 200),
            dpg.mvNodesCol_MiniMapBackgroundHovered: rgba(palette.panel, 240),
            dpg.mvNodesCol_MiniMapOutline: rgba(palette.outline),
            dpg.mvNodesCol_MiniMapCanvas: rgba(palette.ink, 20),
            dpg.mvNodesCol_MiniMapCanvasOutline: rgba(palette.outline),
            dpg.mvNodesCol_MiniMapNodeBackground: rgba(palette.outline),
            dpg.mvNodesCol_MiniMapNodeBackgroundHovered: rgba(palette.outline),
            dpg.mvNodesCol_MiniMapNodeBackgroundSelected: rgba(palette.outline),
            dpg.mvNodesCol_MiniMapNodeOutline: CLEAR,
            dpg.mvNodesCol_MiniMapLink: rgba(palette.faint, 120),
            dpg.mvNodesCol_MiniMapLinkSelected: rgba(palette.faint, 120),
        },
        node_sizes={
            dpg.mvNodeStyleVar_NodePadding: (8 * zoom, 6 * zoom),
            dpg.mvNodeStyleVar_NodeCornerRounding: (5 * zoom,),
            dpg.mvNodeStyleVar_PinCircleRadius: (5 * zoom,),
            dpg.mvNodeStyleVar_PinHoverRadius: (max(11 * zoom, 8),),
            dpg.mvNodeStyleVar_LinkThickness: (thickness,),
            dpg.mvNodeStyleVar_LinkHoverDistance: (max(8 * zoom, 6),),
            dpg.mvNodeStyleVar_GridSpacing: (grid_spacing(zoom),),
        },
    )


def grid_spacing(zoom: float) -> float:
    """Returns the pixels between two lines of the grid; fewer are drawn where all lie too close."""
    spacing = 24 * zoom
    while spacing < CLOSEST:
        spacing *= 2
    return spacing
