"""Reads suites of unit tests: YAML with positions to a `Suite`, or to findings."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import reader
from kestrel_cli.flowfile.findings import Findings, StopReading
from kestrel_cli.flowfile.flaws import made
from kestrel_cli.flowfile.folders import Tree
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import read_bytes
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.fields import document_text
from kestrel_cli.model.record import record
from kestrel_cli.model.suite import OPERATORS, Assertion, Suite, TestCase

_KEY: Final = re.compile(rb"^(testCases|flowId)[ \t]*:", re.MULTILINE)
_LOOKED_AT: Final = 4_000_000  # bytes of a file, at most
_NAMES: Final = re.compile(r"(.*[._]test|test_.*)\.ya?ml", re.IGNORECASE)
_TYPE: Final = "io.kestra.core.tests.flow.UnitTest"


@record
class LoadedSuite:
    """A suite and what was found in its file."""

    suite: Suite
    warnings: tuple[Diagnostic, ...]
    text: str
    root: Node
    findings: Findings


def suite_files(path: str) -> list[str]:
    """The suites below a folder, sorted: YAML files that say `testCases` and `flowId` at their top
    level, or are named as tests are (`*.test.yaml`, `*_test.yaml`, `test_*.yaml`) and say
    `testCases`. A file that is named by itself is one.
    """
    if not Path(path).is_dir():
        return [path]
    return [file for file in Tree(path).files() if is_suite(file)]


def is_suite(path: str) -> bool:
    """Whether a file looks like a suite, by the lines that begin its keys."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123  half of the time of Path.open
            data = stream.read(_LOOKED_AT)
    except (OSError, ValueError):
        return False
    keys = {found[1] for found in _KEY.finditer(data)}
    named = _NAMES.fullmatch(os.path.basename(path)) is not None  # noqa: PTH119
    return b"testCases" in keys and (named or b"flowId" in keys)


def load_suite(path: str, *, compat: int = 1, max_depth: int = reader.MAX_DEPTH) -> LoadedSuite:
    """The suite in a file. Raises FlowFileError with every problem of the file."""
    return suite_of(read_bytes(path), path, compat=compat, max_depth=max_depth)


def suite_of(
    data: bytes, name: str, *, compat: int = 1, max_depth: int = reader.MAX_DEPTH
) -> LoadedSuite:
    """The suite that a text is. Raises FlowFileError."""
    root, findings = reader.read(data, name, max_depth=max_depth)
    findings.compat = compat
    try:
        suite = _suite(root, findings)
    except StopReading:
        suite = None
    if findings.failed or suite is None:
        raise FlowFileError(findings.all())
    return LoadedSuite(suite, findings.all(), findings.source.text, root, findings)


def _suite(root: Node, findings: Findings) -> Suite | None:
    if not isinstance(root.items, dict) or "testCases" not in root.items:
        what = "it has no `testCases`" if isinstance(root.items, dict) else "it is no map"
        findings.error("not-a-suite", f"this is not a suite of tests: {what}", root.first())
        return None
    suite: Suite | None = made(Suite, dict(root.value), root, findings)
    cases = root.get("testCases")
    _look_at_cases([] if cases is None else cases.elements(), findings)
    if suite is None:
        return None
    suite.__dict__["where"] = findings.position(root.first())
    assert cases is not None
    for case, node in zip(suite.testCases, cases.elements(), strict=True):
        _place(case, node, findings)
    return suite


def _place(case: TestCase, node: Node, findings: Findings) -> None:
    """Give what is told of in results its place in the file."""
    case.__dict__["where"] = findings.position(node.first())
    assertions = node.get("assertions")
    for one, at in zip(case.assertions, assertions.elements() if assertions else (), strict=True):
        one.__dict__["where"] = findings.position(at.first())
        one.__dict__["source"] = findings.source.line(at.first().line)
        one.__dict__["texts"] = dict(_texts(at))
        one.__dict__["written"] = {name: at.value[name] for name in one.texts}
    fixtures = node.get("fixtures")
    tasks = None if fixtures is None else fixtures.get("tasks")
    if case.fixtures is not None and tasks is not None:
        for fixture, at in zip(case.fixtures.tasks, tasks.elements(), strict=True):
            fixture.__dict__["where"] = findings.position(at.first())


def _texts(node: Node) -> Iterator[tuple[str, str]]:
    for name in ("value", *OPERATORS):
        below = node.get(name)
        if below is not None and below.value is not None:
            yield name, text_of(below)


def text_of(node: Node) -> str:
    """A value as Kestra's reader hands it to a property: text as it is, numbers as they are
    written, lists and maps as their JSON.
    """
    value: Any = node.value
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return document_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return node.text or repr(value)


# -- what the models cannot say


def _look_at_cases(cases: list[Node], findings: Findings) -> None:
    seen: dict[str, int] = {}
    for case in cases:
        name = case.get("id")
        if name is not None and isinstance(name.value, str):
            if name.value in seen:
                message = f"the id `{name.value}` is that of the case in line {seen[name.value]}"
                findings.error("duplicate-id", message, name, "give each case an id of its own")
            seen.setdefault(name.value, name.line)
        kind = case.get("type")
        if kind is not None and isinstance(kind.value, str) and kind.value != _TYPE:
            findings.warning("test-type", f"Kestra knows no tests but `{_TYPE}`", kind)
        assertions = case.get("assertions")
        for one in assertions.elements() if assertions is not None else ():
            _look_at_assertion(one, findings)
        _look_at_fixtures(case.get("fixtures"), findings)


def _look_at_assertion(node: Node, findings: Findings) -> None:
    if not isinstance(node.items, dict):
        return
    value = node.get("value")
    if value is not None and value.value is None:
        hint = 'write what is looked at: `value: "{{ ... }}"`'
        findings.error("missing-property", "`value` is null", node.key("value"), hint)
    said = [name for name in OPERATORS if (one := node.get(name)) and one.value is not None]
    if not said and node.items.keys() <= Assertion.properties.keys():
        hint = "say what it has to be: `equalTo: ...`, `contains: ...`, `isNotNull: true`"
        findings.error("no-operator", "this assertion asserts nothing", node.first(), hint)
    for name in ("isNull", "isNotNull"):
        below = node.get(name)
        never = "true" if name == "isNull" else "false"
        if below is not None and str(below.value).lower() == never:
            message = (
                f"`{name}: {text_of(below)}` never holds: Kestra renders `value` to a text, "
                "which may be empty but is never null"
            )
            hint = "compare with the empty text: `equalTo: ''`"
            findings.warning("never-holds", message, node.key(name), hint)
    for name in ("in", "notIn"):
        below = node.get(name)
        if below is not None and isinstance(below.value, list) and not below.value:
            findings.error("no-operator", f"`{name}` lists nothing", below)


def _look_at_fixtures(node: Node | None, findings: Findings) -> None:
    tasks = None if node is None else node.get("tasks")
    seen: dict[tuple[str, str | None], int] = {}
    for one in tasks.elements() if tasks is not None else ():
        name, value = one.get("id"), one.get("value")
        if name is None:
            continue
        key = (text_of(name), None if value is None or value.value is None else text_of(value))
        if key in seen:
            message = (
                f"the fixture in line {seen[key]} is of the same task run: this one is not used"
            )
            findings.warning("duplicate-fixture", message, name)
        seen.setdefault(key, name.line)


def near_name(name: str, known: Any) -> str | None:
    """A hint with the name that was meant."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else None
