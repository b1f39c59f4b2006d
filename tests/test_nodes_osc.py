"""OSC nodes: a fader on the network turns a control, and a control leaves when it changes."""

from __future__ import annotations

import math

import pytest

from engine.compiler import compile_patch
from engine.frame import Frame
from engine.node import SentOsc
from engine.patch import Cable, Node, Patch
from engine.registry import load_registry
from nodes.osc import Received, Send


class TestReceived:
    def hears(self, frames, **settings):
        node = Received()
        return [node(frame=Frame(osc=osc), **settings) for osc in frames]

    def test_it_follows_its_address_and_keeps_the_last_number(self):
        frames = [{}, {"/a": (0.5,)}, {"/b": (0.9,)}, {"/a": (0.25,)}, {}]
        assert self.hears(frames, address="/a", initial=0.1) == [0.1, 0.5, 0.5, 0.25, 0.25]

    def test_an_address_may_lack_its_slash(self):
        assert self.hears([{"/a/b": (1.0,)}], address="a/b") == [1.0]

    def test_a_pad_sends_two(self):
        frames = [{"/xy": (0.25, 0.75)}, {"/xy": (0.5,)}, {"/xy": ()}]
        assert self.hears(frames, address="/xy") == [0.25, 0.5, 0.5]
        assert self.hears(frames, address="/xy", place=2) == [0.75, 0.75, 0.75]

    @pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (2.0, -1.0)])
    def test_it_stays_between_low_and_high(self, low, high):
        frames = [{"/a": (each,)} for each in (-9.0, 1.5, 9.0)]
        assert self.hears(frames, address="/a", low=low, high=high) == [-1.0, 1.5, 2.0]

    def test_another_address_or_place_starts_anew(self):
        node = Received()
        frame = Frame(osc={"/a": (0.5, 0.75)})
        assert node(frame=frame, address="/a") == 0.5
        assert node(frame=frame, address="/b", initial=0.2) == 0.2
        assert node(frame=frame, address="/a", place=2) == 0.75
        assert node(frame=frame, address="/a", place=3) == 0.0


class TestSend:
    def sends(self, frames, **settings):
        node = Send()
        return [node(*controls, **settings) for controls in frames]

    def test_it_sends_when_a_control_changes(self):
        sent = self.sends([(0.5, 1.0), (0.5, 1.0), (0.5, 2.0), (0.5, 2.0)], address="/a")
        quiet = SentOsc("/a", ())
        assert sent == [SentOsc("/a", (0.5, 1.0)), quiet, SentOsc("/a", (0.5, 2.0)), quiet]

    def test_without_controls_it_sends_nothing(self):
        assert self.sends([(), ()]) == [SentOsc("/control", ())] * 2

    def test_another_address_is_told_at_once(self):
        node = Send()
        assert node(0.5, address="/a") == SentOsc("/a", (0.5,))
        assert node(0.5, address="b") == SentOsc("/b", (0.5,))

    def test_what_is_no_finite_number_stays_here(self):
        sent = self.sends([(1.0, 2.0), (math.nan, 3.0), (1.0, math.inf), (1.0, 3.0)])
        assert [each.values for each in sent] == [(1.0, 2.0), (), (), (1.0, 3.0)]


def test_a_patch_answers_what_it_hears():
    """From one address through the patch to another, beside a patch that makes no sound."""
    patch = Patch(
        nodes={
            "fader": Node("control.osc", values={"address": "/fader"}),
            "double": Node("control.math", values={"operation": "add"}),
            "light": Node("osc.send", values={"address": "/light", "control2": 7.0}),
        },
        cables=(
            Cable.between("fader.control", "double.a"),
            Cable.between("fader.control", "double.b"),
            Cable.between("double.control", "light.control1"),
        ),
    )
    plan = compile_patch(patch, load_registry())
    sent = []
    for osc in ({}, {"/fader": (0.25,)}, {"/fader": (0.25,)}, {"/fader": (0.5,)}):
        frame = Frame(osc=osc)
        plan.mix(frame, dict.fromkeys(plan.condition(frame), frame.audio))
        sent += plan.sent()
    values = [each.values for each in sent]
    assert values == [(0.0, 7.0), (0.5, 7.0), (), (1.0, 7.0)]
    assert {each.address for each in sent} == {"/light"}
