"""Suites as pytest sees them: a file with an item for each case."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from kestrel_cli.app.request import RunRequest
from kestrel_cli.app.testing.collect import Collected, Project, collect
from kestrel_cli.app.testing.run_case import SECONDS, Settings, run_case
from kestrel_cli.app.testing.world import STUB
from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.test_output import lines_of_execution
from kestrel_cli.cli.test_setup import Setup
from kestrel_cli.errors import FlowFileError, KestrelError, with_hint
from kestrel_cli.flowfile.suites import is_suite
from kestrel_cli.model.suite import Suite, TestCase
from kestrel_cli.model.test_results import CaseResult, SuiteResult, TestState
from kestrel_cli.reporters.console import Style
from kestrel_cli.reporters.testing.text import wrong_lines
from kestrel_cli.reporters.tree import Line

_SESSION: Final = pytest.StashKey["_Session"]()


class _Session:
    """What the suites of a session have in common, read once: the settings of the project."""

    def __init__(self, config: pytest.Config) -> None:
        setup = Setup(
            secrets_file=None,
            env_file=None,
            kv=None,
            namespace_files=None,
            flows_dir=None,
            compat=None,
            no_project_config=False,
            run=config.getoption("kestrel_run"),
            allow_real=False,
            strict=False,
            stub=STUB,
            seconds=SECONDS,
        )
        self.style = Style()  # plain: pytest's output is kept in files, too
        settings = setup.config(lambda _: None)
        self.project: Project = setup.project(settings)
        self.request_of: Callable[[Collected], RunRequest] = setup.requests(settings)
        self.settings: Settings = setup.settings(
            settings, lambda execution, tails: lines_of_execution(execution, tails, self.style)
        )

    @classmethod
    def of(cls, config: pytest.Config) -> "_Session":
        """That of a session, made when its first suite is collected."""
        if _SESSION not in config.stash:
            config.stash[_SESSION] = cls(config)
        return config.stash[_SESSION]


def suite_file(path: Path, parent: pytest.Collector) -> "SuiteFile | None":
    """The collector of a suite; None for a file that is none."""
    if not is_suite(str(path)):
        return None
    found: SuiteFile = SuiteFile.from_parent(parent, path=path)
    return found


class SuiteFile(pytest.File):
    """A suite. What is wrong with it, or with its flow, is an error of collection."""

    def collect(self) -> Iterator["CaseItem"]:
        """An item for each case. Raises FlowFileError, CannotStart."""
        session = _Session.of(self.config)
        found, findings = collect([_shortest(self.path)], session.project)
        if any(one.severity == "error" for one in findings):
            raise FlowFileError(findings)
        for one in found:
            request = session.request_of(one)
            for case in one.suite.testCases:
                item: CaseItem = CaseItem.from_parent(
                    self, name=case.id, case=case, collected=one, request=request
                )
                if one.suite.disabled or case.disabled:
                    item.add_marker(pytest.mark.skip(reason="disabled"))
                yield item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Findings as the command shows them."""
        error = excinfo.value
        if isinstance(error, FlowFileError):
            return _text(finding_lines(error.diagnostics, Style(), verbose=False))
        if isinstance(error, KestrelError):
            return with_hint(error)
        return super().repr_failure(excinfo)


class CaseItem(pytest.Item):
    """A case."""

    def __init__(
        self, *, case: TestCase, collected: Collected, request: RunRequest, **more: Any
    ) -> None:
        super().__init__(**more)
        self._case = case
        self._collected = collected
        self._request = request

    def runtest(self) -> None:
        """Run and judge the case. Raises NotPassed."""
        result = run_case(self._case, self._request, _Session.of(self.config).settings)
        result.execution = None
        if result.state in (TestState.FAILED, TestState.ERROR):
            raise NotPassed(self._collected.suite, result)
        if result.notes:  # pytest shows them with `-rP`
            self.add_report_section("call", "kestrel", "\n".join(result.notes))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What `kestrel test` shows of a case that went wrong."""
        if isinstance(excinfo.value, NotPassed):
            return _Failure(excinfo.value, _Session.of(self.config).style)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands in its file."""
        return self.path, max(self._case.where.line - 1, 0), self.name


class NotPassed(Exception):
    """A case that failed, or could not be judged."""

    def __init__(self, suite: Suite, result: CaseResult) -> None:
        self.suite = suite
        self.result = result
        super().__init__(f"{suite.id} > {result.case.id} {result.state}")

    @property
    def reason(self) -> str:
        """The first thing that is wrong, on one line."""
        told = [one.message for one in self.result.errors]
        told += [one.error_message or "" for one in self.result.failed]
        return f"{self.result.state}: {told[0].partition(chr(10))[0]}"


class _Failure:
    """What pytest shows of a failure; `reprcrash` is for its summary and for JUnit XML."""

    def __init__(self, error: NotPassed, style: Style) -> None:
        where = error.result.case.where
        crash = {"path": where.file, "lineno": where.line, "message": error.reason}
        self.reprcrash = SimpleNamespace(**crash)
        suite = SuiteResult("", error.suite, where.file, None, 0, 0, [error.result])
        text = _text(wrong_lines(suite, style, notes=True))
        self._text = text.replace("`--run ", "`--kestrel-run ")  # as the option is called here

    def __str__(self) -> str:
        return self._text

    def toterminal(self, writer: Any) -> None:
        """Write it to the terminal of pytest."""
        writer.line(self._text)


def _text(lines: Iterator[Line] | Sequence[Line]) -> str:
    return "\n".join("".join(text for _, text in line).rstrip() for line in lines).strip("\n")


def _shortest(path: Path) -> str:
    here = Path.cwd()
    return os.fspath(path.relative_to(here) if path.is_relative_to(here) else path)
