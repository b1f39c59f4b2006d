"""Reading patch files, which may hold anything; rows are those of the list of faults."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import TOYS, refusal

from engine import files
from engine.compiler import compile_patch
from engine.files import FormatError, dumps, load_patch, loads, schema
from engine.patch import Cable, Node, Patch, PatchError

FORMATS = Path(__file__).parent / "formats"

SMALL = b"""{
  "format": 1,
  "author": "",
  "cables": [
    ["a.control", "b.a"]
  ],
  "description": "",
  "license": "",
  "nodes": {
    "a": {"at": [0, 0], "type": "control.count"},
    "b": {"at": [0, 0], "type": "control.add", "values": {"b": 0.5}}
  },
  "tags": [],
  "title": ""
}
"""


MAPPING = {"channel": 1, "control": 74, "port": "a.rate"}
NAMES = "legal are 1..64 characters on one line"


def with_node(node: Any) -> dict[str, Any]:
    """A file with three nodes, of which the second is as given."""
    sound = {"type": "audio.gain"}
    return {"format": 1, "nodes": {"a": sound, "lag1": node, "z": sound}}


def test_format_1_loads_for_ever():
    """The file is frozen: where this fails, a migration is missing. Never change the file."""
    assert load_patch(FORMATS / "1.hocket") == Patch(
        title="Format one",
        author="Ada",
        license="CC0-1.0",
        description="Two lines,\nünïcode “and” \\ a tab\t.",
        tags=("chords", "two"),
        nodes={
            "amp": Node("audio.gain", (640, 80), {"gain": -6}),
            "held": Node("notes.held", (240, 80.5)),
            "keys": Node("midi.input", (-40, 0), {"channel": 1}, {"colour": "blue"}),
            "model1": Node("generator.model", (440, 80), {"temperature": 0.7, "seed": 2**53}),
            "mystery": Node(
                "other.package_of_glow", (640, 280), {"how_much": 1e-5, "any": [1, {"x": "y"}]}
            ),
            "out": Node("audio.output"),
        },
        cables=(
            Cable("amp", "audio", "out", "audio"),
            Cable("held", "notes", "model1", "notes"),
            Cable("keys", "midi", "held", "midi"),
            Cable("model1", "audio", "amp", "audio"),
            Cable("mystery", "glow", "amp", "gain"),
        ),
        extra={"next_version": {"a": {"deep": True}, "b": [1, 2.5, None]}},
    )


def test_every_past_format_has_a_frozen_file():
    kept = {int(path.stem) for path in FORMATS.glob("*.hocket")}
    assert kept == set(range(1, files.FORMAT + 1))


def test_the_least_patch_is_its_format():
    assert loads(b'{"format": 1}') == Patch()


@pytest.mark.parametrize("end", range(7, len(SMALL) - 2, 7))
def test_a_truncated_file_is_refused_with_line_and_column(end):
    """Row 8: truncated."""
    lines = SMALL[:end].split(b"\n")
    words = refusal(SMALL[:end])
    found = words.partition(": not JSON: ")[0].removeprefix("line ").split(", column ")
    assert 1 <= int(found[0]) <= len(lines)
    assert int(found[1]) <= len(lines[int(found[0]) - 1]) + 1


def test_the_place_is_that_of_the_fault():
    """Row 8."""
    text = '{"format": 1,\n  "title": "é" "tags": []}'
    assert refusal(text.encode()) == "line 2, column 16: not JSON: Expecting ',' delimiter"
    assert refusal(b"") == "line 1, column 1: is empty; a patch is a JSON object"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1, column 1"),
        (b'{"format": 1,\n "t\xff": 1}', "line 2, column 4"),
        (b"\xff\xfe{\0", "line 1, column 1"),
        (b'\xef\xbb\xbf{"format": 1,\n "t\xff": 1}', "line 2, column 4"),
    ],
)
def test_a_binary_file_is_refused_with_line_and_column(data, place):
    """Row 8: binary, or text in another encoding."""
    assert refusal(data) == f"{place}: is not text in UTF-8"


@given(st.binary(max_size=60))
def test_any_bytes_load_or_are_refused(data):
    """Row 8."""
    with suppress(PatchError):
        assert isinstance(loads(data), Patch)


def test_a_byte_order_mark_is_passed_over():
    """Row 8: editors on Windows write one; the patch in it is whole, so it loads."""
    assert loads(b"\xef\xbb\xbf" + SMALL) == loads(SMALL)


@pytest.mark.parametrize("data", [b"[]", b'"format"', b"1", b"null", b"true"])
def test_what_is_no_object_is_refused(data):
    assert refusal(data) == "is not a patch: a patch is a JSON object"


@pytest.mark.parametrize("held", ["1", 1.0, True, None, -1, [1]])
def test_a_format_that_is_no_number_is_refused(held):
    assert refusal({"format": held}).startswith(f"format: is {held!r}; a patch begins with its")


def test_without_a_format_there_is_no_patch():
    assert refusal(b"{}") == "format: is missing; a patch begins with its format, 1"


def test_a_newer_format_needs_a_newer_hocket():
    """Row 13: told apart from a broken file, so that it may be opened read-only."""
    with pytest.raises(FormatError) as caught:
        loads(b'{"format": 7, "nodes": "unheard of"}')
    assert caught.value.needs == 7
    assert str(caught.value) == (
        "format: has format 7; this version reads up to 1: needs a newer hocket"
    )


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"type": "x", "at": "left"}, "nodes.lag1.at: Expected `array`, got `str`"),
        ({"type": "x", "at": [1]}, "nodes.lag1.at: Expected `array` of length 2, got 1"),
        ({"type": "x", "at": [1, "2"]}, "nodes.lag1.at[1]: Expected `float`, got `str`"),
        ({"type": "x", "at": [1, True]}, "nodes.lag1.at[1]: Expected `float`, got `bool`"),
        ({"type": "x", "at": [1e6, 0]}, "nodes.lag1.at: is outside ±1,000,000 pixels"),
        ({"type": 5}, "nodes.lag1.type: Expected `str`, got `int`"),
        ({"at": [1, 2]}, "nodes.lag1: Object missing required field `type`"),
        ({"type": "x", "values": []}, "nodes.lag1.values: Expected `object`, got `array`"),
        ("control.lag", "nodes.lag1: Expected `object`, got `str`"),
        (None, "nodes.lag1: Expected `object`, got `null`"),
    ],
)
def test_a_wrong_type_in_a_node_is_refused_with_its_place(node, words):
    """Row 10."""
    assert refusal(with_node(node)) == words


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"title": 5}, "title: Expected `str`, got `int`"),
        ({"tags": "x"}, "tags: Expected `array`, got `str`"),
        ({"tags": ["x", 5]}, "tags[1]: Expected `str`, got `int`"),
        ({"nodes": []}, "nodes: Expected `object`, got `array`"),
        ({"cables": {}}, "cables: Expected `array`, got `object`"),
        ({"cables": [["a.b", "c.d"], 5]}, "cables[1]: Expected `array`, got `int`"),
        ({"cables": [["a.b"]]}, "cables[0]: Expected `array` of length 2, got 1"),
        ({"cables": [["a.b", 5]]}, "cables[0][1]: Expected `str`, got `int`"),
        (
            {"nodes": {"a": {"type": "x", "bypass": 1}}},
            "nodes.a.bypass: Expected `bool`, got `int`",
        ),
        ({"comments": []}, "comments: Expected `object`, got `array`"),
        ({"comments": {"a": {}}}, "comments.a: Object missing required field `text`"),
        (
            {"comments": {"a": {"text": "", "size": [1]}}},
            "comments.a.size: Expected `array` of length 2, got 1",
        ),
        ({"mappings": {}}, "mappings: Expected `array`, got `object`"),
        ({"mappings": [MAPPING | {"channel": 0}]}, "mappings[0].channel: Expected `int` >= 1"),
        ({"mappings": [MAPPING | {"channel": 17}]}, "mappings[0].channel: Expected `int` <= 16"),
        ({"mappings": [MAPPING | {"control": 120}]}, "mappings[0].control: Expected `int` <= 119"),
        (
            {"mappings": [MAPPING | {"control": True}]},
            "mappings[0].control: Expected `int`, got `bool`",
        ),
        (
            {"mappings": [MAPPING | {"low": "x"}]},
            "mappings[0].low: Expected `float | null`, got `str`",
        ),
        ({"mappings": [MAPPING, MAPPING]}, "mappings: a.rate stands more than once"),
        ({"mappings": [MAPPING | {"port": "a"}]}, "mappings[0].port: 'a' is not node.port"),
        ({"scenes": {}}, "scenes: Expected `array`, got `object`"),
        ({"scenes": [{"name": "x", "fade": 1}]}, "scenes[0]: Object contains unknown field `fade`"),
        ({"scenes": [{"name": "x"}] * 2}, "scenes: x stands more than once"),
        ({"scenes": [{"name": "x\ny"}]}, f"scenes[0].name: 'x\\ny' is no name; {NAMES}"),
        ({"scenes": [{"name": "x" * 65}]}, f"scenes[0].name: {'x' * 64!r} is no name; {NAMES}"),
        ({"panel": ["a", 5]}, "panel[1]: Expected `str`, got `int`"),
        ({"panel": ["a", "a"]}, "panel: a stands more than once"),
        ({"panel": ["a.b.c"]}, "panel[0]: 'a.b.c' is not node.port"),
    ],
)
def test_a_wrong_type_in_the_patch_is_refused_with_its_place(part, words):
    """Row 10."""
    assert refusal({"format": 1, **part}) == words


@pytest.mark.parametrize("end", ["a", "a.", ".b", "a.b.c", "a.b\n", "A.b", "a b.c", "", "a.b" * 50])
def test_a_cable_that_joins_no_ports_is_refused(end):
    """Row 11."""
    words = refusal({"format": 1, "cables": [["a.b", "c.d"], ["a.b", end]]})
    assert words == f"cables[1]: {end[:128]!r} is not node.port"


def test_a_cable_that_stands_twice_is_refused():
    """Row 11."""
    words = refusal({"format": 1, "cables": [["a.b", "c.d"]] * 3})
    assert words == "cables: a.b -> c.d stands more than once"


@pytest.mark.parametrize("name", ["lag1\n", "x; import os", "1a", "", "Ä", "a.b", "x" * 65])
def test_an_id_that_is_none_is_refused(name):
    """Row 10: a newline in an id, which `^…$` would let pass."""
    words = refusal({"format": 1, "nodes": {name: {"type": "x"}}})
    legal = "legal are up to 64 of a-z, 0-9 and _, beginning with a letter"
    assert words.endswith(f": {name[:64]!r} is no id; {legal}")


def test_all_faults_of_a_file_are_told_together():
    words = refusal(
        {
            "format": 1,
            "nodes": {"A": {"type": "x"}, "b": {"type": "x", "at": [0, 2e6]}},
            "cables": [["a.b", "b"]],
            "comments": {"c": {"text": "", "at": [1e7, 0], "size": [5, 0]}},
            "scenes": [{"name": " ", "values": {"x": 1}}],
        }
    )
    assert [line.partition(":")[0] for line in words.split("\n")] == [
        "nodes.A",
        "nodes.b.at",
        "comments.c.at",
        "comments.c.size",
        "scenes[0].name",
        "cables[0]",
        "scenes[0].values",
    ]


def test_of_10000_faulty_cables_a_hundred_are_told():
    words = refusal({"format": 1, "cables": [["a", "b"]] * 10_000})
    assert len(words.split("\n")) == 100


def test_of_a_million_faults_a_hundred_are_told():
    words = refusal(b'{"format": 1, "x": [' + b"NaN," * 1_000 + b"NaN]}")
    assert len(words.split("\n")) == 100


def test_what_no_terminal_should_obey_is_escaped():
    words = refusal({"format": 1, "\x1b[2J\ud800": float("nan")})
    assert "\\x1b[2J\\ud800: is not a finite number" in words
    assert "half a surrogate pair" in refusal({"format": 1, "title": "\udc80"})


OLD = b'{"format": 0, "name": "Old"}'


def test_migrations_run_in_their_order(monkeypatch):
    monkeypatch.setattr(files, "FORMAT", 2)
    seen = []

    def first(raw: dict[str, Any]) -> dict[str, Any]:
        seen.append(dict(raw))
        return {"format": 1, "label": raw["name"]}

    def second(raw: dict[str, Any]) -> dict[str, Any]:
        seen.append(dict(raw))
        return {"format": 2, "title": raw["label"]}

    assert loads(OLD, {0: first, 1: second}) == Patch(title="Old")
    assert seen == [{"format": 0, "name": "Old"}, {"format": 1, "label": "Old"}]


def test_a_format_that_nothing_brings_up_to_date_is_refused():
    assert refusal(OLD) == "format: is 0; legal are 1..1"


@pytest.mark.parametrize("error", [KeyError("name"), TypeError("no"), ValueError("no")])
def test_a_migration_that_stumbles_over_a_broken_file_refuses_it(error):
    def stumble(raw: dict[str, Any]) -> dict[str, Any]:
        raise error

    with pytest.raises(PatchError, match=r"^is no legal patch of format 0: "):
        loads(OLD, {0: stumble})


def test_a_fifo_is_refused_and_nobody_waits(tmp_path):
    """Row 14: opening one would wait for a writer for ever."""
    path = tmp_path / "pipe.hocket"
    os.mkfifo(path)
    refused: list[OSError] = []

    def read() -> None:
        try:
            load_patch(path)
        except OSError as error:
            refused.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(10)
    assert not reader.is_alive()
    assert str(refused[0]) == f"{path}: is not a regular file"


def test_a_device_or_a_folder_is_refused(tmp_path):
    """Row 14."""
    with pytest.raises(OSError, match="is not a regular file"):
        load_patch(Path(os.devnull))
    with pytest.raises(IsADirectoryError):
        load_patch(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_patch(tmp_path / "none.hocket")


def test_an_unknown_node_type_loses_nothing_and_the_rest_plays(tmp_path):
    """Row 12: values and cables are kept and saved back the same."""
    glow = b'    "glow": {"at": [1, 2], "type": "far.glow", "values": {"a": [1, {"b": null}]}}'
    cables = b'    ["glow.light", "b.b"],\n    ["glow.x", "glow.x"]\n'
    data = SMALL.replace(b'{"b": 0.5}}\n', b'{"b": 0.5}},\n' + glow + b"\n")
    data = data.replace(b'"b.a"]\n', b'"b.a"],\n' + cables)
    patch = loads(data)
    assert dumps(patch) == data
    plan = compile_patch(patch, TOYS)
    assert [each.place for each in plan.problems] == ["", "glow"]


def test_the_schema_takes_what_loads_takes():
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    for path in FORMATS.glob("*.hocket"):
        validator.validate(json.loads(path.read_text(encoding="utf-8")))
    for wrong in ({}, {"format": "1"}, with_node({}), {"format": 1, "cables": [["a.b"]]}):
        assert not validator.is_valid(wrong)
