"""What `kestrel test` shows: while cases run, and at the end."""

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Final, TextIO

from kestrel_cli.app.testing.collect import Collected
from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.guard import warn
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import StoreError
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.test_results import CaseResult, SuiteResult
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.reporters.console import (
    Flags,
    Style,
    in_ci,
    look_at,
    never_fails,
    said_yes,
    style_for,
)
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.reporters.style import RESET, sgr
from kestrel_cli.reporters.tails import Tails
from kestrel_cli.reporters.testing.text import (
    MARKS,
    behind,
    case_line,
    notes_line,
    slowest_lines,
    summary_line,
    wrong_lines,
)
from kestrel_cli.reporters.tree import Line, tree_lines

_MOST_TREE: Final = 40  # lines of the tree of a case that went wrong


class Shown:
    """How results are shown. `verbose` 1: the name of each case, 2: notes too; `quiet` 1: failures
    and the last line, 2: nothing; `form` other than `text`: stdout is
    for a document.
    """

    def __init__(
        self, flags: Flags, *, verbose: int, quiet: int, form: str, annotations: bool
    ) -> None:
        for stream in (sys.stdout, sys.stderr):
            never_fails(stream)
        self.verbose = verbose
        self.quiet = quiet
        self.form = form
        self.stream: TextIO = sys.stdout if form == "text" else sys.stderr
        self.style = style_for(os.environ, look_at(self.stream), flags)
        self.began = time.perf_counter()
        is_github = in_ci(os.environ) and said_yes(os.environ, "GITHUB_ACTIONS")
        self._in_github = is_github and annotations and quiet < 2
        self._is_apart = False  # whether something stands between the suites and the last line

    def lines(self, lines: Iterable[Line]) -> None:
        """Write lines for people."""
        write_lines(lines, self.stream, self.style.colour)

    def execution_lines(self, execution: Execution, tails: Tails) -> list[Line]:
        """What is shown of an execution whose case went wrong."""
        return lines_of_execution(execution, tails, self.style)

    def details(self, results: Sequence[SuiteResult], *, durations: int | None) -> None:
        """What went wrong, and what took longest."""
        if self.quiet < 2:
            for one in results:
                self._details(wrong_lines(one, self.style, notes=self.verbose > 1))
            if durations is not None:
                self._details(slowest_lines(results, durations))

    def section(self, lines: Iterable[Line]) -> None:
        """Lines that stand apart from those before and the last one."""
        self._details([[], *lines])

    def _details(self, lines: Iterable[Line]) -> None:
        listed = list(lines)
        self._is_apart = self._is_apart or bool(listed)
        self.lines(listed)

    def end(self, results: Sequence[SuiteResult], code: int, why: str | None) -> None:
        """The last lines, and all that programs read; `why`: why not all cases ran."""
        if self.quiet < 2:
            if self._is_apart:
                self.lines([[]])
            if self.verbose < 2 and not self.quiet and (line := notes_line(results)):
                self.lines([line])
            if why is not None:
                self.lines([[("failed", why)]])
            self.lines([summary_line(results, time.perf_counter() - self.began)])
        if self._in_github:
            from kestrel_cli.reporters.testing.findings import findings

            line = summary_line(results, time.perf_counter() - self.began)
            self.annotate(findings(results), "".join(text for _, text in line))
        if self.form == "json":
            from kestrel_cli.reporters.testing.document import document

            sys.stdout.write(document(results, code) + "\n")
        elif self.form == "gitlab":
            from kestrel_cli.reporters.testing.findings import findings

            self.code_quality(findings(results))

    def code_quality(self, found: Sequence[Diagnostic]) -> None:
        """Write what was found as GitLab's report, if that is asked for."""
        if self.form == "gitlab":
            from kestrel_cli.reporters.findings.gitlab import code_quality

            sys.stdout.write(code_quality(found) + "\n")

    def annotate(self, found: Sequence[Diagnostic], headline: str) -> None:
        """On GitHub mark what was found in its place, and write the summary of the step."""
        if not self._in_github:
            return
        from kestrel_cli.reporters.findings.github import annotations, left_out, step_summary

        self.stream.writelines(f"{line}\n" for line in annotations(found))
        if more := left_out(found):
            self.stream.write(f"{more}\n")
        if file := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                with open(file, "a", encoding="utf-8", errors="backslashreplace") as stream:  # noqa: PTH123
                    stream.write(step_summary(found, headline, "test"))
            except OSError as error:
                warn(f"GITHUB_STEP_SUMMARY cannot be written: {error.strerror}")


def lines_of_execution(execution: Execution, tails: Tails, style: Style) -> list[Line]:
    """The tree of task runs and the ends of logs; the middle of a large one is left out."""
    found = list(tree_lines(execution, style, tails))
    if len(found) > _MOST_TREE:
        left = len(found) - _MOST_TREE
        half = _MOST_TREE // 2
        found[half:-half] = [[("dim", f"... {left} lines ...")]]
    return found


def show_findings(found: Sequence[Diagnostic], shown: Shown) -> bool:
    """What is wrong with suites, errors first; with `-q` errors only. Whether nothing is to run."""
    told = [one for one in found if one.severity == "error" or not shown.quiet]
    shown.lines(finding_lines(told, shown.style, verbose=shown.verbose > 1))
    errors = sum(one.severity == "error" for one in found)
    if not errors:
        return False
    said = f"no case has run: {errors} error{'' if errors == 1 else 's'} in suites and their flows"
    if shown.quiet < 2:
        shown.lines([[("failed", said)]])
    shown.annotate(found, said)
    shown.code_quality(found)
    return True


class Show:
    """Shows what happens while suites run; writes each event to a file when there is one."""

    def __init__(self, shown: Shown, log: str | None) -> None:
        self._shown = shown
        self._path = log
        self._log: TextIO | None = None

    def __enter__(self) -> "Show":
        if self._path is not None:
            try:
                self._log = open(self._path, "w", encoding="utf-8")  # noqa: PTH123
            except OSError as error:
                raise StoreError(f"`--report-log {self._path}`: {error.strerror}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._log is not None:
            self._log.close()

    def note(self, text: str) -> None:
        """Say something before the first suite."""
        if self._shown.quiet < 2:
            self._shown.lines([[("dim", text)]])

    def suite_began(self, collected: Collected, cases: int) -> None:
        """Its name."""
        suite = collected.suite
        self._write(
            {"event": "suiteBegan", "suite": suite.id, "file": collected.path, "cases": cases}
        )
        if self._shown.quiet == 0:
            name = behind(one_line(collected.path))
            self._put(f"{name}\n" if self._shown.verbose else f"{name} ")

    def case_ended(self, collected: Collected, result: CaseResult) -> None:
        """A letter, or a line."""
        from kestrel_cli.reporters.testing.document import case_shape

        if self._log is not None:
            shape = case_shape(result)
            suite = collected.suite.id
            seconds = round(result.seconds, 6)
            self._write({"event": "caseEnded", "suite": suite, "seconds": seconds, **shape})
        if self._shown.quiet == 0:
            if self._shown.verbose:
                self._shown.lines([case_line(result, self._shown.style)])
                return
            mark = MARKS[result.state]
            on = sgr(mark.role) if self._shown.style.colour else ""
            self._put(f"{on}{mark.letter}{RESET if on else ''}")

    def suite_ended(self, collected: Collected, result: SuiteResult) -> None:
        """The end of its line."""
        suite = collected.suite.id
        self._write({"event": "suiteEnded", "suite": suite, "state": result.state.value})
        if self._shown.quiet == 0 and not self._shown.verbose:
            self._put("\n")

    def _put(self, text: str) -> None:
        self._shown.stream.write(text)
        self._shown.stream.flush()

    def _write(self, event: dict[str, Any]) -> None:
        if self._log is not None:
            self._log.write(json.dumps(event, ensure_ascii=False, default=str) + "\n")
            self._log.flush()
