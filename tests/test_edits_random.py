"""Whatever is edited in whatever order: each patch saves, loads and compiles, and none changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from toys import SERVICES, TOYS, TYPES

from engine import edits
from engine.comments import move_comments, put_comment, remove_comments
from engine.compiler import compile_patch
from engine.copying import fragment, paste
from engine.files import dumps, loads
from engine.fitting import insert
from engine.mappings import map_control, unmap
from engine.panel import reorder, show_on_panel, take_off_panel
from engine.patch import Comment, MidiMapping, Patch, PatchError
from engine.scenes import recall, remove_scene, rename_scene, store_scene

# Few names, so that most edits meet something; some that are not legal.
names = st.sampled_from(["a", "b", "c", "frame", "def", "run_a", "s", "A", "x y", ""])
types = st.sampled_from([*TYPES, "far.glow", "control"])
outlets = ["control", "audio", "style", "notes", "midi", "text", "none"]
inlets = [
    *("a", "b", "value", "gain", "level1", "audio", "audio1", "audio2", "style3", "weight3"),
    *("notes", "notes1", "midi", "text", "style", "temperature", "none", "late\n"),
]
starts = st.builds("{}.{}".format, names, st.sampled_from(outlets))
ends = st.builds("{}.{}".format, names, st.sampled_from(inlets))
ports = st.sampled_from([*inlets, "step", "scale", "model", "seed", "file", "times", "port"])
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.floats(0, 1)
    | st.text(max_size=5)
    | st.sampled_from(["\ud800", "x" * 70_000, 2**60, 10**400, [1], "../a.txt"])
)
places = st.tuples(st.floats(), st.floats()) | st.tuples(st.floats(-99, 99), st.integers(-9, 9))
limits = st.none() | st.floats() | st.floats(0, 1)
scene_names = st.sampled_from(["Verse", "Chorus", "", "x" * 65, "two\nlines", "\udc00"])
words = st.none() | st.text(max_size=5) | st.sampled_from(["\udc00", "x" * 65_537])


class Editing(RuleBasedStateMachine):
    """A patch, and a musician who tries everything."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = Patch()

    def try_(self, edit: Callable[..., Patch], *arguments: Any, **more: Any) -> None:
        before = dumps(self.patch)
        try:
            after = edit(self.patch, *arguments, **more)
        except PatchError as refused:
            assert str(refused).isprintable()  # noqa: PT017 - any other exception is a failure
            after = self.patch
        assert dumps(self.patch) == before
        assert loads(dumps(after)) == after
        compile_patch(after, TOYS, SERVICES)
        self.patch = after

    @initialize(chosen=st.lists(st.sampled_from(list(TYPES)), min_size=3, max_size=9))
    def begin(self, chosen: list[str]) -> None:
        for type_ in chosen:
            self.try_(edits.add, TOYS, type_)

    def pick(self, data: st.DataObject) -> str:
        """Returns a node of the patch, or a name that may be none of its nodes."""
        return data.draw(st.sampled_from([*self.patch.nodes, "a"]))

    def pick_value(self, data: st.DataObject) -> tuple[str, str]:
        """Returns a node and one of its values, or what may be none."""
        name = self.pick(data)
        node = self.patch.nodes.get(name)
        known = TOYS.types[node.type].value_names() if node else []
        return name, data.draw(
            st.sampled_from([each.replace("1…", "2") for each in known] or ["a"])
        )

    @rule(type_=types, name=names | st.none(), at=places)
    def add(self, type_: str, name: str | None, at: tuple[float, float]) -> None:
        self.try_(edits.add, TOYS, type_, name, at)

    @rule(type_=st.sampled_from(list(TYPES)), name=st.sampled_from(["a", "b", "c", "def"]))
    def add_legal(self, type_: str, name: str) -> None:
        self.try_(edits.add, TOYS, type_, name)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        self.try_(edits.remove, self.pick(data))

    @rule(start=starts, end=ends, instead=st.booleans())
    def connect(self, start: str, end: str, instead: bool) -> None:
        self.try_(edits.connect, TOYS, start, end, instead=instead)

    @rule(data=st.data(), instead=st.booleans())
    def connect_what_fits(self, data: st.DataObject, instead: bool) -> None:
        """Joins an outlet to an inlet of the same signal, where there are any."""
        held = [(name, TOYS.types[node.type]) for name, node in self.patch.nodes.items()]
        out = [(f"{name}.{each.name}", each.signal) for name, t in held for each in t.outlets]
        in_ = [(f"{name}.{each.name}", each.signal) for name, t in held for each in t.inlets]
        for name, declared in held:
            for each in declared.group.fields if declared.group else ():
                in_ += [(f"{name}.{each.name}{number}", each.signal) for number in (1, 2, 64)]
        fitting = [(start, end) for start, signal in out for end, other in in_ if signal is other]
        if fitting:
            start, end = data.draw(st.sampled_from(fitting))
            self.try_(edits.connect, TOYS, start, end, instead=instead)

    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        if self.patch.cables:
            cable = data.draw(st.sampled_from(self.patch.cables))
            self.try_(edits.disconnect, cable.start, cable.end)
            self.try_(edits.disconnect, cable.start, cable.end)

    @rule(name=names, port=ports, value=values)
    def set_value(self, name: str, port: str, value: Any) -> None:
        self.try_(edits.set_value, TOYS, name, port, value)

    @rule(data=st.data(), value=values)
    def set_what_is_there(self, data: st.DataObject, value: Any) -> None:
        self.try_(edits.set_value, TOYS, *self.pick_value(data), value)

    @rule(data=st.data())
    def clear_value(self, data: st.DataObject) -> None:
        name = self.pick(data)
        node = self.patch.nodes.get(name)
        port = data.draw(st.sampled_from([*(node.values if node else ()), "a"]))
        self.try_(edits.clear_value, name, port)

    @rule(data=st.data(), at=places)
    def move(self, data: st.DataObject, at: tuple[float, float]) -> None:
        self.try_(edits.move, {self.pick(data): at})

    @rule(data=st.data(), new=names)
    def rename(self, data: st.DataObject, new: str) -> None:
        self.try_(edits.rename, self.pick(data), new)

    @rule(data=st.data(), on=st.booleans())
    def bypass(self, data: st.DataObject, on: bool) -> None:
        self.try_(edits.bypass, TOYS, {self.pick(data), self.pick(data)}, on)

    @rule(
        name=names,
        text=st.text(max_size=5),
        at=places,
        size=st.none() | places,
        colour=st.sampled_from(["grey", "blue", "mauve", "\ud800"]),
    )
    def put_comment(
        self,
        name: str,
        text: str,
        at: tuple[float, float],
        size: tuple[float, float] | None,
        colour: str,
    ) -> None:
        self.try_(put_comment, name, Comment(text, at, size, colour))
        self.try_(move_comments, {name: at})

    @rule(name=names)
    def remove_comment(self, name: str) -> None:
        self.try_(remove_comments, name)

    @rule(data=st.data(), channel=st.integers(0, 17), control=st.integers(-1, 128), ends=limits)
    def map_control(
        self, data: st.DataObject, channel: int, control: int, ends: float | None
    ) -> None:
        place = self.pick_value(data)
        self.try_(map_control, TOYS, MidiMapping(channel, control, *place, ends, ends))

    @rule(data=st.data())
    def unmap(self, data: st.DataObject) -> None:
        self.try_(unmap, *self.pick_value(data))

    @rule(name=scene_names, other=scene_names)
    def scenes(self, name: str, other: str) -> None:
        self.try_(store_scene, TOYS, name)
        self.try_(rename_scene, name, other)

    @rule(name=scene_names)
    def recall(self, name: str) -> None:
        self.try_(recall, TOYS, name)

    @rule(name=scene_names)
    def remove_scene(self, name: str) -> None:
        self.try_(remove_scene, name)

    @rule(data=st.data(), whole=st.booleans(), position=st.integers(-1, 9))
    def panel(self, data: st.DataObject, whole: bool, position: int) -> None:
        name, port = self.pick_value(data)
        place = name if whole else f"{name}.{port}"
        self.try_(show_on_panel, TOYS, place)
        self.try_(reorder, place, position)

    @rule(data=st.data())
    def take_off_panel(self, data: st.DataObject) -> None:
        self.try_(take_off_panel, data.draw(st.sampled_from([*self.patch.panel, "a"])))

    @rule(data=st.data(), at=places, incoming=st.booleans())
    def copy(self, data: st.DataObject, at: tuple[float, float], incoming: bool) -> None:
        held = st.sampled_from([*self.patch.nodes]) if self.patch.nodes else st.nothing()
        chosen = data.draw(st.sets(held, max_size=4))
        copied = loads(dumps(fragment(self.patch, chosen, self.patch.comments)))
        self.try_(lambda patch: paste(patch, TOYS, copied, at, incoming)[0])

    @rule(data=st.data())
    def insert(self, data: st.DataObject) -> None:
        if self.patch.cables:
            cable = data.draw(st.sampled_from(self.patch.cables))
            self.try_(insert, TOYS, self.pick(data), cable)

    @rule(title=words, tags=st.none() | st.lists(st.text(max_size=3), max_size=2))
    def describe(self, title: str | None, tags: list[str] | None) -> None:
        self.try_(edits.describe, title=title, description=title, tags=tags)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
