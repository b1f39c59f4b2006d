"""Downloads what MRT2 plays with, by the commands of the package itself."""

from __future__ import annotations

import io
import socket
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

from engine.generators import ModelUnavailableError
from engine.generators.mrt2 import installed


def fetch(name: str, export: bool = False, shown: TextIO | None = None) -> tuple[Path, ...]:
    """Downloads a model's weights or an encoder; returns the files that are there then.

    The package gives a file its name when all of it has come.

    Args:
        name: one of `installed.NAMES`, or `installed.ENCODER` or `installed.CODEC`; the package
            fetches these two together.
        export: the model's export for MLX, not its weights.
        shown: where the package says what it does; None where nobody wants to know.

    Raises:
        ModelUnavailableError: it was not downloaded.
    """
    if not installed.has_package():
        raise ModelUnavailableError(f"{name} needs the package magenta-rt: {installed.INSTALL}")
    import click
    from magenta_rt.cli import main as package

    command, files = _command(name, export)
    out = shown or io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(out):
            package.main(
                [*command, "--download-path", str(installed.home())], standalone_mode=False
            )
    except click.Abort:
        raise KeyboardInterrupt from None
    except (Exception, SystemExit) as fault:
        raise ModelUnavailableError(f"{name} was not downloaded: {_cause(fault)}") from fault
    for file in files:
        if not file.is_file():
            raise ModelUnavailableError(f"{name} was not downloaded: no {file.name} was offered")
    return files


def _command(name: str, export: bool) -> tuple[list[str], tuple[Path, ...]]:
    """Returns the package's command for something, and the files that it is to bring."""
    if name == installed.ENCODER:
        folder = installed.encoder()
        return ["models", "init"], tuple(folder / each for each in installed.ENCODER_FILES)
    if name == installed.CODEC:
        return ["models", "init"], installed.codec_files()
    if export:
        return ["models", "download", name], (installed.exported(name),)
    return ["checkpoints", "download", name], (installed.checkpoint(name),)


def _cause(fault: BaseException) -> str:
    """Returns what began it, in a line; the package wraps it several times."""
    while under := fault.__cause__ or fault.__context__:
        fault = under
    words = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
    offline = isinstance(fault, socket.gaierror | ConnectionError | TimeoutError)
    return words.splitlines()[0] + ("; is this machine online?" if offline else "")
