"""What a command ends with: one line that says what was wrong, and an exit code.

The codes are those of sysexits.h where it has one.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

USAGE = 2
INVALID = 65
MISSING = 66
UNAVAILABLE = 69
BUG = 70
IO = 74
INTERRUPTED = 130

DEBUG = "HOCKET_DEBUG"
"""With this set in the environment, an error shows its traceback."""

P = ParamSpec("P")


def say(text: str) -> None:
    """Prints a message for people, on standard error."""
    print(text, file=sys.stderr)


def leave(code: int, text: str) -> NoReturn:
    """Ends the command with a message and an exit code."""
    say(text)
    raise typer.Exit(code)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Makes a command end in a message and a code, never in a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except BrokenPipeError:
            # The reader (`head`, a pager) has seen enough: nothing to say, and no flush at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(IO) from None
        except (Exception, KeyboardInterrupt) as error:
            if os.environ.get(DEBUG):
                raise
            leave(*verdict(error))

    return run


def verdict(error: BaseException) -> tuple[int, str]:
    """Returns the exit code and the words for an error."""
    from engine.generators import ModelUnavailableError
    from engine.patch import PatchError
    from engine.plan import NodeFailure

    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "interrupted"
    if isinstance(error, PatchError | InputError):
        return INVALID, str(error)
    if isinstance(error, FileNotFoundError):
        return MISSING, f"there is no file {error.filename}"
    if isinstance(error, ModelUnavailableError):
        return UNAVAILABLE, str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return IO, f"{place}{error.strerror or error}"
    if isinstance(error, NodeFailure):
        return BUG, f"{error} ({DEBUG}=1 shows where)"
    fault = f"{type(error).__name__}: {error}"
    return BUG, f"a fault in hocket, please report it: {fault} ({DEBUG}=1 shows where)"


class InputError(Exception):
    """A file or value given to a command is not what it should be."""
