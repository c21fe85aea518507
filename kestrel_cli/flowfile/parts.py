"""Parts of a flow that their `type` chooses out of a family: inputs, triggers, conditions, runners.

A family is imported when a file has a member of it, never before: most runs need none of them.
Nothing here recurses: conditions hold conditions to any depth.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import UnionType
from typing import Any, Final, Union, get_origin

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.flaws import made, missing, must
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import Model, Property
from kestrel_cli.model.marks import Filled
from kestrel_cli.model.record import fresh, record

# family -> (module below kestrel_cli.model, what one of its members is called)
_FAMILIES: Final = {
    "condition": ("conditions", "condition"),
    "input": ("inputs", "input"),
    "runner": ("runners", "task runner"),
    "trigger": ("triggers", "trigger"),
}

# A part's class, and where it stands.
Part = tuple[type[Model], Node]


class Family:
    """The members of one family by the name of their type."""

    __slots__ = ("aliases", "noun", "types", "unknown")

    def __init__(self, name: str) -> None:
        module, self.noun = _FAMILIES[name]
        found = import_module(f"kestrel_cli.model.{module}")
        self.types: Mapping[str, type[Model]] = found.TYPES
        self.aliases: Mapping[str, str] = found.ALIASES
        # What stands for the members that plugins bring; None where plugins bring none.
        self.unknown: type[Model] | None = found.UNKNOWN

    def find(self, type_name: str) -> type[Model] | None:
        """The class of a type, older names too."""
        return self.types.get(self.aliases.get(type_name, type_name))


_known: Final[dict[str, Family]] = {}


def family(name: str) -> Family:
    """The family of this name."""
    if name not in _known:
        _known[name] = Family(name)
    return _known[name]


@record
class _Wanted:
    """A property to fill, of the model at `node`; `into` holds the attributes of its instance."""

    declared: Property
    path: str
    node: Node
    into: dict[str, Any] | None = fresh(factory=dict)


def fill(model: type[Model], instance: Model | None, node: Node, findings: Findings) -> list[Part]:
    """Make every part that a model holds, and those that they hold; what is wrong is told.

    `node` is where the model stands. Without an instance the parts are looked at all the same.
    Returns the parts, those too that are wrong in something else than their type.
    """
    found: list[Part] = []
    waiting = [*_wanted(model, instance, node, "")]
    while waiting:
        wanted = waiting.pop(0)
        below = wanted.node.get(wanted.declared.name)
        if below is None or below.value is None:
            if wanted.declared.required:
                missing(wanted.path, wanted.node, findings)
            continue
        value = _Value(wanted.declared, wanted.path, below, findings)
        for kind, part, at, path in value.members():
            found.append((kind, at))
            waiting.extend(_wanted(kind, part, at, f"{path}."))
        if wanted.into is not None and wanted.declared.apart:
            wanted.into[wanted.declared.attribute] = value.whole
    return found


def _wanted(
    model: type[Model], instance: Model | None, node: Node, above: str
) -> Iterator[_Wanted]:
    into = None if instance is None else instance.__dict__
    for declared in model.choices:
        yield _Wanted(declared, above + declared.name, node, into)


# A part with its class, where it stands, and the path to it.
_Member = tuple[type[Model], Model | None, Node, str]


class _Value:
    """The value of one property: a part, a list of them, or a map of them."""

    def __init__(self, declared: Property, path: str, node: Node, findings: Findings) -> None:
        assert declared.choice is not None
        self._declared = declared
        self._path = path
        self._node = node
        self._findings = findings
        self._family = family(declared.choice.family)
        self.whole: Any = None

    def members(self) -> Iterator[_Member]:
        """Each part; None for one that is wrong."""
        path, node = self._path, self._node
        origin = get_origin(self._declared.shape)
        if Filled in self._declared.marks and node.value in ([], {}):
            must(path, "not be empty", node, self._findings)
        elif not self._declared.apart:
            if isinstance(node.items, dict):
                yield from self._made_of({path: node})
        elif isinstance(node.items, list) and origin in (list, Union, UnionType):
            self.whole = []
            yield from self._made_of({f"{path}[{n}]": one for n, one in enumerate(node.items)})
            self.whole = [part for part in self.whole if part is not None]
        elif isinstance(node.items, dict) and origin is dict:
            self.whole = []
            yield from self._made_of({f"{path}.{key}": one for key, one in node.items.items()})
            self.whole = dict(zip(node.items, self.whole, strict=True))
        else:
            kind = "map" if origin is dict else "list"
            must(path, f"be a {kind} of {self._family.noun}s", node, self._findings)

    def _made_of(self, nodes: dict[str, Node]) -> Iterator[_Member]:
        for path, node in nodes.items():
            kind, part = self._part(path, node)
            if self._declared.apart:
                self.whole.append(part)
            if kind is not None:
                yield kind, part, node, path

    def _part(self, path: str, node: Node) -> tuple[type[Model] | None, Model | None]:
        if not isinstance(node.items, dict):
            must(path, "be a map with `type`", node, self._findings)
            return None, None
        kind = self._kind(path, node)
        if kind is None:
            self._look_at_names(node)
            return None, None
        return kind, self._made(kind, path, node)

    def _kind(self, path: str, node: Node) -> type[Model] | None:
        said = node.get("type")
        if said is None or said.value is None:
            self._lacks_type(f"{path}.type", node)
            return None
        if not isinstance(said.value, str):
            must(
                f"{path}.type",
                f"be the name of a type of {self._family.noun}",
                said,
                self._findings,
            )
            return None
        return self._family.find(said.value) or self._elsewhere(said.value, said)

    def _lacks_type(self, path: str, node: Node) -> None:
        if self._declared.choice is not None and self._declared.choice.family == "trigger":
            # Kestra 1.3 takes such a flow and runs it.
            message = f"missing property `{path}`: nothing ever triggers this"
            self._findings.warning("missing-property", message, node.first())
        else:
            missing(path, node, self._findings)

    def _elsewhere(self, name: str, at: Node) -> type[Model] | None:
        """The stand-in for a type of another plugin; an error for one that nobody can have."""
        from kestrel_cli.flowfile.part_types import not_a_type

        known = self._family
        problem = not_a_type(name, known.noun, known.types, is_open=known.unknown is not None)
        if problem is None:
            return self._family.unknown
        message, hint = problem
        self._findings.error(f"{self._family.noun.replace(' ', '-')}-type", message, at, hint)
        return None

    def _look_at_names(self, node: Node) -> None:
        """Of a part whose type nobody has, the properties that no type has."""
        if self._family.unknown is not None:
            return
        known = {name for one in self._family.types.values() for name in one.properties}
        for name in node.value:
            if name not in known and name != "name":
                near = nearest(name, sorted(known))
                hint = f"did you mean `{near}`?" if near else None
                message = f"unknown property `{name}`"
                self._findings.error("unknown-property", message, node.key(name), hint)

    def _made(self, kind: type[Model], path: str, node: Node) -> Model | None:
        values = node.value
        if kind is self._family.unknown:
            known = kind.properties
            values = {name: value for name, value in values.items() if name in known}
        instance: Model | None = made(kind, values, node, self._findings, above=path)
        if instance is not None:
            instance.__dict__["where"] = self._findings.position(node.first())
        if not kind.newer.keys().isdisjoint(node.value):
            newer_properties(kind, node, self._findings)
        return instance


def newer_properties(kind: type[Model], node: Node, findings: Findings) -> None:
    """Every property that Kestra 1.3 does not have yet is told."""
    for name, kestra in kind.newer.items():
        if name in node.value:
            findings.newer(f"property `{name}` here", node.key(name), f"Kestra {kestra} has it")
