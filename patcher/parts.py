"""The parts of the window beside the canvas, in the order in which they lie."""

from __future__ import annotations

from collections.abc import Callable

from patcher.canvas import Canvas
from patcher.editing.editor import Editor
from patcher.panels.banner import Banner
from patcher.panels.browser import Browser
from patcher.panels.commands import Commands
from patcher.panels.devices import Devices
from patcher.panels.engine_bar import EngineBar
from patcher.panels.hover import Hover
from patcher.panels.inspector import Inspector
from patcher.panels.library import Library
from patcher.panels.log import Log
from patcher.panels.mappings import Mappings
from patcher.panels.music import Music
from patcher.panels.node_times import NodeTimes
from patcher.panels.panel import Panel
from patcher.panels.perform import Perform
from patcher.panels.piano import Piano
from patcher.panels.scenes import Scenes
from patcher.panels.shortcuts import Shortcuts
from patcher.panels.status import Status
from patcher.panels.transport import Transport
from patcher.panels.values import Values
from patcher.panels.welcome import Welcome

PARTS: tuple[Callable[[Editor, Canvas], Panel], ...] = (
    Values,
    Transport,
    Banner,
    Library,
    Piano,
    Inspector,
    Scenes,
    Music,
    Mappings,
    Log,
    Status,
    EngineBar,
    NodeTimes,
    Devices,
    Perform,
    Hover,
    Shortcuts,
    Commands,
    Browser,
    Welcome,
)
