"""What is in an OSC packet.

Source of the format: Open Sound Control 1.0, opensoundcontrol.stanford.edu/spec-1_0.html.
"""

from __future__ import annotations

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.parsing import osc_types

MAX_DEPTH = 8
"""How deep bundles may lie in bundles."""
MAX_NUMBERS = 64
"""The most numbers in one message."""
MAX_MESSAGES = 128
"""The most messages in one bundle, with those of the bundles in it, and in a frame's time, 3,200 a
second: setting a value takes about 0.1 ms in a patch of 100 nodes, so a flood takes a third of
Python's time at most."""
TAGS = frozenset(",ifhdsTFN")


def read_packet(data: bytes) -> list[OscMessage]:
    """Returns the messages of a packet in order, those of bundles in bundles included.

    Bundles are taken apart here, since python-osc never returns from one of a negative size.

    Raises:
        ValueError: any part of it is broken.
    """
    return _read(data, 0)


def _read(data: bytes, depth: int) -> list[OscMessage]:
    if not data.startswith(b"#bundle\0"):
        return [_read_message(data)]
    if depth == MAX_DEPTH:
        raise ValueError(f"bundles lie more than {MAX_DEPTH} deep in each other")
    found: list[OscMessage] = []
    at = 16  # after the name and the time tag
    if len(data) < at:
        raise ValueError("a bundle without its time")
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big", signed=True)
        at += 4
        if not 0 < size <= len(data) - at:
            raise ValueError(f"a part of {size} bytes in a bundle that has {len(data) - at} left")
        found += _read(data[at : at + size], depth + 1)
        if len(found) > MAX_MESSAGES:
            raise ValueError(f"a bundle of more than {MAX_MESSAGES} messages")
        at += size
    return found


def _read_message(data: bytes) -> OscMessage:
    if not data.startswith(b"/"):
        raise ValueError("it begins with neither / nor #bundle")
    try:
        address, at = osc_types.get_string(data, 0)
        tags = osc_types.get_string(data, at)[0] if at < len(data) else ","
        # Checked first: python-osc logs a tag it does not know, and reads on in the wrong place.
        if not TAGS.issuperset(tags):
            raise ValueError(f"{address} holds neither number, text, true, false nor nil: {tags}")
        if len(tags) > MAX_NUMBERS + 1:
            raise ValueError(f"{address} holds more than {MAX_NUMBERS} arguments")
        return OscMessage(data)
    except (osc_types.ParseError, ParseError) as fault:
        raise ValueError(f"a message is cut off ({fault})") from None
