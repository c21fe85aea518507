"""The work folder of a run: what its tasks need for a while.

Directories that outlive the process lie in it by names of their own. All the rest is in `tmp` below
it. Whoever goes on with the run removes what a killed process left there: all but the directories
of task runs that go on.

A name is chosen, and known to who removes it, before anything is made: an exception raised by a
signal comes right after a system call, when nobody knows yet what that has made.
"""

import os
from collections.abc import Callable, Container
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from kestrel_cli.errors import TaskFailed
from kestrel_cli.store.directory import make_new, make_private

_TMP: Final = "tmp"
_TRIES: Final = 5

Made = TypeVar("Made")


def temporary(work: Path) -> Path:
    """Where temporary files of a run are, below its work folder."""
    return work / _TMP


def directory(work: Path, execution_id: str, run: int) -> Path:
    """The directory of a task run that may outlive the process."""
    return work / f"{execution_id}-{run}"


def clear(work: Path, kept: Container[Path] = ()) -> None:
    """Remove what a process that is no more left in the work folder of its run; but directories
    with which the run goes on are `kept`. Only for who has the run to itself. Never raises.
    """
    with suppress(OSError):
        for place in list(work.iterdir()):
            if place not in kept:
                _remove(place)
    leave(work)


def leave(work: Path) -> None:
    """Take the work folder away if nothing is in it; somebody else's attempts may still be."""
    with suppress(OSError):
        temporary(work).rmdir()
    with suppress(OSError):
        work.rmdir()


def made_in(folder: Path, make: Callable[[], Made]) -> Made:
    """What `make` makes in a folder, that is made before where it is missing. Raises OSError."""
    for _ in range(_TRIES):
        make_private(folder)
        with suppress(FileNotFoundError):  # `leave` of another execution of the run came between
            return make()
    make_private(folder)
    return make()


class Scratch:
    """New folders for the user alone, as long as somebody works: all are gone after `close`, even
    those that an exception kept from being known to anybody else.

    They lie in the work folder of a run, or in the system's folder for temporary files when there
    is no such folder or no room in it.
    """

    def __init__(self, work: Path | None = None) -> None:
        self._work = work
        self._chosen: set[Path] = set()

    def new(self, name: str) -> Path:
        """A new folder, empty; its name begins with this one. Raises TaskFailed."""
        try:
            if self._work is not None:
                with suppress(OSError):
                    return self._made(temporary(self._work), name)
            return self._made(_of_the_system(), f"kestrel-{name}")
        except OSError as error:
            raise TaskFailed(f"no temporary folder can be made: {error.strerror}") from None

    def remove(self, place: Path) -> None:
        """Remove one of them with all that is in it."""
        _remove(place)
        self._chosen.discard(place)

    def take_over(self, place: Path) -> None:
        """A folder that somebody else has made: it is to go with the others."""
        self._chosen.add(place)

    def hand_over(self, place: Path) -> None:
        """Somebody else sees to this one."""
        self._chosen.discard(place)

    def close(self) -> None:
        """Remove all of them."""
        for place in list(self._chosen):
            self.remove(place)

    def _made(self, folder: Path, name: str) -> Path:
        place = folder / f"{name}-{os.urandom(6).hex()}"
        self._chosen.add(place)
        try:
            made_in(folder, lambda: make_new(place))
        except FileExistsError:  # not ours: it is not for us to remove
            self._chosen.discard(place)
            raise
        return place


def _remove(place: Path) -> None:
    import shutil  # 3 ms that most runs do not need

    shutil.rmtree(place, ignore_errors=True)


def _of_the_system() -> Path:
    import tempfile

    return Path(tempfile.gettempdir())
