"""Suites that are written by a program: cases as drafts, and the YAML that is made of them.

A draft holds data, never templates, but for the addresses of its files: what a text of the data
would mean as a template is escaped when it is written.
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from textwrap import indent
from typing import Any, Final

from kestrel_cli.model.fields import is_template
from kestrel_cli.model.record import fresh, record
from kestrel_cli.reporters.yaml_document import yaml_text

TYPE: Final = "io.kestra.core.tests.flow.UnitTest"
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,15})")


class FileOf(str):
    """The template that gives the address of a file of the fixtures."""

    __slots__ = ()

    @classmethod
    def named(cls, name: str) -> "FileOf":
        """Of the file with this name."""
        return cls(f"{{{{ files['{name}'] }}}}")

    @property
    def name(self) -> str:
        """The name of the file."""
        return self[len("{{ files['") : -len("'] }}")]


@record
class FixtureDraft:
    """What stands in for a task run; `comments` stand above it."""

    id: str
    value: str | None = None
    outputs: dict[str, Any] = fresh(factory=dict)
    state: str = "SUCCESS"
    comments: list[str] = fresh(factory=list)

    def data(self) -> dict[str, Any]:
        """As the file says it."""
        found: dict[str, Any] = {"id": self.id}
        if self.value is not None:
            found["value"] = self.value
        if self.state != "SUCCESS":
            found["state"] = self.state
        if self.outputs:
            found["outputs"] = escaped(self.outputs)
        return found


@record
class Draft:
    """One case. `comments` stand above it, `notes` above the parts of its fixtures that they name
    (`inputs`, `trigger`).
    """

    id: str
    description: str | None = None
    inputs: dict[str, Any] = fresh(factory=dict)
    files: dict[str, str] = fresh(factory=dict)
    tasks: list[FixtureDraft] = fresh(factory=list)
    trigger: dict[str, Any] | None = None
    assertions: list[dict[str, Any]] = fresh(factory=list)
    expected: str | None = None
    comments: list[str] = fresh(factory=list)
    notes: dict[str, list[str]] = fresh(factory=dict)

    def copy(self) -> "Draft":
        """One that can be changed without this one."""
        return deepcopy(self)

    def fixture(self, task: str, value: str | None) -> FixtureDraft | None:
        """What stands in for the run of a task that has this value."""
        return next((one for one in self.tasks if (one.id, one.value) == (task, value)), None)

    def file(self, name: str, text: str) -> FileOf:
        """Add a file; the address of it. One with the same content is used again."""
        stem, number = re.sub(r"[^\w.-]", "_", name) or "file", 2
        name = stem
        while self.files.get(name, text) != text:
            name = f"{number}-{stem}"
            number += 1
        self.files[name] = text
        return FileOf.named(name)


def escaped(value: Any) -> Any:
    """A value whose texts render to themselves. Raises ValueError when one can't be written so."""
    if isinstance(value, FileOf):
        return str(value)
    if isinstance(value, str):
        return _escaped_text(value)
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [escaped(item) for item in value]
    return value


def _escaped_text(text: str) -> str:
    if not is_template(text) and "{#" not in text:
        return text
    if "\n" in text or "endraw" in text:
        raise ValueError("a template as data, on several lines")
    return f"{{% raw %}}{text}{{% endraw %}}"


def can_be_written(value: Any) -> bool:
    """Whether `escaped` takes it."""
    try:
        escaped(value)
    except ValueError:
        return False
    return True


def said(actual: str) -> Any:
    """How an assertion says the text that has come out: numbers and booleans bare, as they are
    compared by their texts.
    """
    if actual in ("true", "false"):
        return actual == "true"
    if _INTEGER.fullmatch(actual) and actual != "-0":
        return int(actual)
    return escaped(actual)


# -- as text


@record
class SuiteDraft:
    """A suite: what it is of, lines of comments before it and after it."""

    namespace: str
    flow: str
    cases: Sequence[Draft]
    head: Sequence[str] = ()
    foot: Sequence[str] = ()
    description: str | None = None
    kind: str = "test"  # the end of its id


def suite_text(suite: SuiteDraft) -> str:
    """The file."""
    first = {
        "id": f"{re.sub(r'[^A-Za-z0-9_-]', '-', suite.flow).lstrip('_-')}_{suite.kind}",
        "namespace": suite.namespace,
        "flowId": suite.flow,
    }
    if suite.description is not None:
        first["description"] = suite.description
    parts = [*_comments(suite.head, 0), yaml_text(first), "testCases:\n"]
    for number, case in enumerate(suite.cases):
        parts.append("\n" if number else "")
        parts += _case(case)
    parts += ["\n", *_comments(suite.foot, 0)] if suite.foot else []
    return "".join(parts)


def _case(case: Draft) -> Iterator[str]:
    yield from _comments(case.comments, 2)
    first = {"id": case.id, "type": TYPE}
    if case.description is not None:
        first["description"] = case.description
    if case.expected is not None:
        first["expectedState"] = case.expected
    yield indent(yaml_text([first]), "  ")
    fixtures = "".join(_fixtures(case))
    if fixtures:
        yield f"    fixtures:\n{fixtures}"
    yield f"    assertions:\n{indent(yaml_text(case.assertions), '      ')}"


def _fixtures(case: Draft) -> Iterator[str]:
    for name, value in (("inputs", escaped(case.inputs)), ("files", case.files)):
        if value:
            yield from _comments(case.notes.get(name, ()), 6)
            yield indent(yaml_text({name: value}), " " * 6)
    if case.tasks:
        yield "      tasks:\n"
        for one in case.tasks:
            yield from _comments(one.comments, 8)
            yield indent(yaml_text([one.data()]), " " * 8)
    if case.trigger is not None:
        yield from _comments(case.notes.get("trigger", ()), 6)
        yield indent(yaml_text({"trigger": case.trigger}), " " * 6)


def _comments(lines: Sequence[str], column: int) -> Iterator[str]:
    """Each on a line of its own: nothing in it ends one."""
    for line in lines:
        bare = "".join(one if one.isprintable() else " " for one in line).rstrip()
        yield f"{' ' * column}#{' ' if bare else ''}{bare}\n"
