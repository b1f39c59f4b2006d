"""JSON that may be anything: read with limits, and refused in words with the place."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from engine.patch import MAX_WHOLE, PatchError, Problem, short, text_fault

MAX_BYTES = 8 * 2**20
MAX_COMMAS = 500_000
"""As cheap a measure of how many parts a file has as there is, taken before it is parsed."""

MAX_DEPTH = 64
MAX_PROBLEMS = 100
"""How many faults of one file are told; a hostile one could have millions."""


def size_fault(data: bytes) -> str | None:
    """Says why so large a file is neither read nor written, or returns None where it is."""
    if len(data) > MAX_BYTES:
        return f"the file has {len(data) / 2**20:.1f} MB; at most 8 MB are read"
    if data.count(b",") > MAX_COMMAS:
        return f"the file has more than {MAX_COMMAS:,} commas, and so too many parts"
    return None


def parse(data: bytes, most: Mapping[str, int]) -> dict[str, Any]:
    """Returns the JSON object in `data`, after refusing what the json module lets pass.

    Args:
        most: how many parts the lists and objects at the top level may have.

    Raises:
        PatchError: it is too large, not JSON, or holds what no patch may.
    """
    if fault := size_fault(data):
        raise PatchError.at("", fault)
    if not data.strip():
        raise PatchError.at("line 1, column 1", "is empty; a patch is a JSON object")
    try:
        raw = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        place = f"line {line}, column {column}"
        raise PatchError.at(place, "is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        # "Invalid control character at" is followed by the place, in Python's words.
        raise PatchError.at(place, f"not JSON: {error.msg.removesuffix(' at')}") from None
    except RecursionError:
        raise PatchError.at("", f"is nested more than {MAX_DEPTH} deep") from None
    except ValueError:
        fault = "has a whole number of more than 4,300 digits; legal is up to ±2^53"
        raise PatchError.at("", fault) from None
    if not isinstance(raw, dict):
        raise PatchError.at("", "is not a patch: a patch is a JSON object")
    problems = list(islice(_limits(raw, most), MAX_PROBLEMS))
    if problems:
        raise PatchError(problems)
    return raw


class _Repeating(dict[str, Any]):
    """A JSON object in which the key `twice` stood more than once."""

    twice: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeating = _Repeating(found)
    repeating.twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return repeating


def _limits(raw: dict[str, Any], most: Mapping[str, int]) -> Iterator[Problem]:
    """Yields what is too large, too deep, repeated or not finite, without recursion."""
    for key, count in most.items():
        held = raw.get(key)
        if isinstance(held, (dict, list)) and len(held) > count:
            yield Problem(key, f"has {len(held):,}; at most {count:,} are legal")
    inside: list[Iterator[tuple[str, Any]]] = [iter([("", raw)])]
    while inside:
        for place, value in inside[-1]:
            if not isinstance(value, (dict, list)):
                if fault := _value_fault(value):
                    yield Problem(place, fault)
            elif len(inside) > MAX_DEPTH:
                yield Problem(place, f"is nested more than {MAX_DEPTH} deep")
            else:
                yield from _key_faults(place, value)
                inside.append(_parts(place, value))
                break
        else:
            inside.pop()


def _parts(place: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    """Yields what an object or array holds, each with its place, short however long the keys."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield short(f"{place}[{number}]"), each
    else:
        for key, each in value.items():
            yield short(f"{place}.{key}" if place else key), each


def _key_faults(place: str, value: dict[str, Any] | list[Any]) -> Iterator[Problem]:
    if isinstance(value, _Repeating):
        yield Problem(place, f"the key {short(value.twice)!r} stands twice in one object")
    if isinstance(value, dict):
        for key in value:
            if fault := text_fault(key):
                yield Problem(short(f"{place}.{key}" if place else key), f"the key is {fault}")


def _value_fault(value: object) -> str | None:
    if isinstance(value, str):
        return text_fault(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "is not a finite number"
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        return "is a whole number beyond ±2^53"
    return None
