"""The memory of nodes as data: what goes in comes out, and nothing else can."""

from __future__ import annotations

import enum
import random
import socket
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido.frozen import FrozenMessage

from engine.memory import MemoryFormError, Packing
from engine.node import Service, read
from engine.registry import Registry, load_registry
from engine.signals import Control, MidiPort
from tests.test_contract import REGISTRY, TYPES, Runner, flat

FRAMES = 20
WITH_MEMORY = [each for each in TYPES if each.has_memory]


def there_and_back(packed: Any) -> Any:
    """Returns packed memory as a file would give it back."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(packed))


@pytest.mark.parametrize("declared", WITH_MEMORY, ids=[each.name for each in WITH_MEMORY])
def test_a_node_goes_on_from_its_packed_memory(declared):
    packing = Packing(REGISTRY)
    played, fresh = Runner(declared), Runner(declared)
    for number in range(FRAMES):
        played.run(number)
    packed = there_and_back(packing.pack(played.node))
    packing.unpack(fresh.node, packed)
    assert there_and_back(packing.pack(fresh.node)) == packed
    for number in range(FRAMES, 2 * FRAMES):
        assert flat(played.run(number)) == flat(fresh.run(number))


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True)
class Fixed:
    name: str
    points: tuple[Point, ...]


class Slotted:
    __slots__ = ("left", "never", "right")

    def __init__(self) -> None:
        self.left, self.right = 1, [2]


class Odd:
    """Remembers all kinds of things."""

    def __init__(self) -> None:
        self.value: Any = 0.0

    def __call__(self) -> Control:
        return 0.0


PACKING = Packing(Registry.of({"control.odd": read("control.odd", Odd)}))


def kept(value: Any) -> Any:
    """Returns what a node that remembers `value` remembers once it has been kept."""
    node, fresh = Odd(), Odd()
    node.value = value
    PACKING.unpack(fresh, there_and_back(PACKING.pack(node)))
    return fresh.value


plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.sampled_from(Colour),
    st.builds(Point, st.floats(allow_nan=False), st.floats(allow_nan=False)),
)
nested = st.recursive(
    plain,
    lambda inside: st.one_of(
        st.lists(inside, max_size=4),
        st.lists(inside, max_size=4).map(tuple),
        st.lists(inside, max_size=4).map(lambda each: deque(each, maxlen=4)),
        st.dictionaries(plain, inside, max_size=4),
        st.sets(plain, max_size=4),
        st.frozensets(plain, max_size=4),
    ),
    max_leaves=20,
)


@given(nested)
def test_whatever_is_remembered_comes_back_equal_and_of_its_kind(value):
    found = kept(value)
    assert found == value
    assert type(found) is type(value)
    assert getattr(found, "maxlen", None) == getattr(value, "maxlen", None)


def test_kinds_that_are_equal_are_told_apart():
    found = kept([True, 1, 1.0, -0.0, (1,), {1: 2}, 1 << 127])
    assert (
        repr(found) == "[True, 1, 1.0, -0.0, (1,), {1: 2}, 170141183460469231731687303715884105728]"
    )


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.zeros((0, 2), np.float64),
        np.array(3, np.int8),
        np.array([True, False]),
        np.asfortranarray(np.arange(4.0).reshape(2, 2)),
        np.arange(10)[::3],
    ],
    ids=str,
)
def test_arrays_come_back_with_their_type_and_shape(array):
    found = kept(array)
    assert (found.dtype, found.shape, found.flags.writeable) == (array.dtype, array.shape, True)
    assert np.array_equal(found, array)


def test_read_only_arrays_stay_so_and_others_are_their_own():
    array = np.zeros(3)
    array.flags.writeable = False
    assert not kept(array).flags.writeable
    scalar = kept(np.float32(0.1))
    assert (scalar, type(scalar)) == (np.float32(0.1), np.float32)


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_random_generators_go_on_where_they_were(bits):
    generator = np.random.Generator(bits(7))
    generator.normal(size=5)
    again = kept(generator)
    assert np.array_equal(generator.normal(size=9), again.normal(size=9))


def test_random_numbers_of_the_standard_library_go_on_too():
    generator = random.Random(3)
    generator.gauss(0, 1)
    again = kept(generator)
    assert [generator.gauss(0, 1) for _ in range(5)] == [again.gauss(0, 1) for _ in range(5)]


def test_objects_of_known_classes_come_back():
    fixed = Fixed("a", (Point(1.0, 2.0),))
    assert kept(fixed) == fixed
    slotted = kept(Slotted())
    assert (slotted.left, slotted.right, hasattr(slotted, "never")) == (1, [2], False)
    port = kept(MidiPort("Keys"))
    assert (port, type(port)) == ("Keys", MidiPort)
    for message in (
        FrozenMessage("note_on", note=60, velocity=3, time=0.0125),
        FrozenMessage("sysex", data=(1, 2, 3)),
    ):
        assert kept(message) == message


def test_what_is_one_thing_stays_one_thing():
    shared = [1]
    loop: dict[str, Any] = {}
    loop["again"] = loop
    found = kept([shared, shared, loop])
    found[0].append(2)
    assert found[1] == [1, 2]
    assert found[2]["again"] is found[2]


def test_files_are_kept_by_name():
    song = threading.Lock()  # something that cannot be packed
    node, fresh = Odd(), Odd()
    node.value = [song, song]
    packed = there_and_back(PACKING.pack(node, {"tune.file": song}))
    other = object()
    PACKING.unpack(fresh, packed, {"tune.file": other})
    assert fresh.value[0] is fresh.value[1] is other


@pytest.mark.parametrize(
    "strange",
    [
        threading.Lock(),
        socket.AF_INET,
        len,
        Odd.__call__,
        np.array([object()]),
        np.zeros(2, [("a", "i4")]),
        Service(),
        type,
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_cannot_be_kept_is_named_with_its_place(strange):
    with pytest.raises(MemoryFormError, match=r"Odd\.value\[1\] is an? "):
        kept({"inside": strange})


def test_what_is_nested_without_end_is_refused():
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(MemoryFormError, match="more than 100 deep"):
        kept(deep)


@pytest.mark.parametrize(
    "packed",
    [
        None,
        [],
        ["dict"],
        {"value": ["thing", "subprocess.Popen", {}]},
        {"value": ["thing", "engine.soundfiles.SoundWriter", {}]},
        {"value": ["thing", "tests.test_memory.Slotted", {"other": 1}]},
        {"value": ["thing", "tests.test_memory.Slotted", []]},
        {"value": ["named", "tests.test_memory.Point", 1.0]},
        {"value": ["enum", "tests.test_memory.Colour", "green"]},
        {"value": ["named", "builtins.eval", "1"]},
        {"value": ["array", "O", [1], True, b"12345678"]},
        {"value": ["array", "<f4", [9], True, b"1234"]},
        {"value": ["generator", ["dict", "bit_generator", "Popen"]]},
        {"value": ["message", ["dict", "type", "note_on", "note", 999]]},
        {"value": ["set", ["list"]]},
        {"value": ["dict", 1]},
        {"value": ["again", 5]},
        {"value": ["file", "nowhere"]},
        {"value": ["int", "__import__('os')"]},
        {"value": ["spell"]},
        {"value": []},
        {"value": {}},
        {"value": [[]]},
    ],
    ids=str,
)
def test_what_is_no_packed_memory_is_refused_and_changes_nothing(packed):
    node = Odd()
    node.value = "as it was"
    with pytest.raises(MemoryFormError, match="no packed memory"):
        PACKING.unpack(node, there_and_back(packed))
    assert node.value == "as it was"


def test_values_alone_are_packed_too():
    packing = Packing(load_registry())
    found = packing.unpack_value(there_and_back(packing.pack_value((1, np.zeros(2), "a"))))
    assert flat(found) != []
    assert found[0] == 1
    assert not found[1].any()
