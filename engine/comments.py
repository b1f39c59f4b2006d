"""Edits of comments.

They are as those of `engine.edits`: pure, and refused in words by PatchError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.edits import point
from engine.patch import MAX_COMMENTS, Comment, Patch, PatchError, id_fault, text_fault


def put_comment(patch: Patch, name: str, comment: Comment) -> Patch:
    """Places a comment, or changes that of this id; `edits.first_free` finds a new id."""
    if fault := id_fault(name):
        raise PatchError.at("", fault)
    if name not in patch.comments and len(patch.comments) >= MAX_COMMENTS:
        raise PatchError.at("", f"a patch has at most {MAX_COMMENTS:,} comments")
    for text in (comment.text, comment.colour):
        if fault := text_fault(text):
            raise PatchError.at(name, fault)
    size = comment.size
    if size and not all(0 < length < 1e6 for length in size):
        raise PatchError.at(name, f"the size {size!r} is outside 0..1,000,000 pixels")
    placed = replace(
        comment,
        at=point(name, comment.at),
        size=(float(size[0]), float(size[1])) if size else None,
    )
    return replace(patch, comments={**patch.comments, name: placed})


def move_comments(patch: Patch, positions: Mapping[str, tuple[float, float]]) -> Patch:
    """Puts comments at new positions on the canvas."""
    moved = {
        name: replace(find_comment(patch, name), at=point(name, at))
        for name, at in positions.items()
    }
    return replace(patch, comments={**patch.comments, **moved})


def remove_comments(patch: Patch, *names: str) -> Patch:
    """Takes comments away."""
    for name in names:
        find_comment(patch, name)
    kept = {name: each for name, each in patch.comments.items() if name not in names}
    return replace(patch, comments=kept)


def find_comment(patch: Patch, name: str) -> Comment:
    """Returns a comment; refused where there is none of this name."""
    if name not in patch.comments:
        raise PatchError.at("", f"there is no comment {name!r}")
    return patch.comments[name]
