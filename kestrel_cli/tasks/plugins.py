"""Task types of other packages: entry points of the group `kestrel.tasks` (see `base.py`).

Imported when a flow names a type that the table of `registry.py` does not have: to look through the
installed packages takes longer than to read a flow. What is found is kept for the process.
"""

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from kestrel_cli.errors import PluginWarning
from kestrel_cli.model.record import fresh, record
from kestrel_cli.model.task import FlowableTask, RunnableTask, Task

GROUP: Final = "kestrel.tasks"
SWITCH: Final = "KESTREL_NO_PLUGINS"
_NO: Final = ("", "0", "false", "no")
_TYPE_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+")


@record
class Plugin:
    """A task type and the distribution that brings it, as `name version`."""

    name: str
    task: type[Task]
    distribution: str


@record
class _Offer:
    """An entry point, and whether it was loaded."""

    point: EntryPoint
    distribution: str
    taken: bool = False

    @property
    def name(self) -> str | None:
        """The type that it brings; None when only its module knows."""
        return self.point.name if "." in self.point.name else None


@record
class Plugins:
    """What the installed packages bring; each is imported when it may be needed. `taken` are the
    names that no plugin may have.
    """

    taken: frozenset[str]
    offers: list[_Offer]
    found: dict[str, Plugin] = fresh(factory=dict)

    def find(self, name: str) -> Plugin | None:
        """The plugin of that type; only the packages that may have it are imported."""
        for offer in self.offers:
            if not offer.taken and offer.name in (None, name):
                self._take(offer)
        return self.found.get(name)

    def names(self) -> list[str]:
        """Every name that is known without importing anything more."""
        told = (offer.name for offer in self.offers if not offer.taken)
        return sorted({*self.found, *(name for name in told if name is not None)})

    def all(self) -> list[Plugin]:
        """Every type, sorted by name."""
        for offer in self.offers:
            if not offer.taken:
                self._take(offer)
        return [self.found[name] for name in sorted(self.found)]

    def _take(self, offer: _Offer) -> None:
        offer.taken = True
        try:
            listed = list(_listed(offer))
        except (Exception, SystemExit) as error:  # noqa: BLE001  anybody's code
            _warn(offer, f"can't be loaded: {type(error).__name__}: {error}")
            return
        for name, task in listed:
            if problem := self._problem(name, task):
                _warn(offer, problem)
            else:
                self.found[name] = Plugin(name, task, offer.distribution)

    def _problem(self, name: object, task: object) -> str | None:
        """Why there is no such type; None when there is."""
        if not isinstance(name, str) or not _TYPE_NAME.fullmatch(name):
            return f"`{name}` is no name of a task type: write it as `com.example.MyTask`"
        if name in self.taken:
            return f"`{name}` is a type of Kestrel's own: give the task another name"
        if name in self.found:
            return f"`{name}` is left out: {self.found[name].distribution} has it already"
        return _flaw(name, task)


def _flaw(name: str, task: object) -> str | None:
    if not (isinstance(task, type) and issubclass(task, Task)):
        return f"`{name}` is no task class: derive it from RunnableTask or FlowableTask"
    if not _works(task):
        work = "expand" if task.flowable else "run"
        return f"`{name}` can't run: its class `{task.__name__}` has no method `{work}`"
    if any(isinstance(declared.shape, str) for declared in task.properties.values()):
        return (
            f"the properties of `{name}` can't be read: take "
            "`from __future__ import annotations` out of its module"
        )
    return None


def _works(task: type[Task]) -> bool:
    if issubclass(task, FlowableTask):
        return task.expand is not FlowableTask.expand
    if issubclass(task, RunnableTask):
        return task.run is not RunnableTask.run
    return task.executable


def _listed(offer: _Offer) -> Iterator[tuple[Any, Any]]:
    """The types of an entry point. Raises whatever its module raises."""
    loaded = offer.point.load()
    if offer.name is not None:
        yield offer.name, loaded
        return
    tasks = loaded if isinstance(loaded, Mapping) else loaded.TASKS
    if not isinstance(tasks, Mapping):
        raise TypeError("`TASKS` must be a mapping of type names to classes")
    yield from tasks.items()


def _warn(offer: _Offer, problem: str) -> None:
    message = f"plugin `{offer.point.name}` of {offer.distribution}: {problem}"
    warnings.warn(message, PluginWarning, stacklevel=2)


def _offers() -> list[_Offer]:
    found = [_Offer(point, _distribution(point)) for point in entry_points(group=GROUP)]
    return sorted(found, key=lambda one: (one.distribution, one.point.name))


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"


def installed(taken: frozenset[str]) -> Plugins:
    """The plugins of this environment; none while `KESTREL_NO_PLUGINS` is set."""
    off = os.environ.get(SWITCH, "").lower() not in _NO
    return Plugins(taken, []) if off else _installed(taken)


@cache
def _installed(taken: frozenset[str]) -> Plugins:
    return Plugins(taken, _offers())


def forget() -> None:
    """Look again: the path on which packages are found has changed."""
    _installed.cache_clear()
