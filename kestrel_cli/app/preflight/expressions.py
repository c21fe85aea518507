"""Expressions that can't be compiled: a syntax error, a filter or a function that nobody knows."""

from collections.abc import Iterator, Sequence

from kestrel_cli.app.preflight.finding import Finding, from_diagnostic
from kestrel_cli.app.preflight.reached import Reached
from kestrel_cli.app.preflight.standing import Level, Standing
from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.template import needs_compiler
from kestrel_cli.flowfile.pointing import name_length, place_in
from kestrel_cli.model.texts import texts_of


def broken_expressions(flows: Sequence[Reached], compat: int) -> Iterator[Finding]:
    """The mistakes in the templates of tasks. Of a task whose failure ends the execution, and that
    is surely reached, they stop the run.
    """
    known: dict[str, list[RenderError]] = {}
    for reached in flows:
        lines: list[str] = []
        for one in reached.tasks:
            for text in texts_of(one.task):
                if needs_compiler(text):
                    from kestrel_cli.expressions.check import problems

                    if text not in known:
                        known[text] = list(problems(text, compat))
                    for problem in known[text]:
                        lines = lines or reached.text.splitlines()
                        yield from_diagnostic("expression", _diagnostic(problem, one, text, lines))


def _diagnostic(
    problem: RenderError, standing: Standing, text: str, lines: list[str]
) -> Diagnostic:
    where = standing.task.where
    found = place_in(lines, where.line, text, problem.at)
    length, line = 1, None
    if found is not None:
        where = Position(where.file, *found)
        length = name_length(text, problem.at)
    if 0 < where.line <= len(lines):
        line = lines[where.line - 1]
    sure = standing.level is Level.SURE and not standing.soft
    severity = "error" if sure else "warning"
    return Diagnostic(
        severity,  # type: ignore[arg-type]  # one of them
        "expression",
        f"task `{standing.task.id}`: {problem.phrase}",
        where,
        problem.hint,
        line,
        length,
    )
