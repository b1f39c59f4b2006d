"""Node packages: each comes through its entry point, and a broken one hurts nobody else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from toys import TOYS

from engine.nodetype import NodeType
from engine.registry import GROUP, Fault, Registry, discover, load_registry

HEAD = "from engine.node import node\nfrom engine.signals import Control\n"


def source(name: str, more: str = "") -> str:
    """The source of a module that declares the node type `name`."""
    return f'{HEAD}@node("{name}"{more})\ndef toy() -> Control:\n    """A toy."""\n    return 0.0\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: dict[str, NodeType]):
    """Writes a module that can be imported in this test, and returns its entry point."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules = set(sys.modules)

    def write(name: str, text: str, value: str | None = None) -> EntryPoint:
        path = tmp_path / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return EntryPoint(name, value or name, GROUP)

    yield write
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


Package = Callable[..., EntryPoint]


def test_what_packages_declare_is_there_by_name_and_in_order(package: Package):
    registry = discover([package("zoo", source("zoo.ant")), package("art", source("art.ink"))])
    assert list(registry.types) == ["art.ink", "zoo.ant"]
    assert registry.find("zoo.ant").summary == "A toy."
    assert registry.find("zoo.bee") is None
    assert registry.faults == ()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("raise RuntimeError('no card')", "RuntimeError: no card"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("def", "SyntaxError: invalid syntax"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise BaseException('any')", "BaseException: any"),
        ("@node('bad.toy')\ndef f(x) -> Control: 'A toy.'", "x has no type"),
    ],
)
def test_a_package_that_fails_is_listed_and_the_others_load(package: Package, fault, words):
    """Row 24 of the faults: raises, exits, declares wrongly."""
    good = package("good", source("good.toy"))
    bad = package("bad", source("bad.first") + fault + "\n")
    late = package("late", source("late.toy"))
    registry = discover([late, bad, good])
    assert list(registry.types) == ["good.toy", "late.toy"]
    assert [each.package for each in registry.faults] == ["bad"]
    assert words in registry.faults[0].error


def test_a_package_that_hangs_is_listed_and_the_others_load(package: Package):
    """Row 24: it is not waited for, and what it declares once it goes on comes too late."""
    end = f"import threading\nGATE = threading.Event()\nGATE.wait()\n{source('hung.late')}"
    hung = package("hung", source("hung.first") + end)
    registry = discover([package("last", source("last.toy")), hung], limit=3.0)
    assert list(registry.types) == ["last.toy"]
    words = "TimeoutError: still importing after 3 s, so it was left out"
    assert registry.faults == (Fault("hung", words),)
    sys.modules["hung"].GATE.set()
    for thread in threading.enumerate():
        if thread.name == "import of hung":
            thread.join()
    assert list(registry.types) == ["last.toy"]


def test_our_own_may_take_as_long_as_they_need(package: Package):
    ours = package("ours", source("ours.toy") + "import time\ntime.sleep(0.5)")
    registry = discover([EntryPoint("builtin", ours.value, GROUP)], limit=0.1)
    assert list(registry.types) == ["ours.toy"]
    assert registry.faults == ()


def test_ctrl_c_is_no_fault_of_a_package(package: Package):
    with pytest.raises(KeyboardInterrupt):
        discover([package("bad", "raise KeyboardInterrupt")])


def test_a_package_that_is_not_there_is_listed(declared):
    registry = discover([EntryPoint("gone", "gone_away.nodes", GROUP)])
    assert registry.faults == (Fault("gone", "ModuleNotFoundError: No module named 'gone_away'"),)


def test_a_package_that_names_what_it_lacks_adds_nothing(package: Package):
    registry = discover([package("half", source("half.toy"), "half:absent")])
    assert list(registry.types) == []
    words = "AttributeError: module 'half' has no attribute 'absent'"
    assert registry.faults == (Fault("half", words),)


def test_nobody_takes_a_name_of_ours(package: Package, tmp_path):
    """Row 24: the built-in types come first, whatever the order and the names of the packages."""
    mine = package("aaa", source("aaa.toy") + source("control.lfo").removeprefix(HEAD))
    ours = EntryPoint("builtin", package("ours", source("control.lfo")).value, GROUP)
    registry = discover([mine, ours])
    assert list(registry.types) == ["control.lfo"]
    assert registry.find("control.lfo").make.__module__ == "ours"
    error = registry.faults[0].error
    assert registry.faults[0].package == "aaa"
    assert error.startswith("NodeError: control.lfo is declared twice: at ")
    assert str(tmp_path / "ours.py") + ":" in error
    assert str(tmp_path / "aaa.py") + ":" in error


def test_nobody_takes_a_former_name_of_ours(package: Package):
    lfo = package("ours", source("control.lfo", ", aliases=('control.wave',)"))
    ours = EntryPoint("builtin", lfo.value, GROUP)
    present = package("present", source("control.wave"))
    former = package("former", source("former.toy", ", aliases=('control.lfo',)"))
    registry = discover([present, former, ours])
    assert list(registry.types) == ["control.lfo"]
    assert registry.find("control.wave") is registry.find("control.lfo")
    assert [(each.package, each.error.partition(" is ")[0]) for each in registry.faults] == [
        ("former", "NodeError: control.lfo"),
        ("present", "NodeError: control.wave"),
    ]


def test_a_failing_package_takes_only_its_own_types_along(package: Package):
    """A failing package may have imported a good one, which is imported but once."""
    package("bad.part", source("bad.part"))
    bad = package("bad.__init__", "import bad.part, good\nraise ValueError('late')", "bad")
    good = package("good", source("good.toy"))
    registry = discover([bad, good])
    assert list(registry.types) == ["good.toy"]
    assert [each.error for each in registry.faults] == ["ValueError: late"]


def test_a_fault_within_another_package_takes_that_one_along(package: Package):
    package("worse", source("worse.toy") + "raise ValueError('worse')")
    bad = package("bad", "import worse")
    registry = discover([bad, package("good", source("good.toy"))])
    assert list(registry.types) == ["good.toy"]
    assert registry.faults == (Fault("bad", "ValueError: worse"),)


def test_names_that_may_have_been_meant():
    assert TOYS.near("control.ad")[0] == "control.add"
    assert TOYS.near("audio.gian")[0] == "audio.gain"
    assert len(TOYS.near("notes.mege")) <= 3
    assert TOYS.near("xyzzy") == []


def test_a_registry_tells_present_names_from_former_ones():
    lag = TOYS.types["control.add"]
    registry = Registry.of({"control.sum": lag, "control.add": lag}, [Fault("bad", "why")])
    assert list(registry.types) == ["control.add"]
    assert list(registry.aliases) == ["control.sum"]
    assert registry.find("control.sum") is lag
    assert registry.faults == (Fault("bad", "why"),)


def test_the_installed_types_are_loaded_once_and_without_a_fault():
    assert load_registry() is load_registry()
    assert load_registry().faults == ()
