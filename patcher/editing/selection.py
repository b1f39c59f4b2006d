"""What is selected on the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.patch import Cable, Patch


@dataclass
class Selection:
    """The selected nodes, cables and comments.

    Dear PyGui's node editor keeps a selection of its own, which no program can set; nothing
    looks at that one.
    """

    nodes: set[str] = field(default_factory=set)
    cables: set[Cable] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)

    def set(
        self,
        nodes: set[str] | None = None,
        cables: set[Cable] | None = None,
        comments: set[str] | None = None,
    ) -> None:
        """Selects these and nothing else."""
        self.nodes, self.cables = nodes or set(), cables or set()
        self.comments = comments or set()

    def keep(self, patch: Patch) -> None:
        """Forgets what is not in a patch."""
        self.nodes &= set(patch.nodes)
        self.cables &= set(patch.cables)
        self.comments &= set(patch.comments)

    def __bool__(self) -> bool:
        return bool(self.nodes or self.cables or self.comments)
