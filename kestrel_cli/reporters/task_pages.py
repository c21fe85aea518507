"""Task types as text to read: the list, and a page about one. Plain; only headings have a style."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from kestrel_cli.model.task_facts import (
    ForeignFacts,
    OutputFacts,
    PropertyFacts,
    TypeFacts,
    TypeLine,
)
from kestrel_cli.reporters.columns import INDENT, paragraph, rows
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.style import painted

_KINDS: Final = {
    "any": "any value",
    "boolean": "boolean",
    "list": "list",
    "map": "map",
    "moment": "date and time",
    "number": "number",
    "rows": "list of maps",
    "size": "count",
    "text": "text",
    "uri": "address of a file in internal storage",
    "uris": "map of names to files in internal storage",
}


def list_lines(types: Iterable[TypeLine], style: Style) -> Iterator[str]:
    """One line for each type below its package; those that do not run come last."""
    runs = [one for one in types if one.reason is None]
    others = [one for one in types if one.reason is not None]
    for number, ((package, whose), group) in enumerate(
        groupby(runs, key=lambda one: (one.package, one.distribution))
    ):
        if number:
            yield ""
        yield painted("name", package, style.colour) + (f"  ({whose})" if whose else "")
        yield from rows([(one.name.rpartition(".")[2], one.summary) for one in group], style)
    if others:
        yield ""
        yield painted("name", "known, but not run here", style.colour)
        yield from _not_run(others, style)


def _not_run(types: list[TypeLine], style: Style) -> Iterator[str]:
    """Types with a reason of their own, then the others below their packages."""
    for one in (one for one in types if one.family is None):
        yield from paragraph(str(one.reason), INDENT, INDENT * 2, style)
    known = [one for one in types if one.family is not None]
    for (package, family), group in groupby(known, key=lambda one: (one.package, one.family)):
        yield ""
        yield painted("name", package, style.colour) + f"  ({family})"
        yield from rows([(one.name.rpartition(".")[2], one.summary) for one in group], style)


def foreign_lines(facts: ForeignFacts, style: Style) -> Iterator[str]:
    """What is known of a type that does not run here."""
    yield painted("name", facts.name, style.colour) + f"  ({facts.family})"
    for older in facts.older:
        yield f"older name: {older}"
    yield ""
    yield from paragraph(facts.description, "", "", style)
    yield ""
    mock = "" if "`--mock " in facts.reason else ": a mock stands in for a task of it"
    yield from paragraph(f"{facts.reason}{mock}", "", "", style)
    yield from _heading("Mock", style)
    yield f"{INDENT}{facts.mock}"
    yield from _heading("Outputs", style)
    if facts.outputs:
        yield from rows(list(_foreign_outputs(facts.outputs)), style)
    if not facts.complete:
        yield f"{INDENT}({'there may be others' if facts.outputs else 'not known'})"
    elif not facts.outputs:
        yield f"{INDENT}(none)"


def _foreign_outputs(outputs: list[OutputFacts], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Outputs, and what they hold; what is further inside is in the JSON only."""
    for one in outputs:
        way = f", with `fetchType: {one.fetch_type}`" if one.fetch_type else ""
        yield f"{prefix}{one.name}", _KINDS[one.kind] + way
        if not prefix:
            yield from _foreign_outputs(
                one.members, f"{one.name}{'[]' if one.kind == 'rows' else ''}."
            )


def page_lines(facts: TypeFacts, style: Style) -> Iterator[str]:
    """Everything about a type."""
    yield painted("name", facts.name, style.colour)
    if facts.distribution:
        yield f"from the package {facts.distribution}"
    for older in facts.older:
        yield f"older name: {older}"
    for part in facts.description.split("\n\n"):
        yield ""
        yield from paragraph(part, "", "", style)
    if facts.properties:
        yield from _heading("Properties", style)
        yield from rows(list(_properties(facts.properties)), style)
    yield from _heading("Properties of every task", style)
    yield from paragraph(", ".join(facts.common), INDENT, INDENT, style)
    for title, words in (("Outputs", facts.outputs), ("Metrics", facts.metrics)):
        if words:
            yield from _heading(title, style)
            yield from rows(list(words.items()), style)
    yield from _heading("Example", style)
    yield from (f"{INDENT}{line}".rstrip() for line in facts.example.splitlines())


def _heading(title: str, style: Style) -> Iterator[str]:
    yield ""
    yield painted("name", title, style.colour)


def _properties(properties: list[PropertyFacts], prefix: str = "") -> Iterator[tuple[str, str]]:
    for one in properties:
        name = f"{prefix}{one.name}"
        yield name, "; ".join(_words(one))
        yield from _properties(one.below, f"{name}.")


def _words(one: PropertyFacts) -> Iterator[str]:
    yield one.type + (", required" if one.required else "")
    if one.default is not None:
        yield f"default {_shown(one.default)}"
    if one.allowed:
        yield f"one of {', '.join(one.allowed)}"
    yield from one.limits
    if one.dynamic:
        yield "dynamic"
    if one.older:
        yield f"older name {one.older}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value.strip() else json.dumps(value)


def list_data(types: Iterable[TypeLine]) -> dict[str, Any]:
    """The list as JSON."""
    return {
        "schemaVersion": 1,
        "types": [
            _without_nothing(
                {
                    "type": one.name,
                    "runs": one.reason is None,
                    "family": one.family,
                    "summary": one.summary or None,
                    "reason": one.reason,
                    "distribution": one.distribution,
                }
            )
            for one in types
        ],
    }


def page_data(facts: TypeFacts) -> dict[str, Any]:
    """A page as JSON."""
    return _without_nothing(
        {
            "schemaVersion": 1,
            "type": facts.name,
            "olderNames": facts.older,
            "description": facts.description,
            "distribution": facts.distribution,
            "properties": [_property_data(one) for one in facts.properties],
            "commonProperties": facts.common,
            "outputs": facts.outputs,
            "metrics": facts.metrics,
            "example": facts.example,
        }
    )


def foreign_data(facts: ForeignFacts) -> dict[str, Any]:
    """What is known of a type that does not run here, as JSON."""
    return _without_nothing(
        {
            "schemaVersion": 1,
            "type": facts.name,
            "olderNames": facts.older,
            "runs": False,
            "reason": facts.reason,
            "family": facts.family,
            "description": facts.description,
            "fetchType": facts.fetch_type,
            "outputs": _outputs_data(facts.outputs),
            "outputsComplete": facts.complete,
            "mock": facts.mock,
        }
    )


def _outputs_data(outputs: list[OutputFacts]) -> dict[str, Any]:
    return {
        one.name: _without_nothing(
            {
                "kind": one.kind,
                "fetchType": one.fetch_type,
                "members": _outputs_data(one.members) or None,
            }
        )
        for one in outputs
    }


def _property_data(one: PropertyFacts) -> dict[str, Any]:
    data = {
        "name": one.name,
        "type": one.type,
        "required": one.required,
        "dynamic": one.dynamic,
        "default": one.default,
        "olderName": one.older,
        "allowed": one.allowed or None,
        "limits": one.limits or None,
        "properties": [_property_data(below) for below in one.below] or None,
    }
    return _without_nothing(data)


def _without_nothing(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}
