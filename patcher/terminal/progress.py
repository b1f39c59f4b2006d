"""The progress bar of long commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

EVERY = 25
"""The bar is told of one frame in 25, a second of sound: telling costs as much as a node."""


@contextmanager
def progress_bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """Shows a bar on standard error while inside; yields what to call with (done, all)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)

        def update(done: int, total: int) -> None:
            if done % EVERY == 0 or done == total:
                bar.update(task, completed=done, total=total)

        yield update
