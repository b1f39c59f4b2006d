"""Controls: numbers that are set, computed, smoothed and held."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal

from engine.dsp import approach, between
from engine.node import node
from engine.signals import Control, Range, Seconds, Switch, Unit

Operation = Literal[
    "add", "subtract", "multiply", "divide", "minimum", "maximum", "average", "modulo"
]
OPERATIONS: dict[Operation, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b else 0.0,
    "minimum": min,
    "maximum": max,
    "average": lambda a, b: a / 2 + b / 2,
    "modulo": lambda a, b: a % b if b else 0.0,
}

Comparison = Literal["above", "at least", "below", "at most", "equal"]
COMPARISONS: dict[Comparison, Callable[[float, float], bool]] = {
    "above": lambda a, b: a > b,
    "at least": lambda a, b: a >= b,
    "below": lambda a, b: a < b,
    "at most": lambda a, b: a <= b,
    "equal": lambda a, b: a == b,
}


@node("control.knob")
def knob(value: Unit = 0.5, low: Control = 0.0, high: Control = 1.0) -> Control:
    """A knob to play by hand, and to patch into as many places as you like.

    Its control is `low` + `value` · (`high` − `low`).

    Args:
        value: where the knob stands, 0..1 of its way.
        low: the control with the knob fully left.
        high: the control with the knob fully right; below `low`, the knob works backwards.
    """
    return between(low, high, value)


@node("control.map")
def map_range(
    control: Control = 0.0,
    from_low: Control = 0.0,
    from_high: Control = 1.0,
    low: Control = 0.0,
    high: Control = 1.0,
    curve: Annotated[Control, Range(-10, 10)] = 0.0,
    clip: bool = True,
) -> Control:
    """Fits one control's range to another's, straight or bent.

    `from_low`..`from_high` becomes `low`..`high`; with the ends of a range exchanged it works
    backwards. The part x of the way becomes (e^(c·x) − 1) / (e^c − 1), c being `curve`: the
    same bend as SuperCollider's `lincurve`. With c = ln(high / low) equal steps become equal
    ratios, as frequencies and times want. Where `from_low` equals `from_high`, the control is
    `high` from that point up and `low` under it.

    Args:
        control: what is to be mapped.
        from_low: what becomes `low`.
        from_high: what becomes `high`.
        low: what `from_low` becomes.
        high: what `from_high` becomes.
        curve: 0 is straight; above 0 it starts slowly, below 0 quickly.
        clip: whether the result stays between `low` and `high`; off, it goes on in a straight
            line beyond them.
    """
    if from_high == from_low:
        part = 1.0 if control >= from_high else 0.0
    else:
        part = (control - from_low) / (from_high - from_low)
    if clip:
        part = min(max(part, 0.0), 1.0)
    if curve and 0.0 < part < 1.0:
        part = math.expm1(curve * part) / math.expm1(curve)
    return between(low, high, part)


@node("control.math")
def arithmetic(a: Control = 0.0, b: Control = 0.0, operation: Operation = "add") -> Control:
    """Computes one control from two.

    Dividing by 0 gives 0, and so does a result too large for a number.

    Args:
        a: the first number.
        b: the second number.
        operation: add (a + b), subtract (a − b), multiply (a · b), divide (a / b), minimum (the
            lower), maximum (the higher), average (the middle), or modulo (what is left of a
            after whole steps of b; with the sign of b).
    """
    result = OPERATIONS[operation](a, b)
    return result if math.isfinite(result) else 0.0


@node("control.compare")
def compare(a: Control = 0.0, b: Control = 0.5, test: Comparison = "above") -> Control:
    """Turns on while one control is above, below or equal to another.

    The control is 1 while the test holds, else 0.

    Args:
        a: the control that is tested.
        b: what it is compared with.
        test: what `a` must be, compared with `b`.
    """
    return 1.0 if COMPARISONS[test](a, b) else 0.0


@node("control.switch")
def switch(switch: Switch = 0.0, off: Control = 0.0, on: Control = 1.0) -> Control:
    """Passes one of two controls on, whichever the switch chooses.

    Args:
        switch: which one: off or on.
        off: the control while the switch is off.
        on: the control while the switch is on.
    """
    return on if switch >= 0.5 else off


@node("control.lag")
class Lag:
    """Smooths a control, so that jumps become glides.

    After each jump 63 % (1 − 1/e) of the way is gone after `time` seconds, 95 % after three
    times that: each frame goes 1 − e^(−0.04 / time) of what is left. It starts at its first
    input.

    Args:
        target: where the control glides to.
        time: how slowly; 0 passes the target on at once.
    """

    def __init__(self) -> None:
        self.value: float | None = None

    def __call__(self, target: Control = 0.0, time: Seconds = 0.5) -> Control:
        if self.value is None:
            self.value = target
        # Memory would keep an infinity or a NaN for ever.
        if math.isfinite(target):
            part = approach(time)
            self.value = target if part == 1.0 else self.value + part * (target - self.value)
        return self.value


@node("control.delay")
class Delay:
    """Passes a control on one frame (40 ms) later, so that a cycle of cables can exist.

    Its first frame gives 0.

    Args:
        control: what comes out in the next frame.
    """

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> Control:
        return self.value

    def after(self, control: Control = 0.0) -> None:
        self.value = control


@node("control.hold")
class Hold:
    """Samples a control at each trigger and holds it until the next.

    A trigger is the frame in which `trigger` turns on. The first frame samples too.

    Args:
        control: what is sampled.
        trigger: samples when it turns on; a pulse of `control.beat`, say.
    """

    def __init__(self) -> None:
        self.value: float | None = None
        self.on = False

    def __call__(self, control: Control = 0.0, trigger: Switch = 0.0) -> Control:
        was_on, self.on = self.on, trigger >= 0.5
        if self.value is None or (self.on and not was_on):
            self.value = control
        return self.value
