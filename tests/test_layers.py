"""Imports go one way, heavy libraries stay where they belong, and one line is executed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path for top in ("engine", "nodes", "patcher") for path in (ROOT / top).rglob("*.py")
)
HEAVY = {"jax", "jaxlib", "mlx", "magenta_rt", "sequence_layers"}

PUT_TOGETHER = {"app", "cli", "parts", "regions"}
ABOVE = {
    "ui": {"editing", "widgets", "canvas", "panels", "terminal", "document", *PUT_TOGETHER},
    "editing": {"widgets", "canvas", "panels", "terminal", *PUT_TOGETHER},
    "widgets": {"canvas", "panels", "terminal", *PUT_TOGETHER},
    "panels": {"terminal", *PUT_TOGETHER},
    "terminal": {"widgets", "canvas", "panels", "cli", "parts", "regions"},
}
"""For each folder of the patcher what its files may not import."""

every_file = pytest.mark.parametrize(
    "path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES]
)


def imported(path: Path) -> Iterator[str]:
    """Yields every module a file imports, wherever in it, by `import_module` too."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            yield f"{above}.{node.module or ''}".strip(".")
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            yield from (each.value for each in node.args if isinstance(each, ast.Constant))


def called(node: ast.Call) -> str:
    """The name a call calls by, without what stands before a dot."""
    return getattr(node.func, "id", None) or getattr(node.func, "attr", "")


def tops(path: Path) -> set[str]:
    return {str(name).partition(".")[0] for name in imported(path)}


def inside(path: Path, *folders: str) -> bool:
    return any(path.is_relative_to(ROOT / folder) for folder in folders)


def test_there_is_something_to_look_at():
    assert len([path for path in FILES if inside(path, "engine")]) > 15
    assert ROOT / "nodes" / "__init__.py" in FILES
    assert "engine" in tops(ROOT / "engine" / "plan.py")


@every_file
def test_imports_go_one_way(path):
    """patcher → engine, nodes → engine; the nodes come to the engine through entry points."""
    if inside(path, "engine"):
        assert not tops(path) & {"nodes", "patcher"}
    if inside(path, "nodes"):
        assert "patcher" not in tops(path)
    if inside(path, "patcher"):
        assert "nodes" not in tops(path)


@every_file
def test_the_patcher_is_built_in_layers(path):
    """What is shown by rests on what is known, and neither knows the panels or the terminal."""
    for layer, above in ABOVE.items():
        if inside(path, f"patcher/{layer}"):
            known = {".".join(str(name).split(".")[:2]) for name in imported(path)}
            assert not known & {f"patcher.{each}" for each in above}


@every_file
def test_nothing_shipped_imports_the_tests(path):
    assert not tops(path) & {"tests", "bench", "pytest", "hypothesis", "toys"}


@every_file
def test_only_the_patcher_knows_the_window(path):
    assert inside(path, "patcher") or "dearpygui" not in tops(path)


@every_file
def test_only_generators_and_styles_know_the_models(path):
    assert inside(path, "engine/generators", "engine/style") or not tops(path) & HEAVY


@every_file
def test_mlx_is_had_where_its_first_streams_are_made(path):
    if path != ROOT / "engine" / "generators" / "mlx_streams.py":
        assert "mlx.core" not in set(imported(path))


@every_file
def test_only_the_plan_executes_source(path):
    calls = [
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    allowed = ["exec"] if path == ROOT / "engine" / "plan.py" else []
    assert [name for name in calls if name in ("exec", "eval")] == allowed


def loaded_by(code: str) -> set[str]:
    """Runs `code` in a new Python and returns the top-level modules that are loaded then."""
    code += "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return set(found.stdout.split())


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("engine.client", {"numpy", "jax", "mido", "networkx", "asyncio"}),
        ("patcher.cli", {"numpy", "jax", "matplotlib", "networkx", "rich", "engine"}),
        ("patcher.terminal.attach", {"engine", "rich"}),
        ("engine.generators.sketch.host", HEAVY),
    ],
)
def test_what_is_to_start_at_once_loads_nothing_heavy(module, heavy):
    assert not loaded_by(f"import {module}") & heavy


def test_compiling_a_patch_loads_no_model_and_no_window():
    """The editor starts without them; a model is loaded when one of its kind is opened."""
    loaded = loaded_by(
        "from engine.registry import load_registry; from engine.compiler import compile_patch;"
        "from engine.player import Player; from engine.patch import Patch;"
        "compile_patch(Patch(), load_registry())"
    )
    assert {"engine", "nodes"} <= loaded
    assert not loaded & {*HEAVY, "dearpygui", "matplotlib"}


def test_an_engine_that_waits_for_a_patch_loads_no_model():
    loaded = loaded_by(
        "from engine.registry import load_registry;"
        "from engine.session import Options, Session; import patcher.terminal.run;"
        "session = Session(load_registry(), Options(osc=None)); session.start(); session.close()"
    )
    assert not loaded & {*HEAVY, "dearpygui", "matplotlib"}


IMPORT_EACH_FIRST = """
import importlib, sys

for name in sys.argv[1:]:
    for loaded in [each for each in sys.modules if each.split(".")[0] in ("engine", "patcher")]:
        del sys.modules[loaded]
    importlib.import_module(name)
"""


def test_every_module_of_the_engine_and_the_command_line_can_be_the_first_that_is_imported():
    """A command may need any of them alone: two that need each other are seen only then."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in FILES
        if inside(path, "engine", "patcher/terminal")
    ]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EACH_FIRST, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
