"""A thread that does one thing after another, and keeps no process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """Does what is submitted, in order, on a daemon thread.

    A `ThreadPoolExecutor` would be waited for when the process ends, also where a model hangs.
    """

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Has a job done; returns what becomes of it."""
        future: Future[T] = Future()

        def do() -> None:
            try:
                result = job()
            except BaseException as fault:  # it belongs to whoever asks for the result
                future.set_exception(fault)
            else:
                future.set_result(result)

        self._queue.put(do)
        return future

    def put(self, job: Callable[[], None]) -> None:
        """Has a job done that raises nothing; takes no lock, so that a frame may do it."""
        self._queue.put(job)

    def close(self) -> None:
        """Lets the thread end after what it is at."""
        self._queue.put(None)

    def _run(self) -> None:
        while job := self._queue.get():
            job()
