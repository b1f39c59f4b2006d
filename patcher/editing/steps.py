"""Steps of editing that more than one part of the window takes."""

from __future__ import annotations

from collections.abc import Collection

from engine import edits
from engine.panel import show_on_panel, take_off_panel
from engine.patch import Cable, Patch
from patcher.editing.editor import Editor
from patcher.words import counted


def without(patch: Patch, *cables: Cable) -> Patch:
    """Returns a patch without some cables; those that it has not are passed over."""
    for each in cables:
        if each in patch.cables:
            patch = edits.disconnect(patch, each.start, each.end)
    return patch


def connect(editor: Editor, cable: Cable, *taken: Cable) -> None:
    """Patches a cable; what fed the inlet goes, and so do cables that were taken for it."""

    def change(patch: Patch) -> Patch:
        bare = without(patch, *taken)
        return edits.connect(bare, editor.registry, cable.start, cable.end, instead=True)

    editor.edit(f"Patch {cable.start} into {cable.end}", change)


def pull(editor: Editor, cable: Cable) -> None:
    """Takes a cable away."""
    editor.edit(
        f"Pull {cable.start} out of {cable.end}",
        lambda patch: edits.disconnect(patch, cable.start, cable.end),
    )


def rename(editor: Editor, old: str, typed: str) -> None:
    """Gives a node the name that was typed, and selects it."""
    new = typed.strip()
    if new != old and editor.edit(
        f"Rename {old} to {new}", lambda patch: edits.rename(patch, old, new)
    ):
        editor.selection.set(nodes={new})


def show_on_stage(editor: Editor, entries: Collection[str]) -> None:
    """Shows nodes and values, written `node.port`, on the perform panel."""

    def change(patch: Patch) -> Patch:
        for each in entries:
            patch = show_on_panel(patch, editor.registry, each)
        return patch

    editor.edit(f"Show {counted(entries, 'controls')} on the panel", change)


def take_off_stage(editor: Editor, entry: str) -> None:
    """Shows a node or a value on the perform panel no more."""
    editor.edit(f"Take {entry} off the panel", lambda patch: take_off_panel(patch, entry))
