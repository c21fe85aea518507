"""The nodes that change a value at paths: `=`, `|=`, and what is built from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kestrel_cli.jq import limits
from kestrel_cli.jq.errors import JqError
from kestrel_cli.jq.machine import Finish, Node, Site, computed
from kestrel_cli.jq.nodes import gather
from kestrel_cli.jq.paths import del_paths, get_path, set_path
from kestrel_cli.jq.values import is_number, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from kestrel_cli.jq.machine import Continuation, Env, Machine, Path, Step, Where


class PathsOf:
    """The continuation that gathers the paths of results."""

    __slots__ = ("paths",)

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        self.paths.append(checked_path(path, value))
        if len(self.paths) > limits.MAX_ITEMS:
            raise limits.too_many_items("the list of paths in the jq program")
        return None


def checked_path(path: Where, value: object) -> Path:
    """The path, refused when the value was computed."""
    if isinstance(path, tuple):
        return path
    raise JqError(f"Invalid path expression with result {shown(value)}")


class Draft:
    """A value being changed at many paths. Containers are copied once, then changed in place."""

    def __init__(self, value: object, charge: Callable[[int], None]) -> None:
        self.value = value
        self._charge = charge
        # Kept alive here, so that no other object can get the id of one of ours.
        self._own: dict[int, object] = {}

    def part(self, path: Path) -> object:
        """What is at the path. Handed out, so containers in it are not ours to change any more."""
        found = get_path(self.value, path)
        if id(found) in self._own:
            self._own.clear()
        return found

    def put(self, path: Path, new: object) -> None:
        """Set what is at the path."""
        if not self._put_in_place(path, new):
            self.value = set_path(self.value, path, new)
            self._adopt(path)

    def _put_in_place(self, path: Path, new: object) -> bool:
        """Only along containers that are ours already, for keys that are there."""
        if not path:
            return False
        container = self.value
        for key in path[:-1]:
            if id(container) not in self._own or not _has(container, key):
                return False
            container = container[key]  # type: ignore[index]  # `_has` looked
        if id(container) not in self._own or not _has(container, path[-1]):
            return False
        container[path[-1]] = new  # type: ignore[index]  # the same
        return True

    def _adopt(self, path: Path) -> None:
        """`set_path` made new containers along the path: they are ours."""
        container = self.value
        for key in path:
            if not isinstance(container, (list, dict)):
                return
            self._own[id(container)] = container
            self._charge(len(container) >> 6)
            if not _has(container, key):
                return
            container = container[key]  # type: ignore[call-overload]  # the same


def _has(container: object, key: object) -> bool:
    if isinstance(container, dict):
        return isinstance(key, str) and key in container
    return isinstance(container, list) and isinstance(key, int) and 0 <= key < len(container)


class Assign(Node):
    """`target = source`: every path of target set, once for each value of source."""

    __slots__ = ("source", "target")

    def __init__(self, target: Node, source: Node) -> None:
        self.target, self.source = target, source

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        def with_value(machine: Machine, new: object) -> Step | None:
            found = PathsOf()

            def done() -> Step | None:
                draft = Draft(value, machine.charge)
                for place in found.paths:
                    machine.charge(1)
                    draft.put(place, new)
                return (k.resume, computed(path), draft.value)

            machine.push(Finish(done))
            return (self.target.start, env, (), value, found)

        return gather(machine, (self.source,), env, value, with_value)


class Modify(Node):
    """`target |= update`: every path set to the update's first result, or deleted without one."""

    __slots__ = ("target", "update")

    def __init__(self, target: Node, update: Node) -> None:
        self.target, self.update = target, update

    def start(
        self, machine: Machine, env: Env | None, path: Where, value: object, k: Continuation
    ) -> Step | None:
        found = PathsOf()

        def found_all() -> Step | None:
            draft = Draft(value, machine.charge)
            change = _Modification(self.update, draft, found, Site(env, path, value, k))
            return change.next(machine)

        machine.push(Finish(found_all))
        return (self.target.start, env, (), value, found)


class _Modification:
    """Goes through the paths one by one; the continuation of the update's first result."""

    def __init__(self, update: Node, draft: Draft, found: PathsOf, site: Site) -> None:
        self.update, self.draft, self.site = update, draft, site
        self.waiting = iter(found.paths)
        self.place: Path = ()
        self.dropped: list[object] = []
        self.mark = Finish(lambda: None)

    def next(self, machine: Machine) -> Step | None:
        """The step that updates the next path, or hands out the result."""
        place = next(self.waiting, None)
        if place is None:
            value = del_paths(self.draft.value, self.dropped)
            return (self.site.k.resume, computed(self.site.path), value)
        self.place = place
        self.mark = Finish(lambda: self._drop(machine))
        machine.push(self.mark)
        return (self.update.start, self.site.env, None, self.draft.part(place), self)

    def _drop(self, machine: Machine) -> Step | None:
        self.dropped.append([_plain_key(key) for key in self.place])
        return self.next(machine)

    def resume(self, machine: Machine, path: Where, value: object) -> Step | None:
        machine.cut(self.mark)
        self.draft.put(self.place, value)
        return self.next(machine)


def _plain_key(key: object) -> object:
    return key if isinstance(key, (str, dict)) or is_number(key) else None
