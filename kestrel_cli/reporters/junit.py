"""A run as JUnit XML: a test case for each task run."""

import re
from collections.abc import Iterator
from typing import Final, TextIO
from xml.sax.saxutils import escape, quoteattr

from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.state import State
from kestrel_cli.reporters.causes import causes
from kestrel_cli.reporters.clean import clean
from kestrel_cli.reporters.family import callers, family
from kestrel_cli.reporters.paths import below, place_by_value, place_of_own, within
from kestrel_cli.reporters.tails import Tails
from kestrel_cli.reporters.tree import length

# What XML 1.0 has no way to write, not even as a reference.
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BAD: Final = (State.FAILED, State.KILLED, State.CANCELLED)


def write_junit(root: Execution, stream: TextIO, tails: Tails) -> None:
    """A suite with all task runs of a run. What failed only because of what it runs says so."""
    suite = f"{root.flow.namespace}.{root.flow.id}"
    cases = list(_cases(root, tails))
    failed = sum(bad for bad, _ in cases)
    skipped = sum(run.state is State.SKIPPED for one in family(root) for run in one.listed())
    head = (
        f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" '
        f'time="{length(root) / 1e6:.6f}"'
    )
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    stream.write(f"<testsuites {head}>\n")
    at = iso_instant(root.created_at).removesuffix("Z").partition(".")[0]
    stream.write(f'  <testsuite name={attribute(suite)} {head} timestamp="{at}">\n')
    stream.writelines(text for _, text in cases)
    stream.write("  </testsuite>\n</testsuites>\n")


def _cases(root: Execution, tails: Tails) -> Iterator[tuple[bool, str]]:
    """Each case, and whether it is a failure."""
    found = {(one.execution.id, one.run and one.run.number) for one in causes(root)}
    outer = _paths(root)
    for execution in family(root):
        name = f"{execution.flow.namespace}.{execution.flow.id}"
        for run in execution.listed():
            path = within(outer.get(execution.id, ""), place_by_value(execution, run))
            is_cause = (execution.id, run.number) in found
            inside = _inside(execution, run, tails, is_cause=is_cause)
            yield run.state in _BAD, _case(name, path, length(run), inside)
        if execution.error is not None:
            path = within(outer.get(execution.id, ""), place_of_own(execution.error))
            inside = f"      <failure message={attribute(_first(execution.error))}>"
            yield True, _case(name, path, 0, f"{inside}{body(execution.error)}</failure>\n")


def _inside(execution: Execution, run: TaskRun, tails: Tails, *, is_cause: bool) -> str:
    if run.state is State.SKIPPED:
        return "      <skipped/>\n"
    tail = tails.of(execution, run)
    if run.state in _BAD:
        message = run.error or ("failed" if is_cause else "what it runs did not end well")
        if run.state is not State.FAILED:
            message = run.error or f"ended {run.state}"
        told = body("\n".join([message, *tail]))
        kind = f"type={attribute(run.state)} message={attribute(_first(message))}"
        return f"      <failure {kind}>{told}</failure>\n"
    if run.error is not None or (run.state is State.WARNING and tail):
        told = body("\n".join([*([run.error] if run.error else []), *tail]))
        return f"      <system-out>{told}</system-out>\n"
    return ""


def _case(classname: str, name: str, took: int, inside: str) -> str:
    head = f"classname={attribute(classname)} name={attribute(name)}"
    start = f'    <testcase {head} time="{took / 1e6:.6f}"'
    return f"{start}>\n{inside}    </testcase>\n" if inside else f"{start}/>\n"


def _paths(root: Execution) -> dict[str, str]:
    """Where executions stand that task runs have started."""
    found: dict[str, str] = {}
    started_by = callers(root)
    for execution in family(root):
        if execution.id in started_by:
            parent, number = started_by[execution.id]
            call = parent.runs[number]
            path = within(found.get(parent.id, ""), place_by_value(parent, call))
            found[execution.id] = below(path, call, execution, by_value=True)
    return found


def _first(text: str) -> str:
    return text.partition("\n")[0]


def attribute(text: str) -> str:
    """A text as the value of an attribute, quotes around it."""
    return quoteattr(_ILLEGAL.sub("", clean(text)))


def body(text: str) -> str:
    """A text between tags."""
    return escape(_ILLEGAL.sub("", clean(text)))
