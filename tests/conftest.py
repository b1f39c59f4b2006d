"""What all tests share: golden files, an empty table of node types, a tiny model, no clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from engine import node
from engine.nodetype import NodeType
from tests.editor_rig import Window
from tests.jack import MISSING, Jack
from tests.mrt2_tiny import NAME, tiny_model, write_checkpoint
from tests.serving import short_folder

GOLDEN = Path(__file__).parent / "golden"

# No test goes by the models that happen to lie on a machine.
os.environ["MAGENTA_HOME"] = str(Path(__file__).parent.parent / "out" / "no_models")

settings.register_profile("hocket", deadline=None)
settings.load_profile("hocket")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write what the tests see into tests/golden instead of comparing; read the diff then",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what plays through a sound server as live."""
    for item in items:
        if "jack" in getattr(item, "fixturenames", ()):
            item.add_marker("live")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with the file of this name in tests/golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, NodeType]:
    """An empty table of declarations for one test; what it declares does not stay."""
    empty: dict[str, NodeType] = {}
    monkeypatch.setattr(node, "DECLARED", empty)
    return empty


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder for one test, which child processes have too."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "hocket"


@pytest.fixture(scope="session")
def jack() -> Iterator[Jack]:
    """A sound server for the whole run; who kills it starts it again (`tests/jack.py`)."""
    if MISSING:
        pytest.skip(MISSING)
    with Jack() as server:
        yield server


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a tiny MRT2 model's weights, which the library knows for the tests of a file."""
    path = tmp_path_factory.mktemp("magenta") / f"{NAME}.safetensors"
    with tiny_model():
        write_checkpoint(path)
        yield path


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for what a program keeps, whose path is short enough for a socket in it."""
    with short_folder() as folder:
        folder.mkdir()
        yield folder


@pytest.fixture(scope="module")
def shared() -> Iterator[Window]:
    """A window without an engine for the tests of a file, each of which begins with its patch."""
    with short_folder() as folder:
        folder.mkdir()
        with Window(folder, alone=True) as window:
            yield window
