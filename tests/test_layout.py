"""Where the boxes of a patch lie: in columns, along the cables, and never on one another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patcher.ui.layout import Size, columns, fit, place


def test_a_source_stands_right_before_what_it_feeds() -> None:
    sizes = dict.fromkeys(["a", "b", "c", "d", "lone"], Size(100, 50))
    places = columns(sizes, [("a", "b"), ("b", "c"), ("d", "c")])
    assert places["d"][0] == places["b"][0]
    assert places["lone"][0] == places["a"][0] == 0


def test_a_loop_is_laid_out_from_its_source() -> None:
    sizes = dict.fromkeys(["mix", "model", "ears", "text"], Size(100, 50))
    edges = [("text", "mix"), ("mix", "model"), ("model", "ears"), ("ears", "mix")]
    places = columns(sizes, edges)
    assert sorted(places, key=lambda name: places[name][0]) == ["text", "mix", "model", "ears"]


NAMES = st.sampled_from("abcdefghij")


@given(
    sizes=st.dictionaries(
        NAMES, st.tuples(st.integers(50, 400), st.integers(40, 300)).map(lambda s: Size(*s))
    ),
    pairs=st.lists(st.tuples(NAMES, NAMES)),
    data=st.data(),
)
def test_boxes_never_overlap(
    sizes: dict[str, Size], pairs: list[tuple[str, str]], data: Any
) -> None:
    at = st.tuples(st.integers(-900, 900), st.integers(-900, 900))
    wanted = {name: data.draw(at) for name in sizes}
    edges = [(a, b) for a, b in pairs if a in sizes and b in sizes]
    places = place(sizes, wanted, edges)
    assert fit(sizes, places)
    assert not places or min(x for x, _ in places.values()) == 0
    assert not places or min(y for _, y in places.values()) == 0


@pytest.mark.parametrize("far", [1e300, 31_000.0])
def test_a_place_out_of_all_bounds_is_not_kept(far: float) -> None:
    sizes = dict.fromkeys("ab", Size(100, 50))
    places = place(sizes, {"a": (0, 0), "b": (far, 0)}, [])
    assert max(x for x, _ in places.values()) < 1_000
