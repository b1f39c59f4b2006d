"""`hocket edit`: the window in which patches are made and played."""

from __future__ import annotations

import signal
from contextlib import closing
from typing import Annotated

import typer

from patcher.screen import missing_screen
from patcher.terminal import exits
from patcher.terminal.arguments import PATCH, Fallback, naming, node_types, read_patch
from patcher.terminal.exits import guarded
from patcher.terminal.run import STARTER


@guarded
def edit(
    patch: Annotated[
        str | None,
        typer.Argument(help=f"{PATCH} Else what the engine plays, or {STARTER}."),
    ] = None,
    name: Annotated[str, typer.Option(help="The engine's name, where several run.")] = "default",
    scale: Annotated[
        float | None, typer.Option(min=0.75, max=3, help="Of text and ports; else the screen's.")
    ] = None,
    fallback: Fallback = None,
) -> None:
    """Open a patch in a window, playing."""
    if why := missing_screen():
        exits.leave(exits.UNAVAILABLE, f"{why} `hocket run` plays a patch without one.")
    path, _ = read_patch(patch or STARTER)
    from patcher.app import App
    from patcher.editing.attachment import Attachment
    from patcher.editing.opening import open_document
    from patcher.state import state_folder

    registry = node_types()
    with naming(patch or STARTER):
        document = open_document(registry, path)
    options = ["--fallback", fallback] if fallback else []
    attachment = Attachment(name, state_folder() / "engine.log", options)
    wanted = False  # what else ends the window leaves the sound alone

    def stop(number: int, _: object) -> None:
        nonlocal wanted
        wanted = number == signal.SIGINT
        app.stop()

    try:
        with closing(
            App(registry, attachment, document, asked=patch is not None, scale=scale)
        ) as app:
            for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(ending, stop)
            app.show()
            app.run()
            wanted = wanted or app.editor.filing.leaving
    finally:
        attachment.close(ends=wanted)
