"""OSC over real UDP: what arrives is played, what is wrong is answered, nothing stops it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from osc_rig import Instrument, Rig, message, packet
from pythonosc.osc_message import OscMessage

from engine.files import save_patch
from engine.osc import OscServer, destination
from engine.patch import Cable, Node, Patch
from tests.waiting import wait_until


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig() as made:
        yield made


class TestValues:
    def test_a_value_is_set_by_its_address(self, rig: Rig):
        rig.send("/hocket/set/filter/cutoff", 0.25)
        rig.send("/hocket/set/filter/text", "warm pad")
        rig.plays(("set", "filter", "cutoff", 0.25), ("set", "filter", "text", "warm pad"))

    def test_a_switch_takes_0_and_1_and_a_control_takes_true_and_false(self, rig: Rig):
        for value in (1.0, 0, True, False):
            rig.send("/hocket/set/filter/on", value)
        for value in (True, False):
            rig.send("/hocket/set/filter/cutoff", value)
        switched = [("set", "filter", "on", value) for value in (True, False, True, False)]
        turned = [("set", "filter", "cutoff", value) for value in (1.0, 0.0)]
        rig.plays(*switched, *turned)

    @pytest.mark.parametrize(
        ("address", "values", "words"),
        [
            ("filter/cutoff", [9.0], "filter.cutoff: 9.0 is outside 0..1"),
            ("filter/cutoff", [1.5], "filter.cutoff: 1.5 is outside 0..1"),
            ("filter/on", [0.5], "filter.on: 0.5 is not true or false"),
            ("gone/cutoff", [0.5], "gone.cutoff: is no value of a running node"),
            ("gone/cutoff", [1.0], "gone.cutoff: is no value of a running node"),
            ("filter/broken", [0.5], "RuntimeError: no such luck"),
            ("filter", [0.5], "takes one value, as in /hocket/set/NODE/INLET 0.5"),
            ("filter/cutoff/x", [0.5], "takes one value"),
            ("filter/cutoff", [], "takes one value"),
            ("filter/cutoff", [0.5, 0.6], "takes one value"),
            ("filter/cutoff", [None], "takes one value"),
        ],
    )
    def test_what_is_refused_is_answered_and_said(self, rig: Rig, address, values, words):
        rig.send(f"/hocket/set/{address}", *values)
        assert words in rig.answer()
        assert [words in each for each in rig.said] == [True]
        assert rig.said[0].startswith(f"OSC: /hocket/set/{address}")
        rig.plays()

    def test_a_value_that_has_to_wait_holds_up_no_note_and_no_panic(self, rig: Rig):
        rig.played.free.clear()
        rig.send("/hocket/set/filter/slow", 0.5)
        rig.send("/hocket/set/filter/cutoff", 0.25)
        rig.send("/hocket/panic")
        wait_until(lambda: rig.played.done == [("panic",)])
        rig.played.free.set()
        rig.plays(("set", "filter", "slow", 0.5), ("set", "filter", "cutoff", 0.25), ("panic",))

    def test_of_values_that_have_to_wait_there_are_only_so_many(self, rig: Rig):
        rig.played.free.clear()
        rig.send("/hocket/set/filter/slow", 0.5)
        while not rig.said:
            rig.send("/hocket/set/filter/cutoff", 0.25)
        assert "1,024 values wait to be set already; the engine is busy" in rig.answer()
        rig.played.free.set()
        wait_until(lambda: len(rig.played.done) >= 1025)


class TestPlaying:
    def test_notes_and_controllers(self, rig: Rig):
        rig.send("/hocket/note", 60, 100)
        rig.send("/hocket/note", 60.0, 99.6, 16)
        rig.send("/hocket/note", 60, 0)
        rig.send("/hocket/cc", 1, 127)
        rig.send("/hocket/cc", 64, 0, 10)
        rig.plays(
            message("note_on", note=60, velocity=100),
            message("note_on", note=60, velocity=100, channel=15),
            message("note_off", note=60, velocity=0),
            message("control_change", control=1, value=127),
            message("control_change", control=64, value=0, channel=9),
        )

    def test_the_transport_and_panic(self, rig: Rig):
        rig.send("/hocket/transport/play")
        rig.send("/hocket/transport/tempo", 90)
        rig.send("/hocket/transport/locate", 16.0)
        rig.send("/hocket/transport/tap")
        rig.send("/hocket/transport/stop")
        rig.send("/hocket/panic")
        rig.plays(("start",), ("tempo", 90.0), ("locate", 16.0), ("tap",), ("stop",), ("panic",))

    def test_a_button_counts_when_it_goes_down_not_when_it_is_let_go_of(self, rig: Rig):
        for value in (1.0, 0.0, True, False, 127, 0, None):
            rig.send("/hocket/panic", value)
        rig.plays(*[("panic",)] * 4)

    @pytest.mark.parametrize(
        ("address", "values", "words"),
        [
            ("note", [60], "takes pitch, velocity, channel; there are 1 arguments"),
            ("note", [128, 1], "pitch 128 is outside 0..127"),
            ("note", [60, -1], "velocity -1 is outside 0..127"),
            ("note", [60, 1, 0], "channel 0 is outside 1..16"),
            ("note", ["c4", 1], "'c4' is not a number"),
            ("note", [float("nan"), 1], "nan is not a finite number"),
            ("cc", [64, 200], "value 200 is outside 0..127"),
            ("transport/tempo", [1e9], "tempo 1e+09 is outside 20..400"),
            ("transport/tempo", [float("inf")], "inf is not a finite number"),
            ("transport/tempo", [], "takes tempo; there are 0 arguments"),
            ("transport/locate", [-1.0], "beat -1 is outside 0..1e+06"),
            ("quit", [], "is not known; legal are /hocket/set/NODE/INLET, /hocket/note"),
            ("load", ["/etc/passwd"], "is not known"),
        ],
    )
    def test_what_is_refused_is_answered(self, rig: Rig, address, values, words):
        rig.send(f"/hocket/{address}", *values)
        assert words in rig.answer()
        rig.plays()


class TestControls:
    def test_the_latest_numbers_are_kept_for_the_patch(self, rig: Rig):
        assert dict(rig.osc.values()) == {}
        rig.send("/1/xy", 0.25, 3)
        rig.hears("/1/xy", 0.25, 3.0)
        before = rig.osc.values()
        assert rig.osc.values() is before
        rig.send("/1/xy", 0.5, True)
        rig.send("/bang")
        rig.hears("/bang")
        assert dict(rig.osc.values()) == {"/1/xy": (0.5, 1.0), "/bang": ()}
        assert dict(before) == {"/1/xy": (0.25, 3.0)}
        with pytest.raises(TypeError):
            before["/1/xy"] = ()  # type: ignore[index]

    def test_what_hocket_itself_reads_is_not_kept(self, rig: Rig):
        rig.send("/hocket/note", 60, 1)
        rig.send("/x", 1)
        rig.hears("/x", 1.0)
        assert list(rig.osc.values()) == ["/x"]

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), "text", None])
    def test_what_is_no_number_leaves_the_last_one(self, rig: Rig, value):
        rig.send("/x", 0.5)
        rig.send("/x", value)
        assert "is not a" in rig.answer()
        assert rig.osc.values()["/x"] == (0.5,)

    @pytest.mark.parametrize("address", ["/" + "x" * 256, "/*", "/a b", "/{a,b}"])
    def test_what_is_no_address_is_refused(self, rig: Rig, address):
        rig.send(address, 0.5)
        assert "is no address" in rig.answer()
        assert dict(rig.osc.values()) == {}

    def test_the_addresses_heard_least_lately_are_forgotten(self, rig: Rig):
        rig.send("/first", 1)
        rig.send("/kept", 1)
        for number in range(254):
            rig.send(f"/{number}", number)
        rig.send("/kept", 2)
        rig.send("/new", 3)
        rig.hears("/new", 3.0)
        assert len(rig.osc.values()) == 256
        assert rig.osc.values()["/kept"] == (2.0,)
        assert "/first" not in rig.osc.values()


class TestSending:
    def test_what_is_sent_arrives(self, rig: Rig):
        to = destination(f"localhost:{rig.socket.getsockname()[1]}")
        assert to[0] == "127.0.0.1"
        rig.osc.send(to, "/light/1", [0.5, 2.0])
        rig.osc.send(to, "/bang", [])
        first, second = (OscMessage(rig.socket.recv(4096)) for _ in range(2))
        assert (first.address, first.params) == ("/light/1", [0.5, 2.0])
        assert (second.address, second.params) == ("/bang", [])

    @pytest.mark.parametrize(
        ("to", "values"),
        [(("127.0.0.1", 9), [1e300]), (("255.255.255.255", 9), [1.0])],
    )
    def test_what_cannot_leave_is_said_once(self, rig: Rig, to, values):
        for _ in range(100):
            rig.osc.send(to, "/x", values)
        assert 1 <= len(rig.said) < 100
        assert rig.said[0].startswith(f"OSC: cannot send /x to {to[0]}:9 (")

    def test_nobody_listening_is_no_fault(self, rig: Rig):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            port = gone.getsockname()[1]
        for _ in range(100):
            rig.osc.send(("127.0.0.1", port), "/x", [1.0])
        assert rig.said == []

    @pytest.mark.parametrize(
        "where", ["", "9000", "localhost", "a:", "a:0", "a:65536", "a:²", ":9"]
    )
    def test_where_to_is_host_and_port(self, where):
        with pytest.raises(ValueError, match=re.escape(f"{where!r} is not HOST:PORT")):
            destination(where)

    def test_a_name_nobody_knows(self):
        with pytest.raises(ValueError, match=r"'no\.\.host' is not known on this network"):
            destination("no..host:9000")


class TestPort:
    def test_a_port_that_is_taken_is_said_and_had_once_it_is_free(self, rig: Rig):
        said: list[str] = []
        port = rig.osc.port
        assert port
        second = OscServer(rig.played, port=port, on_event=said.append)
        wait_until(lambda: bool(said))
        assert said[0].startswith(f"OSC: cannot listen at 127.0.0.1:{port} (")
        assert second.port is None
        second.send(("127.0.0.1", port), "/x", [1.0])
        rig.hears("/x", 1.0)
        rig.osc.close()
        wait_until(lambda: len(said) == 2)
        assert said[1] == f"OSC: listening at 127.0.0.1:{port}"
        rig.send("/hocket/panic")
        wait_until(lambda: rig.played.done == [("panic",)])
        second.close()

    @pytest.mark.parametrize(("host", "port"), [("203.0.113.1", 0), ("127.0.0.1", 70_000)])
    def test_a_place_that_is_not_here_is_said_once(self, host, port):
        said: list[str] = []
        osc = OscServer(Instrument(), host=host, port=port, on_event=said.append)
        wait_until(lambda: bool(said))
        osc.close()
        assert osc.port is None
        assert len(said) == 1
        assert said[0].startswith(f"OSC: cannot listen at {host}:{port} (")

    def test_it_hears_this_computer_only(self, rig: Rig):
        """Row 23: 127.0.0.1 and no other address, unless opened on purpose."""
        assert rig.osc.port
        with suppress(OSError):  # a system that has no such address
            rig.socket.sendto(packet("/hocket/panic"), ("127.0.0.2", rig.osc.port))
        rig.plays()

    def test_opened_to_the_network_it_says_so(self, rig: Rig):
        open_ = OscServer(rig.played, host="0.0.0.0", port=0, on_event=rig.said.append)
        words = f"OSC: listening at 0.0.0.0:{open_.port}; whoever reaches it can play along"
        wait_until(lambda: rig.said == [words])
        rig.socket.sendto(packet("/hocket/panic"), ("127.0.0.1", open_.port or 0))
        wait_until(lambda: rig.played.done == [("panic",)])
        open_.close()

    def test_closing_frees_the_port(self, rig: Rig):
        rig.osc.close()
        again = OscServer(Instrument(), port=rig.osc.port or 0, on_event=rig.said.append)
        assert again.port == rig.osc.port
        again.close()


class Playing:
    """`hocket run` in a process of its own, spoken to by OSC."""

    def __init__(self, folder: Path) -> None:
        patch = Patch(
            nodes={
                "fader": Node("control.osc", values={"address": "/fader", "high": 9.0}),
                "double": Node("control.math", values={"operation": "multiply", "b": 2.0}),
                "beat": Node("control.beat"),
                "light": Node("osc.send", values={"address": "/light"}),
                "count": Node("osc.send", values={"address": "/beat"}),
            },
            cables=(
                Cable.between("fader.control", "double.a"),
                Cable.between("double.control", "light.control1"),
                Cable.between("beat.number", "count.control1"),
            ),
        )
        save_patch(patch, folder / "answering.hocket")
        self.light = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.light.bind(("127.0.0.1", 0))
        self.light.settimeout(0.2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        command = f"run {folder}/answering.hocket --osc 127.0.0.1:{self.port}"
        command += f" --osc-to localhost:{self.light.getsockname()[1]}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "patcher.cli", *command.split(" ")],
            env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
            stderr=subprocess.DEVNULL,
        )

    def send(self, address: str, *values: object) -> None:
        self.light.sendto(packet(address, *values), ("127.0.0.1", self.port))

    def heard(self, address: str, number: float) -> bool:
        """Whether the next that is sent out is this number."""
        with suppress(TimeoutError, ConnectionError):
            message = OscMessage(self.light.recv(4096))
            return (message.address, message.params) == (address, [number])
        return False

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.light.close()


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Playing]:
    tmp_path.chmod(0o700)
    made = Playing(tmp_path)
    yield made
    made.close()


def test_a_patch_that_plays_hears_osc_and_answers(playing: Playing):
    wait_until(lambda: playing.heard("/light", 0.0))
    playing.send("/fader", 0.25)
    wait_until(lambda: playing.heard("/light", 0.5))
    playing.send("/hocket/set/double/b", 4.0)
    wait_until(lambda: playing.heard("/light", 1.0))
    playing.send("/hocket/transport/stop")
    playing.send("/hocket/transport/locate", 640.5)
    wait_until(lambda: playing.heard("/beat", 640.0))
    playing.send("/hocket/set/double/b", float("nan"))
    playing.send("/fader", float("nan"))
    playing.send("/fader", 8)
    wait_until(lambda: playing.heard("/light", 32.0))
    assert playing.process.poll() is None
