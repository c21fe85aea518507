"""Threads that do one thing after the other: to start one for each thing takes long."""

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final


class Hands:
    """There are as many as ever had something to do at once. The program does not wait for them."""

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[tuple[str, Callable[[], None]]]] = []
        if hasattr(os, "register_at_fork"):  # threads stay behind
            os.register_at_fork(after_in_child=self._idle.clear)

    def do(self, name: str, work: Callable[[], None]) -> None:
        """Have it done by a thread that has nothing to do, or a new one, under this name. The work
        must not raise.
        """
        try:
            hand = self._idle.pop()
        except IndexError:
            hand = SimpleQueue()
            threading.Thread(target=self._serve, args=(hand,), name=name, daemon=True).start()
        hand.put((name, work))

    def _serve(self, hand: "SimpleQueue[tuple[str, Callable[[], None]]]") -> None:
        while True:
            threading.current_thread().name, work = hand.get()
            work()
            del work  # what it holds is not ours
            self._idle.append(hand)


HANDS: Final = Hands()
