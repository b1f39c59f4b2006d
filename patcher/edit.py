"""`hocket edit`: the window in which patches are made and played."""

from __future__ import annotations

from typing import Annotated

import typer

from patcher.arguments import PatchPath, node_types, read_patch
from patcher.exits import guarded

STARTER = "first_light"


@guarded
def edit(
    patch: PatchPath = STARTER,
    name: Annotated[str, typer.Option(help="The engine's name, where several run.")] = "default",
) -> None:
    """Open a patch in a window, playing."""
    from patcher.app import App
    from patcher.attachment import Attachment
    from patcher.document import Document
    from patcher.state import state_folder

    path, _ = read_patch(patch)
    attachment = Attachment(name, state_folder() / "engine.log")
    app = App(node_types(), attachment, Document.open(path))
    try:
        app.show()
        app.run()
    finally:
        attachment.close(end=attachment.found is False)
        app.close()
