"""Node types and reports in words and as JSON."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.nodetype import NodeType
from engine.ports import Inlet, Setting
from engine.registry import Registry
from engine.render import Report

WIDTH = 78


def select(registry: Registry, name: str | None) -> list[NodeType]:
    """Returns all node types, those of a family, or the one of this name or former name."""
    if name is None:
        return list(registry.types.values())
    one = registry.find(name)
    return [one] if one else [each for each in registry.types.values() if each.family == name]


def table(types: Iterable[NodeType]) -> str:
    """Returns a line for each type, a blank line between families."""
    types = list(types)
    width = max(len(each.name) for each in types)
    lines = []
    family = types[0].family
    for each in types:
        if each.family != family:
            lines.append("")
            family = each.family
        lines.append(f"{each.name:{width}}  {each.summary}")
    return "\n".join(lines)


def page(declared: NodeType) -> str:
    """Returns all there is to know of a node type, to read in a terminal."""
    parts = [declared.name, "", declared.help]
    inlets = [*_inlet_rows(declared.inlets, "")]
    if declared.group:
        inlets += _inlet_rows(declared.group.fields, "1…")
    outlets = [(each.name, each.signal.name, each.help) for each in declared.outlets]
    settings = [(each.name, _setting_words(each), each.help) for each in declared.settings]
    for title, rows in (("inlets", inlets), ("settings", settings), ("outlets", outlets)):
        if rows:
            parts += ["", title, *_aligned(rows)]
    return "\n".join(parts)


def _inlet_rows(inlets: Iterable[Inlet], number: str) -> Iterator[tuple[str, str, str]]:
    for each in inlets:
        words = each.signal.name
        if each.range:
            words += f" {each.range}"
        if each.signal.valued:
            words += f", {_plain(each.default)}"
        if each.late:
            words += ", read for the next frame"
        yield each.name + number, words, each.help


def _setting_words(setting: Setting) -> str:
    if setting.asset:
        return setting.legal
    return f"{setting.legal}, {_plain(setting.default)}"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _aligned(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    """Yields rows as two columns, the help wrapped below."""
    width = max(len(name) for name, _, _ in rows)
    for name, words, help_ in rows:
        yield f"  {name:{width}}  {words}"
        indent = " " * (width + 4)
        yield from textwrap.wrap(help_, WIDTH, initial_indent=indent, subsequent_indent=indent)


def as_json(declared: NodeType) -> dict[str, Any]:
    """Returns all there is to know of a node type, as JSON has it."""
    return {
        "name": declared.name,
        "role": declared.role,
        "summary": declared.summary,
        "help": declared.help,
        "memory": declared.has_memory,
        "inlets": [_inlet_json(each) for each in declared.inlets],
        "group": [_inlet_json(each) for each in declared.group.fields] if declared.group else [],
        "settings": [_setting_json(each) for each in declared.settings],
        "outlets": [
            {"name": each.name, "signal": each.signal.name, "help": each.help}
            for each in declared.outlets
        ],
    }


def _inlet_json(inlet: Inlet) -> dict[str, Any]:
    found: dict[str, Any] = {"name": inlet.name, "signal": inlet.signal.name, "help": inlet.help}
    if inlet.signal.valued:
        found["default"] = inlet.default
    if inlet.late:
        found["late"] = True
    return found | _range_json(inlet)


def _setting_json(setting: Setting) -> dict[str, Any]:
    kind = "file" if setting.asset else setting.kind.__name__
    found: dict[str, Any] = {"name": setting.name, "kind": kind, "help": setting.help}
    found["default"] = setting.default
    if setting.choices:
        found["choices"] = list(setting.choices)
    if setting.asset:
        found["suffixes"] = list(setting.asset.suffixes)
    return found | _range_json(setting)


def _range_json(port: Inlet | Setting) -> dict[str, Any]:
    if port.range is None:
        return {}
    return {"range": [port.range.low, port.range.high], "unit": port.range.unit}


def report_line(report: Report) -> str:
    """Returns a render's report in one line."""
    level = "silence" if report.first_sound is None else f"peak {report.peak:.1f} dB"
    line = f"{report.seconds:.1f} s, {level}, rendered at {report.speed:.0f} times real time"
    if report.stand_ins:
        line += f"; played by the {' and '.join(report.stand_ins)}, a stand-in for a real model"
    if report.peak > 0:
        line += "; it clips: turn something down, or end in audio.limiter"
    return line


def report_json(report: Report, files: Iterable[Path]) -> dict[str, Any]:
    """Returns a render's report as JSON has it; null stands for the level of silence."""
    return {
        "files": [str(path) for path in files],
        "seconds": report.seconds,
        "frames": report.frames,
        "peak_db": _finite(report.peak),
        "level_db": _finite(report.level),
        "first_sound_s": report.first_sound,
        "took_s": round(report.took, 3),
        "speed": round(report.speed, 2),
        "stand_ins": list(report.stand_ins),
    }


def _finite(level: float) -> float | None:
    return round(level, 2) if math.isfinite(level) else None
