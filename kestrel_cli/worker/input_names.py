"""The names of inputs: FORM children, dotted ids as nested maps, and who depends on whom."""

from collections.abc import Iterator, Mapping

from kestrel_cli.model.flow import DependsOn, Flow, Input


class Tree:
    """Values under dotted ids, as nested maps."""

    def __init__(self) -> None:
        self.branch: dict[str, object] = {}
        self._branches: dict[str, dict[str, object]] = {"": self.branch}

    def put(self, name: str, value: object) -> bool:
        """False, and nothing changed, when a part of the name is taken already."""
        path, below = "", self.branch
        *parents, last = name.split(".")
        for parent in parents:
            path = f"{path}.{parent}"
            if path not in self._branches:
                if parent in below:
                    return False
                below[parent] = self._branches[path] = {}
            below = self._branches[path]
        if last in below:
            return False
        below[last] = value
        return True

    def sorted(self) -> dict[str, object]:
        """The whole map with the keys of every level in order, as Kestra's TreeMap has them."""
        for branch in self._branches.values():
            entries = sorted(branch.items())
            branch.clear()
            branch.update(entries)
        return self.branch


def leaf_inputs(flow: Flow) -> list[Input]:
    """The inputs that hold values: the children of a FORM stand for it, as `form.child`."""
    if not any(one.type == "FORM" for one in flow.inputs):
        return flow.inputs
    leaves: list[Input] = []
    for one in flow.inputs:
        leaves += _children(one) if one.type == "FORM" else [one]
    return leaves


def _children(form: Input) -> Iterator[Input]:
    children = form.inputs or []
    siblings = {child.id for child in children}
    for child in children:
        needs = child.dependsOn
        if needs is not None:
            names = [f"{form.id}.{name}" if name in siblings else name for name in needs.inputs]
            needs = DependsOn(inputs=names, condition=needs.condition)
        yield child.changed(id=f"{form.id}.{child.id}", dependsOn=needs or form.dependsOn)


def needs_of(declared: Input) -> list[str]:
    """The ids an input depends on; itself is ignored, as in Kestra."""
    if declared.dependsOn is None:
        return []
    return [name for name in declared.dependsOn.inputs if name != declared.id]


def dependencies_first(
    declared: Mapping[str, Input],
) -> tuple[list[str], dict[str, list[str]]]:
    """All ids, each after those it depends on, and the circles found, by the id that closes each.

    The path is kept by hand: a chain of inputs may be longer than Python's recursion allows.
    """
    done: dict[str, None] = {}
    circles: dict[str, list[str]] = {}
    for first in declared:
        path = {} if first in done else {first: iter(needs_of(declared[first]))}
        while path:
            current = next(reversed(path))
            needed = next(path[current], None)
            if needed is None:
                del path[current]
                done[current] = None
            elif needed in path:
                names = list(path)
                circles[needed] = [*names[names.index(needed) :], needed]
            elif needed in declared and needed not in done:
                path[needed] = iter(needs_of(declared[needed]))
    return list(done), circles


def flattened(
    given: Mapping[str, object], declared: Mapping[str, Input], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Given values under declared ids, be they passed as `a.b` or as a map `a: {b: ...}`.

    The second form is that of an earlier execution's inputs and of an inputs file written by hand.
    """
    for key, value in given.items():
        name = f"{prefix}{key}"
        is_branch = name not in declared and any(one.startswith(f"{name}.") for one in declared)
        if is_branch and isinstance(value, Mapping):
            yield from flattened(value, declared, f"{name}.")
        else:
            yield name, value
