"""What was worked out of the latest pasts, kept for hosts and for those who wait for them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from engine.generators import KEPT_PASTS
from engine.past import PastData

T = TypeVar("T")


class Pasts(Generic[T]):
    """What comes of a past, worked out once; from any thread.

    Args:
        work_out: returns it for one past, which may take seconds.
    """

    def __init__(self, work_out: Callable[[PastData], T]) -> None:
        self._work_out = work_out
        self._kept: OrderedDict[str, Future[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, past: PastData) -> T:
        """Returns what comes of a past, at once where it was asked for lately.

        Who asks while it is being worked out waits for that; what failed is tried again.
        """
        with self._lock:
            known = self._kept.get(past.key)
            working: Future[T] = known or Future()
            self._kept[past.key] = working
            self._kept.move_to_end(past.key)
            if len(self._kept) > KEPT_PASTS:
                self._kept.popitem(last=False)
        if known is None:
            try:
                working.set_result(self._work_out(past))
            except BaseException as fault:
                with self._lock:
                    if self._kept.get(past.key) is working:
                        del self._kept[past.key]
                working.set_exception(fault)
        return working.result()
