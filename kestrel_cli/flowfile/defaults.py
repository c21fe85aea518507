"""Plugin defaults: values that tasks have without saying them. They fill what is missing, forced
ones replace what is there.

The flow's own come first, then those of the configuration file. They are merged into the nodes of
the flow before anything is built, so that what they say is checked and rendered like the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.merging import merged, planted, rebuilt
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.model.fields import Model
from kestrel_cli.model.record import record
from kestrel_cli.tasks import registry

REF: Final = "pluginDefaultsRef"
_FILLED: Final = ("tasks", "errors", "finally", "afterExecution", "listeners", "triggers")
_FAMILIES: Final = ("trigger", "condition", "runner")


@record
class Entry:
    """One default. `values` is a node of the flow file, or plain data of the configuration."""

    type: str
    values: Node | Mapping[str, Any]
    forced: bool = False
    ref: str | None = None

    def matches(self, name: str) -> bool:
        """Whether it is for this type: a prefix is enough, older names mean the same type."""
        return name.startswith(self.type) or registry.canonical(name).startswith(
            registry.canonical(self.type)
        )

    def node(self, at: Node) -> Node:
        """The values; those that are not in the file stand where they are asked for."""
        return self.values if isinstance(self.values, Node) else planted(self.values, at)


def apply_defaults(root: Node, outer: Sequence[Mapping[str, Any]], findings: Findings) -> None:
    """Merge the defaults of a flow, and `outer` ones, into its tasks and triggers, whatever holds
    them.
    """
    _check(root, findings)
    entries = [*_of_flow(root), *_of_configuration(outer)]
    if not entries and REF not in findings.source.text:
        return
    defaults = Defaults(entries, findings)
    for name in _FILLED:
        below = root.get(name)
        if below is not None and below.items is not None:
            assert isinstance(root.items, dict)
            root.items[name] = made = rebuilt(below, defaults.applied)
            root.value[name] = made.value


def _check(root: Node, findings: Findings) -> None:
    """What Kestra refuses of the flow's own defaults, used or not. A prefix may say anything."""
    for node in _listed(root):
        name, values = node.value.get("type"), node.get("values")
        kind = _model_of(name) if isinstance(name, str) else None
        if values is None or values.value is None:
            message = "Invalid Plugin Default: No 'values' provided"
            findings.error("plugin-default", message, values or node.first())
        if values is None or not values.keys:
            continue
        for key, value in values.value.items():
            if value is None:
                problem, hint = f"No value provided for key '{key}'", None
            elif kind is not None and key not in _names_of(kind):
                problem = f"No property '{key}' exists in plugin '{name}'"
                hint = _near(key, kind)
            else:
                continue
            message = f"Invalid Plugin Default: {problem}"
            findings.error("plugin-default", message, values.key(key), hint)


def _near(key: str, kind: type[Model]) -> str | None:
    from kestrel_cli.flowfile.suggest import nearest

    near = nearest(key, sorted(_names_of(kind)))
    return f"did you mean `{near}`?" if near else None


def _model_of(name: str) -> type[Model] | None:
    """The class of a type of task, trigger, condition or runner."""
    if (task := registry.find(name)) is not None:
        return task
    if "." not in name:
        return None
    from kestrel_cli.flowfile.parts import family

    return next((found for one in _FAMILIES if (found := family(one).find(name))), None)


def _names_of(kind: type[Model]) -> set[str]:
    """Every name under which a property can be written."""
    old = {one.old_name for one in kind.properties.values() if one.old_name}
    return {*kind.properties, *old}


def _listed(root: Node) -> list[Node]:
    listed = root.get("pluginDefaults") or root.get("taskDefaults")
    return [node for node in listed.elements() if node.keys] if listed else []


def _of_flow(root: Node) -> Iterator[Entry]:
    for node in _listed(root):
        if node.keys and isinstance(values := node.get("values"), Node) and values.keys is not None:
            yield from _entry(node.value, values)


def _of_configuration(outer: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    for said in outer:
        if isinstance(values := said.get("values"), Mapping):
            yield from _entry(said, values)


def _entry(said: Mapping[str, Any], values: Node | Mapping[str, Any]) -> Iterator[Entry]:
    name, ref = said.get("type"), said.get("ref")
    if isinstance(name, str):
        yield Entry(name, values, said.get("forced") is True, None if ref is None else str(ref))


class Defaults:
    """All defaults that hold for one flow, the most important ones first."""

    def __init__(self, entries: Sequence[Entry], findings: Findings) -> None:
        self._findings = findings
        by_type = [entry for entry in entries if entry.ref is None]
        self._fills = [entry for entry in by_type if not entry.forced]
        self._forced = [entry for entry in by_type if entry.forced]
        self._named: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.ref is not None:
                self._named.setdefault(entry.ref, []).append(entry)

    def applied(self, node: Node) -> Node:
        """A map with the defaults of its `type`; without one, the map as it is."""
        name = node.value.get("type")
        if not isinstance(name, str):
            return node
        forced = [entry for entry in self._forced if entry.matches(name)]
        made = node
        if REF in node.value:
            named = self._asked_for(node, name)
            if named is not None and not forced:
                made = self._with(named, made, name)
        else:
            for entry in self._fills:
                if entry.matches(name):
                    made = self._with(entry, made, name)
        for entry in forced:  # the last one wins: the configuration forces more than a flow does
            made = self._with(entry, made, name)
        return made

    def _with(self, entry: Entry, node: Node, name: str) -> Node:
        values = self._known(entry, entry.node(node.get("type") or node), name)
        if entry.forced:
            return merged(node, values, own=node)
        return merged(values, node, own=node)

    def _asked_for(self, node: Node, name: str) -> Entry | None:
        """The default that `pluginDefaultsRef` names, the forced one of several."""
        at = node.items[REF]  # type: ignore[call-overload,index]
        if at.value is None:
            return None
        ref = str(at.value)
        found = self._named.get(ref, [])
        if not any(entry.matches(name) for entry in found):
            self._refuse(ref, name, found, at)
            return None
        return next((entry for entry in reversed(found) if entry.forced), found[0])

    def _refuse(self, ref: str, name: str, found: Sequence[Entry], at: Node) -> None:
        if found:
            types = ", ".join(entry.type for entry in found)
            message = (
                f"the plugin default `{ref}` is declared for {types}, not for a task of type {name}"
            )
            hint = None
        else:
            message = f"No plugin-defaults exists for {REF} '{ref}' referenced by '{name}'"
            hint = "give an entry of `pluginDefaults` this `ref`, in the flow or in kestrel.toml"
            if self._named:
                from kestrel_cli.flowfile.suggest import nearest

                near = nearest(ref, self._named)
                hint = f"did you mean `{near}`?" if near else hint
        self._findings.error("plugin-defaults-ref", message, at, hint)

    def _known(self, entry: Entry, values: Node, name: str) -> Node:
        """The values without those that the task does not know: Kestra passes over them.

        A prefix is for several types, so there it says nothing; of an exact type it may be a slip.
        """
        kind = _model_of(name)
        if kind is None or values.keys is None:
            return values
        names = _names_of(kind)
        strange = [key for key in values.value if key not in names]
        if not strange:
            return values
        known = Node({}, values.line, values.column, values.length)
        known.items, known.keys = {}, {}
        for key, below in values.items.items():  # type: ignore[union-attr]
            if key in names:
                known.put(values.keys[key], below)
        is_outer = not isinstance(entry.values, Node)  # those of the flow are checked by themselves
        if is_outer and registry.canonical(entry.type) == registry.canonical(name):
            for key in strange:
                message = f"No property '{key}' exists in plugin '{entry.type}'"
                self._findings.warning("plugin-default", message, values.keys[key])
        return known
