"""How messages travel: msgpack, each with its length before it as four bytes, big-endian."""

from __future__ import annotations

from typing import TypeVar, get_args

import msgspec

from engine.commands import AnyCommand, Command
from engine.messages import AnyMessage, Message, Request

MAX_MESSAGE = 16 * 2**20
"""The most bytes of one message: twice what the text of a patch may have."""

COMMANDS = ", ".join(each.__name__ for each in get_args(AnyCommand))

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()
_request = msgspec.msgpack.Decoder(Request)
_command: msgspec.msgpack.Decoder[AnyCommand] = msgspec.msgpack.Decoder(AnyCommand)
_message: msgspec.msgpack.Decoder[AnyMessage] = msgspec.msgpack.Decoder(AnyMessage)


def encode_request(id: int, command: Command) -> bytes:
    """Returns a command under its number, without the length."""
    return _encoder.encode(Request(id, msgspec.Raw(_encoder.encode(command))))


def encode(message: Message) -> bytes:
    """Returns what the engine says, without the length."""
    return _encoder.encode(message)


def decode_request(data: bytes) -> Request:
    """Reads the outer half of a request.

    Raises:
        ValueError: it is none; the words say what is legal.
    """
    return _decode(_request, data, "a request")


def decode_command(request: Request) -> AnyCommand:
    """Reads the inner half of a request.

    Raises:
        ValueError: it is no command or not of its shape; the words say what is legal.
    """
    return _decode(_command, request.command, f"a command (legal: {COMMANDS})")


def decode(data: bytes) -> AnyMessage:
    """Reads what the engine says.

    Raises:
        ValueError: it is no message of this version.
    """
    return _decode(_message, data, "a message")


def _decode(decoder: msgspec.msgpack.Decoder[T], data: bytes | msgspec.Raw, what: str) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
        raise ValueError(f"not {what}: {fault}") from None
