"""The plan: a patch made ready to run."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import CodeType
from typing import Any

from engine.conditioning import Conditioning, at_precision
from engine.frame import Frame
from engine.knobs import Knobs
from engine.nodetype import NodeType, Output, Sent
from engine.patch import Cable, Patch, PatchError, Problem
from engine.ports import Inlet, Setting, names_a_file
from engine.signals import MIDI, SILENCE, SILENT, AudioArray, Midi
from engine.standins import Muted, Timed, Told

SOURCE_NAME = "<plan>"

Mix = Callable[[Frame, list[Any], list[Any], Mapping[str, AudioArray]], AudioArray]
Condition = Callable[[Frame, list[Any], list[Any]], dict[str, Conditioning]]


class NodeFailure(Exception):  # noqa: N818 - what failed is a node, not an error of ours
    """A node raised while a frame was computed, or what it returned is no signal.

    Attributes:
        node: its id; "" where that is not known.
    """

    def __init__(self, node: str, words: str) -> None:
        super().__init__(words)
        self.node = node


@dataclass(frozen=True)
class Step:
    """One node's place in a plan.

    Attributes:
        name, type: the node's id and its type.
        variable: what the generated source calls its result.
        slot: where its latest result lies.
        cables: the cables into it, by inlet.
        members: the sets of a variadic group that are in use, each port with its inlet.
        values: port to place in the table of values, for each port that no cable feeds.
    """

    name: str
    type: NodeType
    variable: str
    slot: int
    cables: Mapping[str, Cable]
    members: tuple[tuple[tuple[str, Inlet], ...], ...]
    values: Mapping[str, int]

    @property
    def runner(self) -> str:
        """What the generated source calls the node by."""
        return f"run_{self.variable}"

    @cached_property
    def midi_sources(self) -> Mapping[str, str]:
        """Where each Midi inlet gets its messages from."""
        return {
            port: cable.start
            for port, cable in self.cables.items()
            if (inlet := self.type.inlet(port)) and inlet.signal is MIDI
        }


class Plan:
    """The compiled patch: call `condition`, step the generators, call `mix`, once a frame.

    Attributes:
        patch, folder: what it was compiled from, and where the files lie that it names.
        steps: every node that runs, by id, in the order of its stage.
        condition_order, mix_order: the ids of each stage in order.
        delayed: the cables that carry the previous frame's sound.
        generators: the ids of the generator nodes.
        senders: the ids of the nodes whose messages leave the engine.
        mix_inputs: the nodes of the stage `condition` that `mix` reads, generators aside.
        unused: the nodes left out, as they reach no output.
        problems: warnings the patch was compiled with.
        knobs: the values that MIDI controllers move.
        source: the generated Python.
    """

    def __init__(
        self,
        *,
        patch: Patch,
        folder: Path | None,
        steps: Mapping[str, Step],
        condition_order: tuple[str, ...],
        mix_order: tuple[str, ...],
        delayed: frozenset[Cable],
        unused: tuple[str, ...],
        problems: tuple[Problem, ...],
        knobs: Knobs,
        source: str,
        code: CodeType,
        lines: Mapping[int, str],
        names: dict[str, Any],
        values: list[Any],
        slots: list[Any],
    ) -> None:
        self.patch = patch
        self.folder = folder
        self.steps = steps
        self.condition_order = condition_order
        self.mix_order = mix_order
        self.delayed = delayed
        self.generators = tuple(
            name for name in condition_order if steps[name].type.role == "generator"
        )
        self.senders = tuple(name for name in mix_order if steps[name].type.role == "sender")
        self.mix_inputs = tuple(sorted(_mix_inputs(steps, condition_order, mix_order)))
        self.unused = unused
        self.problems = problems
        self.knobs = knobs
        self.source = source
        self._lines = lines
        self._names = names
        self._values = values
        self._slots = slots
        exec(code, names)  # our own source: ids are checked, values never enter it
        self._condition: Condition = names["condition"]
        self._mix: Mix = names["mix"]

    def condition(self, frame: Frame) -> dict[str, Conditioning]:
        """Returns what each generator hears in this frame.

        Raises:
            NodeFailure: a node raised; the message names it.
        """
        try:
            return self._condition(frame, self._values, self._slots)
        except Exception as error:
            raise self._failure(error) from error

    def mix(self, frame: Frame, audio: Mapping[str, AudioArray]) -> AudioArray:
        """Returns what is heard, float32[1920, 2], from each generator's audio.

        Raises:
            NodeFailure: a node raised; the message names it.
        """
        try:
            return self._mix(frame, self._values, self._slots, audio)
        except Exception as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> NodeFailure:
        line = next(
            (
                each.lineno
                for each in traceback.extract_tb(error.__traceback__)
                if each.filename == SOURCE_NAME and each.lineno in self._lines
            ),
            None,
        )
        name = self._lines.get(line or 0, "the plan")
        step = self.steps.get(name)
        who = f"{name} ({step.type.name})" if step else name
        return NodeFailure(name if step else "", f"{who} failed: {type(error).__name__}: {error}")

    def release(self) -> None:
        """Has every node let go of the notes it holds."""
        for name, step in self.steps.items():
            node = self._names[step.runner]
            if isinstance(node, Told):
                self.put_node(name, node := node.node)
            if step.type.has_memory and hasattr(node, "release"):
                node.release()

    @contextmanager
    def timing(self) -> Iterator[dict[str, float]]:
        """Measures, while it is entered, how many microseconds each node takes, by id."""
        times: dict[str, float] = {}
        runners = {step.runner: self._names[step.runner] for step in self.steps.values()}
        for name, step in self.steps.items():
            self._names[step.runner] = Timed(runners[step.runner], name, times)
        try:
            yield times
        finally:
            for runner, node in runners.items():
                # One that was muted meanwhile stays so.
                if isinstance(self._names[runner], Timed):
                    self._names[runner] = node

    def mute(self, name: str) -> None:
        """Has a node give, from now on, what its outlets carry before the first frame.

        Raises:
            KeyError: it does not run.
        """
        step = self.steps[name]
        neutral = step.type.neutral()
        if step.type.role == "output":
            neutral = Output(SILENCE)
        elif step.type.role == "generator":
            neutral = Conditioning(model=self.model(name), notes=SILENT, drums=0)
        self.put_node(name, Muted(neutral))

    def model(self, name: str) -> str:
        """Returns the model that a generator node asks for, by the name it is opened by.

        A generator of another package, without settings for it, gets the default.
        """
        step, default = self.steps[name], Conditioning().model
        model = self.value(name, "model") if "model" in step.values else default
        precision = self.value(name, "precision") if "precision" in step.values else "auto"
        return at_precision(str(model), precision)

    def tell(self, name: str, held: Mapping[str, Midi | Mapping[str, Midi]]) -> None:
        """Has a node hear first, in its next frame, what is held already; see `Told`."""
        node = self.node(name)
        self.put_node(name, Told(node, held, partial(self.put_node, name, node)))

    def node(self, name: str) -> Any:
        """Returns what is called for a node: itself, or what stands in for it.

        Raises:
            KeyError: it does not run.
        """
        return self._names[self.steps[name].runner]

    def put_node(self, name: str, node: Any) -> None:
        """Has something else called for a node; raises as `node` does."""
        self._names[self.steps[name].runner] = node

    def sent(self) -> list[Sent]:
        """Returns what the last `mix` sends out of the engine."""
        return [self.result(name) for name in self.senders]

    def result(self, name: str) -> Any:
        """Returns what a node last returned; a generator's is its audio.

        Raises:
            KeyError: the node does not run.
        """
        return self._slots[self.steps[name].slot]

    def put(self, name: str, result: Any) -> None:
        """Has a node have returned `result`, without running it; raises as `result` does."""
        self._slots[self.steps[name].slot] = result

    def memory(self, name: str) -> object | None:
        """Returns the object that is a node's memory; None for one that has none, or is muted.

        Raises:
            KeyError: the node does not run.
        """
        node = self.node(name)
        if isinstance(node, Told):
            node = node.node
        return node if self.steps[name].type.has_memory and not isinstance(node, Muted) else None

    def latest(self, name: str, outlet: str) -> Any:
        """Returns what an outlet last carried.

        Raises:
            KeyError: the node does not run.
        """
        step = self.steps[name]
        result = self.result(name)
        return getattr(result, outlet) if step.type.bundle else result

    @property
    def values(self) -> tuple[Any, ...]:
        """The table of values as it is now; a step's `values` say which is whose."""
        return tuple(self._values)

    @property
    def title(self) -> str:
        return self.patch.title

    def value(self, name: str, port: str) -> Any:
        """Returns the value of a port that no cable feeds.

        Raises:
            KeyError: there is none, or the node does not run.
        """
        return self._values[self.steps[name].values[port]]

    def declared(self, name: str, port: str) -> Inlet | Setting | None:
        """Returns what declares a value that `set_value` takes; None where there is no such."""
        step = self.steps.get(name)
        known = step.type.value(port) if step and port in step.values else None
        return None if names_a_file(known) else known

    def has_sets(self, name: str, values: Iterable[str]) -> bool:
        """Whether a node has the sets of its group that are in use where these values are set."""
        step = self.steps.get(name)
        if step is None or step.type.group is None:
            return True
        used = {*step.cables, *values, *self.knobs.ports.get(name, ())}
        return step.type.members(used) == step.members

    def set_value(self, name: str, port: str, value: Any) -> None:
        """Sets a value from the next frame on; nothing is recompiled.

        Raises:
            PatchError: there is no such value in the plan, it names a file, which is read at a
                compilation, or `value` is not legal for it.
        """
        known = self.declared(name, port)
        if known is None:
            raise PatchError.at(f"{name}.{port}", "is no value that can be set while its node runs")
        try:
            self.put_value(name, port, known.check(value))
        except ValueError as fault:
            raise PatchError.at(f"{name}.{port}", str(fault)) from None

    def put_value(self, name: str, port: str, value: Any) -> None:
        """Sets a value that is `declared`, and was checked, from the next frame on."""
        self._values[self.steps[name].values[port]] = value

    def adopt_values(self, old: Plan, places: Iterable[tuple[str, str]]) -> None:
        """Takes over values as they are in another plan, where both have them."""
        for name, port in places:
            known = self.declared(name, port)
            if known is not None and known is old.declared(name, port):
                self.put_value(name, port, old.value(name, port))

    def __str__(self) -> str:
        return describe(self)


def _mix_inputs(
    steps: Mapping[str, Step], condition: tuple[str, ...], mix: tuple[str, ...]
) -> set[str]:
    sources = {cable.source for name in mix for cable in steps[name].cables.values()}
    return {name for name in sources & {*condition} if steps[name].type.role != "generator"}


def describe(plan: Plan) -> str:
    """Returns the plan as text: the stages in order, each node with its type and its cables."""
    width = max((len(name) for name in plan.steps), default=0)
    kinds = max((len(step.type.name) for step in plan.steps.values()), default=0)

    def line(name: str) -> str:
        step = plan.steps[name]
        cables = ", ".join(
            f"{inlet} < {cable.start}" + (" (a frame ago)" if cable in plan.delayed else "")
            for inlet, cable in step.cables.items()
        )
        return f"  {name:{width}}  {step.type.name:{kinds}}  {cables}".rstrip()

    count = f"{len(plan.steps)} nodes, {len(plan.generators)} generators"
    parts = [f"{plan.title or 'untitled'}: {count}"]
    for stage, order in (("condition", plan.condition_order), ("mix", plan.mix_order)):
        parts += [stage, *map(line, order)] if order else []
    if plan.unused:
        parts.append(f"left out, as they reach no output: {', '.join(plan.unused)}")
    if past := [name for name, node in plan.patch.nodes.items() if node.bypass]:
        parts.append(f"bypassed: {', '.join(past)}")
    parts += [f"warning: {each}" for each in plan.problems]
    return "\n".join(parts)
