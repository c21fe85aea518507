"""Locks between processes on open files; the system lets go of them when their process ends."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        # A byte far behind the end: the file itself stays readable for others.
        os.lseek(file, 1 << 40, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_BETWEEN: Final = 0.01  # seconds between tries


def hold(file: int, tries: int = 1) -> None:
    """Lock an open file until it is closed. Raises BlockingIOError when another one has it; one who
    only asks whether it is held has it for a moment, which a few tries outlast.

    A file system without locks is taken as it is: nobody else is kept out.
    """
    for left in range(tries - 1, -1, -1):
        try:
            _lock(file)
        except (BlockingIOError, PermissionError):
            if not left:
                os.close(file)
                raise BlockingIOError(f"file {file} is locked") from None
        except OSError:
            return
        else:
            return
        time.sleep(_BETWEEN)


def is_held(path: Path) -> bool:
    """Whether another one has locked the file. Raises OSError when it can't be opened."""
    file = os.open(path, os.O_RDWR)
    try:
        hold(file)
    except BlockingIOError:
        return True
    with suppress(OSError):
        os.close(file)
    return False
