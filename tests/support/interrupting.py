"""Exceptions at every place where a signal may raise one: between a system call and the moment when
its result is known to anybody, too.
"""

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


class Interruption(BaseException):
    """What the handler of a signal raises."""


def interrupted_anywhere(work: Callable[[], object], *modules: str) -> Iterator[int]:
    """Do the work again and again, each time ended one instruction later in one of the modules
    (`/store/work.py`), until it comes to its end. Gives the number of instructions, once each time.
    """
    number = 0
    while True:
        number += 1
        found = _EndAt(number, modules)
        before = sys.gettrace()
        sys.settrace(found)
        try:
            work()
        except Interruption:
            pass
        finally:
            sys.settrace(before)
        yield number
        if found.left > 0:
            return


class _EndAt:
    def __init__(self, number: int, modules: tuple[str, ...]) -> None:
        self.left = number
        self._modules = modules

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(self._modules):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                raise Interruption
        return self
