"""OSC: controls from faders and sensors on the network, and out to what listens there."""

from __future__ import annotations

import math
from typing import Annotated

from engine.frame import Frame
from engine.node import SentOsc, node
from engine.signals import Control, Range, clip


@node("control.osc")
class Received:
    """Follows a number that arrives by OSC, such as a fader on a phone.

    It keeps its last number; set to another address or place it starts anew.

    Args:
        address: the address the number is sent to, such as `/1/fader1`; not one that begins
            with `/hocket/`.
        place: which number of the message; an XY pad sends two.
        initial: the number until one arrives.
        low: what comes in lower counts as this.
        high: what comes in higher counts as this.
    """

    def __init__(self) -> None:
        self.value: float | None = None
        self.source = ("", 0)

    def __call__(
        self,
        frame: Frame,
        address: str = "/fader",
        place: Annotated[int, Range(1, 16)] = 1,
        initial: Control = 0.0,
        low: Control = 0.0,
        high: Control = 1.0,
    ) -> Control:
        if (address, place) != self.source:
            self.source = (address, place)
            self.value = None
        numbers = frame.osc.get(rooted(address), ())
        if len(numbers) >= place:
            self.value = numbers[place - 1]
        value = initial if self.value is None else self.value
        return clip(value, min(low, high), max(low, high))


@node("osc.send")
class Send:
    """Sends controls by OSC, to lights, visuals or another program.

    One message holds them all, in order. It is sent when one of them changes, 25 times a second
    at most.

    Args:
        address: the address they are sent to.
        controls: what is sent.
    """

    def __init__(self) -> None:
        self.sent: tuple[str, tuple[float, ...]] = ("", ())

    def __call__(self, *controls: Control, address: str = "/control") -> SentOsc:
        sent = (rooted(address), controls)
        if sent == self.sent or not all(map(math.isfinite, controls)):
            return SentOsc(sent[0], ())
        self.sent = sent
        return SentOsc(*sent)


def rooted(address: str) -> str:
    """Returns an address with the slash that all begin with."""
    return address if address.startswith("/") else f"/{address}"
