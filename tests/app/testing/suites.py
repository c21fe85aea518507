"""Suites and flows on disk, run in this process."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.collect import Collected, Project, collect
from kestrel_cli.app.testing.run_case import Settings
from kestrel_cli.app.testing.run_suites import Plan, chosen, run_suites
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.model.test_results import CaseResult, SuiteResult

CORE = "io.kestra.plugin.core"
UNIT = "io.kestra.core.tests.flow.UnitTest"


class Silent:
    def suite_began(self, collected: Collected, cases: int) -> None: ...

    def case_ended(self, collected: Collected, result: CaseResult) -> None: ...

    def suite_ended(self, collected: Collected, result: SuiteResult) -> None: ...


def flow(tasks: str, *, more: str = "") -> str:
    """A flow `team.f` with these tasks."""
    return (
        f"id: f\nnamespace: team\n{textwrap.dedent(more)}tasks:\n"
        + textwrap.indent(textwrap.dedent(tasks).strip("\n"), "  ")
        + "\n"
    )


def suite(*cases: str, more: str = "") -> str:
    """A suite of it; each case says what stands below its `id` and `type`."""
    text = f"id: s\nnamespace: team\nflowId: f\n{more}testCases:\n"
    for number, case in enumerate(cases):
        text += f"  - id: c{number}\n    type: {UNIT}\n"
        text += textwrap.indent(textwrap.dedent(case).strip("\n"), "    ") + "\n"
    return text


def results(
    folder: Path,
    flow_text: str,
    suite_text: str,
    *,
    heard: Callable[[Any, Any], None] | None = None,
    compat: int = 1,
    **settings: Any,
) -> SuiteResult:
    """What comes of the suite. Fails when there is a finding that stops it."""
    (folder / "f.yaml").write_text(flow_text, "utf-8")
    (folder / "s.test.yaml").write_text(suite_text, "utf-8")
    found, told = collect([str(folder)], Project(Shelf(), compat=compat))
    assert [one for one in told if one.severity == "error"] == []

    def request(one: Collected) -> RunRequest:
        return RunRequest(one.flow.flow, text=one.flow.text, library=one.library, environ={})

    plan = Plan(Settings(compat=compat, **settings), heard=heard or (lambda _, __: None))
    return next(run_suites(chosen(found, lambda _, __: True), plan, request, Silent()))


def case(folder: Path, flow_text: str, case_text: str, **more: Any) -> CaseResult:
    """What comes of one case."""
    return results(folder, flow_text, suite(case_text), **more).cases[0]


def findings(folder: Path, flow_text: str, suite_text: str) -> list[tuple[str, str, int]]:
    """Severity, rule and line of what is found before anything runs."""
    (folder / "f.yaml").write_text(flow_text, "utf-8")
    (folder / "s.test.yaml").write_text(suite_text, "utf-8")
    _, told = collect([str(folder)], Project(Shelf()))
    return [(one.severity, one.code, one.where.line) for one in told]
