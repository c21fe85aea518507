"""The use case "what may be said": JSON Schemas of flows, kestrel.toml, executions and events."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_origin

from kestrel_cli.flowfile.parts import Family, family
from kestrel_cli.model.fields import Model
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.json_schema import DRAFT, TASK, Schema, Schemas
from kestrel_cli.model.property_words import words_of
from kestrel_cli.model.runners import Runner
from kestrel_cli.model.task import Task
from kestrel_cli.model.task_facts import summary_of
from kestrel_cli.model.triggers import Trigger
from kestrel_cli.store.config_schema import settings_schema
from kestrel_cli.tasks import registry

_OPENED: Final = ("properties", "definitions")
_OURS: Final = "io.kestra.plugin.core."


def flow_schema() -> Schema:
    """What a flow file may say: every type of task, trigger, condition, runner and input."""
    from kestrel_cli.model.conditions import Condition

    schemas = Schemas(words_of)
    flow = schemas.whole(Flow)
    _Kinds(schemas, TASK, Task).add(_task_types(), registry.ALIASES, _elsewhere())
    for name, base in (("trigger", Trigger), ("condition", Condition), ("runner", Runner)):
        found = family(name)
        _Kinds(schemas, name, base).add(found.types, found.aliases, [])
    _Kinds(schemas, "input", Input).add_closed(family("input"))
    needs = _Needs()
    needs.add(_task_types(), registry.ALIASES, Task)
    for name, base in (("trigger", Trigger), ("condition", Condition)):
        needs.add(family(name).types, family(name).aliases, base)
    schemas.definitions["needs"] = needs.schema()
    has_defaults = {"anyOf": [{"required": [name]} for name in ("pluginDefaults", "taskDefaults")]}
    flow |= {"if": has_defaults, "else": {"properties": _below(Flow)}}
    return _document("A Kestra flow", flow, schemas)


def suite_schema() -> Schema:
    """What a suite of unit tests may say."""
    from kestrel_cli.model.suite import OPERATORS, Assertion, Suite
    from kestrel_cli.model.suite_words import words_of_suites

    schemas = Schemas(words_of_suites)
    suite = schemas.whole(Suite)
    schemas.model(Assertion)
    said = [
        {"required": [name], "not": {"properties": {name: {"type": "null"}}}} for name in OPERATORS
    ]
    assertion = schemas.definitions["Assertion"]
    schemas.definitions["Assertion"] = assertion | {"anyOf": said}
    for one in (suite, *schemas.definitions.values()):
        _refuse_nulls(one)
    return _document("A suite of unit tests of a flow", suite, schemas)


def _refuse_nulls(schema: Schema) -> None:
    """What has to be said is not said by a null."""
    for name in schema.get("required", ()):
        said = schema["properties"][name]
        if "$ref" in said:  # whatever stands beside it does not count
            said["allOf"] = [{"$ref": said.pop("$ref")}]
        said["not"] = {"type": "null"}


def execution_schema() -> Schema:
    """What `-o json` writes of an execution."""
    from kestrel_cli.model.documents import RunDocument

    schemas = Schemas(lambda _, __: None, is_lenient=False)
    return _document("An execution", schemas.whole(RunDocument), schemas)


def event_schema() -> Schema:
    """What a line of `-o ndjson` is."""
    from kestrel_cli.model.event_documents import EventDocument

    schemas = Schemas(lambda _, __: None, is_lenient=False)
    event = schemas.whole(EventDocument)
    # Models have a method of that name, so it can't be declared.
    event["properties"]["changed"] = {"type": "object", "additionalProperties": {"type": "string"}}
    return _document("An event of a run", event, schemas)


def config_schema() -> Schema:
    """What kestrel.toml may say."""
    return {"$schema": DRAFT, "title": "Settings of Kestrel", **settings_schema()}


def written(schema: Schema) -> str:
    """The schema as JSON text with a line for each property and each definition: it can be opened
    and searched, and stays small.
    """
    outer = []
    for name, value in schema.items():
        inner = value.items() if name in _OPENED else None
        outer.append(f"{_json(name)}: {_json(value) if inner is None else _lines(dict(inner))}")
    return "{\n" + ",\n".join(outer) + "\n}"


def _lines(values: Mapping[str, Any]) -> str:
    return "{\n" + ",\n".join(f" {_json(k)}: {_json(v)}" for k, v in values.items()) + "\n}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _below(model: type[Model]) -> Schema:
    """What stands below a model: tasks, triggers and conditions, each with what its type needs."""
    needs: Schema = {"$ref": "#/definitions/needs"}
    found: Schema = {}
    for one in model.properties.values():
        if one.apart and (one.choice is None or one.choice.family != "input"):
            is_map = get_origin(one.shape) is dict
            lists = {"items": needs, "additionalProperties": {"items": needs}}
            found[one.name] = lists if one.holds_tasks else {"items": needs}
            if is_map and not one.holds_tasks:
                found[one.name] = {"additionalProperties": needs}
            elif not is_map and get_origin(one.shape) is None:
                found[one.name] = needs
    return found


class _Needs:
    """What a type needs besides `id` and `type`. A plugin default may give it, so the needs stand
    apart from all else.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._below: Schema = {"task": {"$ref": "#/definitions/needs"}}

    def add(
        self,
        types: Mapping[str, type[Model]],
        aliases: Mapping[str, str],
        base: type[Model],
    ) -> None:
        """The types of one family."""
        for name, kind in types.items():
            told = base.properties
            needed = (one for one in kind.properties.values() if one.required and not one.old_name)
            names = tuple(one.name for one in needed if told.get(one.name) is not one)
            if names:
                older = [one for one, today in aliases.items() if today == name]
                self._names.setdefault(names, []).extend([name, *older])
            for below, schema in _below(kind).items():
                # A list in one type may be a map in another.
                self._below[below] = self._below.get(below, {}) | schema

    def schema(self) -> Schema:
        """One rule for all types that need the same, and the same for all below."""
        rules = [
            {
                "if": {"properties": {"type": {"enum": types}}, "required": ["type"]},
                "then": {"required": list(names)},
            }
            for names, types in self._names.items()
        ]
        return {"allOf": rules, "properties": self._below}


def _task_types() -> dict[str, type[Task]]:
    found = {name: _class(name) for name in registry.names()}
    return found | {one.name: one.task for one in registry.plugins().all()}


def _class(name: str) -> type[Task]:
    kind = registry.find(name)
    assert kind is not None  # a name of the registry
    return kind


def _elsewhere() -> list[str]:
    return sorted(registry.KNOWN_CORE | registry.KNOWN_NEAR)


class _Kinds:
    """Adds the definition of a family: what all members have, and for each type what it has."""

    def __init__(self, schemas: Schemas, name: str, base: type[Model]) -> None:
        self._schemas = schemas
        self._name = name
        self._base = base
        self._needs_apart = True

    def add(
        self, types: Mapping[str, type[Model]], aliases: Mapping[str, str], others: Iterable[str]
    ) -> None:
        """A family that plugins may add to; `others` are types of which only the name is known."""
        old = sorted(re.escape(name) for name in aliases if name.startswith(_OURS))
        patterns = [rf"^(?!{re.escape(_OURS)}).*\.", *(f"^{name}$" for name in old)]
        elsewhere = {"type": "string", "pattern": "|".join(patterns)}
        named = [self._named(name, kind) for name, kind in sorted(types.items())]
        named += [{"const": name} for name in others]
        self._define({"anyOf": [*named, elsewhere]}, types, aliases)

    def add_closed(self, found: Family) -> None:
        """A family that has these types and no others."""
        self._needs_apart = False
        named = [self._named(name, kind) for name, kind in found.types.items()]
        self._define({"anyOf": named}, found.types, {})

    def _named(self, name: str, kind: type[Model]) -> Schema:
        summary = summary_of(kind)
        return {"const": name, "description": summary} if summary else {"const": name}

    def _define(
        self,
        type_schema: Schema,
        types: Mapping[str, type[Model]],
        aliases: Mapping[str, str],
    ) -> None:
        base = self._schemas.whole(self._base)
        base["properties"]["type"] = type_schema
        del base["additionalProperties"]
        if self._name == "trigger":
            base["required"].remove("type")  # Kestra takes one without it
        by_class: dict[type[Model], list[str]] = {}
        for name, kind in types.items():
            older = [one for one, today in aliases.items() if today == name]
            by_class.setdefault(kind, []).extend([name, *older])
        base["allOf"] = [
            {
                "if": {"properties": {"type": {"enum": names}}, "required": ["type"]},
                "then": self._schemas.ref(self._kind(kind, names[0])),
            }
            for kind, names in by_class.items()
        ]
        self._schemas.definitions[self._name] = base

    def _kind(self, kind: type[Model], type_name: str) -> str:
        name = f"{self._name}:{type_name.removeprefix('io.kestra.plugin.')}"
        made = self._schemas.whole(kind, self._base)
        if self._needs_apart:
            made.pop("required", None)
        self._schemas.definitions[name] = made
        return name


def _document(title: str, schema: Schema, schemas: Schemas) -> dict[str, Any]:
    definitions = {"definitions": dict(sorted(schemas.definitions.items()))}
    return {"$schema": DRAFT, "title": title, **schema, **definitions}
