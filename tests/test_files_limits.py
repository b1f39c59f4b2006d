"""Patch files that are too large, too deep or hold what JSON readers let pass."""

from __future__ import annotations

import json

import pytest
from toys import refusal

from engine import untrusted
from engine.files import load_patch, loads
from engine.patch import PatchError

SMALL = b'{"format": 1, "title": "small"}'


def test_a_file_over_8_mb_is_refused_unread(tmp_path):
    """Row 9: refused by its size, before it is read."""
    path = tmp_path / "huge.hocket"
    with path.open("wb") as file:
        file.truncate(9 * 2**20)
    with pytest.raises(PatchError, match=r"^the file has 9\.0 MB; at most 8 MB are read$"):
        load_patch(path)


def test_8_mb_of_spaces_are_read_and_a_byte_more_is_not():
    """Row 9."""
    data = SMALL + b" " * (untrusted.MAX_BYTES - len(SMALL))
    assert loads(data) == loads(SMALL)
    assert refusal(data + b" ") == "the file has 8.0 MB; at most 8 MB are read"


def test_millions_of_parts_are_refused_before_parsing():
    """Row 9: 4 million numbers would take seconds and a gigabyte."""
    words = refusal(b'{"format": 1, "x": [' + b"0," * 500_000 + b"0]}")
    assert words == "the file has more than 500,000 commas, and so too many parts"


def test_2000_nodes_load_and_2001_do_not():
    """Row 9."""
    nodes = {f"n{number}": {"type": "control.add"} for number in range(2_000)}
    assert len(loads(json.dumps({"format": 1, "nodes": nodes}).encode()).nodes) == 2_000
    nodes["more"] = {"type": "control.add"}
    assert refusal({"format": 1, "nodes": nodes}) == "nodes: has 2,001; at most 2,000 are legal"


def test_10000_cables_load_and_10001_do_not():
    """Row 9."""
    cables = [[f"a.o{number}", "b.i"] for number in range(10_000)]
    assert len(loads(json.dumps({"format": 1, "cables": cables}).encode()).cables) == 10_000
    cables.append(["a.o", "b.i"])
    assert (
        refusal({"format": 1, "cables": cables}) == "cables: has 10,001; at most 10,000 are legal"
    )


@pytest.mark.parametrize(
    ("key", "most", "part"),
    [
        ("mappings", 1_000, lambda n: {"channel": 1, "control": 1, "port": f"a.p{n}"}),
        ("scenes", 128, lambda n: {"name": f"Scene {n}"}),
        ("panel", 256, lambda n: f"a.p{n}"),
    ],
)
def test_lists_are_full_at_their_limit(key, most, part):
    """Row 9."""
    parts = [part(number) for number in range(most)]
    assert len(getattr(loads(json.dumps({"format": 1, key: parts}).encode()), key)) == most
    words = f"{key}: has {most + 1:,}; at most {most:,} are legal"
    assert refusal({"format": 1, key: [*parts, part(most)]}) == words


def test_1000_comments_load_and_1001_do_not():
    """Row 9."""
    comments = {f"c{number}": {"text": "x"} for number in range(1_000)}
    assert len(loads(json.dumps({"format": 1, "comments": comments}).encode()).comments) == 1_000
    comments["more"] = {"text": "x"}
    words = "comments: has 1,001; at most 1,000 are legal"
    assert refusal({"format": 1, "comments": comments}) == words


def test_a_text_of_65536_characters_loads_and_one_more_does_not():
    """Row 9: a string of 64 kB, as a value, a title or a key."""
    longest = "é" * 65_536
    patch = loads(json.dumps({"format": 1, "title": longest, longest: 1}).encode())
    assert (patch.title, patch.extra) == (longest, {longest: 1})
    fault = "a text of 65,537 characters; at most 65,536 are legal"
    values = {"type": "text.words", "values": {"text": longest + "x"}}
    assert refusal({"format": 1, "nodes": {"lag1": values}}) == f"nodes.lag1.values.text: {fault}"
    assert refusal({"format": 1, "title": longest + "x"}) == f"title: {fault}"
    assert refusal({"format": 1, "x" * 65_537: 1}) == "x" * 200 + f"…: the key is {fault}"


def test_64_levels_load_and_65_do_not():
    """Row 10."""
    loads(b'{"format": 1, "x": ' + b"[" * 63 + b"]" * 63 + b"}")
    words = refusal(b'{"format": 1, "x": ' + b"[" * 64 + b"]" * 64 + b"}")
    assert words == "x" + "[0]" * 63 + ": is nested more than 64 deep"


@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"x":', b"}")])
def test_200000_levels_are_refused(brackets):
    """Row 10: neither a crash nor a RecursionError."""
    start, end = brackets
    deep = start * 200_000 + b"1" + end * 200_000
    assert refusal(b'{"format": 1, "x": ' + deep + b"}") == "is nested more than 64 deep"


def test_duplicate_keys_are_refused_with_their_place():
    """Row 10: json would take the last of the two and say nothing."""
    node = b'{"type": "x", "values": {"time": 1, "time": 2}}'
    words = refusal(b'{"format": 1, "nodes": {"lag1": ' + node + b"}}")
    assert words == "nodes.lag1.values: the key 'time' stands twice in one object"
    words = refusal(b'{"format": 1, "nodes": {"a": {"type": "x"}, "a": {"type": "y"}}}')
    assert words == "nodes: the key 'a' stands twice in one object"
    assert refusal(b'{"format": 1, "format": 1}') == "the key 'format' stands twice in one object"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_not_finite_is_refused_with_its_place(number):
    """Row 10."""
    node = f'{{"type": "x", "values": {{"time": [1, {number}]}}}}'
    words = refusal(f'{{"format": 1, "nodes": {{"lag1": {node}}}}}'.encode())
    assert words == "nodes.lag1.values.time[1]: is not a finite number"


def test_whole_numbers_beyond_what_floats_hold_are_refused():
    """Row 10."""
    words = refusal(b'{"format": 1, "x": 9007199254740993}')
    assert words == "x: is a whole number beyond ±2^53"
    assert "4,300 digits" in refusal(b'{"format": 1, "x": ' + b"9" * 5_000 + b"}")
